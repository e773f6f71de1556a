import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { engine, openSql } from '../engines.ts'
import { PASSWORD } from '../helper.ts'
import { createWorld } from './world.ts'
import type { Answer } from './world.ts'

/* What goes wrong by no fault of the request; a full disk is in full-disk.test.ts. */

const problemOf = ({ status, type, body }: Answer) => ({ status, type, code: body.code, title: body.title, detail: body.detail })
const told = (status: number, code: string, title: string, detail: string | RegExp) => ({ status, type: 'application/problem+json; charset=utf-8', code, title, detail })

t.test('already_deleted: two delete the same person, and one of them does it', async (t) => {
  const { ada, hedy, send } = await createWorld(t)
  const answers = await Promise.all([send(hedy, 'DELETE', `/people/${ada.id}`), send(hedy, 'DELETE', `/people/${ada.id}`)])
  const [first, second] = answers.toSorted((a, b) => a.status - b.status)
  t.equal(first?.status, 204)
  // Over PostgreSQL the second may look only when the first is done, and see nobody.
  if (engine === 'SQLite' || second?.status !== 404) t.match(second && problemOf(second), told(400, 'already_deleted', 'Deleted already', /deleted/))
})

t.test('throttled: who guesses passwords is told how long to wait', async (t) => {
  const { app } = await createWorld(t, { rateLimit: true })
  const guess = () => app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'ada', password: 'a wrong guess' } })
  for (let i = 0; i < 5; i++) t.equal((await guess()).statusCode, 401)
  const refused = await guess()
  t.match(refused.headers, { 'retry-after': /^[1-9]\d*$/, 'content-type': 'application/problem+json; charset=utf-8' })
  t.match(refused.json(), { status: 429, code: 'throttled', detail: new RegExp(`\\b${String(refused.headers['retry-after'])}\\b`) })
  t.equal((await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'ada', password: PASSWORD } })).statusCode, 429, 'also with the right one')
})

t.test('request_timeout: an upload that never ends, when the service has to close', async (t) => {
  const { app, ada } = await createWorld(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect({ host: '127.0.0.1', port: (app.server.address() as AddressInfo).port })
  await once(socket, 'connect')
  const arrived = once(app.server, 'request')
  socket.write(`PATCH /v1/me HTTP/1.1\r\nhost: localhost\r\nauthorization: ${ada.headers.authorization}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"bio":"`)
  await arrived
  const [said] = await Promise.all([text(socket), app.close()])
  t.match(said, /^HTTP\/1\.1 408 [^]*\r\ncontent-type: application\/problem\+json; charset=utf-8\r\n[^]*"status":408,"code":"request_timeout","detail":"The request took too long to arrive\."/)
})

t.test('internal: what nobody has foreseen tells nothing of itself', async (t) => {
  const { dataDir, hedy, send } = await createWorld(t)
  const other = openSql(dataDir)
  t.teardown(() => { other.close() })
  other.exec('drop table tags')
  const answer = await send(hedy, 'POST', '/tags', { name: 'Expert' })
  t.match(problemOf(answer), told(500, 'internal', 'Internal error', 'A server error occurred.'))
  t.notMatch(answer.text, /tags|SQL|Error:/)
})

t.test('unavailable: another process keeps the database to itself; reading goes on, and then it works', async (t) => {
  const { app, dataDir, ada, send } = await createWorld(t)
  const other = openSql(dataDir)
  t.teardown(() => { other.close() })
  other.exec('begin immediate')
  const tried = app.inject({ method: 'PATCH', url: '/v1/me', headers: ada.headers, payload: { bio: 'x' } })
  t.equal((await send(ada, 'GET', '/me')).status, 200)
  const refused = await tried
  other.exec('rollback')
  t.match(refused.headers, { 'retry-after': /^[1-9]\d*$/, 'content-type': 'application/problem+json; charset=utf-8' })
  t.match(refused.json(), { status: 503, code: 'unavailable', detail: 'The service is busy. Try again in a moment.' })
  t.match(await send(ada, 'PATCH', '/me', { bio: 'x' }), { status: 200, body: { bio: 'x' } })
})

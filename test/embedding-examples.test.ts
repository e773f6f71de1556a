import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { sync } from '../examples/sync.ts'
import { openVerifier } from '../examples/verify.ts'
import { testVisage } from '../src/testing/index.ts'
import { dataFolderFor, folderFor } from './helper.ts'
// oxlint-disable-next-line import/no-unassigned-import -- it does its work by being loaded
import './from-source.ts'

const { openNotes } = await import('../examples/embed.ts')

t.test('an application that embeds, with a table that follows the people', async (t) => {
  const app = await openNotes({ file: join(folderFor(t), 'notes.db'), dataDir: await dataFolderFor(t) })
  t.teardown(() => app.close())
  const { people, tokens } = app.visage
  const ada = await people.create({ username: 'ada' })
  const { access } = await tokens.issue(ada.id)
  const written = await app.inject({ method: 'POST', url: '/notes', headers: { authorization: `Bearer ${access}` }, payload: { text: 'Hello' } })
  t.match(written.json(), { id: 1, by: 'ada' })
  t.equal((await app.inject({ method: 'POST', url: '/notes', payload: { text: 'Hello' } })).statusCode, 401)
  await people.edit(ada.id, { username: 'lovelace' })
  t.same((await turned(app)).json(), [{ id: 1, username: 'lovelace', text: 'Hello' }])
  await people.remove(ada.id, { forGood: true })
  t.same((await turned(app)).json(), [])
})

/** The notes, once the listener has heard what was committed: it is told a turn later and asks for one row. */
async function turned (app: Awaited<ReturnType<typeof openNotes>>) {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => { setImmediate(resolve) })
  return await app.inject('/notes')
}

t.test('a server that keeps the people as another system has them', async (t) => {
  const { app, person } = await testVisage(t)
  const grace = await person({ username: 'grace', isStaff: true, firstName: 'Grace', lastName: 'Hopper' })
  const { token } = await app.visage.tokens.issueKey(grace.id)
  const service = await app.listen()
  const employees = Array.from({ length: 120 }, (_, i) => ({ username: `employee-${i}`, email: `employee-${i}@example.com`, firstName: 'E.', lastName: `${i}` }))
  t.same(await sync(service, token, employees), { created: 120, changed: 0 })
  t.same(await sync(service, token, employees), { created: 0, changed: 0 })
  const moved = employees.map((employee, i) => i % 50 === 0 ? { ...employee, lastName: 'Moved', phone: '+1-555-0157' } : employee)
  t.same(await sync(service, token, moved), { created: 0, changed: 3 })
  t.match(await app.visage.people.find({ username: 'employee-100' }), { lastName: 'Moved', phone: '+1-555-0157', version: 2 })
  await t.rejects(sync(service, 'f'.repeat(40), employees), /401/)
})

t.test('a service that has the public keys and nothing else', async (t) => {
  const { app, person } = await testVisage(t, { jwtAlg: 'EdDSA' })
  const other = await testVisage(t, { jwtAlg: 'EdDSA' })
  const [ada, stranger] = [await person(), await other.person()]
  const verifier = openVerifier(await app.listen()).listen(0, '127.0.0.1')
  t.teardown(() => verifier.close())
  await once(verifier, 'listening')
  const ask = async (authorization?: string) => {
    const response = await fetch(`http://127.0.0.1:${(verifier.address() as AddressInfo).port}`, authorization === undefined ? {} : { headers: { authorization } })
    return [response.status, await response.json()]
  }
  const { access, refresh } = await app.visage.tokens.issue(ada.id)
  t.same(await ask(`Bearer ${access}`), [200, { id: ada.id }])
  const [head = '', body = '', signature = ''] = access.split('.')
  const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()) as object, user_id: 7 })).toString('base64url')
  const { access: elsewhere } = await other.app.visage.tokens.issue(stranger.id)
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const token of [refresh, elsewhere, `${head}.${forged}.${signature}`, `${none}.${body}.`, 'nonsense', '']) t.same(await ask(`Bearer ${token}`), [401, { id: null }])
  t.same(await ask(), [401, { id: null }])
})

t.test('an application\'s own tests', async (t) => {
  const root = join(import.meta.dirname, '..')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', './test/from-source.ts', '--test-reporter', 'tap', 'examples/embed.test.ts'], { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } })
  t.match(stdout, /# pass 2\n/)
  t.match(stdout, /# fail 0\n/)
})

import t from 'tap'
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { truncateSync, writeFileSync } from 'node:fs'
import visage from '../../src/app.ts'
import { placeOf } from '../engines.ts'
import { folderFor, form, signUp, urlencoded } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { openLine, requestOf } from './line.ts'
import { curl, descriptors, hasCurl, listen, stagedIn, tidy } from './listening.ts'
import type { Listening } from './listening.ts'

const MIB = 1_024 ** 2
const EXPECT = { expect: '100-continue' }

interface Case { title: string, status: number, line: string, headers: Record<string, string> }

/** The head of a request whose body is held back. */
const headOf = ({ line, headers }: Pick<Case, 'line' | 'headers'>): string => requestOf(line, { ...EXPECT, 'content-length': '100', ...headers })[0]

async function refusals (server: Listening): Promise<Case[]> {
  const eve = await signUp(server, 'eve')
  const multipart = { 'content-type': 'multipart/form-data; boundary=b' }
  return server.families.flatMap(({ name, method, path, headers }) => {
    const json = { ...headers, 'content-type': 'application/json' }
    const here = `${method} ${path(server.ada.id)}`
    const refused = (title: string, status: number, line: string, headers: Record<string, string>): Case => ({ title: `${name}: ${title}`, status, line, headers })
    return [
      refused('no credentials', 401, here, { 'content-type': 'application/json' }),
      refused('no credentials, in chunks', 401, here, { 'content-type': 'application/json', 'transfer-encoding': 'chunked', 'content-length': '' }),
      refused('credentials that do not count', 401, here, { ...json, authorization: 'Bearer x' }),
      refused('no permission', 403, here, { ...json, ...eve.headers }),
      refused('nobody there', 404, `${method} ${path(999_999)}`, json),
      refused('not an id', 404, `${method} ${path('0x1')}`, json),
      refused('too large', 413, here, { ...json, 'content-length': String(64 * MIB) }),
      refused('a form that is too large', 413, here, { ...headers, ...multipart, 'content-length': String(64 * MIB) }),
      refused('an urlencoded form that is too large', 413, here, { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(64 * MIB) }),
      refused('of no type that is read', 415, here, { ...headers, 'content-type': 'text/plain' }),
      refused('packed', 415, here, { ...json, 'content-encoding': 'gzip' }),
      refused('a packed form', 415, here, { ...headers, ...multipart, 'content-encoding': 'gzip' }),
      refused('a form without a boundary', 400, here, { ...headers, 'content-type': 'multipart/form-data' }),
      refused('another method', 405, `POST ${path(server.ada.id)}`, json),
      refused('a path of nothing', 404, `${method} ${path(server.ada.id)}nothing/`, json),
    ]
  })
}

// Waiting costs nothing, so all of it happens at once.
t.jobs = 3

void t.test('D3 a refusal comes instead of 100 Continue', async (t) => {
  const server = await listen(t)
  const before = descriptors()
  const cases = await refusals(server)
  for (const each of cases) {
    const line = await openLine(t, server.port)
    line.send(headOf(each).replace('content-length: \r\n', ''))
    const [answer, ...more] = await line.answers(1)
    t.same([answer?.status, answer?.headers.connection, more.length], [each.status, 'close', 0], each.title)
    t.equal(await line.over, 'end')
    line.socket.end()
  }
  t.same(stagedIn(server), [])
  await tidy(t, server, before)
})

void t.test('D3 a body is asked for when nothing speaks against it', async (t) => {
  const server = await listen(t)
  const file = await picture()
  for (const { name, method, path, headers } of server.families) {
    const bodies: [type: string, headers: Record<string, string>, body: string | Buffer][] = [
      ['JSON', { 'content-type': 'application/json' }, JSON.stringify({ username: 'ada' })],
      ['urlencoded', ...(({ headers, payload }) => [headers, payload] as [Record<string, string>, string])(urlencoded([['username', 'ada']]))],
      ['a form', ...(({ headers, payload }) => [headers, payload] as [Record<string, string>, Buffer])(form([['username', 'ada'], ['avatar', { file }]]))],
    ]
    const line = await openLine(t, server.port)
    let seen = 0
    for (const [type, of, body] of bodies) {
      line.send(requestOf(`${method} ${path(server.ada.id)}`, { ...EXPECT, ...headers, ...of }, body)[0])
      t.match((await line.answers(seen + 1)).slice(seen), [{ status: 100, headers: {} }], `${name}, ${type}`)
      line.send(body)
      t.match((await line.answers(seen + 2)).slice(seen + 1), [{ status: 200, headers: { connection: 'keep-alive' } }])
      seen += 2
    }
  }
})

void t.test('D3 where no body is read, none is asked for', async (t) => {
  const server = await listen(t)
  const cases: [status: number, line: string, headers: object][] = [
    [200, 'GET /health/live', {}],
    [200, `GET /api/v2/user/${server.ada.id}/`, server.ada.headers],
    [200, `OPTIONS /api/v2/user/${server.ada.id}/`, { ...server.ada.headers, 'content-type': 'application/json' }],
    [204, 'POST /api/v2/user/me/confirm_email/', { ...server.ada.headers, 'content-type': 'application/x-www-form-urlencoded' }],
    [204, 'POST /api/v2/user/me/confirm_email/', { ...server.ada.headers, 'content-type': 'multipart/form-data; boundary=b' }],
    [204, 'POST /api/v2/user/me/sign-out/', { ...server.ada.headers, 'content-type': 'application/json' }],
    [404, 'GET /nothing', {}],
    [404, 'POST /nothing', {}],
    [404, 'GET /media/avatars/nothing', {}],
  ]
  for (const [status, line, headers] of cases) {
    const { send, answers, over, socket } = await openLine(t, server.port)
    send(headOf({ line, headers: { ...headers } }))
    const [answer, ...more] = await answers(1)
    t.same([answer?.status, answer?.headers.connection, more.length], [status, 'close', 0], line)
    t.equal(await over, 'end')
    socket.end()
  }
})

void t.test('D3 no route asks for a body before it has asked who is there', async (t) => {
  const server = await listen(t)
  interface Operation { security?: object[], requestBody?: object }
  const { paths } = await (await fetch(`http://127.0.0.1:${server.port}/openapi.json`)).json() as { paths: Record<string, Record<string, Operation>> }
  const protectedOnes = Object.entries(paths).flatMap(([path, operations]) => Object.entries(operations)
    .filter(([, { requestBody, security }]) => requestBody !== undefined && (security ?? []).length > 0 && !security?.some((each) => Object.keys(each).length === 0))
    .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, String(server.ada.id))}`))
  t.ok(protectedOnes.length > 30, `${protectedOnes.length} routes with a body`)
  for (const line of protectedOnes) {
    const { send, answers, socket } = await openLine(t, server.port)
    send(headOf({ line, headers: { 'content-type': 'application/json' } }))
    t.same((await answers(1)).map(({ status }) => status), [401], line)
    socket.end()
  }
})

void t.test('D3 any other expectation is refused with 417, in JSON', async (t) => {
  const server = await listen(t)
  for (const expect of ['200-ok', 'x=y']) {
    const { send, answers, over, socket } = await openLine(t, server.port)
    const [head, body] = requestOf(`PATCH /api/v2/user/${server.ada.id}/`, { ...server.ada.headers, 'content-type': 'application/json', expect }, '{"bio":"expected"}')
    send(head, body)
    const [answer] = await answers(1)
    t.match(answer, { status: 417, headers: { 'content-type': 'application/json', connection: 'close' } }, `"${expect}"`)
    t.same(JSON.parse(answer?.body ?? ''), { detail: 'Expectation Failed.' })
    t.equal(await over, 'end')
    socket.end()
  }
  t.equal((await server.core.users.get(server.ada.id)).bio, '')
})

void t.test('D3 curl sends no byte of a body that is refused', async (t) => {
  if (!hasCurl) {
    t.comment('SKIPPED: there is no curl on this machine')
    return
  }
  const server = await listen(t)
  const file = join(server.dataDir, 'large')
  writeFileSync(file, '')
  truncateSync(file, 4 * MIB)
  for (const { method, path } of server.families) {
    const { exit, status, body } = await curl('--request', method, '--form', `avatar=@${file}`, '--header', 'expect: 100-continue', '--expect100-timeout', '15',
      '--write-out', '\n%{size_upload}\n%{http_code}', `http://127.0.0.1:${server.port}${path(server.ada.id)}`)
    t.same({ exit, status, sent: body.split('\n').at(-1) }, { exit: 0, status: 401, sent: '0' })
  }
})

void t.test('D3 embedded in another application, that application asks for the body', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(visage, { ...placeOf(folderFor(t)), rateLimit: false, logLevel: 'silent' })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const line = await openLine(t, (app.server.address() as AddressInfo).port)
  const [head, body] = requestOf('POST /api/sign-up/', { ...EXPECT, 'content-type': 'application/json' }, JSON.stringify({ username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }))
  line.send(head)
  t.match(await line.answers(1), [{ status: 100 }])
  line.send(body)
  t.match(await line.answers(2), [{ status: 100 }, { status: 201 }])
  line.socket.end()
})

import { METHODS } from 'node:http'
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import visage from '../../src/app.ts'
import { placeOf } from '../engines.ts'
import { PASSWORD } from '../helper.ts'
import { openRows } from '../hostile/traces.ts'
import { listen, say } from './listening.ts'

/** Requests whose headers two readers could read differently, on a real socket: in front of the service stands somebody else's parser. */
const JSON_TYPE = 'Content-Type: application/json'
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded'
const BODY = '{"bio":"written"}'
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
const LENGTH = `Content-Length: ${BODY.length}`

interface Sent { method?: string, path: string, headers: string[], body?: string }

async function ask (port: number, { method = 'GET', path, headers, body = '' }: Sent): Promise<{ status: number, body: string }> {
  const said = await say(port, [`${method} ${path} HTTP/1.1\r\n${['Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`])
  const [head = '', ...rest] = said.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: rest.join('\r\n\r\n') }
}

const SENTENCE = 'HTTP parse error - more than one Host header'
const FEW = ['TRACE', 'PROPFIND', 'QUERY']
const PAIRS = [['Host: a.example', 'Host: b.example'], ['Host: a.example', 'hOST: a.example'], ['HOST: a.example', 'Accept: */*', 'host:'], ['Host: a', 'Host: b', 'Host: c']]

t.test('A7 two Host headers are 400, wherever they are sent', async (t) => {
  const { port, ada } = await listen(t)
  const community = JSON.stringify({ errors: [{ code: 'parse_error', message: SENTENCE }] })
  const others = JSON.stringify({ detail: SENTENCE })
  const paths: [path: string, body?: string][] = [
    [`/api/v2/user/${ada.id}/`, community], ['/api/v2/user/me', community], ['/api/v2/nowhere/', community], ['/oauth/token/'],
    [`/api/users/${ada.id}/`, others], ['/api/users/nowhere/', others], ['/api/profile/', others], ['/api/nowhere/', others], ['/api/limits/', others],
    [`/media/avatars/${'0'.repeat(32)}.webp`, others], ['/media/default-avatar.svg', others], ['/media/nowhere', others], ['/avatar/ada', others], ['/cover/1', others],
    ['/', others], ['/nowhere', others], ['/%zz', others], [`/${'x'.repeat(300)}`, others], ['/health/live', others], ['/docs/', others], ['/openapi.json', others], ['/confirm-email?code=x'],
  ]
  for (const [path, body] of paths) {
    for (const hosts of PAIRS) {
      const answer = await ask(port, { path, headers: [...hosts, `Authorization: ${ada.headers.authorization}`] })
      t.equal(answer.status, 400, `${path} ${hosts.join(', ')}`)
      if (body !== undefined) t.equal(answer.body, body)
    }
  }
  t.equal((await ask(port, { path: '/health/live', headers: ['Host: a.example'] })).status, 200)
  t.equal((await ask(port, { path: '/health/live', headers: [] })).status, 400, 'nor is none enough')
})

t.test('A7 where an application embeds the service, and the application itself is left alone', async (t) => {
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(visage, { ...placeOf(t.testdir({})), prefix: '/people', publicUrl: 'https://example.com' })
  app.get('/mine', async () => 'mine')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (const path of ['/people/api/v2/user/1/', '/people/api/v2/nowhere/', '/people/api/users/me/', '/people/api/profile/', '/people/api/nowhere', '/people/media/nowhere', '/people/avatar/ada']) {
    for (const headers of PAIRS) t.equal((await ask(port, { path, headers })).status, 400, `${path} ${headers.join(', ')}`)
  }
  for (const headers of PAIRS) t.match(await ask(port, { path: '/mine', headers }), { status: 200, body: 'mine' })
  for (const method of FEW) {
    t.equal((await ask(port, { method, path: '/people/api/users/1/', headers: ['Host: a'] })).status, 401, `K ${method}`)
    t.equal((await ask(port, { method, path: '/people/api/users/1/1/', headers: ['Host: a'] })).status, 404, `K ${method}`)
    t.match(await ask(port, { method, path: '/mine', headers: ['Host: a', 'Content-Type: text/plain'] }), { status: 404, body: 'Not Found' }, `K ${method} of the application itself`)
  }
})

t.test('A7 other headers that come twice', async (t) => {
  const { port, ada, dataDir } = await listen(t)
  const rows = openRows(dataDir)
  t.teardown(rows.close)
  const cases: [title: string, headers: string[], status: number, body?: string][] = [
    ['Content-Length, the same', [JSON_TYPE, LENGTH, LENGTH], 400],
    ['Content-Length, two of them', [JSON_TYPE, LENGTH, 'Content-Length: 3'], 400],
    ['Content-Length, a list', [JSON_TYPE, `Content-Length: ${BODY.length}, ${BODY.length}`], 400],
    ['Transfer-Encoding with Content-Length', [JSON_TYPE, 'Transfer-Encoding: chunked', LENGTH], 400, CHUNKED],
    ['Content-Length with Transfer-Encoding', [JSON_TYPE, LENGTH, 'Transfer-Encoding: chunked'], 400, CHUNKED],
    ['Transfer-Encoding, the same', [JSON_TYPE, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 400, CHUNKED],
    ['Transfer-Encoding, two of them', [JSON_TYPE, 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], 400, CHUNKED],
    ['Transfer-Encoding, a list', [JSON_TYPE, 'Transfer-Encoding: identity, chunked'], 400, CHUNKED],
    ['Transfer-Encoding that does not end in chunked', [JSON_TYPE, 'Transfer-Encoding: chunked, gzip'], 400, CHUNKED],
    ['Transfer-Encoding with a blank before the colon', [JSON_TYPE, 'Transfer-Encoding : chunked'], 400, CHUNKED],
    ['a header folded over two lines', [JSON_TYPE, 'X-Note: a\r\n b', LENGTH], 400],
    ['Content-Type, JSON first', [JSON_TYPE, FORM_TYPE, LENGTH], 400],
    ['Content-Type, JSON last', [FORM_TYPE, JSON_TYPE, 'Content-Length: 11'], 400, 'bio=written'],
    ['Content-Type, the same', [JSON_TYPE, 'CONTENT-TYPE: application/json', LENGTH], 400],
    ['Content-Type, a list', ['Content-Type: application/json, application/json', LENGTH], 415],
    ['Content-Encoding, the packed one first', [JSON_TYPE, 'Content-Encoding: gzip', 'Content-Encoding: identity', LENGTH], 415],
    ['Content-Encoding, the packed one last', [JSON_TYPE, 'Content-Encoding: identity', 'Content-Encoding: gzip', LENGTH], 415],
    ['Authorization', [JSON_TYPE, 'Authorization: Bearer x', LENGTH], 401],
    ['If-Match, none of them is it', [JSON_TYPE, 'If-Match: "998-x"', 'If-Match: "999-x"', LENGTH], 412],
    ['If-Match, a star is not for a list', [JSON_TYPE, 'If-Match: "999-x"', 'If-Match: *', LENGTH], 412],
  ]
  const send = (headers: string[], body = BODY) =>
    ask(port, { method: 'PATCH', path: `/api/v2/user/${ada.id}/`, headers: ['Host: a', `Authorization: ${ada.headers.authorization}`, ...headers], body })
  for (const [title, headers, status, body] of cases) {
    const before = rows.user(ada.id)
    t.equal((await send(headers, body)).status, status, title)
    t.same(rows.user(ada.id), before, `${title}: nothing is written`)
  }
  t.equal((await send([JSON_TYPE, 'If-Match: "999-x"', `If-Match: "${rows.user(ada.id).version}-x"`, LENGTH])).status, 200, 'of two If-Match either may hold')
  t.equal((await send([JSON_TYPE, 'Transfer-Encoding: CHUNKED'], CHUNKED)).status, 200, 'the words have no case')
  t.equal((await send([JSON_TYPE, 'constructor: a', 'constructor: b', '__proto__: a', '__proto__: b', LENGTH])).status, 200)
})

t.test('K a method that nobody serves is 401 and then 405 on a known path, and 404 on none', async (t) => {
  const { port, ada, families } = await listen(t)
  // Node ends the connection of whoever asks for a tunnel.
  const rare = METHODS.filter((method) => !['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT'].includes(method))
  t.ok(FEW.every((method) => rare.includes(method)))
  for (const { path, headers } of families) {
    for (const method of rare) {
      const at = (where: string, lines: string[], body = '') => ask(port, { method, path: where, headers: ['Host: a', ...lines], body })
      const mine = `Authorization: ${headers.authorization}`
      t.equal((await at(path(ada.id), [])).status, 401, `${method} ${path(ada.id)}`)
      const known = await at(path(ada.id), [mine, JSON_TYPE, LENGTH], BODY)
      t.equal(known.status, 405, `${method} ${path(ada.id)}`)
      t.match(known.body, `Method \\"${method}\\" not allowed.`)
      if (!FEW.includes(method)) continue
      t.equal((await at(path(ada.id).slice(0, -1), [mine])).status, 405, `${method} ${path(ada.id).slice(0, -1)}`)
      t.equal((await at(`${path(ada.id)}nothing/`, [mine])).status, 404, `${method} below ${path(ada.id)}`)
    }
  }
  for (const method of FEW) for (const path of ['/', '/health/nothing', '/nowhere']) t.match(await ask(port, { method, path, headers: ['Host: a'] }), { status: 404, body: '{"detail":"Not found."}' }, `${method} ${path}`)
  t.match(await say(port, [`PROPFIND ${families[1]?.path(ada.id)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${families[1]?.headers.authorization}\r\n\r\n`]), /\r\nallow: DELETE, GET, HEAD, OPTIONS, PATCH, PUT\r\n/)
})

t.test('K what has no bytes is no data, whatever it says it is, and is read as it says it is written', async (t) => {
  const { port, ada, families, dataDir } = await listen(t)
  const rows = openRows(dataDir)
  t.teardown(rows.close)
  const types = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/form-data; boundary=x', 'text/plain', 'application/vnd.api+json', 'nonsense', '']
  for (const { name, method, path, headers } of families) {
    const before = rows.user(ada.id)
    const send = (lines: string[], body = '') => ask(port, { method, path: path(ada.id), headers: ['Host: a', `Authorization: ${headers.authorization}`, ...lines], body })
    for (const type of types) {
      for (const framing of [[], ['Content-Length: 0']]) t.equal((await send([`Content-Type: ${type}`, ...framing])).status, 200, `${name}: ${type} ${framing.join('')}`)
      if (type.includes('/')) t.equal((await send([`Content-Type: ${type}`, 'Transfer-Encoding: chunked'], '0\r\n\r\n')).status, 200, `${name}: ${type}, in no chunks`)
    }
    t.equal((await send(['Transfer-Encoding: chunked'], '0\r\n\r\n')).status, 200, `${name}: in no chunks, of no type`)
    for (const [type, status] of [['text/plain', 415], ['multipart/form-data', 400], ['', 415]] as const) {
      for (const [framing, body] of [[LENGTH, BODY], ['Transfer-Encoding: chunked', CHUNKED]] as const) t.equal((await send([`Content-Type: ${type}`, framing], body)).status, status, `${name}: ${type} with bytes`)
    }
    t.same(rows.user(ada.id), before)
    const form = (encoding: string) => `--x\r\nContent-Disposition: form-data; name="first_name"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\nQWRh\r\n--x--\r\n`
    const sendForm = (encoding: string) => send(['Content-Type: multipart/form-data; boundary=x', `Content-Length: ${form(encoding).length}`], form(encoding))
    for (const encoding of ['base64', 'BASE64', 'quoted-printable', 'x-uuencode']) t.match(await sendForm(encoding), { status: 400, body: /Multipart form parse error - a part in Content-Transfer-Encoding / }, `${name}: ${encoding}`)
    t.same(rows.user(ada.id), before)
    for (const encoding of ['7bit', '8BIT', 'binary']) t.equal((await sendForm(encoding)).status, 200, `${name}: ${encoding}`)
    for (const encoding of ['Identity', 'IDENTITY, identity', '']) t.equal((await send([JSON_TYPE, `Content-Encoding: ${encoding}`, LENGTH], BODY)).status, 200, `${name}: ${encoding}`)
    for (const encoding of ['gzip', 'identity, gzip', 'identityidentity']) t.equal((await send([JSON_TYPE, `Content-Encoding: ${encoding}`, LENGTH], BODY)).status, 415, `${name}: ${encoding}`)
    await send([JSON_TYPE, 'Content-Length: 17'], '{"first_name":""}')
  }
})

t.test('G4 each encoding has its own words for what cannot be parsed', async (t) => {
  const { port, ada, families } = await listen(t)
  const part = (name: string, value: string) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`
  const cases: [type: string, body: string, sentence: string][] = [
    ['application/json', '{"bio":1e400}', 'JSON parse error - a number is out of range'],
    ['application/json', '{"bio":"\xff"}', 'JSON parse error - not UTF-8'],
    ['application/x-www-form-urlencoded', 'bio=%FF', 'Urlencoded form parse error - not UTF-8'],
    ['application/x-www-form-urlencoded', 'bio=\xff', 'Urlencoded form parse error - not UTF-8'],
    ['application/x-www-form-urlencoded', '__proto__=x', 'Urlencoded form parse error - a field may not be called __proto__'],
    ['multipart/form-data; boundary=x', part('bio', '\xff'), 'Multipart form parse error - not UTF-8'],
    ['multipart/form-data; boundary=x', part('constructor', 'x'), 'Multipart form parse error - '],
    ['multipart/form-data; boundary=x', 'garbage', 'Multipart form parse error - '],
  ]
  for (const { name, method, path, headers } of families) {
    for (const [type, body, sentence] of cases) {
      const bytes = Buffer.from(body, 'latin1')
      const said = await say(port, [`${method} ${path(ada.id)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${headers.authorization}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`, bytes])
      t.match(said, /^HTTP\/1\.1 400 /, `${name}: ${type} ${body}`)
      t.match(said, `"${sentence}`)
    }
    // A client that goes before it has sent all.
    for (const [type, words] of [['application/json', 'JSON'], ['application/x-www-form-urlencoded', 'Urlencoded form'], ['multipart/form-data; boundary=x', 'Multipart form']] as const) {
      const head = `${method} ${path(ada.id)} HTTP/1.1\r\nHost: a\r\nAuthorization: ${headers.authorization}\r\nContent-Type: ${type}\r\nContent-Length: 99\r\n\r\n`
      const said = await say(port, [head, '--x'], (socket) => socket.end())
      t.match(said, `"${words} parse error - `, `${name}: ${type} that ends early`)
    }
  }
})

t.test('A7 X-Forwarded headers: the last address that no trusted proxy has is the client, and nothing else is believed', async (t) => {
  const { app, port, ada } = await listen(t, { trustProxy: ['127.0.0.1', '192.0.2.0/24'], publicUrl: 'https://people.example' })
  const body = JSON.stringify({ username: 'ada', password: PASSWORD })
  const forwarded = ['X-Forwarded-Host: evil.example', 'X-Forwarded-Host: b.example', 'X-Forwarded-Proto: gopher', 'Forwarded: for=203.0.113.1;host=evil.example']
  const signIn = (lines: string[]) => ask(port, { method: 'POST', path: '/api/token/', headers: ['Host: a', JSON_TYPE, `Content-Length: ${body.length}`, ...forwarded, ...lines.map((line) => `X-Forwarded-For: ${line}`)], body })
  const cases: [lines: string[], address: string][] = [
    [['203.0.113.9', '198.51.100.7'], '198.51.100.7'], [['203.0.113.9, 198.51.100.7', '192.0.2.5'], '198.51.100.7'], [['nonsense', '192.0.2.5'], 'nonsense'], [[], '127.0.0.1'],
    [[`203.0.113.9, ${'9'.repeat(300)}`], '9'.repeat(300)], [[',,,'], '127.0.0.1'],
  ]
  for (const [lines, address] of cases) {
    t.equal((await signIn(lines)).status, 200, lines.join(' | '))
    const sessions = (await app.inject({ url: '/api/profile/sessions/', headers: ada.headers })).json<{ address: string }[]>()
    t.equal(sessions[0]?.address, address)
  }
})

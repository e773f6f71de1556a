import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { signUp, tokenOf } from '../helper.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import type { FamilyName } from './families.ts'
import { createWorld } from './world.ts'

/*
 * The 401 bodies: CONTRACT §1.1 (no credentials), §2.5, §3.1, §4 with its codes, §5 row 17, and the row of DESIGN §9 about
 * two Authorization headers. Every one of them leaves every row as it was.
 */
const world = await createWorld(t)
const { app, store, ada, admin, dataDir } = world
const eve = await signUp(world, 'eve')
const eveKey = await tokenOf(world, eve)
const gone = await signUp(world, 'gone')
store.sql.prepare('delete from users where id = ?').run(gone.id)
store.set(eve.id, { is_active: 0 })

const secret = readFileSync(join(dataDir, 'jwt.secret'), 'utf8')
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as this service makes them, with claims of one's own. */
function tokenWith (claims: object): string {
  const now = Math.floor(Date.now() / 1000)
  const sid = store.sql.prepare('select id from sessions where user_id = ?').pluck().get(ada.id)
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ user_id: ada.id, token_type: 'access', jti: 'x', iat: now, exp: now + 60, sid, ...claims })}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

const past = Math.floor(Date.now() / 1000) - 10
type Kind = 'none' | 'empty' | 'spaces' | 'bad' | 'type' | 'unknown' | 'inactive'
const TRIED: [title: string, kind: Kind, authorization: string | undefined][] = [
  ['no header', 'none', undefined],
  ['another scheme', 'none', 'Basic YWRhOng='],
  ['the keyword alone', 'empty', 'Bearer'],
  ['the other keyword alone', 'empty', 'Token '],
  ['a token with a space in it', 'spaces', `Bearer ${ada.access.slice(0, 20)} ${ada.access.slice(20)}`],
  ['an unknown key', 'bad', `Token ${'0'.repeat(40)}`],
  ['a word', 'bad', 'Bearer abc'],
  ['a changed signature', 'bad', `Bearer ${ada.access.slice(0, -4)}AAAA`],
  ['an expired token', 'bad', `Bearer ${tokenWith({ iat: past - 60, exp: past })}`],
  ['a refresh token', 'type', `Bearer ${ada.refresh}`],
  ['the token of a deleted account', 'unknown', `Bearer ${gone.access}`],
  ['the token of an inactive account', 'inactive', eve.headers.authorization],
  ['the key of an inactive account', 'inactive', eveKey.authorization],
]

const DETAIL: Record<Kind, string> = {
  none: 'Authentication credentials were not provided.',
  empty: 'Invalid token header. No credentials provided.',
  spaces: 'Invalid token header. Token string should not contain spaces.',
  bad: 'Invalid token.',
  type: 'Invalid token.',
  unknown: 'Invalid token.',
  inactive: 'User inactive or deleted.',
}
const notValid = (message: string) => ({
  detail: 'Given token not valid for any token type', code: 'token_not_valid', messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
})
const badHeader = { detail: 'Authorization header must contain two space-delimited values', code: 'bad_authorization_header' }
const PERSONAL: Record<Kind, object> = {
  none: { detail: DETAIL.none },
  empty: badHeader,
  spaces: badHeader,
  bad: notValid('Token is invalid or expired'),
  type: notValid('Token has wrong type'),
  unknown: { detail: 'User not found', code: 'user_not_found' },
  inactive: { detail: 'User is inactive', code: 'user_inactive' },
}

function bodyOf (family: FamilyName, kind: Kind): object {
  if (family === 'personal') return PERSONAL[kind]
  return problem(family, kind === 'none' ? 'not_authenticated' : 'authentication_failed', DETAIL[kind])
}

for (const family of NAMES) {
  const { edit, read, challenge } = FAMILIES[family]
  for (const [title, kind, authorization] of TRIED) {
    await t.test(`${family}: 401, ${title}`, async (t) => {
      const before = store.dump()
      const sessions = store.sql.prepare('select * from sessions').all()
      const response = await app.inject({ ...edit(ada.id), headers: { ...authorization !== undefined && { authorization } }, payload: { username: 'taken-over' } })
      t.equal(response.statusCode, 401)
      t.same(response.json(), bodyOf(family, kind))
      t.equal(response.headers['www-authenticate'], challenge)
      t.strictSame(store.dump(), before)
      t.strictSame(store.sql.prepare('select * from sessions').all(), sessions)
    })
  }

  await t.test(`${family}: any known credential, under either keyword, in any case`, async (t) => {
    const person = family === 'staff' ? admin : ada
    const key = (await tokenOf(world, person)).authorization.slice('Token '.length)
    for (const secret of [key, person.access]) {
      for (const keyword of ['Bearer', 'bearer', 'BEARER', 'Token', 'token']) {
        const response = await app.inject({ ...read(person.id), headers: { authorization: `${keyword} ${secret}` } })
        t.equal(response.statusCode, 200, keyword)
        t.equal(response.json().id, person.id)
      }
    }
  })
}

await t.test('two Authorization headers', async (t) => {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (const family of NAMES) {
    const { edit, actor, challenge } = FAMILIES[family]
    const { method, url } = edit(ada.id)
    const good = actor(world).authorization
    for (const pair of [[good, good], [good, 'Bearer x'], ['Basic x', good]]) {
      const before = store.dump()
      const socket = connect(port, '127.0.0.1')
      socket.end(`${method} ${url} HTTP/1.1\r\nHost: x\r\nAuthorization: ${pair[0]}\r\nauthorization: ${pair[1]}\r\nContent-Type: application/json\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"username":"x"}`)
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
      t.match(head, /^HTTP\/1\.1 401 /, `${family}: 401`)
      t.match(head.toLowerCase(), `www-authenticate: ${challenge.toLowerCase()}`)
      t.same(JSON.parse(body), bodyOf(family, 'bad'))
      t.strictSame(store.dump(), before)
    }
  }
})

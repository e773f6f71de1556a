import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import Fastify from 'fastify'
import { allowanceOf } from '../../plugins/body/allowance.ts'
import type { Allowance, Encoding } from '../../plugins/body/allowance.ts'
import type { Property } from '../../plugins/validation.ts'
import visage, { OPERATOR } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { placeOf } from '../engines.ts'
import { build, folderFor, form, signUp, urlencoded } from '../helper.ts'
import { noise } from '../images/pictures.ts'

t.test('a compressed body is not unpacked, and the answer says so', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const bodies = [
    { payload: Buffer.from('{"bio":"x"}'), headers: { 'content-type': 'application/json' } },
    { payload: Buffer.from('bio=x'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    form([['bio', 'x']]),
  ]
  for (const { payload, headers } of bodies) {
    const send = (body: Buffer, encoding: string) => built.app.inject({
      method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: body, headers: { ...headers, ...ada.headers, 'content-encoding': encoding },
    })
    const refused = await send(gzipSync(payload), 'gzip')
    t.equal(refused.statusCode, 415)
    t.same(refused.json(), { errors: [{ code: 'unsupported_media_type', message: 'Unsupported media type "gzip" in request.' }] })
    t.match((await send(payload, 'identity')).json(), { bio: 'x' })
  }
})

const MIB = 1_024 ** 2
const IGNORED = 64 * 1_024
const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** The longest form that a character has in JSON: six bytes for each half. */
const escaped = (value: unknown) => JSON.stringify(value).replace(/[^\x20-\x7e]/g, (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** All routes that read a body, and what each may be in bytes. */
async function allowances (t: Test): Promise<{ route: string, json: Allowance, urlencoded: Allowance }[]> {
  const host = Fastify()
  t.teardown(() => host.close())
  const bodies = new Map<string, Property>()
  host.addHook('onRoute', ({ method, url, schema }) => { if (schema?.body !== undefined) bodies.set(`${method} ${url}`, schema.body as Property) })
  await host.register(visage, { ...placeOf(folderFor(t)), logLevel: 'silent' })
  const { avatarMaxBytes: avatar, coverMaxBytes: cover } = loadConfig()
  return [...bodies].map(([route, schema]) => {
    const of = (encoding: Encoding) => allowanceOf(schema, { avatar, cover }, encoding)
    return { route, json: of('json'), urlencoded: of('urlencoded') }
  })
}

t.test('C1 what a body may be is what its fields may be, and far less than once for all', async (t) => {
  const all = await allowances(t)
  t.ok(all.length > 50, `${all.length} routes`)
  // As many people as a batch may have, with all their texts.
  const isBatch = ({ route }: { route: string }) => route.startsWith('POST /v1/people/batch')
  t.ok(all.filter(isBatch).length > 0 && all.filter(isBatch).every(({ json }) => json.total === 4 * MIB))
  t.same(all.filter((one) => !isBatch(one)).filter(({ json, urlencoded }) => json.texts > MIB || urlencoded.texts > 4 * MIB || json.texts <= IGNORED), [])
  const signIn = all.find(({ route }) => route === 'POST /api/sign-in/')
  t.ok(signIn !== undefined && signIn.json.total < 2 * IGNORED && signIn.urlencoded.total < 2 * IGNORED, JSON.stringify(signIn))
  t.same([...new Set(all.filter(({ json }) => json.pictures.size > 0).map(({ route }) => route.replace(/\/$/, '')))].sort(),
    ['PATCH /api/v2/user/:id', 'POST /api/v2/user/avatar', 'PUT /api/v2/user/:id'], 'megabytes are for pictures alone')
})

t.test('C1 whoever is refused is told what for', async (t) => {
  const { app } = await build(t)
  const long = '🙂'.repeat(1_000)
  const bodies: [url: string, body: object, says: RegExp][] = [
    ['/api/sign-up/', { username: 'ada', email: 'ada@example.com', password: long }, /^\{"password":\["Ensure this field has no more than 128 characters/],
    ['/api/sign-in/', { email: long, password: long, otp: long }, /Invalid password/],
    ['/api/token/refresh/', { refresh: 'x'.repeat(16_000) }, /Token is invalid/],
    ['/api/users/auth/pwd/reset/', { code: long, password: long, otp: long }, /"code":\["Invalid code/],
  ]
  for (const [url, body, says] of bodies) {
    const pairs = Object.entries(body) as [string, string][]
    const sent = [{ payload: escaped(body), headers: { 'content-type': JSON_TYPE } }, urlencoded(pairs), form(pairs)]
    for (const { payload, headers } of sent) t.match((await app.inject({ method: 'POST', url, payload, headers })).body, says, `${url} ${headers['content-type']}`)
  }
})

t.test('C1 every field may be as long as it may, and an object may be sent back whole', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada', { isAdmin: true, isStaff: true })
  const texts = Array.from({ length: 20 }, (_, i) => `text_${i}`)
  const url = `/api/v2/user/${ada.id}/`
  const most = async () => {
    const { body } = await built.app.inject({ method: 'PATCH', url, headers: { ...ada.headers, 'content-type': JSON_TYPE }, payload: JSON.stringify({ x: 'x'.repeat(MIB) }) })
    return Number(/at most (\d+) bytes of text/.exec(body)?.[1])
  }
  const before = await most()
  for (const key of texts) await built.core.profileFields.declare(OPERATOR, { key })
  t.equal(await most() - before, texts.reduce((sum, key) => sum + key.length + 8 + 12 * 255, 0), 'declared fields have room from the next request on')

  const full = { real_name: '🙂'.repeat(255), bio: '🙂'.repeat(5_000), description: '🙂'.repeat(50), location: '🙂'.repeat(100), ...Object.fromEntries(texts.map((key) => [key, '🙂'.repeat(255)])) }
  const pairs = Object.entries(full)
  for (const { payload, headers } of [{ payload: escaped(full), headers: { 'content-type': JSON_TYPE } }, urlencoded(pairs), form(pairs)]) {
    const response = await built.app.inject({ method: 'PATCH', url, payload, headers: { ...ada.headers, ...headers } })
    t.equal(response.statusCode, 200, response.body.slice(0, 200))
  }
  const me = (await built.app.inject({ url: '/api/v2/user/me/', headers: ada.headers })).json<object>()
  const back = await built.app.inject({ method: 'PATCH', url, headers: { ...ada.headers, 'content-type': JSON_TYPE }, payload: escaped({ ...me, unknown: 'x'.repeat(60_000) }) })
  t.equal(back.statusCode, 200, back.body.slice(0, 200))

  for (const key of texts) await built.core.profileFields.drop(OPERATOR, key)
  t.equal(await most(), before, 'and none when they are dropped')
})

t.test('C1 a picture of the limit fits as text, with line breaks and however it is escaped', async (t) => {
  const file = await noise('jpeg', 1_600, 1_600)
  t.ok(file.length > MIB)
  const built = await build(t, { avatarMaxBytes: file.length })
  const ada = await signUp(built, 'ada')
  const text = `data:image/jpeg;base64,${file.toString('base64').replace(/.{76}/g, '$&\r\n')}`
  const sent = [
    { payload: JSON.stringify({ avatar_base64: text }).replaceAll('/', '\\/'), headers: { 'content-type': JSON_TYPE } },
    { payload: `avatar_base64=${encodeURIComponent(text)}`, headers: { 'content-type': FORM_TYPE } },
    form([['avatar_base64', text]]),
  ]
  for (const { payload, headers } of sent) {
    const response = await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...ada.headers, ...headers } })
    t.equal(response.statusCode, 200, response.body.slice(0, 200))
  }
})

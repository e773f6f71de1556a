import t from 'tap'
import { json } from './cases.ts'
import { createWorld } from './world.ts'

/* CONTRACT §2.5: what the vendor's client makes of our errors, by the rule of its own `formatHttpErrorCode`. */

interface Entry { field?: string, code?: string, messages?: (string | { code: string })[] }

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The client's reading: only `errors` as an array counts, a field needs objects in `messages`, of several the last wins. */
function formatHttpErrorCode (body: unknown): Record<string, unknown> {
  const { errors } = body as { errors?: Entry[] }
  const read: Record<string, unknown> = {}
  if (!Array.isArray(errors)) return read
  for (const { field, code, messages } of errors) {
    if (field === undefined) {
      if (code !== undefined) read.error = code
      continue
    }
    if (messages === undefined) continue
    const key = `${camelCase(field)}Error`
    read[key] = {}
    for (const message of messages) if (typeof message === 'object') read[key] = { error: message.code }
  }
  return read
}

await t.test('the reader reads as the table of §2.5 says', async (t) => {
  t.same(formatHttpErrorCode({ errors: [{ field: 'username', messages: [{ code: 'unique', message: '…' }] }] }), { usernameError: { error: 'unique' } })
  t.same(formatHttpErrorCode({ errors: [{ code: 'not_found', message: 'Not found.' }] }), { error: 'not_found' })
  t.same(formatHttpErrorCode({ errors: [{ field: 'username', messages: ['plain'] }] }), { usernameError: {} })
  t.same(formatHttpErrorCode({ errors: [{ field: 'username', code: 'unique' }] }), {})
  t.same(formatHttpErrorCode({ username: ['…'] }), {})
  t.same(formatHttpErrorCode({ detail: '…' }), {})
})

const world = await createWorld(t, { avatarMaxBytes: 1_000 })
const { app, store, ada, bob } = world
const self = `/api/v2/user/${ada.id}/`
const mine = ada.headers

const FIELDS: [body: Record<string, unknown>, read: object][] = [
  [{ username: 'BOB' }, { usernameError: { error: 'unique' } }],
  [{ username: '' }, { usernameError: { error: 'blank' } }],
  [{ username: null }, { usernameError: { error: 'null' } }],
  [{ username: 'a b' }, { usernameError: { error: 'invalid' } }],
  [{ website: 'x' }, { websiteError: { error: 'invalid' } }],
  [{ date_of_birth: 'x' }, { dateOfBirthError: { error: 'invalid' } }],
  [{ real_name: 'x'.repeat(256) }, { realNameError: { error: 'max_length' } }],
  [{ bio: 'a\0' }, { bioError: { error: 'null_characters_not_allowed' } }],
  [{ gender: 'male' }, { genderError: { error: 'invalid_choice' } }],
  [{ location_lat_lng: 'x' }, { locationLatLngError: { error: 'invalid' } }],
  [{ avatar: 'x' }, { avatarError: { error: 'invalid' } }],
  [{ avatar_base64: 'image/png;base64,eHh4' }, { avatarBase64Error: { error: 'invalid_image' } }],
  [{ avatar_base64: '' , website: 'x', description: true }, { websiteError: { error: 'invalid' }, descriptionError: { error: 'invalid' } }],
]
for (const [body, read] of FIELDS) {
  await t.test(`400 for ${JSON.stringify(body).slice(0, 60)}`, async (t) => {
    const before = store.dump()
    const response = await app.inject({ method: 'PATCH', url: self, headers: mine, payload: body })
    t.equal(response.statusCode, 400)
    t.same(formatHttpErrorCode(response.json()), read)
    t.strictSame(store.dump(), before)
  })
}

const text = { ...mine, 'content-type': 'text/plain' }
const WHOLE: [status: number, code: string, request: object][] = [
  [400, 'required', { method: 'PUT', url: self, headers: mine, payload: {} }],
  [400, 'invalid', { method: 'PATCH', url: self, headers: mine, payload: [] }],
  [400, 'null', { method: 'PATCH', url: self, headers: { ...mine, ...json({}).headers }, payload: 'null' }],
  [400, 'parse_error', { method: 'PATCH', url: self, headers: { ...mine, ...json({}).headers }, payload: '{' }],
  [401, 'not_authenticated', { method: 'PATCH', url: self, payload: {} }],
  [401, 'not_authenticated', { method: 'GET', url: '/api/v2/user/me/' }],
  [401, 'authentication_failed', { method: 'GET', url: self, headers: { authorization: 'Bearer x' } }],
  [403, 'permission_denied', { method: 'PATCH', url: `/api/v2/user/${bob.id}/`, headers: mine, payload: {} }],
  [404, 'not_found', { method: 'GET', url: '/api/v2/user/999/' }],
  [404, 'not_found', { method: 'GET', url: '/api/v2/elsewhere/' }],
  [404, 'not_found', { method: 'GET', url: '/api/v2/user/%zz/' }],
  [404, 'not_found', { method: 'GET', url: `/api/v2/user/${'9'.repeat(300)}/` }],
  [405, 'method_not_allowed', { method: 'DELETE', url: '/api/v2/user/me/', headers: mine }],
  [412, 'precondition_failed', { method: 'PATCH', url: self, headers: { ...mine, 'if-match': '"1-x"' }, payload: { bio: 'x' } }],
  [413, 'too_large', { method: 'PATCH', url: self, headers: mine, payload: { bio: 'x'.repeat(2 ** 21) } }],
  [415, 'unsupported_media_type', { method: 'PATCH', url: self, headers: text, payload: 'x' }],
]
for (const [status, code, request] of WHOLE) {
  await t.test(`${status} ${code}: ${JSON.stringify(request).slice(0, 60)}`, async (t) => {
    const before = store.dump()
    const response = await app.inject(request)
    t.equal(response.statusCode, status)
    t.same(formatHttpErrorCode(response.json()), code === 'required' ? { usernameError: { error: code } } : { error: code })
    t.match(response.headers['content-type'], /^application\/json/)
    t.strictSame(store.dump(), before)
  })
}

import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { openSql } from './engines.ts'
import { build, form, signUp, tokenOf, urlencoded } from './helper.ts'
import type { Built } from './helper.ts'
import { picture } from './images/pictures.ts'

const ORIGIN = 'https://people.example'

type Family = 'community' | 'staff' | 'personal' | 'native'
type Encoding = 'json' | 'urlencoded' | 'multipart'
const ENCODINGS: Encoding[] = ['json', 'urlencoded', 'multipart']
const ROUTES: [Family, 'PUT' | 'PATCH', (id: number) => string][] = [
  ['community', 'PATCH', (id) => `/api/v2/user/${id}/`],
  ['community', 'PUT', (id) => `/api/v2/user/${id}/`],
  ['staff', 'PATCH', (id) => `/api/users/${id}/`],
  ['staff', 'PUT', (id) => `/api/users/${id}/`],
  ['personal', 'PUT', (id) => `/api/profile/${id}/update/`],
  ['native', 'PATCH', () => '/v1/me'],
  ['native', 'PATCH', (id) => `/v1/people/${id}`],
]
/** The words of the others in those of the native family. */
const WORDS: Record<string, string> = { mobile_number: 'phone', number_phone: 'phone', first_name: 'firstName', last_name: 'lastName' }
const GENDERS: Record<string, string> = { Male: 'male', Female: 'female' }
/** What of a row two people cannot share, or what moves by itself. */
const OWN = new Set(['id', 'username', 'email', 'avatar', 'cover', 'password_hash', 'created_at', 'updated_at', 'last_login_at', 'last_seen_at', 'email_held_until'])

/** What one family writes and where the others show it; `n` makes each value a new one. */
interface Written { sent: Record<string, string>, shown: Partial<Record<Family, Record<string, unknown>>> }
const WRITES: Record<Family, (n: number) => Written> = {
  community: (n) => ({
    sent: { username: `ada-${n}`, gender: n % 2 === 0 ? 'Female' : 'Male', bio: `bio ${n} \u{1f600}` },
    shown: {
      community: { username: `ada-${n}`, gender: n % 2 === 0 ? 'Female' : 'Male', bio: `bio ${n} \u{1f600}` },
      staff: { username: `ada-${n}`, gender: n % 2 === 0 ? 'female' : 'male' },
      personal: { username: `ada-${n}` },
      native: { username: `ada-${n}`, gender: n % 2 === 0 ? 'female' : 'male', bio: `bio ${n} \u{1f600}` },
    },
  }),
  staff: (n) => ({
    sent: { username: `ada-${n}`, mobile_number: `+49-555-${n}`, email: `ada${n}@example.com`, first_name: `Zo\u00eb ${n}`, gender: n % 2 === 0 ? 'male' : 'non-binary' },
    shown: {
      community: { username: `ada-${n}`, email: `ada${n}@example.com`, email_isvalid: false, gender: n % 2 === 0 ? 'Male' : 'Unspecified' },
      staff: { username: `ada-${n}`, mobile_number: `+49-555-${n}`, full_name: `Zo\u00eb ${n}`, gender: n % 2 === 0 ? 'male' : 'non-binary' },
      personal: { username: `ada-${n}`, number_phone: `+49-555-${n}`, email: `ada${n}@example.com`, first_name: `Zo\u00eb ${n}` },
      native: { username: `ada-${n}`, phone: `+49-555-${n}`, email: `ada${n}@example.com`, emailConfirmed: false, firstName: `Zo\u00eb ${n}`, gender: n % 2 === 0 ? 'male' : 'non-binary' },
    },
  }),
  personal: (n) => ({
    sent: { username: `ada.${n}`, email: `ada+${n}@example.com`, last_name: `L\u00f6we ${n}`, number_phone: `555${n}` },
    shown: {
      community: { username: `ada.${n}`, email: `ada+${n}@example.com` },
      staff: { username: `ada.${n}`, email: `ada+${n}@example.com`, last_name: `L\u00f6we ${n}`, mobile_number: `555${n}` },
      personal: { username: `ada.${n}`, email: `ada+${n}@example.com`, last_name: `L\u00f6we ${n}`, number_phone: `555${n}` },
      native: { username: `ada.${n}`, email: `ada+${n}@example.com`, lastName: `L\u00f6we ${n}`, phone: `555${n}` },
    },
  }),
  native: (n) => ({
    sent: { username: `ada_${n}`, phone: `556${n}`, firstName: `Ad\u00e8le ${n}`, bio: `bio ${n}`, gender: n % 2 === 0 ? 'male' : 'female', dateOfBirth: '1815-12-10', website: `https://example.com/${n}` },
    shown: {
      community: { username: `ada_${n}`, gender: n % 2 === 0 ? 'Male' : 'Female', bio: `bio ${n}`, date_of_birth: '1815-12-10', website: `https://example.com/${n}` },
      staff: { username: `ada_${n}`, mobile_number: `556${n}`, first_name: `Ad\u00e8le ${n}`, gender: n % 2 === 0 ? 'male' : 'female' },
      personal: { username: `ada_${n}`, number_phone: `556${n}`, first_name: `Ad\u00e8le ${n}` },
      native: { username: `ada_${n}`, phone: `556${n}`, firstName: `Ad\u00e8le ${n}`, bio: `bio ${n}`, gender: n % 2 === 0 ? 'male' : 'female', dateOfBirth: '1815-12-10', website: `https://example.com/${n}` },
    },
  }),
}

/** One person, an admin with a token, and every way to read and to write the person. */
async function open (t: Test) {
  const built = await build(t, { publicUrl: ORIGIN })
  const [ada, bea] = [await signUp(built, 'ada'), await signUp(built, 'bea')]
  const token = await tokenOf(built, await signUp(built, 'regina', { isAdmin: true }))
  const { app } = built

  async function read (family: Family): Promise<Record<string, unknown>> {
    const path = { community: `/api/v2/user/${ada.id}/`, staff: `/api/users/${ada.id}/`, personal: '/api/profile/', native: '/v1/me' }[family]
    const response = await app.inject({ url: path, headers: family === 'staff' ? token : ada.headers })
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${response.body}`)
    return response.json()
  }

  const raw = openSql(built.dataDir, { readonly: true })
  t.teardown(() => raw.close())
  const row = raw.prepare<[number], Record<string, unknown>>('select * from users where id = ?')
  const log = raw.prepare<[number], { fields: string, version: number }>('select fields, version from changes where user_id = ? order by id desc limit 1')
  const pictures = raw.prepare('select kind, focus, crop, alt, source_width, source_height, blurhash from pictures where user_id = ? order by kind')
  /** What a write has left of somebody. */
  function rowsOf (id: number): object {
    const { fields, version } = log.get(id) ?? { fields: '[]', version: 0 }
    const columns = Object.entries(row.get(id) ?? {}).map(([name, value]) => [name, OWN.has(name) ? value !== null : value])
    return { ...Object.fromEntries(columns) as object, fields: (JSON.parse(fields) as string[]).sort(), at: version, pictures: pictures.all(id) }
  }

  return { ...built, rowsOf, token, read, headersFor: (family: Family) => family === 'staff' ? token : ada.headers, ada, bea }
}

function bodyOf (encoding: Encoding, fields: Record<string, string>, files: Record<string, Buffer> = {}) {
  if (encoding === 'json') return { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }
  if (encoding === 'urlencoded') return urlencoded(Object.entries(fields))
  return form([...Object.entries(fields), ...Object.entries(files).map(([name, file]): [string, { file: Buffer }] => [name, { file }])])
}

/** The picture at an address that a family shows is of this colour. */
async function shows (t: Test, { app }: Built, url: unknown, colour: number[]): Promise<void> {
  const response = await app.inject({ url: String(url).replace(ORIGIN, '') })
  t.match(response, { statusCode: 200, headers: { 'content-type': 'image/webp' } })
  const pixels = await sharp(response.rawPayload).removeAlpha().raw().toBuffer()
  t.ok([...pixels.subarray(-3)].every((value, i) => Math.abs(value - (colour[i] ?? NaN)) <= 12), `${String(url)} is the picture that was sent`)
}

t.test('what one family writes, in any encoding, the others read at once', async (t) => {
  const place = await open(t)
  const { app, ada, bea, read, headersFor, rowsOf, token } = place
  let n = 0
  for (const [family, method, path] of ROUTES) {
    for (const encoding of ENCODINGS) {
      await t.test(`${method} ${path(0).replace('0', '{id}')} as ${encoding}`, async (t) => {
        n++
        const { sent, shown } = WRITES[family](n)
        const [r, g, b] = [10 * n, 250 - 10 * n, 90]
        const file = await picture({ format: 'png', colour: { r, g, b } })
        const cover = await picture({ format: 'jpeg', width: 80, height: 40, colour: { r: b, g, b: r } })
        const pictures = encoding === 'multipart' ? { avatar: file, ...(family === 'community' || family === 'native') && { cover } } : {}
        const base64 = family === 'community' && encoding !== 'multipart' ? { avatar_base64: `image/png;base64,${file.toString('base64')}` } : {}
        const { payload, headers } = bodyOf(encoding, { ...sent, ...base64 }, pictures)
        const response = await app.inject({ method, url: path(ada.id), payload, headers: { ...headers, ...headersFor(family) } })
        t.equal(response.statusCode, 200, response.body)
        for (const [reader, fields] of Object.entries(shown)) {
          const found: Record<string, unknown> = await read(reader as Family)
          for (const [name, value] of Object.entries(fields)) t.strictSame(found[name], value, `${name}, read by ${reader}`)
        }
        const { isOnline: _, lastSeenAt: __, ...now } = await read(family)
        t.match(response.json(), now, 'the answer is what a read shows')
        if (family !== 'native') {
          // The same by somebody whose account went the same way, in the native family's words.
          const word = (name: string, value: string): [string, string] => [WORDS[name] ?? name, name === 'gender' ? GENDERS[value] ?? value : name === 'username' || name === 'email' ? value.replace('ada', 'bea') : value]
          const same = Object.fromEntries(Object.entries(sent).map(([name, value]) => word(name, value)))
          const lone = Object.keys(base64).length > 0 ? { avatar: file } : pictures
          const written = bodyOf(Object.keys(lone).length > 0 ? 'multipart' : encoding, same, lone)
          const answer = await app.inject({ method: 'PATCH', url: `/v1/people/${bea.id}`, payload: written.payload, headers: { ...written.headers, ...token } })
          t.equal(answer.statusCode, 200, answer.body)
          // An address that an admin writes is not held, one that somebody writes of themselves is.
          const held = family === 'personal' ? { email_held_until: true } : {}
          t.same({ ...rowsOf(bea.id), ...held }, rowsOf(ada.id), 'and leaves the same rows')
        }
        if (!('avatar' in pictures) && !('avatar_base64' in base64)) return

        const { avatar: path_ } = await read('personal')
        t.match(path_, /^\/media\/avatars\/[0-9a-f]{32}\.webp$/)
        t.equal((await read('community')).avatar, `${ORIGIN}${String(path_)}`)
        t.equal((await read('staff')).avatar, `${ORIGIN}${String(path_)}`)
        t.match((await read('native')).avatar, { url: `${ORIGIN}${String(path_)}`, width: 64 })
        await shows(t, place, path_, [r, g, b])
        if ('cover' in pictures) await shows(t, place, (await read('community')).cover, [b, g, r])
      })
    }
  }
})

t.test('avatar_base64 in a form with parts, and a picture taken away by one family is gone for all', async (t) => {
  const place = await open(t)
  const { app, ada, read, headersFor } = place
  const takeAway: [Family, Encoding, Record<string, unknown>][] = [
    ['community', 'json', { avatar: null }], ['community', 'urlencoded', { avatar: '' }], ['community', 'multipart', { avatar_base64: '' }],
    ['staff', 'json', { avatar: null }], ['staff', 'multipart', { avatar: '' }],
    ['personal', 'json', { avatar: null }], ['personal', 'urlencoded', { avatar: '' }],
    ['native', 'json', { avatar: null }], ['native', 'urlencoded', { avatar: '' }], ['native', 'multipart', { avatar: '' }],
  ]
  const file = await picture({ colour: { r: 0, g: 100, b: 200 } })
  for (const [family, encoding, cleared] of takeAway) {
    const given = form([['avatar_base64', `image/png;base64,${file.toString('base64')}`]])
    await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: given.payload, headers: { ...given.headers, ...headersFor('community') } })
    await shows(t, place, (await read('staff')).avatar, [0, 100, 200])
    const [, method, path] = ROUTES.find(([name]) => name === family) as (typeof ROUTES)[number]
    const { payload, headers } = bodyOf(encoding, cleared as Record<string, string>)
    t.equal((await app.inject({ method, url: path(ada.id), payload, headers: { ...headers, ...headersFor(family) } })).statusCode, 200)
    for (const reader of ['community', 'staff', 'personal', 'native'] as const) t.equal((await read(reader)).avatar, null, `${family} ${encoding}, read by ${reader}`)
  }
})

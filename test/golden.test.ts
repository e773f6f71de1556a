import { statSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { picture } from './images/pictures.ts'
import { OPERATOR } from '../src/core/access.ts'
import { build, form, signUp, tokenOf } from './helper.ts'
import type { Built, Person } from './helper.ts'

const ORIGIN = 'https://people.example'
const HASH = '$argon2id$a-hash-that-nobody-may-see'

interface World extends Built {
  ada: Person
  /** The readers, as headers; anonymous has none. */
  readers: Record<'anonymous' | 'another' | 'self' | 'staff' | 'admin', Record<string, string>>
  avatar: string
  cover: string
  group: number
  images: object
}

/** Her pictures in all sizes: the measures follow from what was sent, the rest is what the files and the row say. */
async function imagesOf ({ core, dataDir }: Built, names: { avatar: string, cover: string }): Promise<object> {
  const sizes = {
    avatar: { main: [64, 48], sizes: [[64, 48, 48], [128, 48, 48], [256, 48, 48], [512, 48, 48]], source: [64, 48] },
    cover: { main: [80, 48], sizes: [[480, 80, 48], [960, 80, 48]], source: [80, 48] },
  }
  const images = await Promise.all((['avatar', 'cover'] as const).map(async (kind) => {
    const file = (name: string, [width, height]: number[]) =>
      ({ url: `${ORIGIN}/media/${kind}s/${name}.webp`, width, height, bytes: statSync(`${dataDir}/media/${kind}s/${name}.webp`).size })
    const { main, sizes: others, source: [source_width, source_height] } = sizes[kind]
    const row = await core.db.read.pictures.find(names[kind])
    return [kind, {
      main: file(names[kind], main), sizes: others.map(([size, ...measures]) => ({ size, ...file(`${names[kind]}-${size}`, measures) })),
      blurhash: row?.blurhash, color: row?.color, animated: false, focus: null, crop: null, source_width, source_height,
    }]
  }))
  return Object.fromEntries(images) as object
}

/** Ada, of whom every field holds a value that occurs nowhere else; and everybody who may look at her. */
async function world (t: Test): Promise<World> {
  const built = await build(t, { publicUrl: ORIGIN })
  const { app, core } = built
  const ada = await signUp(built, 'ada-golden')
  const [another, staff, admin] = [await signUp(built, 'another'), await signUp(built, 'helper', { isStaff: true }), await signUp(built, 'chief', { isAdmin: true })]
  const group = await core.groups.create(OPERATOR, { name: 'Golden-Group' })
  await core.users.edit(OPERATOR, ada.id, {
    email: 'golden@mail.example', realName: 'Golden Real', firstName: 'Golden-First', lastName: 'Golden-Last', phone: '+1-555-0157', gender: 'female',
    dateOfBirth: '1815-12-10', bio: 'Golden bio', description: 'Golden job', website: 'https://golden.example/', location: 'Golden Town',
    locationLatLng: '51.501,-0.141', positionLatLng: '40.712,-74.006', attributes: { company_name: 'Golden Company', company_role: 'Golden Role' }, groups: [group.id],
  }, { family: 'operator' })
  const pictures = form([['avatar', { file: await picture() }], ['cover', { file: await picture({ width: 80 }) }]])
  const uploaded = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: pictures.payload, headers: { ...ada.headers, ...pictures.headers } })
  if (uploaded.statusCode !== 200) throw new Error(uploaded.body)
  const fed = await app.inject({
    method: 'PATCH',
    url: `/api/users/${ada.id}/`,
    headers: admin.headers,
    payload: {
      ext_id: 'ext-golden', reg_approved: true, community_badge: true, can_send_pm_to: true, reputation: 900_001, followings_counter: 900_002, followers_counter: 900_003,
      posts_counter: 900_004, discussions_counter: 900_005, statuses_counter: 900_006, polls_counter: 900_007, categories_counter: 900_008,
      unseen_interactions_counter: 910_001, unseen_notification_banners_counter: 910_002,
    },
  })
  if (fed.statusCode !== 200) throw new Error(fed.body)
  // What no request and no command can set.
  const { avatar, cover } = await core.db.write((tx) => tx.users.update(ada.id, {
    emailConfirmed: true, passwordHash: HASH, role: 'moderator', language: 'it', version: 77,
    createdAt: Date.UTC(2020, 0, 2, 3, 4, 5), updatedAt: Date.UTC(2021, 1, 3, 4, 5, 6, 789), lastLoginAt: Date.UTC(2022, 2, 4, 5, 6, 7), revokedAt: Date.UTC(2019, 3, 5),
  }))
  const readers = { anonymous: {}, another: another.headers, self: ada.headers, staff: await tokenOf(built, staff), admin: await tokenOf(built, admin) }
  return { ...built, ada, readers, avatar: String(avatar), cover: String(cover), group: group.id, images: await imagesOf(built, { avatar: String(avatar), cover: String(cover) }) }
}

// CONTRACT §2.2. What DESIGN promise 7 hides is in HIDDEN and in MEMBER, and there again as a reader sees it who may.
const PUBLIC = ({ ada, avatar, cover }: World) => ({
  id: ada.id,
  username: 'ada-golden',
  real_name: 'Golden Real',
  avatar: `${ORIGIN}/media/avatars/${avatar}.webp`,
  cover: `${ORIGIN}/media/covers/${cover}.webp`,
  ext_id: 'ext-golden',
  bio: 'Golden bio',
  location: 'Golden Town',
  description: 'Golden job',
  gender: 'Female',
  website: 'https://golden.example/',
  tags: [],
  date_joined: '2020-01-02T03:04:05Z',
  followings_counter: 900_002,
  followers_counter: 900_003,
  posts_counter: 900_004,
  discussions_counter: 900_005,
  polls_counter: 900_007,
  categories_counter: 900_008,
  connection_status: null,
  reputation: 900_001,
  community_badge: true,
  reg_approved: true,
  deleted: false,
  company_name: 'Golden Company',
  company_role: 'Golden Role',
  status: 'a',
  statuses_counter: 900_006,
  language: 'it',
})
const HIDDEN = { email: null, email_isvalid: null, date_of_birth: null, location_lat_lng: '', position_lat_lng: '' }
const SHOWN = { email: 'golden@mail.example', email_isvalid: true, date_of_birth: '1815-12-10', location_lat_lng: '51.501,-0.141', position_lat_lng: '40.712,-74.006' }
const MEMBER = { can_send_pm_to: true }
const NOT_MEMBER = { can_send_pm_to: null }
// CONTRACT §2.2, `me`. Nothing social is served, so nothing of it is permitted.
const ME = {
  role: 'moderator',
  permission: {
    create_contribute: false, create_poll: false, locate_post: false, create_post: false, create_group: false, create_event: false, create_course: false,
    create_live_stream: false, follow_user: false, request_connection: false, accept_connection: false,
  },
  unseen_interactions_counter: 910_001,
  unseen_notification_banners_counter: 910_002,
}
// The order of S003's example, and what it does not know behind it.
const STAFF = ({ ada, avatar, group, images }: World) => ({
  id: ada.id,
  username: 'ada-golden',
  mobile_number: '+1-555-0157',
  email: 'golden@mail.example',
  first_name: 'Golden-First',
  last_name: 'Golden-Last',
  full_name: 'Golden-First Golden-Last',
  gender: 'female',
  avatar: `${ORIGIN}/media/avatars/${avatar}.webp`,
  is_staff: false,
  is_admin: false,
  is_active: true,
  last_login: '2022-03-04T05:06:07Z',
  created_at: '2020-01-02T03:04:05Z',
  updated_at: '2021-02-03T04:05:06.789000Z',
  is_online: true,
  groups_data: [{ id: group, name: 'Golden-Group' }],
  images,
  attributes: { company_name: 'Golden Company', company_role: 'Golden Role' },
})
// The order of S004's example, and what it does not know behind it.
const PERSONAL = ({ ada, avatar }: World) => ({
  id: ada.id,
  username: 'ada-golden',
  email: 'golden@mail.example',
  first_name: 'Golden-First',
  last_name: 'Golden-Last',
  number_phone: '+1-555-0157',
  avatar: `/media/avatars/${avatar}.webp`,
  date_joined: '2020-01-02T03:04:05Z',
  last_login: '2022-03-04T05:06:07Z',
  is_active: true,
  is_staff: false,
  is_superuser: false,
  attributes: { company_name: 'Golden Company', company_role: 'Golden Role' },
})

/** What may stand in no body for anybody, and what may not for those who are neither the person nor staff. */
const SECRET = [HASH, 'argon2', '2019-04', '1554', 'revoked', 'hash', '"version"', 'last_seen']
const PRIVATE = ['golden@mail', '1815', '51.501', '-0.141', '40.712', '-74.006', '555', 'Golden-First', 'Golden-Last', 'Golden-Group', 'moderator', '910001', '910002', '2021-02-03', '2022-03-04']

/** Which of these a body holds; in the random names of pictures any digits may stand, and a blurhash is no secret. */
const found = (texts: string[], body: string): string[] => texts.filter((text) => body.replace(/[0-9a-f]{32}|"blurhash"/g, '').includes(text))

const built = await world(t)

t.test('GET /api/v2/user/{id}/', async (t) => {
  const golden = {
    anonymous: { ...PUBLIC(built), ...HIDDEN, ...NOT_MEMBER },
    another: { ...PUBLIC(built), ...HIDDEN, ...MEMBER },
    self: { ...PUBLIC(built), ...SHOWN, ...MEMBER },
    staff: { ...PUBLIC(built), ...SHOWN, ...MEMBER },
    admin: { ...PUBLIC(built), ...SHOWN, ...MEMBER },
  }
  for (const [reader, expected] of Object.entries(golden)) {
    const { statusCode, body } = await built.app.inject({ url: `/api/v2/user/${built.ada.id}/`, headers: built.readers[reader as keyof typeof golden] })
    t.equal(statusCode, 200)
    t.strictSame(JSON.parse(body), expected, `to ${reader}`)
    const hidden = ['anonymous', 'another'].includes(reader) ? [...SECRET, ...PRIVATE] : SECRET
    t.same(found(hidden, body), [], `nothing hidden is told to ${reader}`)
  }
  t.comment(`${Object.keys(golden).length} readers × ${Object.keys(golden.self).length} keys`)

  const patched = await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${built.ada.id}/`, headers: built.ada.headers, payload: {} })
  t.strictSame(patched.json(), golden.self, 'PATCH answers what GET does')
})

t.test('GET /api/v2/user/me/', async (t) => {
  const me = (headers: Record<string, string>) => built.app.inject({ url: '/api/v2/user/me/', headers })
  const { statusCode, body } = await me(built.readers.self)
  const expected = { ...PUBLIC(built), ...SHOWN, ...MEMBER, ...ME }
  t.equal(statusCode, 200)
  t.strictSame(JSON.parse(body), expected)
  t.same(found(SECRET, body), [])
  t.equal((await me(built.readers.anonymous)).statusCode, 401)

  // Nobody sees Ada here but herself; the others see the same keys of their own.
  for (const [reader, role] of Object.entries({ another: null, staff: null, admin: 'admin' })) {
    const other = await me(built.readers[reader as 'staff'])
    t.same(Object.keys(other.json<object>()).sort(), Object.keys(expected).sort(), `the keys to ${reader}`)
    t.equal(other.json<{ role: unknown }>().role, role)
    t.notMatch(other.body, /golden/i)
  }
})

t.test('GET /api/users/{id}/', async (t) => {
  for (const [reader, status] of Object.entries({ anonymous: 401, another: 403, self: 403, staff: 200, admin: 200 })) {
    const { statusCode, body } = await built.app.inject({ url: `/api/users/${built.ada.id}/`, headers: built.readers[reader as keyof World['readers']] })
    t.equal(statusCode, status, `to ${reader}`)
    if (status === 200) {
      t.equal(body, JSON.stringify(STAFF(built)), `to ${reader}, in S003's order`)
      t.same(found(SECRET, body), [])
    } else {
      t.same(Object.keys(JSON.parse(body) as object), ['detail'])
      t.notMatch(body, /golden/i)
    }
  }
  const patched = await built.app.inject({ method: 'PATCH', url: `/api/users/${built.ada.id}/`, headers: built.readers.staff, payload: {} })
  t.equal(patched.body, JSON.stringify(STAFF(built)), 'PATCH answers what GET does')
})

t.test('/api/profile/', async (t) => {
  const keys = Object.keys(PERSONAL(built))
  for (const method of ['GET', 'POST'] as const) {
    const own = await built.app.inject({ method, url: '/api/profile/', headers: built.readers.self })
    t.equal(own.body, JSON.stringify(PERSONAL(built)), `${method} in S004's order`)
    t.same(found(SECRET, own.body), [])
    for (const reader of ['another', 'staff', 'admin'] as const) {
      const other = await built.app.inject({ method, url: '/api/profile/', headers: built.readers[reader] })
      t.same(Object.keys(other.json<object>()), keys, `${method} to ${reader}: their own`)
      t.notMatch(other.body, /golden/i)
    }
    const anonymous = await built.app.inject({ method, url: '/api/profile/' })
    t.equal(anonymous.statusCode, 401)
    t.same(anonymous.json(), { detail: 'Authentication credentials were not provided.' })
  }
  const update = { method: 'PUT', url: `/api/profile/${built.ada.id}/update/`, payload: {} } as const
  t.equal((await built.app.inject({ ...update, headers: built.readers.self })).body, JSON.stringify(PERSONAL(built)))
  for (const reader of ['another', 'staff', 'admin'] as const) {
    const refused = await built.app.inject({ ...update, headers: built.readers[reader] })
    t.equal(refused.statusCode, 403)
    t.same(refused.json(), { error: 'Not authorized' })
  }
})

import * as fc from 'fast-check'
import { randomInt } from 'node:crypto'
import type Sqlite from 'better-sqlite3'
import t from 'tap'
import { ownSealKey } from '../../src/service/seal-key.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { openSql } from '../engines.ts'
import { signUp, tokenOf, writeContact } from '../helper.ts'
import { columns } from '../update-law/cases.ts'
import type { Columns } from '../update-law/cases.ts'
import { NEWLY_DECLARED } from '../update-law/declared.ts'
import { generated } from '../volume.ts'
import { createWorld } from './world.ts'

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))
const PAIRS = generated(2_000, 300)
/** Of each pair so many questions, or the run would take minutes. */
const ASKED = 3
/** How often it is a failed precondition: the one that somebody may meet who does not see everything costs a hash. */
const RESETS = 25

/** DESIGN §1 promise 7 and CONTRACT §5: what is for oneself and staff, or for nobody, however it is narrowed. The order is that of `sees`. */
const READERS = ['public', 'member', 'self'] as const
type Reader = typeof READERS[number]
const NOBODYS = ['password_hash', 'revoked_at', 'email_held_until']
const OF_SELF = [
  'email', 'email_confirmed', 'first_name', 'last_name', 'phone', 'date_of_birth', 'location_lat_lng', 'position_lat_lng', 'is_found_by_email', 'settings',
  'is_staff', 'is_admin', 'role', 'last_login_at', 'unseen_interactions', 'unseen_banners',
]
/** The words of `visibility`, and their columns. */
const NARROWED: Record<string, string> = {
  realName: 'real_name', gender: 'gender', bio: 'bio', description: 'description', website: 'website', location: 'location', language: 'language', avatar: 'avatar', cover: 'cover',
}
const rank = (audience: string) => READERS.indexOf(audience as Reader)

const audience = fc.constantFrom(...READERS)
const words = [...Object.keys(NARROWED), ...NEWLY_DECLARED.map(([key]) => `attributes.${key}`)]
const narrowing = fc.record(Object.fromEntries(words.map((word) => [word, audience])))

interface Pair { reader: Reader, rows: [Columns, Columns], groups: [number[], number[]], tags: [number[], number[]], audiences: [Record<string, Reader>, Record<string, Reader>], fields: [string[], string[]] }
/** What the log may say of either, as the core names it. */
const LOGGED = ['phone', 'lastName', 'dateOfBirth', 'email', 'settings', 'groups', 'attributes.floor', 'isFoundByEmail', 'lastLoginAt']
const UNSAID = ['passwordHash', 'revokedAt', 'settings', 'emailHeldUntil', 'isFoundByEmail']
const some = (names: string[]) => fc.tuple(fc.subarray(names, { minLength: 1 }), fc.subarray(names, { minLength: 1 }))

/** Two accounts, the second with another value wherever the reader may not look. */
const pairsFor = (reader: Reader): fc.Arbitrary<Pair> => fc.record({
  row: columns, other: columns, first: narrowing, second: narrowing,
  groups: fc.tuple(fc.subarray([1, 2]), fc.subarray([1, 2])), tags: fc.tuple(fc.subarray([2, 3]), fc.subarray([2, 3])), isTagged: fc.boolean(),
  fields: some(LOGGED), unsaid: some(UNSAID), common: fc.subarray(['username', 'isActive', 'extId']),
}).map(({ row, other, first, second, groups, tags, isTagged, fields, unsaid, common }) => {
  const isHidden = (audience: string) => rank(audience) > rank(reader)
  const ruleOf = (word: string): string => NEWLY_DECLARED.find(([key]) => word === `attributes.${key}`)?.[1].read ?? 'public'
  const narrower = (word: string, said: Reader) => rank(ruleOf(word)) > rank(said) ? ruleOf(word) : said
  // Hidden in the one and in the other, though perhaps not from the same people; the rest is narrowed alike.
  const beside = Object.fromEntries(words.map((word) => [word, isHidden(narrower(word, first[word] as Reader)) && isHidden(narrower(word, second[word] as Reader)) ? second[word] : first[word]])) as Record<string, Reader>
  const closed = new Set([...NOBODYS, ...reader === 'self' ? [] : [...OF_SELF, ...Object.entries(NARROWED).filter(([word]) => isHidden(first[word] as Reader)).map(([, column]) => column)]])
  const [ofRow, ofOther] = [row, other].map(({ attributes }) => JSON.parse(String(attributes)) as Record<string, unknown>) as [Record<string, unknown>, Record<string, unknown>]
  const attributes = { ...ofRow }
  // What is no longer declared is nobody's to see.
  const keys = ['gone', ...NEWLY_DECLARED.map(([key]) => key).filter((key) => reader !== 'self' && isHidden(narrower(`attributes.${key}`, first[`attributes.${key}`] as Reader)))]
  for (const key of keys) attributes[key] = ofOther[key]
  const fixed = { is_active: 1, ext_id: null, avatar: null, cover: null }
  const changed = Object.fromEntries(Object.entries(other).filter(([column]) => closed.has(column)))
  const isSelf = reader === 'self'
  const shown = isTagged ? [1] : []
  return {
    reader, fields: isSelf ? [[...common, ...unsaid[0]], [...common, ...unsaid[1]]] : [[...common, ...fields[0]], [...common, ...fields[1]]], audiences: isSelf ? [first, first] : [first, beside],
    rows: [{ ...row, ...fixed }, { ...row, ...changed, ...fixed, attributes: JSON.stringify(attributes) }],
    groups: isSelf ? [groups[0], groups[0]] : groups,
    tags: isSelf ? [[...shown, ...tags[0]], [...shown, ...tags[0]]] : [[...shown, ...tags[0]], [...shown, ...tags[1]]],
  }
})

/** Where two texts part. */
function apart ([a = '', b = '']: string[]): string {
  const at = Array.from({ length: a.length }, (_, i) => i).find((i) => a[i] !== b[i]) ?? a.length
  return `${a.slice(Math.max(0, at - 120), at + 120)}, but ${b.slice(Math.max(0, at - 120), at + 120)}`
}

t.test('whoever differs only in what the reader may not see gets the same answers', async (t) => {
  const world = await createWorld(t)
  const { ada, app, core, dataDir, grace } = world
  const twins = await Promise.all(['a', 'b'].map(async (mark) => {
    const { id } = await signUp(world, `twin-${mark}`)
    return { id, mark, own: await tokenOf(world, { id }) }
  }))
  for (const [key, rules] of NEWLY_DECLARED) await core.db.write((tx) => tx.profileFields.insert(key, rules, Date.now()))
  for (const name of ['one', 'two']) await core.groups.create(OPERATOR, { name })
  for (const [name, about] of [['seen', {}], ['unseen', { isVisible: false }], ['ended', { isActive: false }]] as const) await core.tags.create(OPERATOR, { name, ...about })
  const raw = openSql(dataDir, { timeout: 5_000 })
  t.teardown(() => raw.close())
  raw.pragma('synchronous = off')
  const clear = ['memberships', 'taggings', 'changes', 'codes', 'pictures'].map((table) => raw.prepare(`delete from ${table} where user_id = ?`))
  const [join_, tag] = [raw.prepare('insert into memberships (user_id, group_id) values (?, ?)'), raw.prepare('insert into taggings (user_id, tag_id) values (?, ?)')]
  const log = raw.prepare("insert into changes (user_id, actor_id, family, fields, dropped, version, at) values (?, null, 'test', ?, '[]', ?, 1)")
  const updates = new Map<string, Sqlite.Statement>()
  const { seal } = await ownSealKey(dataDir, core.db)

  const put = raw.transaction((pair: Pair) => {
    for (const [i, { id, mark }] of twins.entries()) {
      const row: Columns = { ...pair.rows[i] as Columns, email_held_until: i === 0 ? null : 4_102_444_800_000, visibility: JSON.stringify(Object.fromEntries(Object.entries(pair.audiences[i] as object).filter(([, said]) => said !== 'public'))) }
      const names = Object.keys(row)
      const update = updates.get(names.join()) ?? raw.prepare(`update users set ${names.map((name) => `"${name}" = @${name}`).join()} where id = @id`)
      updates.set(names.join(), update)
      update.run({ ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? value.replaceAll('~', mark) : value])), id })
      writeContact(raw, id)
      for (const statement of clear) statement.run(id)
      for (const group of pair.groups[i] ?? []) join_.run(id, group)
      for (const one of pair.tags[i] ?? []) tag.run(id, one)
      log.run(id, JSON.stringify(pair.fields[i]), row.version)
    }
  })

  type Ask = (twin: typeof twins[number], version: number, as: Record<string, string>) => [method: string, path: string, body?: object | undefined, headers?: Record<string, string>]
  const DRY: Ask[] = [
    ({ id }) => ['PATCH', `/people/${id}?dryRun=true`, { bio: 'another', username: 'grace', nope: 1, attributes: { motto: 'x', floor: 5 } }],
    ({ id }) => ['PATCH', `/people/${id}?dryRun=true`, { bio: 'another', firstName: 'Another', phone: '1', groups: [1], attributes: { motto: 'another' } }],
    ({ id }) => ['PATCH', `/people/${id}`, { bio: 'x' }, { 'if-match': '"1-x"' }],
    ({ id }, version) => ['PATCH', `/people/${id}`, { bio: 'x' }, { 'if-match': `"${version - 1}-x"` }],
    ({ id }, version) => ['PATCH', `/people/${id}?dryRun=true`, { description: 'x' }, { 'if-match': `"${version - 1}-x"`, prefer: 'merge=disjoint' }],
  ]
  const EVERYBODY: Ask[] = [
    ({ id }) => ['GET', `/people/${id}`],
    ({ id }) => ['GET', `/people/${id}?fields=email,bio,hidden,attributes,visibility,updatedAt,lastSeenAt`],
    ({ id }, version) => ['GET', `/people/${id}?fields=phone,groups,tags`, undefined, { 'if-none-match': `"${version}-x"` }],
    ({ id }) => ['PATCH', `/people/${id}`, { bio: 'x', email: 'grace@example.com', nope: 1 }],
    ({ id }) => ['PATCH', `/people/${id}?dryRun=true`, { bio: 'x' }, { 'if-match': '"1-x"' }],
    ({ id }) => ['DELETE', `/people/${id}`, undefined, { 'if-match': '"1-x"' }],
    ({ id }) => ['DELETE', `/people/${id}/avatar?dryRun=true`],
    ({ id }) => ['POST', `/people/${id}/restore`],
    ({ id }) => ['GET', `/people/${id}/tokens`],
  ]
  const OWN: Ask[] = [
    ({ own }, _version, as) => ['GET', `/me?as=${as.as}`, undefined, own],
    ({ own }, _version, as) => ['GET', `/me?as=${as.as}&fields=email,hidden,pendingEmail,fullName,role`, undefined, own],
  ]
  const SELF: Ask[] = [...DRY, EVERYBODY[0] as Ask, ({ own }) => ['GET', '/me', undefined, own], ({ own }) => ['GET', '/fields', undefined, own], ({ own }) => ['GET', '/me/visibility', undefined, own], ({ own }) => ['PATCH', '/me?dryRun=true', { bio: 'x', isAdmin: true, attributes: { grade: 5 } }, own]]

  /** An answer without ids, names and times. */
  function told (response: { statusCode: number, headers: Record<string, unknown>, body: string }, { id, mark }: typeof twins[number], names: string[]): string {
    const { date: _, etag, 'content-length': length, ...headers } = response.headers
    const body = response.body.replaceAll(/"requestId":"[^"]*"/g, '').replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"').replaceAll(new RegExp(`"id":${id}\\b`, 'g'), '"id":0')
    // The twins' names and addresses differ in their marks.
    const unmarked = names.reduce((text, name) => text.replaceAll(JSON.stringify(name.replaceAll('~', mark)), JSON.stringify(name)), body)
    return JSON.stringify([response.statusCode, headers, String(etag).replace(/-.*/, ''), response.body.includes('requestId') ? 0 : length, unmarked])
  }

  const wrong: string[] = []
  let asked = 0
  const answered = new Map<string, number>()
  async function compare (pair: Pair, what: string, ask: Ask, headers: Record<string, string>) {
    const answers = []
    for (const [i, twin] of twins.entries()) {
      const row = pair.rows[i] as Columns
      const [method, path, payload, more = {}] = ask(twin, Number(row.version), { as: pair.reader })
      const response = await app.inject({ method: method as 'GET', url: `/v1${path}`, headers: { ...headers, ...more }, ...payload !== undefined && { payload } })
      if (response.statusCode >= 500) wrong.push(`${what}: ${response.statusCode} ${response.body}`)
      answers.push(told(response, twin, [String(row.username), String(row.email)]))
    }
    asked++
    const [status] = JSON.parse(String(answers[0])) as [number]
    answered.set(`${pair.reader} ${status}`, (answered.get(`${pair.reader} ${status}`) ?? 0) + 1)
    if (answers[0] !== answers[1]) wrong.push(`${what} for ${pair.reader}: ${apart(answers)}`)
  }

  for (const [at, reader] of READERS.entries()) {
    const questions = reader === 'self' ? SELF : [...EVERYBODY, ...OWN]
    const headers: Record<string, string> = reader === 'public' ? {} : reader === 'member' ? ada.headers : grace.headers
    for (const [i, pair] of fc.sample(pairsFor(reader), { numRuns: Math.ceil(PAIRS / READERS.length), seed: SEED + at }).entries()) {
      put(pair)
      // In turn, so that each is asked as often as the others.
      for (let n = i * ASKED; n < (i + 1) * ASKED; n++) await compare(pair, `question ${n % questions.length}`, questions[n % questions.length] as Ask, headers)
      if (reader === 'self' || i % Math.floor(PAIRS / RESETS) !== 0) continue
      raw.exec(`update users set email_held_until = null, email = 'x-' || id || '@example.com' where id in (${twins.map(({ id }) => id).join()})`)
      for (const { id, mark } of twins) await core.db.write((tx) => tx.codes.insert({ userId: id, purpose: 'reset_password', email: `x-${id}@example.com`, hash: seal.hash(`code ABCDEFGHJ${mark === 'a' ? 'A' : 'B'}`), expiresAt: Date.now() + 60_000 }))
      await compare(pair, 'reset', ({ mark }, version) => ['POST', '/password/reset', { code: `ABCDE-FGHJ${mark === 'a' ? 'A' : 'B'}`, password: 'somebody was quicker' }, { 'if-match': `"${version - 1}-x"` }], headers)
    }
  }
  t.comment(`${asked} questions about ${PAIRS} pairs, VISAGE_SEED=${SEED}`)
  for (const reader of READERS) t.ok((answered.get(`${reader} 200`) ?? 0) > 100 && answered.has(`${reader} 412`), `${reader}: ${[...answered].join(' ')}`)
  t.same(wrong.slice(0, 4), [], `${wrong.length} wrong, VISAGE_SEED=${SEED}`)
})

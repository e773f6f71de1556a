import { createHash, randomBytes } from 'node:crypto'
import type { Attributes, UserRow, Visibility } from '../../src/db/users.ts'
import { openSql } from '../engines.ts'
import type { Built } from '../helper.ts'

/** A person as the reference knows them: what was put in, never what the program says. */
export interface Known extends Pick<UserRow, 'id' | 'username' | 'email' | 'phone' | 'realName' | 'firstName' | 'lastName' | 'location' | 'description' | 'gender' |
  'website' | 'language' | 'role' | 'extId' | 'dateOfBirth' | 'positionLatLng' | 'locationLatLng' | 'isStaff' | 'isAdmin' | 'isActive' | 'avatar' | 'createdAt' | 'updatedAt' | 'lastLoginAt' | 'lastSeenAt' | 'deletedAt'> {
  attributes: Attributes
  visibility: Visibility
  groups: number[]
  tags: number[]
  hasToken: boolean
}

const FIRST = ['Ada', 'Grace', 'Zoë', 'José', 'Léa', 'Maja', 'Noor', 'İlker', 'ΟΔΥΣΣΕΥΣ', 'Иван', 'ṻna', '山田', 'Straße', 'ﬁona', 'an "x" y', '100%_', 'Łukasz', 'Đorđe', 'علی\u200cرضا', 'Æthel\u00adstan']
const LAST = ['Lovelace', 'Hopper', 'Ünal', 'Núñez', 'Le-Duc', 'van der Berg', 'Ο΄Κάλος', 'Петров', '太郎', "O'Neil", 'A', 'ab']
const PLACES = ['London', 'København', 'São Paulo', 'Zürich', 'zug', 'Zug', '', '', 'İstanbul']
const JOBS = ['Engineer', 'ingénieure', 'Poet', '', 'Über-Chef']
const POINTS = ['51.5,-0.12', '51.6, -0.2', '48.8,2.35', '-33.9,151.2', '0,0', '', '']
const GENDERS = ['male', 'female', 'non-binary', 'unspecified'] as const
const NARROWABLE = ['realName', 'gender', 'location', 'description', 'bio', 'attributes.nickname', 'attributes.badge', 'attributes.size']
const DAY = 86_400_000

export const FIELDS = [
  { key: 'nickname', type: 'string', read: 'public', isSearchable: true },
  { key: 'badge', type: 'string', read: 'member', isSearchable: true },
  { key: 'secret', type: 'string', read: 'self', isSearchable: true },
  { key: 'size', type: 'integer', read: 'public', isSearchable: true },
  { key: 'quiet', type: 'string', read: 'public', isSearchable: false },
] as const

/** Two invisible, one inactive. */
export const TAGS = [{ id: 1, isVisible: 1, isActive: 1 }, { id: 2, isVisible: 0, isActive: 1 }, { id: 3, isVisible: 1, isActive: 0 }, { id: 4, isVisible: 1, isActive: 1 }]
export const GROUPS = [1, 2, 3, 4]

/** Fills a service with so many people of all kinds. */
export async function populate ({ core, dataDir }: Built, count: number, random: (below: number) => number): Promise<Known[]> {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const some = (chance: number): boolean => random(100) < chance
  const now = Date.now()
  const people: Known[] = []
  await core.db.write(async (tx) => {
    for (const field of FIELDS) await tx.profileFields.insert(field.key, { ...field, label: '', options: [], isMandatory: false, isEditable: true, write: 'self' }, now)
    for (const id of GROUPS) await tx.groups.insert({ name: `group ${id}`, notes: '', at: now })
  })
  for (let start = 0; start < count; start += 250) {
    await core.db.write(async (tx) => {
      for (let i = start; i < Math.min(start + 250, count); i++) {
        const [first, last] = [pick(FIRST), pick(LAST)]
        const created = now - random(900) * DAY - random(DAY)
        const attributes = Object.fromEntries(FIELDS.flatMap(({ key, type }) => some(30) ? [[key, type === 'integer' ? random(50) : `${pick(FIRST)} ${pick(JOBS)}`.trim()]] : []).sort())
        const visibility = Object.fromEntries(NARROWABLE.flatMap((word) => some(10) ? [[word, pick(['member', 'self'] as const)]] : []).sort())
        const row = await tx.users.insert({
          username: `${pick(['ada', 'Bob', 'c-d_e', 'zoe', 'qu'])}${random(1_000_000)}${i}`,
          email: some(70) ? `${pick(['a', 'Info', 'x.y'])}${i}@${pick(['example.com', 'Mail.test'])}` : null,
          phone: some(40) ? `+1-555-${String(random(10_000)).padStart(4, '0')}` : null,
          realName: some(80) ? `${first} ${last}` : '',
          firstName: some(70) ? first : '',
          lastName: some(70) ? last : '',
          location: pick(PLACES),
          description: pick(JOBS),
          gender: pick(GENDERS),
          website: some(20) ? `https://${pick(['a', 'B'])}.example.com` : '',
          language: pick(['en', 'de']),
          role: some(10) ? pick(['editor', 'moderator'] as const) : null,
          extId: some(20) ? `Ext-${i}` : null,
          dateOfBirth: some(60) ? new Date(now - random(80 * 365) * DAY).toISOString().slice(0, 10) : null,
          positionLatLng: pick(POINTS),
          locationLatLng: pick(POINTS),
          isStaff: some(5),
          isAdmin: some(3),
          isActive: some(90),
          avatar: some(40) ? randomBytes(16).toString('hex') : null,
          createdAt: created,
          updatedAt: created + random(400) * DAY,
          lastLoginAt: some(60) ? created + random(300) * DAY : null,
          lastSeenAt: some(50) ? now - (some(50) ? random(60_000) : 10 * 60_000 + random(DAY)) : null,
          deletedAt: some(5) ? now : null,
          attributes,
          visibility,
        })
        const groups = GROUPS.filter(() => some(15))
        await tx.users.replaceGroups(row.id, groups)
        const token = random(8)
        const key = { userId: row.id, name: '', prefix: 'x', hash: createHash('sha256').update(String(i)).digest('hex'), createdAt: now, expiresAt: null, sessionId: null }
        const session = { userId: row.id, refreshId: String(i), device: '', address: '', createdAt: now, expiresAt: now + (token === 5 ? -1 : DAY) }
        if (token === 1) await tx.keys.insert(key)
        if (token === 2) await tx.keys.insert({ ...key, expiresAt: now - 1 })
        if (token === 3) await tx.keys.revoke((await tx.keys.insert({ ...key, expiresAt: now + DAY })).id, now)
        if (token === 4 || token === 5) await tx.keys.insert({ ...key, sessionId: (await tx.sessions.insert(session)).id })
        people.push({ ...row, groups, tags: TAGS.filter(() => some(20)).map(({ id }) => id), hasToken: token === 1 || token === 4 })
      }
    })
  }
  const file = openSql(dataDir)
  const addTag = file.prepare("insert into tags (id, name, color, is_visible, is_active, created_at) values (?, ?, '#000000', ?, ?, 0)")
  const giveTag = file.prepare('insert into taggings (user_id, tag_id) values (?, ?)')
  file.transaction(() => {
    for (const { id, isVisible, isActive } of TAGS) addTag.run(id, `tag ${id}`, isVisible, isActive)
    for (const { id, tags } of people) for (const tag of tags) giveTag.run(id, tag)
  })()
  file.close()
  return people
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { indexTables, openSql } from '../engines.ts'
import { build, form, signUp, tokenOf, writeContact } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { filesOf } from '../images/sets.ts'

export const ORIGIN = 'https://people.example.com/id'
/** What the personal family shows of it: clients put the rest in front. */
export const PATH = '/id'

/** A person as it is stored: every column under its own name, and the ids of the groups. */
export type Row = Record<string, string | number | null | number[]>

/** The database file through a connection that is not the service's own. */
export interface Store {
  row: (id: number) => Row
  set: (id: number, columns: Record<string, string | number | null>) => void
  /** What is stored of a person's pictures, by name. */
  pictures: (id: number) => Map<unknown, Row>
  /** Everything that an edit could touch. */
  dump: () => Record<string, unknown[]>
  sql: Sqlite.Database
}

export function openStore (t: Test, dataDir: string): Store {
  const sql = openSql(dataDir)
  t.teardown(() => sql.close())
  const groupsOf = (id: number) => sql.prepare('select group_id from memberships where user_id = ? order by group_id').pluck().all(id) as number[]
  // Presence is put down by the clock, not by requests; presence.test.ts looks at it.
  const unseen = <R extends object>(row: R): R => ({ ...row, last_seen_at: null })
  return {
    sql,
    row: (id) => ({ ...unseen(sql.prepare('select * from users where id = ?').get(id) as Row), groups: groupsOf(id) }),
    pictures: (id) => new Map((sql.prepare('select * from pictures where user_id = ?').all(id) as Row[]).map((row) => [row.name, row])),
    set (id, columns) {
      const names = Object.keys(columns)
      sql.prepare(`update users set ${names.map((name) => `${name} = ?`).join()} where id = ?`).run(...Object.values(columns), id)
      if ('email' in columns || 'phone' in columns) writeContact(sql, id)
    },
    dump: () => ({
      users: (sql.prepare('select * from users order by id').all() as object[]).map(unseen),
      keys: (sql.prepare('select * from keys order by id').all() as object[]).map((row) => ({ ...row, last_used_at: null })),
      ...Object.fromEntries(['groups', 'memberships', 'changes', 'profile_fields', 'avatars', 'pictures', 'taggings', 'contacts', ...indexTables].map((table) => [table, sql.prepare(`select * from ${table} order by 1, 2`).all()])),
    }),
  }
}

/** The declared fields that every service begins with, as they are stored of Ada; `but` says otherwise, with '' for nothing. */
export function attributes (but: Record<string, string> = {}): string {
  const all = Object.entries({ company_name: 'Engines', company_role: 'Founder', ...but })
  return JSON.stringify(Object.fromEntries(all.filter(([, value]) => value !== '')))
}

/** Nothing here is what a new account begins with, so whatever is lost shows. */
const ADA = {
  email_confirmed: 1, real_name: 'Ada Lovelace', first_name: 'Ada', last_name: 'Lovelace', phone: '5550157', gender: 'female',
  date_of_birth: '1815-12-10', bio: 'First.', description: 'Analyst', website: 'https://ada.example.com/', location: 'London',
  location_lat_lng: '51.5,-0.1', position_lat_lng: '51.6,-0.2', attributes: attributes(),
  ext_id: 'crm-1', reg_approved: 1, community_badge: 1, can_receive_messages: 1, reputation: 3, followings: 4, followers: 5, posts: 6,
  discussions: 7, statuses: 8, polls: 9, categories: 10, unseen_interactions: 11, unseen_banners: 12,
  version: 7, created_at: 1_672_574_400_000, updated_at: 1_754_490_225_123, last_login_at: 1_700_000_000_000,
}

export interface World extends Built {
  store: Store
  /** Somebody ordinary, whom every case is about. */
  ada: Person
  bob: Person
  admin: Person
  /** The admin's API token. */
  token: { authorization: string }
  /** Puts Ada and her pictures back to where every case begins. */
  reset: () => void
  file: (kind: 'avatar' | 'cover', name: unknown) => string
  /** All sizes of a picture: where they are or would be. */
  set: (kind: 'avatar' | 'cover', name: unknown) => string[]
}

/** A service with three people and three groups (`one`, `two`, `three`); Ada is in the first two. */
export async function createWorld (t: Test, options: Options = {}): Promise<World> {
  const built = await build(t, { publicUrl: ORIGIN, ...options })
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const bob = await signUp(built, 'bob')
  const admin = await signUp(built, 'regina', { isAdmin: true })
  const token = await tokenOf(built, admin)
  for (const name of ['one', 'two', 'three']) await app.inject({ method: 'POST', url: '/api/users/groups/', headers: token, payload: { name } })

  const { payload, headers } = form([['avatar', { file: await picture() }], ['cover', { file: await picture({ width: 96 }) }]])
  const uploaded = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: { ...ada.headers, ...headers }, payload })
  if (uploaded.statusCode !== 200) throw new Error(`pictures of Ada: ${uploaded.body}`)

  const store = openStore(t, dataDir)
  store.set(ada.id, ADA)
  store.sql.prepare('insert into memberships (user_id, group_id) values (?, 1), (?, 2)').run(ada.id, ada.id)
  const { groups: _, last_seen_at: __, ...columns } = store.row(ada.id)
  const file: World['file'] = (kind, name) => join(dataDir, 'media', `${kind}s`, `${name}.webp`)
  const set: World['set'] = (kind, name) => filesOf(`${kind}s`, String(name)).map((each) => join(dataDir, 'media', `${kind}s`, each))
  const files = (['avatar', 'cover'] as const).flatMap((kind) => set(kind, columns[kind])).map((path) => ({ path, bytes: readFileSync(path) }))
  const pictures = [...store.pictures(ada.id).values()]
  const insert = store.sql.prepare(`insert into pictures values (${Object.keys(pictures[0] ?? {}).map((name) => `@${name}`).join()})`)

  function reset (): void {
    store.set(ada.id, columns as Record<string, string | number | null>)
    store.sql.prepare('delete from memberships where user_id = ?').run(ada.id)
    store.sql.prepare('insert into memberships (user_id, group_id) values (?, 1), (?, 2)').run(ada.id, ada.id)
    store.sql.prepare('delete from avatars where user_id = ?').run(ada.id)
    store.sql.prepare('insert into avatars (user_id, name, uploaded_at) values (?, ?, 1)').run(ada.id, columns.avatar)
    store.sql.prepare('delete from pictures where user_id = ?').run(ada.id)
    for (const row of pictures) insert.run(row)
    for (const { path, bytes } of files) if (!existsSync(path)) writeFileSync(path, bytes)
  }
  return { ...built, store, ada, bob, admin, token, reset, file, set }
}

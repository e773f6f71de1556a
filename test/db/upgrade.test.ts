import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { drizzle, migrate } from '../../src/db/drizzle.ts'
import { build, folderFor } from '../helper.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

t.test('a folder from before there were declared fields, collections and an index', async (t) => {
  const dataDir = folderFor(t)
  const early = join(dataDir, 'early')
  mkdirSync(join(early, 'meta'), { recursive: true })
  const journal = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
  const entries = journal.entries.slice(0, 2)
  for (const { tag } of entries) cpSync(join(MIGRATIONS, `${tag}.sql`), join(early, `${tag}.sql`))
  writeFileSync(join(early, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))

  const picture = 'a'.repeat(32)
  const old = new Sqlite(join(dataDir, 'visage.db'))
  migrate(drizzle(old), { migrationsFolder: early })
  const insert = old.prepare('insert into users (username, real_name, company_name, company_role, avatar, created_at, updated_at) values (?, ?, ?, ?, ?, 1, 2)')
  old.transaction(() => {
    insert.run('ada', 'Ada Lovelace', 'Engines', '', picture)
    insert.run('grace', 'Grace', '', 'Admiral "of" the \\ fleet', null)
    for (let i = 0; i < 1_200; i++) insert.run(`person-${i}`, '', '', '', null)
  })()
  old.close()

  const { app, core } = await build(t, { dataDir, publicDirectory: true })
  const shown = async (id: number) => (await app.inject({ url: `/api/v2/user/${id}/` })).json<object>()
  t.match(await shown(1), { username: 'ada', company_name: 'Engines', company_role: '' })
  t.match(await shown(2), { company_name: '', company_role: 'Admiral "of" the \\ fleet' })
  t.same((await core.db.read.users.find(3))?.attributes, {})
  t.same(await core.db.read.avatars.namesOf(1), [picture])
  const found = async (word: string) => (await app.inject({ url: `/api/v2/user/search/?user=${word}` })).json<{ count: number }>().count
  t.equal(await found('lovelace'), 1)
  t.equal(await found('person-1199'), 1, 'everybody is in the index, however many there are')
  t.equal(await found('person'), 1_200)
})

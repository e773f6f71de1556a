import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import t from 'tap'
import { COMMANDS } from '../../src/commands/index.ts'
import { build, folderFor } from '../helper.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/** The database of a folder as it was after the first so many migrations. */
function openOld (dataDir: string, count: number): Sqlite.Database {
  const early = join(dataDir, 'early')
  mkdirSync(join(early, 'meta'), { recursive: true })
  const journal = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
  const entries = journal.entries.slice(0, count)
  for (const { tag } of entries) cpSync(join(MIGRATIONS, `${tag}.sql`), join(early, `${tag}.sql`))
  writeFileSync(join(early, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
  const old = new Sqlite(join(dataDir, 'visage.db'))
  migrate(drizzle(old), { migrationsFolder: early })
  return old
}

t.test('a folder from before there were declared fields, collections and an index', async (t) => {
  const dataDir = folderFor(t)
  const picture = 'a'.repeat(32)
  const old = openOld(dataDir, 2)
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

t.test('A8 a folder from before the life of a token had an end', async (t) => {
  const dataDir = folderFor(t)
  const old = openOld(dataDir, 7)
  old.prepare('insert into users (username, created_at, updated_at) values (\'ada\', 1, 2)').run()
  const now = Date.now()
  /** Milliseconds as they were stored, and what is told of them now. */
  const lives: [expiresAt: number | null, told: string | null][] = [
    [null, null],
    [now + 60_000, new Date(now + 60_000).toISOString()],
    [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
    [253_402_300_800_000, null],
    [now + 1e13 * 1_000, null],
    [8_640_000_000_000_001, null],
    [Number.MAX_SAFE_INTEGER * 1_000 + now, null],
  ]
  const insert = old.prepare('insert into keys (user_id, name, hash, prefix, created_at, expires_at) values (1, ?, ?, ?, 1, ?)')
  const secrets = lives.map((_, i) => String(i).repeat(40))
  for (const [i, [expiresAt]] of lives.entries()) insert.run(`token ${i}`, createHash('sha256').update(secrets[i] ?? '').digest('hex'), 'prefix', expiresAt)
  old.close()

  const { app, core } = await build(t, { dataDir })
  for (const secret of secrets) {
    const headers = { authorization: `Token ${secret}` }
    for (const url of ['/api/profile/tokens/', '/api/users/me/tokens/', '/api/v2/user/me/tokens/']) {
      const response = await app.inject({ url, headers })
      t.equal(response.statusCode, 200, `${url}: ${response.body}`)
      t.same(response.json<{ expires_at: string | null }[]>().map(({ expires_at: at }) => at && new Date(at).toISOString()), lives.map(([, told]) => told))
    }
  }
  t.match(await COMMANDS['tokens list']?.run(core, { username: 'ada' }, () => {}), /"expires_at": "9999-12-31T23:59:59\.999Z"/)
})

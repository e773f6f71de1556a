import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { peopleQueries, FUNCTIONS } from '../../src/db/directory/index.ts'
import type { Order, Place } from '../../src/db/directory/index.ts'
import { dbOf } from '../../src/db/drizzle.ts'
import { openDatabase } from '../../src/db/index.ts'
import type { Database } from '../../src/db/index.ts'
import { readingOn } from '../../src/db/sqlite/reading.ts'

/** What there is more of the more accounts there are. */
const GROWING = ['users', 'avatars', 'pictures', 'memberships', 'taggings', 'sessions', 'keys', 'codes', 'mails', 'changes', 'faces', 'contacts', 'second_factors', 'recovery_codes', 'tickets', 'invitations', 'search_1', 'search_2', 'search_1_docsize', 'search_2_docsize', 'search_1_idx', 'search_2_idx']

/** What walks through such a table all the same, and why that is right. */
const FAST: [statement: RegExp, why: string][] = [
  [/select user_id from contacts where phone is null limit/, 'an index of those alone whose number is not worked out, which are none after the first start'],
  [/^select \(select count\(\*\) from "users"\)/, 'SQLite counts the entries of a small index without reading them: 0.3 ms of 300,000'],
  [/^select "id" from "users" where \("users"."is_admin" = 1 /, 'an index of the admins alone'],
  [/^select "id" from "users" limit \?$/, 'the first of them'],
  [/^select "(secret|sealed)" from "(second_factors|mails)" order by /, 'once in the life of a folder, to see what its key sealed'],
  [/^(select count\(\*\)|delete) from "(second_factors|recovery_codes|mails|codes|invitations)"$/, 'for an operator who has lost the key that sealed all of them'],
  [/^select "user_id" from "second_factors" where "second_factors"."confirmed_at" is not null$/, 'the same'],
  [/^select count\(\*\) from "invitations" where "invitations"."expires_at" > \?$/, 'of an index of times alone, when staff ask how many there are'],
  [/^select "at" from "changes" order by "changes"."id" desc limit \?$/, 'the last of them'],
  [/^with recursive actors /, 'from one who did something to others to the next, and of them there are few'],
]

/** Every statement that is prepared while a database is opened and used: those of the main thread, because the others have a driver of their own. */
async function statementsOf (dataDir: string, use: (db: Database) => Promise<unknown>): Promise<string[]> {
  const texts = new Set<string>()
  const { prepare } = Sqlite.prototype
  Sqlite.prototype.prepare = function noting (this: Sqlite.Database, text: string) {
    texts.add(text)
    return prepare.call(this, text)
  } as typeof prepare
  try {
    const db = await openDatabase({ dataDir, exclusive: true })
    // Those of a noun are prepared when it is first asked for.
    Object.values(db.read)
    await use(db)
    await db.close()
  } finally {
    Sqlite.prototype.prepare = prepare
  }
  return [...texts].filter((text) => /^\s*(select|insert|update|delete|with)\b/i.test(text))
}

t.test('C5 no statement of the main thread reads a table from end to end that grows with the accounts', async (t) => {
  const dataDir = t.testdir({})
  await (await openDatabase({ dataDir, exclusive: true })).close()
  // Some are prepared when they are needed.
  const statements = await statementsOf(dataDir, async ({ read, write }) => {
    await read.profileFields.countAccounts()
    await read.changes.goneActors()
    await read.tags.list({ search: 'a' }, [], 10, 0)
    await write(async (tx) => {
      const { id } = await tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 })
      await tx.users.update(id, { phone: '1' })
    })
  })
  t.ok(statements.length > 100, `${statements.length} statements`)

  const engine = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.teardown(() => { engine.close() })
  for (const name of ['folded', 'dialled']) engine.function(name, (text: unknown) => text)
  const walks = (text: string): string[] => {
    const plan = engine.prepare(`explain query plan ${text}`).all(...Array.from(text.matchAll(/\?/g), () => null)) as { detail: string }[]
    return plan.map(({ detail }) => detail).filter((step) => GROWING.some((table) => {
      if (step.startsWith(`SCAN ${table} VIRTUAL TABLE`)) return !/INDEX 0:=|INDEX 64:>/.test(step) || (step.includes('64:>') && !/\blimit\b/.test(text))
      const isRange = step.startsWith(`SEARCH ${table} `) && /[<>]\?\)$/.test(step) && !/\([^()]*=\?/.test(step)
      return step.startsWith(`SCAN ${table}`) || (isRange && !/\blimit\b/.test(text))
    }))
  }
  const slow = statements.filter((text) => !FAST.some(([statement]) => statement.test(text))).flatMap((text) => walks(text).map((step) => `${step}: ${text.slice(0, 200)}`))
  t.same(slow, [])
  for (const [statement, why] of FAST) t.ok(statements.some((text) => statement.test(text) && walks(text).length > 0), why)
})

t.test('C5 whoever has a phone number is found by an index', async (t) => {
  const dataDir = t.testdir({})
  await (await openDatabase({ dataDir, exclusive: true })).close()
  const statement = (await statementsOf(dataDir, async () => undefined)).find((text) => text.includes('"contacts"."phone" = ?'))
  const engine = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.teardown(() => { engine.close() })
  const plan = engine.prepare(`explain query plan ${statement}`).all(...Array.from(String(statement).matchAll(/\?/g), () => null)) as { detail: string }[]
  t.ok(plan.some(({ detail }) => /^SEARCH contacts USING (COVERING )?INDEX contacts_phone \(phone=\?\)$/.test(detail)), JSON.stringify(plan))
  t.ok(plan.some(({ detail }) => detail === 'SEARCH users USING INTEGER PRIMARY KEY (rowid=?)'), JSON.stringify(plan))
})

t.test('C5 where an index gives the order of a list, a page begins in it and sorts nobody', async (t) => {
  const dataDir = t.testdir({})
  await (await openDatabase({ dataDir, exclusive: true })).close()
  const engine = new Sqlite(join(dataDir, 'visage.db'))
  t.teardown(() => { engine.close() })
  for (const [name, call] of Object.entries(FUNCTIONS)) engine.function(name, { deterministic: true }, call as (...args: unknown[]) => unknown)
  const texts: string[] = []
  const { prepare } = engine
  engine.prepare = ((text: string) => {
    texts.push(text)
    return prepare.call(engine, text)
  }) as typeof prepare
  const { findPage } = peopleQueries(dbOf(engine), readingOn(engine))
  const page = async (by: Order['by'], direction: Order['direction'], after?: Place): Promise<string[]> => {
    texts.length = 0
    await findPage({ reader: 1, beyond: [], attributes: { ofAll: [], own: [], shown: 'all' }, where: [{ is: 'equal', field: 'isActive', value: true, shown: 'all', hiddenAs: null }], order: [{ by, direction, shown: 'all' }], limit: 20, after })
    return texts.filter((text) => text.includes('limit')).flatMap((text) => ((prepare.call(engine, `explain query plan ${text}`) as Sqlite.Statement<unknown[]>).all(...Array.from(text.matchAll(/\?/g), () => null)) as { detail: string }[]).map(({ detail }) => detail))
  }
  const KEY = 'SEARCH users USING INTEGER PRIMARY KEY'
  for (const [direction, sign] of [['asc', '>'], ['desc', '<']] as const) {
    t.same(await page('id', direction), ['SCAN users'])
    t.same(await page('id', direction, [5, 5]), [`${KEY} (rowid${sign}?)`])
    t.same(await page('username', direction), ['SCAN users USING INDEX users_username'])
    t.same(await page('username', direction, ['ada', 5]), [`SEARCH users USING INDEX users_username (<expr>${sign}?)`])
    t.same(await page('createdAt', direction), ['SCAN users USING INDEX users_created', ...direction === 'desc' ? ['USE TEMP B-TREE FOR LAST TERM OF ORDER BY'] : []])
    t.same(await page('createdAt', direction, [5, 5]), ['SCAN users USING INDEX users_created', ...direction === 'desc' ? ['USE TEMP B-TREE FOR LAST TERM OF ORDER BY'] : []])
    const [filled, empty] = [`SEARCH users USING INDEX users_email (<expr>${sign}?)`, 'SEARCH users USING INDEX users_email (<expr>=? AND rowid>?)']
    t.same(await page('email', direction, ['ada@example.com', 5]), direction === 'asc' ? [filled] : [filled, 'SEARCH users USING INDEX users_email (<expr>=?)'], 'who has an address')
    t.same(await page('email', direction, [null, 5]), direction === 'asc' ? [empty, 'SCAN users USING INDEX users_email'] : [empty], 'who has none')
  }
})

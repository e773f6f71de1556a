import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/index.ts'
import type { Database } from '../../src/db/index.ts'
import { createPool } from '../../src/db/postgres/client.ts'
import { openFields } from '../../src/db/postgres/fields.ts'
import { openPostgres } from '../../src/db/postgres/open.ts'
import { tables } from '../../src/db/tables.ts'
import { folded } from '../../src/db/fold.ts'
import { dialled } from '../../src/db/phone.ts'
import { startPostgres } from '../postgres.ts'
import { settled } from '../sockets/listening.ts'

// What is PostgreSQL's own affair; what both engines promise is in the conformance suite.

const server = await startPostgres('18')

const openIn = async (t: Test, url: string, { exclusive = true } = {}): Promise<Database> => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive, url, connections: 6 })
  t.teardown(() => db.close())
  return db
}
const query = async <Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> => {
  const pool = createPool({ connectionString: url, max: 1 })
  try {
    return (await pool.query<Row>(text, values)).rows
  } finally {
    await pool.end()
  }
}
const ada = (db: Database) => db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))

t.test('what keeps it from being opened is told in one line, without the password', async (t) => {
  const url = await server.createDatabase()
  const refused = async (address: string, says: RegExp) => {
    const error = await openDatabase({ dataDir: t.testdir({}), exclusive: true, url: address }).then(() => undefined, (reason: Error) => reason)
    t.match(error, { name: 'FolderError', message: says }, address)
    t.notMatch(error?.message, /hunter2|\n/)
  }
  await refused('postgres://ada:hunter2@127.0.0.1:1/visage', /^VISAGE_DATABASE_URL: the database at postgres:\/\/127\.0\.0\.1:1\/visage cannot be opened: .*ECONNREFUSED/)
  await refused(url.replace('visage@', 'visage:hunter2@').replace(/t\d+_\d+/, 'nowhere'), /database "nowhere" does not exist$/)
  const other = await server.createDatabase('template0', "encoding 'SQL_ASCII' locale_provider libc locale 'C'")
  await refused(other, /^the database does not know Unicode's letters: make it with `create database/)
  t.same(await query(other, "select tablename from pg_tables where schemaname = 'public'"), [], 'nothing was made in it')
})

t.test('one server at a time, and commands beside it', async (t) => {
  const url = await server.createDatabase()
  const db = await openIn(t, url)
  await t.rejects(openDatabase({ dataDir: t.testdir({}), exclusive: true, url }), { code: 'INSTANCE_LOCKED', message: 'another server is running on this database' })
  const beside = await openIn(t, url, { exclusive: false })
  t.equal(await beside.lock(), undefined)
  await ada(beside)
  t.match(await db.read.users.findByUsername('ADA'), { id: 1 })
  await db.close()
  const lock = await beside.lock()
  t.not(lock, undefined)
  await lock?.release()
})

t.test('a server whose place may be taken writes nothing until it has it again', async (t) => {
  const url = await server.createDatabase()
  const db = await openIn(t, url)
  await ada(db)
  const [holder] = await query<{ pid: number }>(url, "select pid from pg_locks where locktype = 'advisory'")
  const other = createPool({ connectionString: url, max: 1 })
  const client = await other.connect()
  // Whoever waits already is the first to have it.
  const taken = client.query('select pg_advisory_lock(5646002)')
  await untilIt(async () => {
    const [waits] = await query(url, "select 1 from pg_locks where locktype = 'advisory' and not granted")
    if (waits === undefined) throw Object.assign(new Error('nobody waits yet'), { code: 'DATABASE_BUSY' })
  })
  await query(url, 'select pg_terminate_backend($1)', [holder?.pid])
  await taken
  await t.rejects(db.write((tx) => tx.users.update(1, { bio: 'new' })), { code: 'DATABASE_BUSY' })
  t.match(await db.probes.database(), /place of the one server is lost/)
  t.match(await db.read.users.find(1), { bio: '' })
  client.release(true)
  await other.end()
  await t.resolves(untilIt(() => db.write((tx) => tx.users.update(1, { bio: 'new' }))))
})

/** Tries until it does, for ten seconds at most. */
async function untilIt<T> (work: () => Promise<T>): Promise<T> {
  const giveUp = performance.now() + 10_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if ((error as { code?: string }).code !== 'DATABASE_BUSY' || performance.now() > giveUp) throw error
      await new Promise(setImmediate)
    }
  }
}

t.test('a restart of the server is an answer of busy, and then over', async (t) => {
  const own = await startPostgres('18')
  const url = await own.createDatabase()
  const db = await openIn(t, url)
  await ada(db)
  await own.stop('SIGQUIT')
  await t.rejects(db.write((tx) => tx.users.update(1, { bio: 'new' })), { code: 'DATABASE_BUSY' })
  await t.rejects(db.read.users.find(1), { code: 'DATABASE_BUSY' })
  await own.start()
  t.match(await untilIt(() => db.write((tx) => tx.users.update(1, { bio: 'new' }))), { bio: 'new' })
  t.match(await db.read.users.find(1), { bio: 'new' })
  await db.close()
  await own.stop()
})

t.test('an answer to a commit that is lost is told as uncertain', async (t) => {
  const url = await server.createDatabase()
  const proxy = await startProxy(t, url)
  const db = await openIn(t, proxy.url)
  await ada(db)
  proxy.dropsCommits = true
  await t.rejects(db.write((tx) => tx.users.update(1, { bio: 'new' })), { code: 'DATABASE_UNCERTAIN' })
  proxy.dropsCommits = false
  t.match(await untilIt(() => db.read.users.find(1)), { bio: 'new' }, 'it was done')
})

/** Stands between, and can end a connection that asks for a commit as soon as that was passed on and answered. */
async function startProxy (t: Test, url: string): Promise<{ url: string, dropsCommits: boolean }> {
  const { searchParams, pathname } = new URL(url)
  const at = { url: '', dropsCommits: false }
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const behind = connect(join(searchParams.get('host') ?? '', '.s.PGSQL.5432'))
    let isCommitting = false
    for (const socket of [client, behind]) sockets.add(socket.on('error', () => {}))
    client.on('data', (said) => {
      isCommitting = at.dropsCommits && said.toString('latin1').includes('commit')
      behind.write(said)
    }).on('close', () => behind.destroy())
    behind.on('data', (said) => { if (isCommitting) client.destroy(); else client.write(said) }).on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => { for (const socket of sockets) socket.destroy(); listener.close() })
  at.url = `postgres://visage@127.0.0.1:${(listener.address() as AddressInfo).port}${pathname}`
  return at
}

t.test('works of which each meets all others end all the same', async (t) => {
  const url = await server.createDatabase()
  const databases = [await openIn(t, url), await openIn(t, url, { exclusive: false })] as const
  await ada(databases[0])
  const ends = await Promise.allSettled(Array.from({ length: 120 }, (_, i) => databases[i % 2 as 0 | 1].write(async (tx) => {
    const before = await tx.users.find(1)
    await nextTurn()
    await tx.users.update(1, { bio: `${before?.bio}x` })
  })))
  t.same(ends.filter(({ status }) => status === 'rejected'), [])
  t.match(await databases[0].read.users.find(1), { bio: 'x'.repeat(120) })
})

t.test('works that meet are run again, and give up in the end', async (t) => {
  const url = await server.createDatabase()
  const db = await openIn(t, url)
  await ada(db)
  let runs = 0
  await t.rejects(db.write(async (tx) => {
    runs++
    await tx.users.find(1)
    await query(url, 'update users set version = version + 1 where id = 1')
    await tx.users.update(1, { bio: 'new' })
  }), { code: 'DATABASE_BUSY' })
  t.equal(runs, 8)
  t.match(await db.read.users.find(1), { bio: '' })
})

t.test('its tables are those of the one schema', async (t) => {
  const url = await server.createDatabase()
  await openIn(t, url)
  const rows = await query<{ table_name: string, column_name: string }>(url, "select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2")
  const own = new Set(['__drizzle_migrations', '__visage', 'search', 'head_counts', 'uses'])
  const there = rows.filter(({ table_name: table }) => !own.has(table)).map(({ table_name: table, column_name: column }) => `${table}.${column}`)
  t.same(there.toSorted(), tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column}`)).toSorted())
})

t.test('how many people there are is known without reading them, whoever makes, hides and removes them', async (t) => {
  const url = await server.createDatabase()
  const db = await openIn(t, url)
  const count = () => db.countPeople({ where: [], reader: null, beyond: [], attributes: { ofAll: [], own: [], shown: 'all' } })
  const isRight = async (expected: number, what: string) => {
    t.equal(await count(), expected, what)
    t.equal(await db.read.checks.miscount(), undefined, what)
  }
  const new30 = Array.from({ length: 30 }, (_, i) => ({ username: `ada${i}`, createdAt: 1, updatedAt: 1 }))
  await Promise.all(new30.map((person) => db.write((tx) => tx.users.insert(person))))
  await isRight(30, 'made')
  await db.write(async (tx) => {
    await tx.users.update(1, { deletedAt: 5 })
    await tx.users.update(2, { deletedAt: 5, bio: 'gone' })
    await tx.users.update(3, { bio: 'there' })
  })
  await isRight(28, 'hidden')
  await db.write(async (tx) => {
    await tx.users.update(1, { deletedAt: null })
    await tx.users.update(2, { deletedAt: 6 })
  })
  await isRight(29, 'restored')
  await db.write((tx) => tx.users.remove(2))
  await db.write((tx) => tx.users.remove(3))
  await isRight(28, 'removed')
  await t.rejects(db.write(async (tx) => {
    await tx.users.remove(4)
    throw new Error('not so')
  }), { message: 'not so' })
  await isRight(28, 'undone')
  await query(url, "insert into users (username, created_at, updated_at, deleted_at) select 'x' || n, 1, 1, nullif(n % 2, 0) from generate_series(1, 10) as n")
  await isRight(33, 'by hand')

  await query(url, 'update head_counts set people = people + 1 where slot = (select max(slot) from head_counts)')
  t.same(await db.read.checks.miscount(), { kept: 34, counted: 33 })
  const core = await openService({ config: { ...loadConfig({}), dataDir: t.testdir({}), databaseUrl: url }, exclusive: false })
  const findings: object[] = []
  await core.fsck.run({ repair: true, onFinding: (finding) => { findings.push(finding) } })
  await core.close()
  t.match(findings.filter((finding) => 'code' in finding && finding.code === 'count_wrong'), [{ code: 'count_wrong', detail: '34 instead of 33', isRepaired: true }])
  await isRight(33, 'counted anew')
  await query(url, 'truncate users cascade')
  await isRight(0, 'emptied')
})

t.test('a database of a newer program is left alone, and one of an older is brought up to date by one of two', async (t) => {
  const url = await server.createDatabase()
  const root = t.testdir({ data: {} })
  const [dataDir, folder] = [join(root, 'data'), join(root, 'more')]
  cpSync('migrations-pg', folder, { recursive: true })
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: { idx: number, when: number, tag: string }[] }
  journal.entries.push({ ...journal.entries.at(-1) as { idx: number, when: number, tag: string }, idx: 99, when: 9e12, tag: '0099_more' })
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify(journal))
  writeFileSync(join(folder, '0099_more.sql'), 'create table more (id int)')
  await (await openPostgres({ dataDir, exclusive: false, url, connections: 4 })).close()
  const newer = { dataDir, exclusive: false, url, connections: 4, migrations: folder, version: '9.9.9' }
  const both = await Promise.all([openPostgres(newer), openPostgres(newer)])
  for (const db of both) await db.close()
  t.equal((await query(url, 'select * from __drizzle_migrations')).length, journal.entries.length)
  await t.rejects(openDatabase({ dataDir, exclusive: true, url }), { code: 'DATABASE_NEWER', message: /^the database was written by version 9\.9\.9, and this is / })
})

/** Letters that Unicode has had since its version 17, which this server does not know yet. */
const YOUNGER = new Set([0xa7f1])

t.test('declared fields that were read earlier and arrive later change nothing', async (t) => {
  const url = await server.createDatabase()
  await (await openIn(t, url)).close()
  const pool = createPool({ connectionString: url, max: 4 })
  t.teardown(() => pool.end())
  let held: { asked: PromiseWithResolvers<void>, over: PromiseWithResolvers<void> } | undefined
  const delayed = Object.create(pool, { connect: { value: async () => {
    const client = await pool.connect()
    const [now, query] = [held, client.query.bind(client) as (...about: unknown[]) => Promise<unknown>]
    if (now === undefined) return client
    return Object.create(client, { query: { value: async (...about: unknown[]) => {
      const answer = await query(...about)
      now.asked.resolve()
      await now.over.promise
      return answer
    } } }) as typeof client
  } } }) as typeof pool
  const fields = await openFields(delayed)
  t.teardown(() => { fields.close() })
  const label = async (text: string) => await query(url, "update profile_fields set label = $1 where key = 'company_name'", [text])
  const labels = () => fields.list().map(({ label }) => label)
  const slow = held = { asked: Promise.withResolvers(), over: Promise.withResolvers() }
  await label('first')
  await slow.asked.promise
  held = undefined
  await label('second')
  t.ok((await settled(labels, (labels) => labels.includes('second'))).includes('second'))
  slow.over.resolve()
  await nextTurn()
  t.ok(labels().includes('second'))
})

t.test('letters are folded and numbers dialled as everywhere else', async (t) => {
  const url = await server.createDatabase()
  await openIn(t, url)
  const letters = Array.from({ length: 0x1ffff }, (_, i) => i + 1).filter((code) => (code < 0xd800 || code > 0xdfff) && !YOUNGER.has(code)).map((code) => String.fromCodePoint(code))
  const texts = [...letters, 'Straße ΣΊΣΥΦΟΣ', 'e\u0301te\u0301', '+49 (0)30 ٣٤', '0049 30', '00', 'ﬁne ŉ']
  const rows = await query<{ folded: string, dialled: string }>(url, 'select folded(given) as folded, dialled(given) as dialled from unnest($1::text[]) with ordinality as t (given, at) order by at', [texts])
  const wrong = texts.filter((text, i) => rows[i]?.folded !== folded(text) || rows[i].dialled !== dialled(text))
  t.same(wrong.map((text) => `${text.codePointAt(0)?.toString(16)} ${text}`), [])
})

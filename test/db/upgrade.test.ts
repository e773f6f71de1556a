import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import t from 'tap'
import type { Test } from 'tap'
import { buildApp, openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { SEAL_KEY_BYTES } from '../../src/core/seal/index.ts'
import { openDatabase } from '../../src/db/index.ts'
import { VERSION } from '../../src/version.ts'
import { carryOut, visage } from '../commands/visage.ts'
import { build, folderFor } from '../helper.ts'
import { settled } from '../sockets/listening.ts'
import { migrationsIn } from './migrations.ts'

/** The database of a folder as it was after the first so many migrations. */
function openOld (dataDir: string, count: number): Sqlite.Database {
  const old = new Sqlite(join(dataDir, 'visage.db'))
  migrate(drizzle(old), { migrationsFolder: migrationsIn(join(dataDir, 'early'), count) })
  return old
}

t.test('what an update would do is told, and what it did', async (t) => {
  const dataDir = folderFor(t)
  openOld(dataDir, 2).close()
  const missing = readdirSync(join(import.meta.dirname, '../../migrations')).filter((name) => name.endsWith('.sql')).length - 2
  for (let i = 0; i < 2; i++) t.same(await visage(dataDir, ['migrate', '--check']), { code: 1, stdout: `${missing} steps are missing for ${VERSION}, and a copy is made first\n`, stderr: '' }, 'nothing was done')
  const copy = join(dataDir, `visage.db.before-${VERSION}`)
  t.notOk(existsSync(copy))
  t.same(await visage(dataDir, ['migrate']), { code: 0, stdout: `the database is as ${VERSION} needs it; ${copy} is the copy from before, for a week\n`, stderr: '' })
  t.ok(existsSync(copy))
  for (const flags of [[], ['--check']]) t.same(await visage(dataDir, ['migrate', ...flags]), { code: 0, stdout: `the database is as ${VERSION} needs it\n`, stderr: '' })
})

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
  mkdirSync(join(dataDir, 'media/avatars'), { recursive: true })
  writeFileSync(join(dataDir, 'media/avatars', `${picture}.webp`), 'a picture')

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
  t.match(await carryOut(core, 'tokens list', { username: 'ada' }, dataDir), /"expiresAt":"9999-12-31T23:59:59\.999Z"/)
})

t.test('a folder from before anything was said of pictures', async (t) => {
  const dataDir = folderFor(t)
  const old = openOld(dataDir, 11)
  old.exec("insert into users (id, username, created_at, updated_at) values (1, 'ada', 1, 2)")
  old.exec("insert into pictures (name, user_id, kind, source_width, source_height, focus, blurhash, color, files, created_at) values ('face', 1, 'avatar', 640, 480, '[0,1]', 'LEHV6n', '#aabbcc', '[]', 3)")
  const before = old.prepare('select * from pictures').get() as object
  old.close()
  const db = await openDatabase({ dataDir, exclusive: true })
  t.teardown(() => db.close())
  t.equal(db.backup, undefined, 'no table was made anew')
  const file = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.same(file.prepare('select * from pictures').get(), { ...before, alt: null })
  file.close()
  await db.write((tx) => tx.pictures.describe('face', 'Ada'))
  t.match(await db.read.pictures.find('face'), { focus: [0, 1], sourceWidth: 640, alt: 'Ada' })
})

const PARTS = '--> statement-breakpoint\n'

/** A migration that makes a table anew, as drizzle-kit writes it. */
function anew (db: Sqlite.Database, table: string): string[] {
  const sql = db.prepare('select sql from sqlite_master where name = ?').pluck().get(table) as string
  const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => `"${name}"`).join()
  const indexes = db.prepare("select sql from sqlite_master where type = 'index' and tbl_name = ? and sql is not null").pluck().all(table) as string[]
  return [
    'PRAGMA foreign_keys=OFF;', sql.replace(`\`${table}\``, `\`__new_${table}\``),
    `INSERT INTO \`__new_${table}\`(${columns}) SELECT ${columns} FROM \`${table}\`;`, `DROP TABLE \`${table}\`;`, `ALTER TABLE \`__new_${table}\` RENAME TO \`${table}\`;`,
    'PRAGMA foreign_keys=ON;', ...indexes,
  ]
}

/** A folder of today's in which much hangs on people, what lies in it, and the migration that makes their table anew. */
async function peopled (t: Test): Promise<{ dataDir: string, file: string, rebuild: string[], dump: () => object, newer: (...others: string[]) => { dataDir: string, exclusive: boolean, migrations: string, version: string } }> {
  const dataDir = t.testdir({})
  await (await openDatabase({ dataDir, exclusive: true })).close()
  const file = join(dataDir, 'visage.db')
  const db = new Sqlite(file)
  t.teardown(() => { db.close() })
  const person = db.prepare('insert into users (username, email, created_at, updated_at) values (?, ?, 1, 2)')
  for (const name of ['ada', 'bob', 'carol']) person.run(name, `${name}@example.com`)
  db.exec(`
    delete from users where id = 3;
    insert into groups (name, created_at, updated_at) values ('crew', 1, 1);
    insert into memberships values (1, 1), (2, 1);
    insert into sessions (user_id, refresh_id, created_at, expires_at) values (1, 'a', 1, 9e15), (2, 'b', 1, 9e15);
    insert into keys (user_id, session_id, hash, prefix, created_at) values (1, 1, 'h', 'p', 1);
    insert into codes (user_id, purpose, email, hash, expires_at) values (1, 'sign_in', 'ada@example.com', 'c', 9e15);
    insert into mails (user_id, sealed, next_at, created_at) values (1, 's', 9e15, 1);
    insert into avatars (user_id, name, uploaded_at) values (2, 'picture', 1);
    insert into second_factors (user_id, secret, created_at) values (1, 's', 1);
  `)
  const tables = (db.prepare("select name from sqlite_master where type = 'table' and name not like 'search%' and name not like '\\_\\_%' escape '\\'").pluck().all() as string[]).sort()
  return {
    dataDir,
    file,
    rebuild: anew(db, 'users'),
    dump: () => Object.fromEntries(tables.map((table) => [table, db.prepare(`select * from "${table}" order by 1`).all()])),
    newer: (...others) => ({ dataDir, exclusive: true, migrations: migrationsIn(join(dataDir, 'newer'), Infinity, ...others), version: '9.9.9' }),
  }
}

t.test('I1 a migration that makes the table of people anew keeps what hangs on them, and a copy from before for a week', async (t) => {
  const { dataDir, file, rebuild, dump, newer } = await peopled(t)
  chmodSync(file, 0o640)
  const before = dump()
  const db = await openDatabase(newer(rebuild.join(PARTS)))
  t.teardown(() => db.close())
  t.same(dump(), before, 'every row of every table, and the number that nobody gets again')
  t.equal((await db.write((tx) => tx.users.insert({ username: 'dora', createdAt: 1, updatedAt: 1 }))).id, 4)

  const backup = `${file}.before-9.9.9`
  t.equal(db.backup, backup)
  t.equal(statSync(backup).mode & 0o777, 0o640)
  const copy = new Sqlite(backup, { readonly: true })
  t.same([copy.pragma('integrity_check', { simple: true }), copy.prepare('select username from users').pluck().all(), copy.prepare('select count(*) from sessions').pluck().get()], ['ok', ['ada', 'bob'], 2])
  copy.close()
  const now = Date.now()
  writeFileSync(`${backup}.new`, 'a copy that was broken off')
  t.same(await db.removeOldBackups(now + 6.9 * 86_400_000), [])
  t.same((await db.removeOldBackups(now + 7.1 * 86_400_000)).sort(), ['visage.db.before-9.9.9', 'visage.db.before-9.9.9.new'])
  t.same(readdirSync(dataDir).filter((name) => name.includes('before')), [])
})

t.test('I1 no copy where nothing is taken away that people wrote', async (t) => {
  const { dataDir, file, newer } = await peopled(t)
  const other = new Sqlite(file)
  other.exec('create virtual table words using fts5(word)')
  other.close()
  const db = await openDatabase(newer(['CREATE TABLE `more` (`id` integer);', 'DROP TABLE `words`;', 'DROP INDEX `users_cover`;', 'ALTER TABLE `users` ADD `more` text;'].join(PARTS)))
  await db.close()
  t.equal(db.backup, undefined)
  t.same(readdirSync(dataDir).filter((name) => name.includes('before')), [])
})

t.test('I1 a migration after which rows would belong to nobody, or that fails, changes nothing and leaves no copy', async (t) => {
  const { dataDir, rebuild, dump, newer } = await peopled(t)
  const before = dump()
  const losing = rebuild.map((sql) => sql.startsWith('INSERT') ? sql.replace(/;$/, ' WHERE id = 2;') : sql)
  const bad: [string[], string][] = [
    [losing, /1 rows of \w+ would belong to no row of users$/.source],
    [[...rebuild, 'INSERT INTO `nowhere` VALUES (1);'], 'no such table: nowhere$'],
  ]
  for (const [sql, why] of bad) {
    for (let start = 0; start < 2; start++) {
      await t.rejects(openDatabase(newer(sql.join(PARTS))), { name: 'FolderError', code: 'UPDATE_FAILED', message: new RegExp(`^the update of the database to 9\\.9\\.9 failed, and nothing was changed: ${why}`) })
      t.same(dump(), before)
      t.same(readdirSync(dataDir).filter((name) => name.includes('before')), [])
    }
  }
  await (await openDatabase({ dataDir, exclusive: true })).close()
  await (await openDatabase(newer(rebuild.join(PARTS)))).close()
  t.same(dump(), before)
})

t.test('I1 rows that belonged to nobody before are no hindrance: fsck tells of them', async (t) => {
  const { file, rebuild, dump, newer } = await peopled(t)
  const other = new Sqlite(file)
  other.pragma('foreign_keys = OFF')
  other.exec("insert into avatars (user_id, name, uploaded_at) values (4711, 'stray', 1)")
  other.close()
  const before = dump()
  await (await openDatabase(newer(rebuild.join(PARTS)))).close()
  t.same(dump(), before)
})

const UPDATE = `
  const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/db/index.ts'))})
  await openDatabase(JSON.parse(process.argv[1]))
`

t.test('I1 a crash in the middle of an update leaves the database as it was, and the next start does it all', async (t) => {
  const { dataDir, file, rebuild, dump, newer } = await peopled(t)
  const before = dump()
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;'
  const child = spawn(process.execPath, ['--input-type=module', '-e', UPDATE, JSON.stringify(newer([...rebuild, endless].join(PARTS)))], { stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const ended = once(child, 'exit')
  const other = new Sqlite(file, { timeout: 0 })
  t.teardown(() => { other.close() })
  const isWriting = () => {
    try {
      other.exec('begin immediate; rollback')
      return false
    } catch {
      return true
    }
  }
  await settled(() => existsSync(`${file}.before-9.9.9`) && isWriting(), (is) => is)
  child.kill('SIGKILL')
  await ended
  t.same(dump(), before)
  const db = await openDatabase(newer(rebuild.join(PARTS)))
  await db.close()
  t.same(dump(), before)
  t.same(readdirSync(dataDir).filter((name) => name.includes('before')), ['visage.db.before-9.9.9'], 'one copy, made anew')
})

t.test('I2 a database that a newer version has changed is refused, by the service and by commands', async (t) => {
  const { dataDir, file, dump, newer } = await peopled(t)
  await (await openDatabase(newer('CREATE TABLE `more` (`id` integer);'))).close()
  const bytes = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const [before, rows] = [bytes(), dump()]
  const says = (writer: string) => `the database was written by ${writer}, and this is ${VERSION}, which would damage it: install that version, or restore a backup from before it`
  await t.rejects(buildApp({ dataDir, logLevel: 'silent' }), { name: 'FolderError', code: 'DATABASE_NEWER', message: says('version 9.9.9') })
  for (const args of [['fsck'], ['fields', 'list']]) t.same(await visage(dataDir, args), { code: 2, stdout: '', stderr: `${says('version 9.9.9')}\n` })
  t.same([bytes(), dump()], [before, rows])
  t.equal(writerOf(file), '9.9.9')

  const other = new Sqlite(file)
  other.exec('drop table __visage')
  other.close()
  await t.rejects(openDatabase({ dataDir, exclusive: true }), { message: says('a newer version') })
})

t.test('I2 a newer version that changed nothing is no hindrance, and who wrote last is noted', async (t) => {
  const { dataDir, file } = await peopled(t)
  t.equal(writerOf(file), VERSION)
  await (await openDatabase({ dataDir, exclusive: true, version: '9.9.9' })).close()
  t.equal(writerOf(file), '9.9.9')
  await (await openDatabase({ dataDir, exclusive: true })).close()
  t.equal(writerOf(file), VERSION)
})

t.test('I2 a command that is newer than the running server says so, and leaves the database to it', async (t) => {
  const { file, dump, newer } = await peopled(t)
  const server = await openDatabase({ dataDir: join(file, '..'), exclusive: true })
  t.teardown(() => server.close())
  const before = dump()
  await t.rejects(openDatabase({ ...newer('DROP TABLE `sessions`;'), exclusive: false }), { code: 'SERVER_OLDER', message: 'the running server is older than this program (9.9.9): restart it first' })
  t.same(dump(), before)
})

function writerOf (file: string): unknown {
  const db = new Sqlite(file, { readonly: true })
  try {
    return db.prepare("select value from __visage where name = 'version'").pluck().get()
  } finally {
    db.close()
  }
}
t.test('G3 a folder from before numbers were compared by their digits', async (t) => {
  const dataDir = folderFor(t)
  const old = openOld(dataDir, 9)
  const insert = old.prepare('insert into users (username, email, phone, created_at, updated_at) values (?, ?, ?, 1, 2)')
  old.transaction(() => {
    insert.run('ada', 'Ada@Example.com', '\u202a+49\u00a030 901820\u202c')
    insert.run('grace', null, '0049 30 901820')
    insert.run('none', null, null)
    insert.run('mail', 'mail@example.com', 'by mail')
    for (let i = 0; i < 2_500; i++) insert.run(`person-${i}`, `person-${i}@example.com`, `+1 555 ${i}`)
    old.prepare("insert into codes (user_id, purpose, email, hash, expires_at) values (1, 'revert_email', 'Kept@Example.com', 'x', 9e15)").run()
  })()
  writeFileSync(join(dataDir, 'seal.key'), randomBytes(SEAL_KEY_BYTES).toString('base64url'))
  old.close()

  const { app, core } = await build(t, { dataDir })
  const { users, codes } = core.db.read
  t.same((await users.findByPhone('4930901820')).map(({ id }) => id), [1, 2])
  t.same((await users.findByPhone('00 1 555 2499')).map(({ username }) => username), ['person-2499'], 'however many there are')
  t.same(await users.findByPhone('by mail'), [])
  t.equal((await users.findByEmail('ada@example.COM'))?.id, 1)
  t.same(await codes.keeperOf('kept@example.com', Date.now()), { id: 1 })
  const findings: unknown[] = []
  await core.fsck.run({ onFinding: (finding) => findings.push(finding) })
  t.same(findings, [], 'fsck has nothing to say')
  t.equal((await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'new', email: 'ADA@example.com', password: 'a whole new secret' } })).statusCode, 400)
})

t.test('H a folder with the index of earlier versions moves to the new one while it is in use, from wherever a crash has left it', async (t) => {
  const dataDir = folderFor(t)
  const old = openOld(dataDir, 9)
  const [insert, index] = [old.prepare('insert into users (username, real_name, created_at, updated_at) values (?, ?, 1, 2)'), old.prepare('insert into search (rowid, number, username, real_name) values (?, ?, ?, ?)')]
  old.transaction(() => {
    for (let id = 1; id <= 300; id++) {
      insert.run(`person-${id}`, `Zanzibar Number ${id}`)
      index.run(id, String(id), `person-${id}`, `zanzibar number ${id}`)
    }
  })()
  // As ordinary updates could leave it.
  old.unsafeMode().exec('delete from search_data where id > 10')
  old.close()

  const lines: string[] = []
  const open = () => openService({ config: { ...loadConfig(), dataDir }, exclusive: true, log: { info: (_, line) => lines.push(line), warn: (_, line) => lines.push(line) } })
  let core = await open()
  t.teardown(() => core.close())
  const found = async (text: string) => (await core.directory.list({ actor: null, address: '' }, { search: { text, in: ['realName'] }, where: [], order: [], limit: 1, offset: 0 })).count
  const name = (id: number, realName: string) => core.users.edit(OPERATOR, id, { realName }, { family: 'test' })
  const move = () => core.db.write((tx) => tx.search.move(60))
  const upTo = async () => (await core.db.read.search.state()).indexedTo
  const findings: unknown[] = []
  const fsck = () => core.fsck.run({ onFinding: (finding) => { findings.push(finding) } })

  t.same([await upTo(), await found('zanzibar'), await found('number 300')], [0, 300, 1], 'nobody is in it, and everybody is found')
  await move()
  await Promise.all([name(2, 'Somebody Moved'), name(299, 'Somebody Left'), move()])
  t.same([await upTo(), await found('zanzibar'), await found('somebody'), await found('so')], [120, 298, 2, 2])
  await core.deletion.remove(OPERATOR, 1, () => {}, { family: 'test' })
  await core.deletion.remove(OPERATOR, 300, () => {}, { family: 'test' })
  const { id } = await core.users.create(OPERATOR, { username: 'new', realName: 'Zanzibar New' }, { family: 'test' })
  t.same([await found('zanzibar'), id], [297, 301])
  await fsck()
  await core.close()
  core = await open()
  t.equal(await upTo(), 120, 'the next start goes on')
  await core.searchIndex.tend()
  t.same([await found('zanzibar'), await found('somebody'), await found('number 297')], [297, 2, 1])
  t.match(await core.db.read.search.state(), { isWhole: true })
  await fsck()
  t.same(findings, [])
  t.same(lines, ['everybody is in the search index'])
  const file = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.teardown(() => { file.close() })
  t.same(file.prepare("select name from sqlite_master where name glob 'search*' or name glob 'discarded*' order by 1").pluck().all(),
    ['search_1', 'search_2'].flatMap((half) => ['', '_config', '_data', '_docsize', '_idx'].map((part) => half + part)).concat('search_state').sort(), 'nothing is left of the one before')
})

t.test('each snapshot of the migrations follows the one before, or the next migration could not be made', async (t) => {
  const snapshots = readdirSync('migrations/meta').filter((name) => name.endsWith('_snapshot.json')).sort()
    .map((name) => JSON.parse(readFileSync(join('migrations/meta', name), 'utf8')) as { id: string, prevId: string })
  t.ok(snapshots.length > 10)
  t.same(snapshots.slice(1).map(({ prevId }) => prevId), snapshots.slice(0, -1).map(({ id }) => id))
})

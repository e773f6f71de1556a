import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { openService, OPERATOR } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { createPool } from '../../src/db/postgres/client.ts'
import { tables } from '../../src/db/index.ts'
import { move } from '../../src/move/index.ts'
import type { Step } from '../../src/move/progress.ts'
import { visage } from '../commands/visage.ts'
import { build, folderFor } from '../helper.ts'
import { startPostgres } from '../postgres.ts'
import { filesOf } from '../transfer/people.ts'
import { generated } from '../volume.ts'
import { at, filledFolder, PEOPLE, rowsOf } from './world.ts'

const server = await startPostgres('18')

/** The rows of a database as those of a folder are read. */
async function rowsAt (url: string): Promise<Record<string, unknown[]>> {
  const pool = createPool({ connectionString: url, max: 1 })
  try {
    const found: Record<string, unknown[]> = {}
    for (const { name } of tables) found[name] = (await pool.query(`select * from "${name}" order by 1, 2`)).rows
    return found
  } finally {
    await pool.end()
  }
}

/** The address without who opens it. */
const shown = (url: string): string => `postgres://${new URL(url).searchParams.get('host')}${new URL(url).pathname}`
const over = (dataDir: string, databaseUrl: string): Config => ({ ...at(dataDir), databaseUrl })

t.test('a folder is moved into PostgreSQL and back, beside the service that runs, equal by row and byte', async (t) => {
  const [old, url] = [await filledFolder(t), await server.createDatabase()]
  const first = await build(t, { dataDir: old })
  const [before, media] = [rowsOf(old), filesOf(join(old, 'media'))]
  const { code, stdout, stderr } = await visage(old, ['move', '--to', url])
  t.equal(code, 0, stderr)
  t.match(stdout, `${old} is at ${shown(url)} now: `)
  t.match(stdout, / start the service with VISAGE_DATABASE_URL\n302 accounts, 2 pictures, 8 files: all in order/)
  t.notMatch(stdout, 'visage@', 'who opens it is not told')
  const there = await rowsAt(url)
  for (const { name } of tables) t.same(there[name], before[name], name)
  t.same(filesOf(join(old, 'media')), media, 'pictures stay where they are')
  t.match(await first.app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'late', email: 'late@example.com', password: 'correct horse battery' } }), { statusCode: 503 })
  t.match(await visage(old, ['users', 'list']), { code: 2, stderr: /old was moved to postgres:\S+ at/ })
  await first.app.close()
  await first.core.close()

  const second = await build(t, { dataDir: old, databaseUrl: url })
  const create = async (username: string) => await second.core.users.create(OPERATOR, { username }, { family: 'operator' })
  t.equal((await create('next')).id, 1 + (before.highest as { name: string, seq: number }[]).find(({ name }) => name === 'users')!.seq, 'numbers go on')
  const back = join(folderFor(t), 'back')
  const settings = { VISAGE_DATABASE_URL: url }
  const home = await visage(old, ['move', '--to', back], settings)
  t.match(home, { code: 0, stdout: new RegExp(`${PEOPLE + 3} accounts, 2 pictures, 8 files: all in order`) }, home.stderr)
  const [came, left] = [rowsOf(back), await rowsAt(url)]
  for (const { name } of tables) t.same(came[name], left[name], name)
  t.same(came.facts, before.facts)
  t.same(came.highest, (before.highest as { name: string, seq: number }[]).map(({ name, seq }) => ({ name, seq: seq + (['users', 'changes'].includes(name) ? 1 : 0) })))
  t.same(filesOf(join(back, 'media')), media)
  await t.rejects(create('stray'), { code: 'DATABASE_BUSY' }, 'a service that still runs there')
  t.match(await second.app.inject({ url: '/v1/limits' }), { statusCode: 200 }, 'it answers')
  await second.app.close()
  await second.core.close()
  t.match(await visage(old, ['users', 'list'], settings), { code: 2, stderr: /^postgres:\S+ was moved to \S+back at 2/ })
  t.match(await visage(old, ['move', '--to', join(folderFor(t), 'third')], settings), { code: 2, stderr: /was moved to \S+back at/ })
  t.match(await visage(old, ['move', '--reopen'], settings), { code: 0, stdout: `the service is here again, without what was written at ${back}\n` })
  t.match(await visage(old, ['users', 'create', '--username', 'stray'], settings), { code: 0 })

  // The key is in the settings, so that nothing but the pictures tells that the folder is another one.
  const [empty, sealKey] = [folderFor(t), readFileSync(join(old, 'seal.key'), 'utf8')]
  await t.rejects(openService({ config: { ...over(empty, url), sealKey }, exclusive: true }), { code: 'PICTURES_LOST' })
  t.match(await visage(empty, ['fsck', '--repair'], { VISAGE_DATABASE_URL: url, VISAGE_SEAL_KEY: sealKey }), { code: 2, stderr: /^none of the pictures that accounts have is there: / })
})

/** Where the mover is killed, in their order: once the old place takes no more writes, only the last step is left. */
const PLACES = ['claimed', 'pictures', 'stopped', 'rows:100', 'rows', 'proof:100', 'shut'].slice(-generated(7, 2))

t.test('killed at any place and repeated, it ends the same, either way', async (t) => {
  const [old, url] = [await filledFolder(t), await server.createDatabase()]
  const back = join(folderFor(t), 'back')
  let count = 0
  const writes = async (env: Record<string, string>) => (await visage(old, ['groups', 'create', '--name', `at ${count++}`], env)).code === 0
  for (const [from, to, env] of [[at(old), over(old, url), {}], [over(old, url), at(back), { VISAGE_DATABASE_URL: url }]] as [Config, Config, Record<string, string>][]) {
    for (const place of PLACES) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.ts'), ...[place, from, to].map((word) => JSON.stringify(word))], { stdio: ['ignore', 'ignore', 'inherit'] })
      t.same(await once(child, 'exit'), [null, 'SIGKILL'], place)
      t.equal(await writes(env), place !== 'shut', `${place}: the old place`)
      t.match(await visage(to.dataDir, ['users', 'list'], to.databaseUrl === undefined ? {} : { VISAGE_DATABASE_URL: to.databaseUrl }), { code: 2, stderr: /is being filled from \S+, and that was not finished: repeat the move there\n$/ }, place)
    }
    const before = from.databaseUrl === undefined ? rowsOf(from.dataDir) : await rowsAt(from.databaseUrl)
    await move({ from, to })
    const after = to.databaseUrl === undefined ? rowsOf(to.dataDir) : await rowsAt(to.databaseUrl)
    for (const { name } of tables) t.same(after[name], before[name], name)
  }
})

t.test('what cannot be moved there is refused in one line, and the service goes on', async (t) => {
  const [old, url] = [await filledFolder(t), await server.createDatabase()]
  const refused = async (to: string, because: RegExp) => t.match(await visage(old, ['move', '--to', to]), { code: 2, stdout: '', stderr: because })
  const nobody = 'postgres://nobody:secret@127.0.0.1:1/none'
  await refused(nobody, /^whoever is on this machine can read the password in --to while this runs: --to - reads the address from standard input\nVISAGE_DATABASE_URL: /)
  await refused(nobody.replace(':secret', '').concat('?password=secret'), /^whoever is on this machine can read the password/)
  const program = spawn(process.execPath, [join(import.meta.dirname, '../../src/cli.ts'), 'move', '--to', '-'], { env: { VISAGE_DATA_DIR: old }, stdio: ['pipe', 'ignore', 'pipe'] })
  program.stdin.end(`${nobody}\n`)
  t.match(await text(program.stderr), /^VISAGE_DATABASE_URL: the database at postgres:\/\/127\.0\.0\.1:1\/none cannot be opened: [^\n]*ECONNREFUSED[^\n]*\n$/)
  await refused(nobody.replace(':secret', ''), /^VISAGE_DATABASE_URL: the database at postgres:\/\/127\.0\.0\.1:1\/none cannot be opened: [^\n]*ECONNREFUSED[^\n]*\n$/)
  await refused('postgres://visage@localhost', /^VISAGE_DATABASE_URL: expected /)
  const sql = new Sqlite(join(old, 'visage.db'))
  sql.prepare("update users set bio = 'a' || char(0) || 'b' where id = 7").run()
  await refused(url, /bio of users 7 holds U\+0000, which PostgreSQL cannot keep: change it first\n$/)
  sql.prepare("update users set bio = '' where id = 7").run()
  sql.close()
  const other = await filledFolder(t)
  t.match(await visage(other, ['move', '--to', url]), { code: 2, stderr: /is being filled from \S+old, and that was not finished: choose another database, or drop it\n$/ })
  const stopped = new Error('stopped')
  await t.rejects(move({ from: at(old), to: over(old, url), onStep (step: Step) { if (step === 'rows') throw stopped } }), stopped)
  t.match(await visage(old, ['users', 'create', '--username', 'later']), { code: 0 })
  t.match(await visage(old, ['move', '--to', url]), { code: 0 })
  t.match(await visage(other, ['move', '--to', url]), { code: 2, stderr: /is not empty: choose a new database\n$/ })
})

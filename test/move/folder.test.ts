import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/app.ts'
import { tables } from '../../src/db/index.ts'
import { move } from '../../src/move/index.ts'
import type { Step } from '../../src/move/progress.ts'
import { newFolder, visage } from '../commands/visage.ts'
import { build, folderFor } from '../helper.ts'
import { filesOf } from '../transfer/people.ts'
import { generated } from '../volume.ts'
import { at, filledFolder, PEOPLE, rowsOf, withService } from './world.ts'

const MOVED = /^\S+old was moved to \S+new at 2\S+Z: set the service to that place\. This goes on here instead, without what was written there since: npm run -s visage -- move --reopen\n$/

/** Whether one folder is another by row and byte. */
function same (t: Test, to: string, before: ReturnType<typeof rowsOf>, media: ReturnType<typeof filesOf>): void {
  const after = rowsOf(to)
  t.same(Object.keys(after), Object.keys(before))
  for (const [table, rows] of Object.entries(before)) t.same(after[table], rows, table)
  t.same(filesOf(join(to, 'media')), media)
}

t.test('every table is moved, after those that it points to, and with something in it', async (t) => {
  const rows = rowsOf(await filledFolder(t))
  t.same(tables.map(({ name }) => name).toSorted(), Object.keys(rows).filter((name) => name !== 'highest' && name !== 'facts').toSorted())
  for (const { name, columns } of tables) t.same(Object.keys(rows[name]?.[0] ?? {}).toSorted(), columns.toSorted(), name)
  t.ok(tables.findIndex(({ name }) => name === 'keys') > tables.findIndex(({ name }) => name === 'sessions'))
})

t.test('a folder is moved beside the service that runs on it, there and back, equal by row and byte', async (t) => {
  const old = await filledFolder(t)
  const { app, core } = await build(t, { dataDir: old })
  const there = join(folderFor(t), 'new')
  writeFileSync(join(old, 'jwt.secret'), 'x'.repeat(40))
  mkdirSync(join(old, 'templates'))
  writeFileSync(join(old, 'templates/footer.txt'), 'bye')
  const steps: string[] = []
  const patch = async () => await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: `late${steps.length}`, email: `late${steps.length}@example.com`, password: 'correct horse battery' } })
  let [waiting, before, media] = [undefined as ReturnType<typeof patch> | undefined, {} as ReturnType<typeof rowsOf>, {}]
  const moved = await move({
    from: at(old),
    to: at(there),
    onStep (step) {
      steps.push(step)
      if (step !== 'stopped') return
      ;[before, media] = [rowsOf(old), filesOf(join(old, 'media'))]
      waiting = patch()
    },
  })
  t.same(steps, ['claimed', 'pictures', 'stopped', 'rows', 'shut', 'opened'] satisfies Step[])
  t.match(moved, { from: old, to: there, pictures: 2, rows: tables.reduce((sum, { name }) => sum + (before[name]?.length ?? 0), 0) })
  same(t, there, before, media)
  for (const name of ['seal.key', 'jwt.secret', 'templates/footer.txt']) t.equal(readFileSync(join(there, name), 'utf8'), readFileSync(join(old, name), 'utf8'), name)
  t.match(await waiting, { statusCode: 503 }, 'what was asked for meanwhile')
  t.match(await patch(), { statusCode: 503 }, 'nor does it write on afterwards')
  t.equal((await app.inject({ url: '/v1/people?limit=1', headers: {} })).statusCode, 401, 'it answers')
  await t.rejects(core.users.create(OPERATOR, { username: 'stray' }, { family: 'operator' }), { code: 'DATABASE_BUSY' })
  t.match(await visage(old, ['users', 'create', '--username', 'stray']), { code: 2, stdout: '', stderr: MOVED })
  t.match(await visage(old, ['move', '--to', join(folderFor(t), 'third')]), { code: 2, stderr: MOVED })
  await app.close()
  await core.close()
  t.match(await visage(there, ['fsck']), { code: 0, stdout: /^302 accounts, 2 pictures, \d+ files: all in order\n$/ })

  const back = join(folderFor(t), 'back')
  const told = await visage(there, ['move', '--to', back])
  t.match(told, { code: 0, stdout: new RegExp(`^${there} is at ${back} now: \\d+ rows, 2 pictures; nobody could write for \\d+\\.\\d s\nstop what still runs on ${there}, which takes no more writes, and start the service with VISAGE_DATA_DIR=${back}\n${PEOPLE + 2} accounts, 2 pictures, 8 files: all in order\n$`) })
  same(t, back, before, media)
  await withService(back, async ({ users }) => {
    t.equal((await users.create(OPERATOR, { username: 'next' }, { family: 'operator' })).id, 1 + (before.highest as { name: string, seq: number }[]).find(({ name }) => name === 'users')!.seq)
  })

  t.match(await visage(old, ['move', '--reopen']), { code: 0, stdout: `the service is here again, without what was written at ${there}\n` })
  t.match(await visage(old, ['users', 'create', '--username', 'stray']), { code: 0 })
  t.match(await visage(old, ['move', '--reopen']), { code: 2, stderr: /was not moved\n$/ })
})

/** Where the mover is killed, in their order: once the old place takes no more writes, only the last step is left. */
const PLACES = ['claimed', 'pictures:0', 'pictures', 'stopped', 'rows:100', 'rows', 'proof:100', 'shut'].slice(-generated(8, 2))

t.test('killed at any place and repeated, it ends the same, and only one place ever takes writes', async (t) => {
  const old = await filledFolder(t)
  const home = folderFor(t)
  const there = join(home, 'new')
  const writes = async (dataDir: string) => (await visage(dataDir, ['groups', 'create', '--name', `at ${Math.random()}`])).code === 0
  for (const place of PLACES) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.ts'), ...[place, at(old), at(there)].map((word) => JSON.stringify(word))], { stdio: ['ignore', 'ignore', 'inherit'] })
    t.same(await once(child, 'exit'), [null, 'SIGKILL'], place)
    t.equal(await writes(old), place !== 'shut', `${place}: the old place`)
    t.match(await visage(there, ['users', 'list']), { code: 2, stderr: `${there} is being filled from ${old}, and that was not finished: repeat the move there\n` }, place)
  }
  const [before, media] = [rowsOf(old), filesOf(join(old, 'media'))]
  t.match(await visage(join(home, 'other'), ['move', '--to', there]), { code: 2 }, 'not from elsewhere')
  t.match(await visage(old, ['move', '--to', there]), { code: 0, stdout: /all in order\n$/ })
  same(t, there, before, media)
  t.ok(await writes(there))
})

t.test('an interrupted move takes up what is there, and drops what has gone', async (t) => {
  const old = await filledFolder(t)
  const there = join(folderFor(t), 'new')
  const stopped = new Error('stopped')
  const failing = (at: Step) => (step: Step) => { if (step === at) throw stopped }
  await t.rejects(move({ from: at(old), to: at(there), onStep: failing('stopped') }), stopped)
  const avatars = readdirSync(join(there, 'media/avatars'))
  t.equal(avatars.length, 5)
  truncateSync(join(there, 'media/avatars', avatars[0] ?? ''), 3)
  writeFileSync(join(there, 'media/avatars', `${'0'.repeat(32)}.webp`), 'of nobody')
  await move({ from: at(old), to: at(there) })
  t.same(filesOf(join(there, 'media')), filesOf(join(old, 'media')))
})

t.test('a place without room for it is left, and the service goes on', async (t) => {
  const [old, small] = [await filledFolder(t), join(t.testdir({}), 'small')]
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', small], { stdio: 'pipe' })
  } catch (error) {
    t.comment(`SKIPPED: a small disk could not be mounted: ${String(error)}`)
    return
  }
  t.teardown(() => execFileSync('umount', ['--lazy', small]))
  const again = async () => await visage(old, ['move', '--to', join(small, 'new')])
  t.match(await again(), { code: 2, stdout: '', stderr: /^the move was broken off \(there is no room for it at \S+new\): repeat it\n$/ })
  t.match(await visage(old, ['groups', 'create', '--name', 'Later']), { code: 0 })
  execFileSync('mount', ['-o', 'remount,size=64m', small])
  t.match(await again(), { code: 0, stdout: /all in order\n$/ })
})

t.test('what cannot be moved is refused in one line, and the service goes on', async (t) => {
  const home = folderFor(t)
  let count = 0
  const refused = async (dataDir: string, to: string, because: RegExp) => {
    t.match(await visage(dataDir, ['move', '--to', to]), { code: 2, stdout: '', stderr: because })
    if (existsSync(join(dataDir, 'visage.db'))) t.match(await visage(dataDir, ['groups', 'create', '--name', `after ${count++}`]), { code: 0 })
  }
  const old = await filledFolder(t)
  await refused(join(home, 'none'), join(home, 'new'), /is not the data folder of a service/)
  t.notOk(existsSync(join(home, 'new')))
  await refused(old, old, /the service is at \S+ already\n$/)
  writeFileSync(join(home, 'something'), '')
  await refused(old, join(old, 'new'), /old and \S+new lie in each other: choose another folder\n$/)
  await refused(old, join(home, 'something/new'), /^the move was broken off \(\S+new: ENOTDIR: [^\n]*\): repeat it\n$/)
  await refused(old, home, /is not empty: choose a new folder\n$/)
  await refused(old, await newFolder(t), /is not empty: choose a new folder\n$/)
  const file = join(old, 'media/covers', readdirSync(join(old, 'media/covers'))[0] ?? '')
  const bytes = readFileSync(file)
  rmSync(file)
  await refused(old, join(home, 'new'), /^media\/covers\/[0-9a-f]+\S*\.webp is missing or damaged: run fsck --repair first\n$/)
  await refused(await filledFolder(t), join(home, 'new'), /new is being filled from \S+old, and that was not finished: choose another folder, or remove it\n$/)
  writeFileSync(file, bytes)
  const sql = new Sqlite(join(old, 'visage.db'))
  sql.pragma('foreign_keys = OFF')
  sql.exec('insert into memberships values (99999, 1)')
  await refused(old, join(home, 'new'), /^a row of memberships does not fit \(FOREIGN KEY constraint failed\): run fsck --repair first\n$/)
  sql.exec("delete from memberships where user_id = 99999; insert into users (username, avatar, created_at, updated_at) values ('early', 'aaaa', 1, 1); insert into avatars (user_id, name, uploaded_at) select id, 'aaaa', 1 from users where username = 'early'")
  sql.close()
  await refused(old, join(home, 'new'), /^nothing is known yet of the avatar of account \d+, and of others perhaps: run fsck --repair first\n$/)
  t.match(await visage(old, ['move']), { code: 2 })
})

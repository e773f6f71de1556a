import Sqlite from 'better-sqlite3'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { linesTo } from '../plugins/log/lines.ts'
import { openDatabase } from '../src/db/index.ts'
import { visage } from './commands/visage.ts'
import { migrationsIn } from './db/migrations.ts'
import { build, folderFor, form, signUp, tokenOf } from './helper.ts'
import type { Built } from './helper.ts'
import { noise } from './images/pictures.ts'
import { setsIn } from './images/sets.ts'
import { settled } from './sockets/listening.ts'

/** Runs a test on a data folder that is a disk of three megabytes. */
function onSmallDisk (name: string, run: (t: Test, built: Built) => Promise<void>): void {
  void t.test(name, async (t) => {
    const dataDir = t.testdir({})
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', dataDir], { stdio: 'pipe' })
    } catch (error) {
      t.comment(`SKIPPED: a small disk could not be mounted: ${String(error)}`)
      return
    }
    try {
      const built = await build(t, { dataDir })
      await run(t, built)
      await built.core.close()
      await built.app.close()
    } finally {
      execFileSync('umount', ['--lazy', dataDir])
    }
  })
}

const DISK = 3 * 1_024 ** 2
/** What more of the disk is free at each attempt. */
const STEP = 8_192
/** What was uploaded goes right after the answer. */
const staged = (dataDir: string) => settled(() => readdirSync(join(dataDir, 'staging')), ({ length }) => length === 0)
const filesIn = async (dataDir: string) => [...readdirSync(join(dataDir, 'media/avatars')), ...await staged(dataDir)].sort()

/** Takes every byte that is left. */
function fill (file: string): void {
  const handle = openSync(file, 'w')
  try {
    for (let size = 65_536; size >= 1; size /= 2) {
      try {
        for (;;) if (writeSync(handle, Buffer.alloc(size)) < size) break
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(handle)
  }
}

onSmallDisk('a log on a full disk goes on once there is room, and says how much of it was lost', async (t, { dataDir }) => {
  const [file, filler] = [join(dataDir, 'log'), join(dataDir, 'filler')]
  const handle = openSync(file, 'a')
  const { write } = linesTo(handle)
  write('first\n')
  fill(filler)
  // The last page of the file is its own, and has room for some.
  for (let i = 0; i < 100; i++) write(`${i} ${'x'.repeat(95)}\n`)
  rmSync(filler)
  write('after\n')
  closeSync(handle)
  const text = readFileSync(file, 'utf8')
  const [, told] = /\nafter\n\{.*"msg":"(\d+) lines of the log were lost"\}\n$/.exec(text) ?? []
  t.equal(text.match(/^\d+ x{95}$/gm)?.length, 100 - Number(told), text.slice(-200))
})

onSmallDisk('a full disk: 507 in every family, reads go on, nothing is lost, and with room it works again', async (t, built) => {
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const staff = await tokenOf(built, await signUp(built, 'grace', { isStaff: true }))
  const row = async () => ({ ...await built.core.db.read.users.find(ada.id), lastSeenAt: null })

  const families = [
    { name: 'community', method: 'PATCH', url: `/api/v2/user/${ada.id}/`, field: 'real_name', headers: ada.headers, told: { errors: [{ code: 'insufficient_storage' }] } },
    { name: 'staff', method: 'PATCH', url: `/api/users/${ada.id}/`, field: 'first_name', headers: staff, told: { detail: 'The service has no space left to store this.' } },
    { name: 'native', method: 'PATCH', url: '/v1/me', field: 'firstName', headers: ada.headers, told: { status: 507, code: 'insufficient_storage' } },
    { name: 'personal', method: 'PUT', url: `/api/profile/${ada.id}/update/`, field: 'first_name', headers: ada.headers, told: { detail: 'The service has no space left to store this.' } },
  ] as const
  const avatar = await noise('jpeg', 300, 300)
  const send = ({ method, url, field, headers }: (typeof families)[number], value: string) => {
    const body = form([[field, value], ['avatar', { file: avatar }]])
    return app.inject({ method, url, payload: body.payload, headers: { ...body.headers, ...headers } })
  }

  for (const family of families) t.equal((await send(family, 'before')).statusCode, 200, family.name)
  const before = await row()
  const files = () => setsIn(join(dataDir, 'media/avatars'))
  t.same(files(), [`${before.avatar}.webp`])

  fill(join(dataDir, 'filler'))
  for (const family of families) {
    const response = await send(family, 'meanwhile')
    t.equal(response.statusCode, 507, `${family.name}: ${response.body}`)
    t.match(response.json(), family.told)
    t.equal((await app.inject({ url: `/api/v2/user/${ada.id}/` })).statusCode, 200, 'reads go on')
  }
  t.same(await row(), before)
  t.same(files(), [`${before.avatar}.webp`])
  t.same(await staged(dataDir), [])
  t.same((await app.inject({ url: '/health/ready' })).json(), { status: 'unavailable' })
  t.match(await built.core.health.look(), { status: 'unavailable', checks: [{ name: 'database' }, { name: 'migrations' }, { name: 'store', detail: /ENOSPC/ }] })

  rmSync(join(dataDir, 'filler'))
  for (const family of families) t.equal((await send(family, 'after')).statusCode, 200, family.name)
  t.match(await row(), { firstName: 'after', realName: 'after' })
  const file = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.equal(file.pragma('integrity_check', { simple: true }), 'ok')
  file.close()
})

onSmallDisk('a database that can grow no more: 507, and its neighbours are told as well', async (t, built) => {
  const { dataDir } = built
  const people = [await signUp(built, 'ada'), await signUp(built, 'bob'), await signUp(built, 'eve')]
  const patch = (at: number, bio: string) => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${people[at]?.id}/`, payload: { bio }, headers: { ...people[at]?.headers } })
  fill(join(dataDir, 'filler'))
  const refused = await Promise.all(people.map((_, at) => patch(at, 'x'.repeat(5_000))))
  t.same(refused.map(({ statusCode }) => statusCode), [507, 507, 507])
  rmSync(join(dataDir, 'filler'))
  t.same((await Promise.all(people.map((_, at) => patch(at, 'y')))).map(({ statusCode }) => statusCode), [200, 200, 200])
})

onSmallDisk('a disk that gets full anywhere between the first byte of a picture and its last size: 507, and the set of before is whole', async (t, built) => {
  const { app, core, dataDir } = built
  const { id, headers } = await signUp(built, 'ada')
  const avatar = await noise('jpeg', 200, 200)
  const send = () => {
    const body = form([['avatar', { file: avatar }]])
    return app.inject({ method: 'PATCH', url: `/api/v2/user/${id}/`, payload: body.payload, headers: { ...body.headers, ...headers } })
  }
  t.equal((await send()).statusCode, 200)
  const state = () => [core.db.read.users.find(id).then((row) => row?.avatar), filesIn(dataDir)]
  const before = await Promise.all(state())

  const filler = join(dataDir, 'filler')
  let refused = 0
  for (let left = 0; ; left += STEP) {
    rmSync(filler, { force: true })
    fill(filler)
    truncateSync(filler, statSync(filler).size - left)
    const { statusCode, body } = await send()
    if (statusCode === 200) break
    refused++
    t.equal(statusCode, 507, `${left} bytes left: ${body}`)
    t.same(await Promise.all(state()), before)
  }
  rmSync(filler)
  t.ok(refused * STEP > avatar.length + 20_000, `refused with up to ${(refused - 1) * STEP} bytes left, the upload alone has ${avatar.length}`)
  t.equal((await filesIn(dataDir)).length, 5)
  await core.fsck.run({ onFinding: (finding) => { t.fail(JSON.stringify(finding)) } })
})

onSmallDisk('I1 an update that copies the database asks for the room first, and changes nothing without it', async (t, built) => {
  const { app, core, dataDir } = built
  await signUp(built, 'ada')
  await core.close()
  await app.close()
  const file = new Sqlite(join(dataDir, 'visage.db'))
  file.exec('create table ballast (bytes blob); insert into ballast values (randomblob(1000000))')
  file.pragma('wal_checkpoint(TRUNCATE)')
  const newer = { dataDir, exclusive: true, migrations: migrationsIn(join(dataDir, 'newer'), Infinity, 'DROP TABLE `ballast`;'), version: '9.9.9' }
  await t.rejects(openDatabase(newer), { name: 'FolderError', code: 'UPDATE_FAILED', message: /^the update to 9\.9\.9 first copies the database and needs \d\.\d MiB on the disk of .*, where \d\.\d MiB are free; nothing was changed$/ })
  t.same(readdirSync(dataDir).filter((name) => name.includes('before')), [])
  t.equal(file.prepare('select count(*) from ballast').pluck().get(), 1)

  file.exec('delete from ballast')
  file.exec('vacuum')
  file.pragma('wal_checkpoint(TRUNCATE)')
  const db = await openDatabase(newer)
  t.equal(db.backup, join(dataDir, 'visage.db.before-9.9.9'), 'with room it is done')
  await db.close()
  file.close()
})

/** Runs a command again and again, with more and more room for it. */
async function untilDone (t: Test, { disk, dataDir, args, whole, step = 16 * STEP }: { disk: string, dataDir: string, args: string[], whole: (left: number) => void, step?: number }): Promise<void> {
  const filler = join(disk, 'filler')
  let refused = 0
  for (let left = 0; ; left += step) {
    rmSync(filler, { force: true })
    fill(filler)
    truncateSync(filler, Math.max(0, statSync(filler).size - left))
    const { code, stdout, stderr } = await visage(dataDir, args)
    if (code === 0) break
    if (left > DISK) throw new Error(`${args[0]} is not done with all the room that there is: ${stderr}`)
    refused++
    t.equal(stdout, '')
    t.match(stderr, /^there is no room for it on the disk of .*; nothing half was left\n$/, `${args[0]} with ${left} bytes left: ${stderr}`)
    whole(left)
  }
  rmSync(filler)
  t.ok(refused > 1, `${args[0]} was refused ${refused} times`)
}

async function withAvatar (built: Built): Promise<void> {
  const ada = await signUp(built, 'ada')
  const avatar = form([['avatar', { file: await noise('jpeg', 200, 200) }]])
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: avatar.payload, headers: { ...avatar.headers, ...ada.headers } })
}

onSmallDisk('a backup, a restore and a drill that the disk has no room for: one sentence, nothing half, and with room they are done', async (t, built) => {
  const disk = built.dataDir
  await withAvatar(built)
  const [dir, elsewhere] = [join(disk, 'backups'), join(disk, 'elsewhere')]
  const below = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !/lock$|tombstones$/.test(entry.name)).map(({ name }) => name)
  await untilDone(t, { disk, dataDir: disk, args: ['backup', dir], whole: (left) => t.same(left === 0 ? [] : below(dir), []) })
  t.equal((await visage(disk, ['backup', 'verify', dir])).code, 0)
  await untilDone(t, { disk, dataDir: elsewhere, args: ['restore', dir], whole: (left) => t.same(left === 0 ? [] : below(elsewhere).filter((name) => name !== 'visage.db.before-restore'), []) })
  t.equal((await visage(elsewhere, ['restore', dir])).code, 0)

  rmSync(elsewhere, { recursive: true })
  const temporary = join(disk, 'temporary')
  mkdirSync(temporary)
  const { TMPDIR } = process.env
  process.env.TMPDIR = temporary
  await untilDone(t, { disk, dataDir: disk, args: ['backup', 'drill', dir], step: 48 * STEP, whole: () => t.same(readdirSync(temporary), []) })
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  t.same(readdirSync(temporary), [])
})

onSmallDisk('an export and imports that the disk has no room for: the same', async (t, built) => {
  const disk = built.dataDir
  await withAvatar(built)
  const folder = join(disk, 'export')
  const before = readdirSync(disk).sort()
  const isAsBefore = () => { t.same(readdirSync(disk).filter((name) => name !== 'filler').sort(), before) }
  await untilDone(t, { disk, dataDir: disk, args: ['export', folder], whole: isAsBefore, step: STEP })
  before.push('export')
  before.sort()
  await untilDone(t, { disk, dataDir: join(disk, 'new'), args: ['import', folder], whole: isAsBefore })
  t.equal((await visage(join(disk, 'new'), ['fsck'])).stdout, '1 accounts, 1 pictures, 5 files: all in order\n')

  for (const name of ['new', 'export']) rmSync(join(disk, name), { recursive: true })
  const django = ['import', 'django', '--database', join(import.meta.dirname, 'transfer/django/db.sqlite3'), '--media', join(import.meta.dirname, 'transfer/django/media')]
  fill(join(disk, 'filler'))
  t.match(await visage(disk, django), { code: 2, stderr: /^there is no room left on the disk of .*; whoever was told before this is there: make room, and run it again\n$/ })
  rmSync(join(disk, 'filler'))
  t.match(await visage(disk, django), { code: 1, stdout: /\n\d+ imported, \d there already, 1 left out\n$/ })

  // Without a server even the lock of the folder has no room.
  await built.core.close()
  await built.app.close()
  fill(join(disk, 'filler'))
  for (const args of [django, ['export', folderFor(t)], ['users', 'list'], ['backup', folderFor(t)]]) t.match(await visage(disk, args), { code: 2, stderr: /^there is no room (?:left|for it) on the disk of / }, args.join(' '))
})

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { generationsIn, generationsOf } from '../../src/backup/layout.ts'
import { readManifest, sha256, writeManifest } from '../../src/backup/manifest.ts'
import { readTombstones } from '../../src/backup/tombstones.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { VERSION } from '../../src/version.ts'
import { visage } from '../commands/visage.ts'
import { open } from '../core/fsck-world.ts'
import { build, folderFor, PASSWORD } from '../helper.ts'
import { seeded } from '../seeded.ts'
import { newCover, ok, world } from './world.ts'

const AT_RANDOM = 4
const random = seeded(Date.now() % 2 ** 31)

const filesIn = (dir: string): string[] => readdirSync(dir, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'backup.lock').map((entry) => relative(dir, join(entry.parentPath, entry.name))).sort()
const flipped = (bytes: Buffer, at: number, bit: number): Buffer => Buffer.from(bytes.map((byte, i) => i === at ? byte ^ (1 << bit) : byte))

t.test('one flipped bit anywhere is found by verify and by restore, and named', async (t) => {
  const { dataDir, dir } = await world(t)
  const core = await open(dataDir, true)
  for (const id of [2, 4]) await core.deletion.remove(OPERATOR, id, () => {}, { family: 'operator' })
  await core.close()
  const name = (await ok(t, dataDir, 'backup', dir, '--with-secrets')).split(': ')[0] ?? ''
  const elsewhere = join(dir, '..', 'elsewhere')
  const files = filesIn(dir)
  t.ok(['tombstones', `generations/${name}/secrets/seal.key`, `generations/${name}/visage.sqlite3`].every((file) => files.includes(file)), files.join())
  let tried = 0
  for (const file of files) {
    const bytes = readFileSync(join(dir, file))
    const places = new Set([0, bytes.length - 1, ...Array.from({ length: AT_RANDOM }, () => Math.floor(random() * bytes.length))])
    for (const at of places) {
      const bit = Math.floor(random() * 8)
      writeFileSync(join(dir, file), flipped(bytes, at, bit))
      const named = file.replace(/manifest\.sha256$/, 'manifest.json')
      const verified = await visage(dataDir, ['backup', 'verify', dir])
      t.ok(verified.code === 1 && verified.stdout.includes(named), `verify, ${file}, byte ${at}, bit ${bit}: ${verified.stdout}${verified.stderr}`)
      const restored = await visage(elsewhere, ['restore', dir])
      t.ok(restored.code === 2 && restored.stderr.includes(named), `restore, ${file}, byte ${at}, bit ${bit}: ${restored.stdout}${restored.stderr}`)
      tried++
    }
    writeFileSync(join(dir, file), bytes)
  }
  t.comment(`${tried} bits of ${files.length} files`)
  await ok(t, dataDir, 'backup', 'verify', dir)
  await ok(t, elsewhere, 'restore', dir)
})

t.test('what is missing is named as well, and what a crash has left is cleared away', async (t) => {
  const { dataDir, dir } = await world(t)
  await newCover(dataDir, 4, 60)
  await ok(t, dataDir, 'backup', dir)
  const [name = ''] = generationsIn(dir)
  for (const left of [join(generationsOf(dir), '2026-01-01T00-00-00.000Z.new'), join(generationsOf(dir), `${name}.gone`), join(dir, 'pool/new'), join(dataDir, 'restore.new')]) {
    mkdirSync(left)
    writeFileSync(join(left, 'half'), 'a')
  }
  await ok(t, dataDir, 'backup', dir)
  t.same(readdirSync(generationsOf(dir)), generationsIn(dir))
  t.notOk(readdirSync(join(dir, 'pool')).includes('new'))
  await ok(t, dataDir, 'restore', dir)
  t.notOk(readdirSync(dataDir).includes('restore.new'))
  mkdirSync(join(dataDir, 'restore.new'))
  await (await open(dataDir)).close()
  t.ok(readdirSync(dataDir).includes('restore.new'), 'a command may run beside a restore')
  await (await open(dataDir, true)).close()
  t.notOk(readdirSync(dataDir).includes('restore.new'), 'whoever has the folder alone clears it')

  const [shelf = ''] = readdirSync(join(dir, 'pool'))
  const [hash = ''] = readdirSync(join(dir, 'pool', shelf))
  execFileSync('rm', [join(dir, 'pool', shelf, hash)])
  t.match(await visage(dataDir, ['backup', 'verify', dir]), { code: 1, stdout: new RegExp(`pool/${shelf}/${hash}: missing, it is media/`) })
  t.match(await visage(dataDir, ['restore', dir]), { code: 2, stderr: new RegExp(`pool/${shelf}/${hash} is missing.*nothing was changed`) })
})

t.test('a torn line of tombstones is none, and the next one begins where it did', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  writeFileSync(join(dir, 'tombstones'), '77 ab')
  await ok(t, dataDir, 'backup', 'verify', dir)
  const core = await open(dataDir, true)
  await core.deletion.remove(OPERATOR, 2, () => {}, { family: 'operator' })
  await core.close()
  await ok(t, dataDir, 'backup', dir)
  t.equal(readFileSync(join(dir, 'tombstones'), 'utf8'), `2 ${createHash('sha256').update('visage tombstone 2').digest('hex').slice(0, 16)}\n`)
})

t.test('of tombstones for which there is no room none is there, and it is said', async (t) => {
  const dir = t.testdir({})
  const script = `
    import { addTombstones } from '${new URL('../../src/backup/tombstones.ts', import.meta.url).href}'
    const [dir] = process.argv.slice(1)
    const ids = (from) => Array.from({ length: 20 }, (_, i) => from + i)
    await addTombstones(dir, ids(10))
    await addTombstones(dir, ids(30)).catch(({ code }) => console.log(code))
  `
  // The disk is full in the middle of the second piece.
  const said = execFileSync('sh', ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script, dir], { encoding: 'utf8', env: {} })
  t.equal(said, 'ENOSPC\n')
  t.match(readFileSync(join(dir, 'tombstones'), 'utf8'), /^(\d+ [0-9a-f]{16}\n){20}$/)
  t.equal(readTombstones(dir).ids.size, 20)
})

t.test('a backup of a newer version is refused, and so is that of another service', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const [name = ''] = generationsIn(dir)
  const folder = join(generationsOf(dir), name)
  const manifest = readManifest(dir, name)
  const newer = new Sqlite(join(folder, 'visage.sqlite3'))
  newer.prepare("insert into __drizzle_migrations (hash, created_at) values ('x', ?)").run(Date.UTC(2100, 0, 1))
  newer.prepare("update __visage set value = '9.9.9' where name = 'version'").run()
  newer.close()
  await writeManifest(folder, { ...manifest, database: createHash('sha256').update(readFileSync(join(folder, 'visage.sqlite3'))).digest('hex') })
  t.match(await visage(dataDir, ['restore', dir]), { code: 2, stderr: /^the database was written by version 9\.9\.9, and this is / })
  await writeManifest(folder, { ...manifest, format: 3 as 1, version: '9.9.9' })
  t.match(await visage(dataDir, ['restore', dir]), { code: 2, stderr: /was made by version 9\.9\.9, which this program does not know/ })
  t.equal(await ok(t, dataDir, 'fsck'), '4 accounts, 6 pictures, 26 files: all in order\n', 'nothing was changed')
  await writeManifest(folder, { ...manifest, service: 'another' })
  t.match(await visage(dataDir, ['backup', dir]), { code: 2, stderr: /holds the backups of another service/ })
  t.match(await visage(dataDir, ['restore', join(dir, 'none')]), { code: 2, stderr: /none holds no backup\n$/ })
})

t.test('a seal.key that is not the one: refused before anything is changed', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const elsewhere = join(dir, '..', 'elsewhere')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'seal.key'), Buffer.alloc(32).toString('base64url'))
  t.match(await visage(elsewhere, ['restore', dir]), { code: 2, stderr: /^the seal\.key of the folder is not the one .*; nothing was changed\n$/ })
  t.same(readdirSync(elsewhere).sort(), ['instance.lock', 'seal.key'])
})

t.test('a backup that version 0.1.0 made restores and is brought up to date', async (t) => {
  const home = folderFor(t)
  execFileSync('tar', ['-xzf', join(import.meta.dirname, 'made-by-0.1.0.tar.gz'), '-C', home])
  const [dir, dataDir] = [join(home, 'backups'), join(home, 'data')]
  await ok(t, dataDir, 'backup', 'verify', dir)
  await ok(t, dataDir, 'restore', dir)
  t.equal(await ok(t, dataDir, 'fsck'), '5 accounts, 6 pictures, 26 files: all in order\n')
  const { app, core } = await build(t, { dataDir })
  t.equal((await app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'grace', password: PASSWORD } })).statusCode, 200)
  t.match(await core.users.get(1), { username: 'ada', realName: 'ada of Nowhere' })
  t.equal(await core.db.read.facts.find('version'), VERSION)
})

t.test('whoever can write to the folder of backups gets no further', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir, '--with-secrets')
  const [name = ''] = generationsIn(dir)
  const folder = join(generationsOf(dir), name)
  const manifest = readManifest(dir, name)
  const elsewhere = join(dir, '..', 'elsewhere')
  const refused = async (says: RegExp) => {
    t.match(await visage(elsewhere, ['restore', dir]), { code: 2, stdout: '', stderr: says })
    t.match(await visage(dataDir, ['backup', 'verify', dir]), { code: 1, stdout: /1 wrong|\d wrong/ })
    t.same(existsSync(elsewhere) ? readdirSync(elsewhere) : [], ['instance.lock'].filter(() => existsSync(elsewhere)))
    t.notOk(existsSync(join(dir, '..', 'evil')))
  }
  writeFileSync(join(dir, '..', 'key'), 'of somebody else')
  await writeManifest(folder, { ...manifest, secrets: { '../../../key': sha256('of somebody else') } })
  await refused(/names a secret that there is none of: "\.\.\/\.\.\/\.\.\/key"\n$/)

  const list = `${'../'.repeat(21)}x  avatars/x.webp\n`
  writeFileSync(join(folder, 'pictures.sha256'), list)
  await writeManifest(folder, { ...manifest, pictures: sha256(list) })
  await refused(/pictures\.sha256 is no list of hashes/)
  rmSync(join(folder, 'pictures.sha256'))

  const text = '{"format": 2'
  writeFileSync(join(folder, 'manifest.json'), text)
  writeFileSync(join(folder, 'manifest.sha256'), `${sha256(text)}  manifest.json\n`)
  await refused(/manifest\.json is no JSON/)
  t.match(await visage(dataDir, ['backup', 'list', dir]), { code: 1, stdout: /manifest\.json is no JSON\n$/ })
  truncateSync(join(folder, 'manifest.json'), 300 * 1_024 ** 2)
  await refused(/the manifest cannot be read \(it is larger than any\)/)

  const file = join(folder, 'visage.sqlite3')
  const written = readFileSync(file)
  const crafted = new Sqlite(file)
  crafted.exec("update pictures set name = '../../../evil' where rowid = (select min(rowid) from pictures)")
  crafted.close()
  await writeManifest(folder, { ...manifest, database: sha256(readFileSync(file)) })
  await refused(/names a picture as none is called: "\.\.\/\.\.\/\.\.\/evil"/)
  writeFileSync(file, written)
  await writeManifest(folder, manifest)

  // A link could be another file later.
  const [pooled = ''] = filesIn(join(dir, 'pool'))
  renameSync(join(dir, 'pool', pooled), join(dir, '..', 'moved'))
  symlinkSync(join(dir, '..', 'moved'), join(dir, 'pool', pooled))
  await refused(/ is damaged, it is media\//)
  rmSync(join(dir, 'pool', pooled))
  execFileSync('mkfifo', [join(dir, 'pool', pooled)])
  await refused(/ is damaged, it is media\//)
  rmSync(join(dir, 'pool', pooled))
  renameSync(join(dir, '..', 'moved'), join(dir, 'pool', pooled))
  await ok(t, elsewhere, 'restore', dir)
})

t.test('folders that are none for backups, and two at once', async (t) => {
  const { dataDir, dir } = await world(t)
  for (const folder of ['', 'media/avatars', 'staging', 'mail/backups', 'media/../media']) t.match(await visage(dataDir, ['backup', join(dataDir, folder)]), { code: 2, stderr: /is a folder of the service itself: choose another one, best on another disk\n$/ }, folder)
  writeFileSync(join(dir, '..', 'file'), '')
  t.match(await visage(dataDir, ['backup', join(dir, '..', 'file')]), { code: 2, stderr: /file: E[A-Z]+: .*\n$/ })
  const both = await Promise.all([visage(dataDir, ['backup', dir]), visage(dataDir, ['backup', dir])])
  t.same(both.map(({ code }) => code).sort(), [0, 2])
  t.match(both.find(({ code }) => code === 2)?.stderr, /^another backup or restore is at work on .*\n$/)

  await ok(t, dataDir, 'backup', dir)
  const [first = '', second = ''] = generationsIn(dir)
  writeFileSync(join(generationsOf(dir), first, 'manifest.json'), '{}')
  t.match(await visage(dataDir, ['backup', dir, '--keep', '2']), { code: 0 }, 'the damaged one goes first')
  writeFileSync(join(generationsOf(dir), second, 'manifest.json'), '{}')
  t.match(await visage(dataDir, ['backup', dir, '--keep', '3']), { code: 1, stdout: new RegExp(`generations/${second}/manifest\\.json .* damaged; no picture was removed\n`) })
})

t.test('a folder of backups that cannot be written to is read all the same', async (t) => {
  const { dataDir, dir } = await world(t)
  const disk = join(dir, '..', 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=9m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    t.comment(`SKIPPED: a disk could not be mounted: ${String(error)}`)
    return
  }
  try {
    const copy = join(disk, 'backups')
    t.match(await ok(t, dataDir, 'backup', copy), /of which 6 are new/, 'copied, because it is another disk')
    t.match(await ok(t, dataDir, 'backup', copy), /of which 0 are new/)
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await ok(t, dataDir, 'backup', 'verify', copy)
    await ok(t, join(dir, '..', 'elsewhere'), 'restore', copy)
    t.match(await visage(dataDir, ['backup', copy]), { code: 2, stderr: /backups: .*read-?only.*\n$/i })
  } finally {
    execFileSync('umount', ['--lazy', disk])
  }
})

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { visage } from '../commands/visage.ts'
import { difference, open, place } from '../core/fsck-world.ts'
import { build, folderFor } from '../helper.ts'
import { newCover, ok, world } from './world.ts'

const FINE = '4 accounts, 6 pictures, 26 files: all in order\n'
const entomb = () => {}

t.test('a round trip beside a running server: equal by row and byte', async (t) => {
  const { dataDir, dir } = await world(t)
  const { core } = await build(t, { dataDir })
  await core.users.edit(OPERATOR, 4, { bio: 'here since' }, { family: 'operator' })
  await core.mail.deliver()
  const before = (await place(t, dataDir)).state()
  const said = await ok(t, dataDir, 'backup', dir, '--with-secrets')
  t.match(said, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z: 3 accounts, 26 files of pictures, of which 6 are new, \d+\.\d MiB\nleft out: templates\/, mail\//)
  t.match(await ok(t, dataDir, 'backup', dir, '--with-secrets'), /26 files of pictures, of which 0 are new/)
  t.match(await ok(t, dataDir, 'backup', 'verify', dir), '2 backups, 6 files of pictures: all in order\n')
  t.match(await visage(dataDir, ['restore', dir]), { code: 2, stderr: /^another server is running on this data folder\n$/ })

  const elsewhere = join(dir, '..', 'elsewhere')
  t.match(await ok(t, elsewhere, 'restore', dir, '--keep-sessions'), /is as it was at .*: 3 accounts, 26 files of pictures/)
  t.equal(await ok(t, elsewhere, 'fsck'), FINE)
  const changed = difference(before, (await place(t, elsewhere)).state()).filter((line) => !/^. mail\/|^. __visage/.test(line))
  t.same(changed, [])
  t.notOk(existsSync(join(elsewhere, 'restore.new')))
})

t.test('what was there is replaced whole, and it is said what is older', async (t) => {
  const { dataDir, dir, names } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const core = await open(dataDir, true)
  await core.users.edit(OPERATOR, 2, { bio: 'later', avatar: null }, { family: 'operator' })
  const late = await core.users.create(OPERATOR, { username: 'late' }, { family: 'operator' })
  await core.close()
  writeFileSync(join(dataDir, 'media/avatars', `${'f'.repeat(32)}.webp`), 'of nobody')
  t.notOk(existsSync(join(dataDir, 'media/avatars', `${names.bob}.webp`)))

  const said = await ok(t, dataDir, 'restore', dir)
  t.match(said, /what was there had 4 accounts, and was last changed at \d{4}.*older than they were\nseal\.key is the one that was there/)
  t.equal(await ok(t, dataDir, 'fsck'), FINE)
  const now = await open(dataDir, true)
  t.match(await now.users.get(2), { bio: '', avatar: names.bob })
  t.equal(await now.users.findByUsername('late'), undefined)
  t.equal((await now.users.create(OPERATOR, { username: 'again' }, { family: 'operator' })).id, late.id)
  await now.close()
  t.same(readdirSync(dataDir).filter((name) => /restore|before/.test(name)), [])
})

t.test('a key that the settings have counts before any seal.key, here as at the start', async (t) => {
  const { dataDir, dir } = await world(t)
  const [elsewhere, third] = ['elsewhere', 'third'].map((name) => join(dir, '..', name)) as [string, string]
  const key = readFileSync(join(dataDir, 'seal.key'), 'utf8')
  const other = Buffer.alloc(32, 7).toString('base64url')
  const given = { VISAGE_SEAL_KEY: key }
  // A file that does not count is taken along all the same.
  writeFileSync(join(dataDir, 'seal.key'), other)
  t.match(await visage(dataDir, ['backup', dir, '--with-secrets'], given), { code: 0 })
  t.match(await visage(elsewhere, ['restore', dir], given), { code: 0, stdout: /\nVISAGE_SEAL_KEY is the key of what is sealed in it\n/ })
  t.match(await visage(elsewhere, ['restore', dir, '--json'], given), { code: 0, stdout: /"sealKey":"settings"/ })
  t.match(await visage(elsewhere, ['fsck'], given), { code: 0, stdout: FINE })
  t.match(await visage(dataDir, ['backup', 'drill', dir], given), { code: 0, stdout: /a sign-in worked\n/ })
  t.match(await visage(third, ['restore', dir]), { code: 2, stderr: 'the seal.key of the backup is not the one that this database was sealed with; nothing was changed\n' })

  writeFileSync(join(dataDir, 'seal.key'), key)
  await ok(t, dataDir, 'backup', dir, '--with-secrets')
  const refused = (more: string) => ({ code: 2, stdout: '', stderr: `VISAGE_SEAL_KEY is not the one that this database was sealed with${more}; nothing was changed\n` })
  t.match(await visage(third, ['restore', dir], { VISAGE_SEAL_KEY: other }), refused(', and the seal.key of the backup is: leave the setting out, here and at the start'))
  await ok(t, dataDir, 'backup', dir)
  t.match(await visage(third, ['restore', dir], { VISAGE_SEAL_KEY: other }), refused(''))
  t.notOk(existsSync(join(third, 'visage.db')))
})

t.test('the erased stay erased, on the machine that told and on one that is lost', async (t) => {
  const { dataDir, dir, names } = await world(t)
  const [first] = (await ok(t, dataDir, 'backup', dir, '--with-secrets')).split(':')
  const { core } = await build(t, { dataDir, backupDir: dir })
  await core.deletion.remove(OPERATOR, 1, entomb, { family: 'operator' })
  const elsewhere = join(dir, '..', 'elsewhere')
  const said = await ok(t, elsewhere, 'restore', dir)
  t.match(said, /: 2 accounts, 13 files of pictures .*\nremoved again, because they were removed since: 1 person/)
  t.notOk(existsSync(join(elsewhere, 'media/avatars', `${names.ada}.webp`)), 'her pictures neither')
  t.equal(await ok(t, elsewhere, 'fsck'), '3 accounts, 3 pictures, 13 files: all in order\n')

  // Without the setting, the next backup tells those from before.
  rmSync(join(dir, 'tombstones'))
  await ok(t, dataDir, 'backup', dir)
  const third = join(dir, '..', 'third')
  t.match(await ok(t, third, 'restore', dir, '--generation', String(first)), /removed again/)
  const now = await open(third, true)
  t.equal(await now.users.findByUsername('ada'), undefined)
  t.ok((await now.users.create(OPERATOR, { username: 'new' }, { family: 'operator' })).id > 4)
  await now.close()
})

t.test('whoever was removed last, before anything was told, is known by the folder that is replaced', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const core = await open(dataDir, true)
  await core.deletion.remove(OPERATOR, 2, entomb, { family: 'operator' })
  await core.close()
  t.match(await ok(t, dataDir, 'restore', dir), /removed again, because they were removed since: 1 person/)
})

t.test('as many as are to be kept, and of the pool what they need and nothing else', async (t) => {
  const { dataDir, dir } = await world(t)
  const pooled = async () => Number(/, (\d+) files of pictures: all in order/.exec(await ok(t, dataDir, 'backup', 'verify', dir))?.[1])
  const keep = async () => await ok(t, dataDir, 'backup', dir, '--keep', '2')
  await newCover(dataDir, 4, 50)
  await keep()
  const first = await pooled()
  await newCover(dataDir, 4, 70)
  t.match(await keep(), /of which 2 are new/)
  t.equal(await pooled(), first + 2, 'the first still has the cover of before')
  t.match(await keep(), /of which 0 are new.*\nleft out|of which 0 are new[^]*\nremoved: \d{4}-/)
  t.equal(await pooled(), first, 'and takes it along')
  t.equal((await ok(t, dataDir, 'backup', 'list', dir, '--json')).trim().split('\n').length, 2)
  t.match(await visage(dataDir, ['backup', dir, '--keep', '0']), { code: 2, stderr: '--keep takes a whole number, at least 1\n' })
})

t.test('people without any pictures', async (t) => {
  const home = folderFor(t)
  const core = await open(join(home, 'data'), true)
  await core.users.create(OPERATOR, { username: 'ada' }, { family: 'operator' })
  await core.close()
  t.match(await ok(t, join(home, 'data'), 'backup', join(home, 'backups')), /: 1 accounts, 0 files of pictures/)
})

t.test('a picture that is missing or damaged already is told, and the rest is kept', async (t) => {
  const { dataDir, dir } = await world(t)
  const name = await newCover(dataDir, 4, 1_000)
  rmSync(join(dataDir, 'media/covers', `${name}-480.webp`))
  writeFileSync(join(dataDir, 'media/covers', `${name}.webp`), 'broken')
  const { code, stdout } = await visage(dataDir, ['backup', dir])
  t.equal(code, 1)
  t.match(stdout, `missing in the data folder already: media/covers/${name}-480.webp`)
  t.match(stdout, `damaged in the data folder already, and kept so: media/covers/${name}.webp`)
  t.match(await ok(t, dataDir, 'backup', 'verify', dir), 'all in order')
})

t.test('a drill: restored, looked at, signed in to, and told in figures', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const figures = join(dir, '..', 'figures.prom')
  t.match(await ok(t, dataDir, 'backup', 'drill', dir, '--figures', figures), /4 accounts and 26 files restored in \d+\.\d s; fsck found nothing; a sign-in worked\n$/)
  t.match(await ok(t, join(dir, '..', 'nowhere'), 'backup', 'drill', dir, '--json'), /"success":1/)
})

t.test('what has ended since stays ended, and everybody signs in again unless told', async (t) => {
  const { dataDir, dir } = await world(t)
  const core = await open(dataDir, true)
  const session = async (refreshId: string) => (await core.db.write((tx) => tx.sessions.insert({ userId: 2, refreshId, device: '', address: '', createdAt: Date.now(), expiresAt: Date.now() + 9_999_999 }))).id
  const [live, ended] = [await session('live'), await session('ended')]
  const token = async (name: string) => (await core.keys.create(2, { name })).key.id
  const [kept, leaked] = [await token('kept'), await token('leaked')]
  await ok(t, dataDir, 'backup', dir)
  await core.db.write(async (tx) => {
    await tx.sessions.revoke(ended, 1_000)
    await tx.keys.revoke(leaked, 1_000)
    await tx.users.update(2, { revokedAt: 1_000 })
  })
  await core.close()

  const alive = (folder: string) => {
    const sql = new Sqlite(join(folder, 'visage.db'), { readonly: true })
    const ids = (table: string) => sql.prepare(`select id from ${table} where revoked_at is null and user_id = 2`).pluck().all()
    const told = { sessions: ids('sessions'), tokens: ids('keys'), revokedAt: sql.prepare('select revoked_at from users where id = 2').pluck().get() as number | null }
    sql.close()
    return told
  }
  t.match(await ok(t, dataDir, 'restore', dir, '--keep-sessions'), /\nsessions are those of the backup\n(?!.*count again)/)
  t.same(alive(dataDir), { sessions: [live], tokens: [kept], revokedAt: 1_000 })
  t.match(await ok(t, dataDir, 'restore', dir), /\nall sessions have ended: everybody signs in again\n(?!.*count again)/)
  const { revokedAt, ...now } = alive(dataDir)
  t.same(now, { sessions: [], tokens: [kept] })
  t.ok(Number(revokedAt) > 1_000)

  // Nothing on another machine knows of it.
  const elsewhere = join(dir, '..', 'elsewhere')
  t.match(await ok(t, elsewhere, 'restore', dir), /\nAPI tokens that were ended after the backup count again, because nothing here knows of it\n/)
  t.match(alive(elsewhere), { sessions: [], tokens: [kept, leaked] })
  t.match(await ok(t, elsewhere, 'restore', dir, '--json'), /"sessions":"ended"/)
})

t.test('what the backup before it knew is not asked again, unless the pool has lost or got something since', async (t) => {
  const { dataDir, dir } = await world(t)
  const hash = (name: string) => join(dir, 'pool', name.slice(0, 1), name)
  const pooled = () => readdirSync(join(dir, 'pool'), { recursive: true }).map(String).filter((file) => file.includes('/')).map((file) => file.slice(2)).sort()
  const listOf = (name: string) => join(dir, 'generations', name, 'pictures.sha256')
  const newest = () => readdirSync(join(dir, 'generations')).sort().at(-1) ?? ''
  await ok(t, dataDir, 'backup', dir)
  const all = pooled()
  t.notOk(existsSync(listOf(newest())), 'the database has every hash')
  rmSync(hash(String(all[0])))
  t.match(await visage(dataDir, ['backup', 'verify', dir]), { code: 1 })
  t.match(await ok(t, dataDir, 'backup', dir), /26 files of pictures, of which 1 are new/, 'it is taken again')
  t.same(pooled(), all)
  await ok(t, dataDir, 'backup', 'verify', dir)

  // A file that is missing once is looked for again, and is there for those who had it.
  const cover = join(dataDir, 'media/covers', `${await newCover(dataDir, 4, 90)}.webp`)
  await ok(t, dataDir, 'backup', dir)
  const moved = join(dataDir, 'moved')
  renameSync(cover, moved)
  for (const hash of pooled().filter((name) => !all.includes(name))) rmSync(join(dir, 'pool', hash.slice(0, 1), hash))
  t.match(await visage(dataDir, ['backup', dir]), { code: 1, stdout: /, 28 files of pictures, .*\nmissing in the data folder already: media\/covers/ })
  t.match(await visage(dataDir, ['backup', dir]), { code: 1, stdout: /missing in the data folder already: media\/covers/ })
  renameSync(moved, cover)
  t.match(await ok(t, dataDir, 'backup', dir, '--keep', '3'), /, 29 files of pictures, of which 1 are new/)
  await ok(t, dataDir, 'backup', 'verify', dir)
  await ok(t, join(dir, '..', 'elsewhere'), 'restore', dir)

  // The one before is damaged: the next is made all the same, and is whole.
  writeFileSync(join(dir, 'generations', newest(), 'visage.sqlite3'), 'no database')
  t.match(await ok(t, dataDir, 'backup', dir), /29 files of pictures, of which 0 are new/)
  writeFileSync(join(dir, 'generations', newest(), 'manifest.json'), '{')
  t.match(await ok(t, dataDir, 'backup', dir), /29 files of pictures, of which 0 are new/)
  await ok(t, join(dir, '..', 'elsewhere'), 'restore', dir)
})

t.test('a clock that was set back: what is made later is the newest', async (t) => {
  const { dataDir, dir } = await world(t)
  await ok(t, dataDir, 'backup', dir)
  const [first = ''] = readdirSync(join(dir, 'generations'))
  renameSync(join(dir, 'generations', first), join(dir, 'generations', '2098-12-31T23-59-59.999Z'))
  writeFileSync(join(dir, 'generations', '2026-01-01T00-00-00.000Z'), 'a file that is called like one')
  t.match(await ok(t, dataDir, 'backup', dir, '--keep', '1'), /^2099-01-01T00-00-00\.000Z: 3 accounts, 26 files of pictures, of which 0 are new.*\nremoved: 2098-/)
  t.match(await ok(t, join(dir, '..', 'elsewhere'), 'restore', dir), /is as it was at 20[2-8]\d/)
})

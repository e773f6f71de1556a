import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  t.match(await ok(t, elsewhere, 'restore', dir), /is as it was at .*: 3 accounts, 26 files of pictures/)
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

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { createPictureUpgrade } from '../../src/core/pictures/picture-upgrade.ts'
import { openSql, placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { filesOf, setsIn } from '../images/sets.ts'
import { openWorld } from './world.ts'

const via = { family: 'test' }
const GIVE_UP_MS = 120_000

/** A world whose pictures can be made old: what is told goes to `said`. */
async function open (t: Test) {
  const said: object[] = []
  const world = await openWorld(t, { info: () => {}, warn: (details, message) => said.push({ ...details, message }) })
  const { users, avatars, ada, upload, dataDir, file } = world
  const folder = (kind: string) => join(dataDir, 'media', `${kind}s`)

  return {
    ...world,
    said,
    folder,
    all: (kind: string) => readdirSync(folder(kind)).sort(),
    /** Leaves of every picture what there was before there were sizes. */
    age () {
      file.exec('delete from pictures')
      for (const kind of ['avatar', 'cover']) for (const name of readdirSync(folder(kind))) if (name.includes('-')) rmSync(join(folder(kind), name))
    },
    /** An avatar that is shown, one that waits, and a cover. */
    async dress () {
      const { avatar, cover } = await users.edit(OPERATOR, ada.id, { avatar: await upload('avatar'), cover: await upload('cover') }, via)
      const waiting = await avatars.add({ ...ada, id: Number(ada.id) }, { avatar: await upload('avatar') }, via)
      return { avatar: String(avatar), cover: String(cover), waiting: waiting.avatar.name }
    },
  }
}

t.test('pictures from before there were sizes get them, and nothing else moves', async (t) => {
  const { db, users, ada, dress, age, all, folder, row, said, upgradePictures } = await open(t)
  const { avatar, cover, waiting } = await dress()
  age()
  t.same([all('avatar'), all('cover')], [[`${avatar}.webp`, `${waiting}.webp`].sort(), [`${cover}.webp`]])
  const mains = ([['avatar', avatar], ['avatar', waiting], ['cover', cover]] as const).map(([kind, name]) => ({ kind, name, bytes: readFileSync(join(folder(kind), `${name}.webp`)) }))
  const before = row(ada.id)

  t.equal(await upgradePictures(), 3)
  t.same(row(ada.id), before)
  for (const { kind, name, bytes } of mains) {
    t.same(all(kind).filter((file) => file.startsWith(name)), filesOf(`${kind}s`, name).sort())
    t.ok(readFileSync(join(folder(kind), `${name}.webp`)).equals(bytes), 'the main file is what it was')
    const known = await db.read.pictures.find(name)
    t.match(known, { userId: ada.id, kind, sourceWidth: 64, sourceHeight: 48, isAnimated: false, focus: null, crop: null, color: /^#[0-9a-f]{6}$/, blurhash: /^.{28}$/ })
    t.same(known?.files.map(({ size }) => size), ['main', ...kind === 'avatar' ? [64, 128, 256, 512] : [480, 960]])
    for (const { size, width, height, bytes: length, sha256 } of known?.files ?? []) {
      const stored = readFileSync(join(folder(kind), size === 'main' ? `${name}.webp` : `${name}-${size}.webp`))
      t.same({ length, sha256 }, { length: stored.length, sha256: createHash('sha256').update(stored).digest('hex') })
      t.match(await sharp(stored).metadata(), { format: 'webp', width, height })
    }
  }
  t.equal(await upgradePictures(), 0, 'once')
  t.same(said, [])
  t.match(await users.edit(OPERATOR, ada.id, { cuts: { avatar: { focus: [1, 1] } } }, via), { version: 3 }, 'and can be cut anew')
})

t.test('until then nothing can be said of one, and nothing has to be', async (t) => {
  const { db, users, ada, dress, age, row, upgradePictures } = await open(t)
  const { avatar, cover } = await dress()
  age()
  const before = row(ada.id)
  await t.rejects(users.edit(ada, ada.id, { alts: { avatar: 'Ada' }, bio: 'x' }, via), { code: 'unavailable' })
  await users.edit(ada, ada.id, { alts: { avatar: null, cover: '' } }, via)
  t.same(row(ada.id), before)
  await upgradePictures()
  t.match(await db.read.pictures.find(avatar), { alt: null })
  await users.edit(ada, ada.id, { alts: { avatar: 'Ada', cover: 'Engines' } }, via)
  t.match([await db.read.pictures.find(avatar), await db.read.pictures.find(cover)], [{ alt: 'Ada' }, { alt: 'Engines' }])
  t.equal(await upgradePictures(), 0)
  t.match(await db.read.pictures.find(avatar), { alt: 'Ada' })
})

t.test('until then a new picture takes the place of one without', async (t) => {
  const { users, ada, dress, age, files, upload } = await open(t)
  const { waiting, cover } = await dress()
  age()
  const { avatar } = await users.edit(OPERATOR, ada.id, { avatar: await upload('avatar'), cuts: { avatar: { focus: [0, 1] } } }, via)
  t.same(files(), [`media/avatars/${avatar}.webp`, `media/avatars/${waiting}.webp`, `media/covers/${cover}.webp`].sort())
})

t.test('whoever cuts one does not wait for its turn, and takes it from nobody', async (t) => {
  const { db, users, ada, dress, age, files, said, upgradePictures } = await open(t)
  const { avatar, cover, waiting } = await dress()
  const cuts = { avatar: { focus: [1, 1] }, cover: { focus: [0, 1] } } as const
  for (const at of ['before', 'meanwhile'] as const) {
    age()
    const said = at === 'before' ? cuts : { avatar: { focus: [-1, 0] }, cover: { focus: [1, 0] } } as const
    const upgrading = at === 'meanwhile' ? upgradePictures() : undefined
    const now = await users.edit(OPERATOR, ada.id, { bio: at, cuts: said }, via)
    await (upgrading ?? upgradePictures())
    t.notSame([now.avatar, now.cover], [avatar, cover])
    t.match(await db.read.pictures.find(String(now.avatar)), { focus: said.avatar.focus, crop: null, sourceWidth: 64 })
    t.match(await db.read.pictures.find(String(now.cover)), { focus: said.cover.focus })
    t.same(files(), [`media/avatars/${now.avatar}.webp`, `media/avatars/${waiting}.webp`, `media/covers/${now.cover}.webp`].sort(), 'whole sets of these, and nothing else')
  }
  t.same(said.filter((each) => (each as { err?: { code?: unknown } }).err?.code !== 'IMAGE_MISSING'), [], 'at most that one was cut before its turn')
})

t.test('what cannot be read is told and left, and stands in nobody\'s way', async (t) => {
  const { db, file, ada, dress, age, all, folder, said, upgradePictures } = await open(t)
  const { avatar, waiting, cover } = await dress()
  age()
  // More of them than are looked at together, and before the good one in every order.
  const broken = Array.from({ length: 120 }, (_, i) => `0${String(i).padStart(31, '0')}`)
  const insert = file.prepare('insert into avatars (user_id, name, uploaded_at) values (?, ?, 1)')
  file.prepare('delete from avatars').run()
  for (const name of broken) insert.run(ada.id, name)
  const [garbage = '', missing = ''] = broken
  for (const name of broken) if (name !== missing) writeFileSync(join(folder('avatar'), `${name}.webp`), 'RIFF, but no picture')
  const last = 'f'.repeat(32)
  renameSync(join(folder('avatar'), `${waiting}.webp`), join(folder('avatar'), `${last}.webp`))
  insert.run(ada.id, last)

  t.equal(await upgradePictures(), 2)
  t.match(await db.read.pictures.find(last), { kind: 'avatar' })
  t.match(await db.read.pictures.find(cover), { kind: 'cover' })
  t.equal(said.length, broken.length)
  t.same(said.map((each) => (each as { name: string }).name).sort(), broken)
  t.match(said, broken.map(() => ({ kind: 'avatar', err: Error, message: 'a picture from before there were sizes could not be upgraded' })))
  t.match(said.find((each) => (each as { name: string }).name === missing), { err: { code: 'IMAGE_MISSING' } })
  t.same(all('avatar'), [...broken.filter((name) => name !== missing).map((name) => `${name}.webp`), `${avatar}.webp`, ...filesOf('avatars', last)].sort())
  t.equal(readFileSync(join(folder('avatar'), `${garbage}.webp`), 'utf8'), 'RIFF, but no picture')
  t.equal(await upgradePictures(), 0, 'and are tried again')
  t.equal(said.length, 2 * broken.length)
})

t.test('somebody who leaves while the sizes are made takes them along', async (t) => {
  for (const leave of ['the row alone', 'for good'] as const) {
    await t.test(leave, async (t) => {
      const { db, images, file, ada, deletion, dress, age, files, said } = await open(t)
      const { cover } = await dress()
      age()
      const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const { inspection } = images
      const told: typeof images = {
        ...images,
        inspection: {
          ...inspection,
          async remake (...picture) {
            const made = inspection.remake(...picture)
            asked.resolve()
            await gone.promise
            return await made
          },
        },
      }
      const upgrading = createPictureUpgrade({ db, images: told, log: { warn: (details) => { said.push(details) } } }).run()
      // What was read is on its way to the image process.
      await asked.promise
      if (leave === 'for good') await deletion.remove(OPERATOR, ada.id, () => {}, { family: 'test' })
      else file.prepare('delete from users where id = ?').run(ada.id)
      gone.resolve()
      t.equal(await upgrading, 0)
      // Of what was read already nothing stays; the cover, whose row was gone before anybody looked, is left for the sweeper.
      t.same(files(), leave === 'for good' ? [] : [`media/covers/${cover}.webp`])
      t.same(file.prepare('select * from pictures').all(), [])
      if (leave === 'the row alone') t.same(said, [])
    })
  }
})

t.test('somebody who chooses another picture while the sizes are made keeps that alone', async (t) => {
  const { users, file, ada, upload, age, files, upgradePictures } = await open(t)
  const images = { avatar: await upload('avatar'), cover: await upload('cover') }
  await users.edit(OPERATOR, ada.id, images, via)
  age()
  const next = { avatar: await upload('avatar'), cover: null }
  const [, { avatar }] = await Promise.all([upgradePictures(), users.edit(OPERATOR, ada.id, next, via)])
  t.same(files(), [`media/avatars/${avatar}.webp`])
  t.same(file.prepare('select name from pictures').pluck().all(), [avatar])
})

t.test('the end is waited for: one that is at work is finished, or broken off without a word', async (t) => {
  for (const isBroken of [false, true]) {
    await t.test(isBroken ? 'broken off' : 'finished', async (t) => {
      const { db, images, file, dress, age, said } = await open(t)
      await dress()
      age()
      const asked = Promise.withResolvers<void>()
      const { inspection } = images
      const told: typeof images = { ...images, inspection: { ...inspection, remake (...picture) { asked.resolve(); return inspection.remake(...picture) } } }
      const upgrade = createPictureUpgrade({ db, images: told, log: { warn: (details) => { said.push(details) } } })
      let upgraded: number | undefined
      const run = async () => { upgraded = await upgrade.run() }
      const stop = async () => {
        await upgrade.stop()
        t.equal(upgraded, isBroken ? 0 : 1)
      }
      const running = run()
      await asked.promise
      await Promise.all([stop(), isBroken && images.close(), running])
      t.equal(file.prepare('select count(*) from pictures').pluck().get(), upgraded, 'of three')
      t.same(said, [])
    })
  }
})

t.test('a start makes them by itself; one that is ended in the middle leaves the rest to the next', async (t) => {
  const dataDir = folderFor(t)
  const config = { ...placeOf(dataDir), logLevel: 'silent', rateLimit: false } as const
  const start = async () => {
    const app = await buildApp(config)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return app
  }
  await (await start()).close()

  const folder = join(dataDir, 'media/avatars')
  const names = Array.from({ length: 40 }, () => randomBytes(16).toString('hex')).sort()
  const main = await sharp(await picture()).webp().toBuffer()
  const file = openSql(dataDir, { timeout: 2_000 })
  t.teardown(() => { file.close() })
  file.exec("insert into users (id, username, created_at, updated_at) values (1, 'ada', 1, 1)")
  for (const name of names) {
    file.prepare('insert into avatars (user_id, name, uploaded_at) values (1, ?, 1)').run(name)
    writeFileSync(join(folder, `${name}.webp`), main)
  }
  const known = () => file.prepare('select name from pictures order by 1').pluck().all() as string[]
  async function untilKnown (count: number): Promise<void> {
    const giveUp = performance.now() + GIVE_UP_MS
    while (known().length < count && performance.now() < giveUp) await nextTurn()
  }

  const first = await start()
  await untilKnown(2)
  await first.close()
  const done = known()
  t.ok(done.length >= 2 && done.length < names.length, `${done.length} of ${names.length} were done`)
  t.same(readdirSync(join(dataDir, 'staging')), [])
  t.same(readdirSync(folder).sort(), names.flatMap((name) => done.includes(name) ? filesOf('avatars', name) : [`${name}.webp`]).sort(), 'whole sets, and those that wait')

  const second = await start()
  await untilKnown(names.length)
  t.same(known(), names)
  t.same(setsIn(folder), names.map((name) => `${name}.webp`))
  await second.close()
})

import t from 'tap'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import { openBucket } from '../bucket.ts'
import { beside, placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'

const via = { family: 'test' }
const HOUR_MS = 3_600_000

/** The core over a bucket, with ada in it, as a server of its own. */
async function openWorld (t: Test) {
  const dataDir = folderFor(t)
  const bucket = await openBucket(t)
  const config = { ...loadConfig(), ...placeOf(dataDir), ...beside, storeUrl: bucket.addressOf() }
  const warnings: string[] = []
  const log = { info () {}, warn: (_: object, message: string) => { warnings.push(message) } }
  const core = await openService({ config, exclusive: true, log })
  t.teardown(() => core.close())
  const account = await core.users.create(OPERATOR, { username: 'ada' }, via)
  const { db } = core
  /** The names of the pictures that have files in the bucket. */
  const there = () => [...new Set(bucket.keys().map((key) => /[0-9a-f]{32}/.exec(key)?.[0] ?? key))]
  return {
    ...core,
    bucket,
    config,
    warnings,
    ada: { ...account, ...actingAs(account) },
    upload: async (kind: 'avatar' | 'cover') => await core.images.stage(kind, chunks(await picture({ format: 'png', width: 64 }))),
    there,
    noted: async () => ({ coming: (await db.read.coming.stale(Date.now() + 2 * HOUR_MS, 100)).map(({ name }) => name), going: await db.read.going.count() }),
    /** As if it had been on its way for that long. */
    age: async (name: string, ms: number) => await db.write((tx) => tx.coming.begin({ name, kind: 'avatar', at: Date.now() - ms })),
  }
}
const NOTHING = { coming: [], going: 0 }

t.test('a picture comes and goes with its row, and leaves no note', async (t) => {
  const { users, ada, upload, there, noted, collection, bucket } = await openWorld(t)
  const first = await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover') }, via)
  t.same(there().toSorted(), [first.avatar, first.cover].toSorted())
  t.same(await noted(), NOTHING)
  t.ok(bucket.asked.filter(({ method, path }) => method === 'PUT' && path !== '/probe').every(({ headers }) => headers['if-none-match'] === '*'))
  const second = await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: null }, via)
  await collection.run()
  t.same(there(), [second.avatar])
  t.same(await noted(), NOTHING)
  const third = await users.edit(ada, ada.id, { cuts: { avatar: { focus: [0, 0] } } }, via)
  await collection.run()
  t.same(there(), [third.avatar])
  t.not(third.avatar, second.avatar)
})

t.test('whoever is removed for good leaves nothing in the bucket', async (t) => {
  const { users, ada, avatars, upload, there, noted, deletion, collection } = await openWorld(t)
  await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover') }, via)
  await avatars.add(ada, { avatar: await upload('avatar') }, via)
  t.equal(there().length, 3)
  await deletion.remove(OPERATOR, ada.id, () => {}, via)
  await collection.run()
  t.same(there(), [])
  t.same(await noted(), NOTHING)
})

t.test('what is taken back is gone, and what was only tried as well', async (t) => {
  const { users, ada, upload, there, noted } = await openWorld(t)
  await t.rejects(users.edit(ada, ada.id, { avatar: await upload('avatar') }, { ...via, ifMatch: [99] }), { code: 'precondition_failed' })
  await users.rehearseEdit(ada, ada.id, { avatar: await upload('avatar') }, via)
  t.same(there(), [])
  t.same(await noted(), NOTHING)
})

t.test('a picture that was given up on its way is not shown, and is collected', async (t) => {
  const { users, ada, upload, there, noted, collection, images, db } = await openWorld(t)
  const { put } = images.store
  Object.assign(images.store, {
    put: async (...args: Parameters<typeof put>) => {
      await put(...args)
      // A process that was held up for more than an hour.
      await db.write((tx) => tx.coming.begin({ ...args[0], at: Date.now() - HOUR_MS - 1 }))
      await collection.run()
    },
  })
  await t.rejects(users.edit(ada, ada.id, { avatar: await upload('avatar') }, via), { code: 'unavailable' })
  t.equal((await users.get(ada.id)).avatar, null)
  t.same(there(), [])
  t.same(await noted(), NOTHING)
})

t.test('what was lost on its way is collected after an hour, and what is there stays', async (t) => {
  const { users, ada, upload, there, noted, collection, images, age } = await openWorld(t)
  const lost = await images.publish(await upload('avatar'))
  const { avatar } = await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
  await collection.run()
  t.same(there().toSorted(), [lost.name, avatar].toSorted(), 'within the hour')
  t.same(await noted(), { coming: [lost.name], going: 0 })
  await age(lost.name, HOUR_MS + 1)
  // Its sizes were being made anew.
  await age(String(avatar), HOUR_MS + 1)
  await collection.run()
  t.same(there(), [avatar])
  t.same(await noted(), NOTHING)
})

t.test('a bucket that is away keeps nobody from dropping a picture, and is tidied when it is back', async (t) => {
  const { users, ada, upload, there, noted, collection, bucket, db, warnings } = await openWorld(t)
  await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
  bucket.trouble = () => ({ status: 503, code: 'SlowDown' })
  t.equal((await users.edit(ada, ada.id, { avatar: null }, via)).avatar, null)
  await collection.run()
  t.match(await noted(), { going: 1 })
  t.ok(warnings.includes('a file could not be removed'))
  await t.rejects(users.edit(ada, ada.id, { avatar: await upload('avatar') }, via), { code: 'IMAGE_UNAVAILABLE' })
  t.equal((await noted()).coming.length, 1, 'nobody knows what of it is there')
  bucket.trouble = () => undefined
  const [{ name, kind } = { name: '', kind: 'avatar' as const }] = await db.write((tx) => tx.going.claim(Date.now() + HOUR_MS, 0, 1))
  t.ok(there().includes(name), kind)
  await collection.run()
  t.same(there(), [])
})

t.test('two that collect do not get into each other\'s way', async (t) => {
  const { users, ada, upload, there, noted, collection, config, bucket } = await openWorld(t)
  const other = await openService({ config, exclusive: false })
  t.teardown(() => other.close())
  for (let i = 0; i < 4; i++) await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
  await Promise.all([collection.run(), other.collection.run()])
  await collection.run()
  t.same(there(), [(await users.get(ada.id)).avatar])
  t.same(await noted(), NOTHING)
  const removed = bucket.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
  t.equal(new Set(removed).size, removed.length, 'each file is removed once')
})

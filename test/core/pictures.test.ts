import * as fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { createCollection } from '../../src/core/pictures/collection.ts'
import { createPictures } from '../../src/core/pictures/index.ts'
import { createPlaces } from '../../src/core/limits/places.ts'
import type { StagedImage } from '../../src/images/stage.ts'
import { retried } from '../retried.ts'
import { openWorld } from './world.ts'

t.test('a published picture stays when nobody knows whether its row was written', async (t) => {
  const { db, images, upload, files } = await openWorld(t)
  const pictures = createPictures({ db, images, collection: createCollection({ db, images }), places: createPlaces({ all: 1, share: 1, atOnce: 1 }) })
  for (const [code, isKept] of [['DATABASE_UNCERTAIN', true], ['DATABASE_FULL', false], ['DATABASE_BUSY', false], [undefined, false]] as const) {
    const before = files().length
    const published = await pictures.publish({ avatar: await upload('avatar') })
    await t.rejects(pictures.keptOnlyIf(published, Promise.reject(Object.assign(new Error('no'), { code }))), { code })
    t.equal(files().length - before, isKept ? 1 : 0, String(code))
  }
})

const via = { family: 'test' }

/** A world with what is said of ada's pictures, and what was edited last. */
async function openAlts (t: Test) {
  const world = await openWorld(t)
  const { users, db, ada } = world
  return {
    ...world,
    said: async () => {
      const { avatar, cover } = await users.picturesOf(await users.get(ada.id))
      return [avatar?.alt, cover?.alt]
    },
    last: async () => (await db.read.changes.list(ada.id)).at(-1),
  }
}

t.test('what a picture shows is said of that picture, and of no other', async (t) => {
  const { users, db, ada, upload, row, said, last, files } = await openAlts(t)
  const first = await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover'), alts: { avatar: 'Ada', cover: 'Engines,\nmany of them' } }, via)
  t.same(await said(), ['Ada', 'Engines,\nmany of them'])
  t.match(await last(), { fields: ['avatar', 'cover', 'avatarAlt', 'coverAlt'], version: 2 })

  const before = row(ada.id) as object
  const described = await users.edit(ada, ada.id, { alts: { avatar: 'Ada at her desk' } }, via)
  t.same(row(ada.id), { ...before, version: 3, updated_at: described.updatedAt })
  t.match(await last(), { actorId: ada.id, fields: ['avatarAlt'], dropped: [], version: 3 })
  t.same(await said(), ['Ada at her desk', 'Engines,\nmany of them'])
  for (const alts of [{ avatar: 'Ada at her desk' }, { cover: 'Engines,\nmany of them' }, {}]) t.match(await users.edit(ada, ada.id, { alts }, via), { version: 3 }, 'the same again is no change')
  t.match(await last(), { version: 3 })

  const cut = await users.edit(ada, ada.id, { cuts: { avatar: { focus: [1, 1] }, cover: { focus: [0, 1] } } }, via)
  t.not(cut.avatar, first.avatar)
  t.same(await said(), ['Ada at her desk', 'Engines,\nmany of them'], 'cut otherwise it shows the same')
  await users.edit(ada, ada.id, { cuts: { cover: { focus: [0, -1] } }, alts: { cover: '' } }, via)
  t.same(await said(), ['Ada at her desk', null], 'unless something else is said with it')
  t.match(await last(), { fields: ['cover', 'coverAlt'] })

  const { avatar, cover } = await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover'), alts: { cover: 'Wheels' } }, via)
  t.same(await said(), [null, 'Wheels'], 'another picture begins without')
  t.match(await users.edit(ada, ada.id, { alts: { avatar: null } }, via), { version: 6 }, 'and that is what it has')
  t.match(await users.edit(ada, ada.id, { alts: { cover: null } }, via), { version: 7 })
  await users.edit(ada, ada.id, { avatar: null, cover: null, alts: { avatar: null, cover: '' } }, via)
  t.same(await said(), [undefined, undefined])
  for (const name of [avatar, cover]) t.equal(await db.read.pictures.find(String(name)), undefined)
  t.same(files(), [])
})

t.test('avatars that are kept have each their own', async (t) => {
  const { users, avatars, db, ada, upload, said, last } = await openAlts(t)
  const { id, avatar } = await users.create(OPERATOR, { username: 'eve', avatar: await upload('avatar'), alts: { avatar: 'Eve' } }, via)
  t.match(await db.read.pictures.find(String(avatar)), { alt: 'Eve' })
  t.match((await db.read.changes.list(id)).at(-1)?.fields, ['username', 'avatar', 'avatarAlt'])

  await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover'), alts: { avatar: 'one', cover: 'a cover' } }, via)
  const [one] = (await avatars.list(ada.id, 9, 0)).avatars
  const two = await avatars.add(ada, { avatar: await upload('avatar'), alts: { avatar: 'two', cover: 'none of its business' } }, via)
  t.match(await last(), { fields: ['avatars'], version: 2 })
  await t.rejects(avatars.add(ada, { avatar: await upload('avatar'), alts: { avatar: 'x'.repeat(1_501) } }, via), { code: 'invalid', fields: [{ field: 'avatarAlt', code: 'max_length' }] })
  t.same(await said(), ['one', 'a cover'])
  await avatars.choose(ada, two.avatar.id, via)
  t.same(await said(), ['two', 'a cover'])
  await users.edit(ada, ada.id, { alts: { avatar: 'two, and better' } }, via)
  await avatars.choose(ada, one?.id ?? 0, via)
  t.same(await said(), ['one', 'a cover'])
  await avatars.choose(ada, two.avatar.id, via)
  t.same(await said(), ['two, and better', 'a cover'])
  await avatars.remove(ada, two.avatar.id, via)
  t.same(await said(), [undefined, 'a cover'])
})

t.test('what is wrong with what is said of a picture is found with all the rest', async (t) => {
  const { users, ada, person, upload, row, said, files } = await openAlts(t)
  const bob = await person('bob')
  const refused = (alts: object, fields: object[], more: object = {}) => t.rejects(users.edit(ada, ada.id, { alts, ...more }, via), { code: 'invalid', fields }, JSON.stringify(alts).slice(0, 60))
  const before = row(ada.id)
  await refused({ avatar: 'x', cover: 'y' }, [{ field: 'username', code: 'username_taken' }, { field: 'avatarAlt', code: 'no_picture' }, { field: 'coverAlt', code: 'no_picture' }], { username: 'bob' })
  t.match(await users.edit(ada, ada.id, { alts: { avatar: null, cover: '' } }, via), { version: 1 }, 'nothing is said of nothing')
  await t.rejects(users.create(OPERATOR, { username: 'eve', alts: { cover: 'x' } }, via), { code: 'invalid', fields: [{ field: 'coverAlt', code: 'no_picture' }] })
  const errors = [{ field: 'avatar', code: 'not_a_file' }] as const
  const ofPicture = (error: { fields: object[] }) => t.same(error.fields, errors, 'a picture that was refused is not missed as well')
  await users.edit(ada, ada.id, { alts: { avatar: 'x' } }, { ...via, errors }).then(() => t.fail(), ofPicture)
  await users.create(OPERATOR, { username: 'eve', alts: { avatar: 'x' } }, { ...via, errors }).then(() => t.fail(), ofPicture)
  t.same(row(ada.id), before)

  const { version } = await users.edit(ada, ada.id, { avatar: await upload('avatar'), alts: { avatar: '\u{1f469}'.repeat(1_500) } }, via)
  await refused({ avatar: '\u{1f469}'.repeat(1_501) }, [{ field: 'avatarAlt', code: 'max_length', params: { limit: 1_500, found: 1_501 } }])
  await refused({ avatar: 'a\0b' }, [{ field: 'avatarAlt', code: 'null_characters' }])
  await refused({ avatar: 'a\ud800' }, [{ field: 'avatarAlt', code: 'not_a_string' }])
  await refused({ avatar: 'x' }, [{ field: 'avatarAlt', code: 'no_picture' }], { avatar: null })
  await refused({ avatar: 'x', cover: 'y' }, [{ field: 'coverAlt', code: 'no_picture' }], { cuts: { avatar: { focus: [1, 0] } } })
  await t.rejects(users.edit(bob, ada.id, { alts: { avatar: 'x' } }, via), { code: 'permission_denied' })
  await t.rejects(users.edit(ada, ada.id, { alts: { avatar: 'x' } }, { ...via, ifMatch: [1] }), { code: 'precondition_failed', current: { version } })
  t.same(await said(), ['\u{1f469}'.repeat(1_500), undefined])
  t.equal(files().filter((file) => file.startsWith('media/')).length, 1)
})

t.test('what is said of a picture never lands on the one that took its place meanwhile', async (t) => {
  const { users, avatars, ada, person, upload, said, file } = await openAlts(t)
  const bob = await person('bob')
  const { avatar: kept } = await avatars.add(ada, { avatar: await upload('avatar') }, via)
  for (const [title, left, meanwhile] of [
    ['another', null, async (avatar) => users.edit(ada, ada.id, { avatar }, via)],
    ['described', 'another', async (avatar) => users.edit(ada, ada.id, { avatar, alts: { avatar: 'another' } }, via)],
    ['chosen', null, async () => avatars.choose(ada, kept.id, via)],
    ['cut anew', 'before', async () => users.edit(ada, ada.id, { cuts: { avatar: { focus: [1, 1] } } }, via)],
    // Two are at work at once.
    ['another, while it waits for its turn', null, async (avatar, other) => Promise.all([users.edit(ada, ada.id, { avatar }, via), users.edit(bob, bob.id, { avatar: other }, via)])],
    ['removed', undefined, async () => users.edit(ada, ada.id, { avatar: null }, via)],
  ] as [string, string | null | undefined, (avatar: StagedImage, other: StagedImage) => Promise<unknown>][]) {
    // One picture is made after the other, so what was begun first is committed first, unless the machine was slow to begin it.
    const { ended, now } = await retried(async () => {
      await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: null, bio: '', alts: { avatar: 'before' } }, via)
      const [avatar, other, cover] = [await upload('avatar'), await upload('avatar'), await upload('cover')]
      const [quick, slow] = [meanwhile(avatar, other), users.edit(ada, ada.id, { cover, bio: 'slow', alts: { avatar: 'of the one before', cover: 'x' } }, via)]
      const [[ended]] = await Promise.all([Promise.allSettled([slow]), quick])
      await Promise.all([avatar.discard(), other.discard()])
      return { ended, now: await said() }
    }, ({ ended }) => ended.status === 'rejected')
    t.match(ended, { reason: { code: 'precondition_failed', current: { id: ada.id, bio: '' } } }, title)
    t.same(now, [left, undefined], title)
  }
  t.equal(file.prepare("select count(*) from pictures where alt = 'of the one before' or kind = 'cover'").pluck().get(), 0)
})

t.test('whatever comes at once, what is said of a picture is said of that picture', async (t) => {
  const { users, avatars, ada, upload, file } = await openAlts(t)
  /** A picture is known by its width, however it is cut, and so it is described. */
  const shown = file.prepare('select source_width from pictures where name = (select avatar from users where id = ?)').pluck()
  const pictures = file.prepare<[], { alt: string | null, width: string }>('select alt, cast(source_width as text) as width from pictures')
  const alts = () => ({ alts: { avatar: String(shown.get(ada.id) ?? 'nothing') } })
  let last = 64
  const edit = (changes: object) => users.edit(ada, ada.id, changes, via)
  /** Each gets ready what it needs, and then begins at once. */
  const OPERATIONS: Record<string, () => Promise<() => Promise<unknown>>> = {
    describe: async () => () => edit(alts()),
    async describeSlowly () {
      const cover = await upload('cover')
      return () => edit({ cover, ...alts() })
    },
    async describeNew () {
      const width = ++last
      const avatar = await upload('avatar', { width })
      return () => edit({ avatar, alts: { avatar: String(width) } })
    },
    async replace () {
      const avatar = await upload('avatar', { width: ++last })
      return () => edit({ avatar })
    },
    cut: async () => () => edit({ cuts: { avatar: { focus: [Math.sin(++last), 0] } } }),
    cutAndDescribe: async () => () => edit({ cuts: { avatar: { focus: [Math.sin(++last), 0] } }, ...alts() }),
    async choose () {
      const width = ++last
      const { avatar } = await avatars.add(ada, { avatar: await upload('avatar', { width }), alts: { avatar: String(width) } }, via)
      return () => avatars.choose(ada, avatar.id, via)
    },
    remove: async () => () => edit({ avatar: null }),
  }
  const outcomes = new Map<string, number>()
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...Object.keys(OPERATIONS)), { minLength: 3, maxLength: 6 }), async (names) => {
    file.exec('delete from avatars where name is distinct from (select avatar from users); update pictures set alt = null')
    const ready = await Promise.all(names.map((name) => OPERATIONS[name]?.()))
    const ends = await Promise.allSettled(ready.map((begin) => begin?.()))
    for (const end of ends) {
      const outcome = end.status === 'fulfilled' ? 'done' : String((end.reason as { code?: unknown }).code)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    const wrong = pictures.all().filter(({ alt, width }) => alt !== null && alt !== width)
    if (wrong.length > 0) throw new Error(JSON.stringify(wrong))
  }), { numRuns: 25, ...process.env.VISAGE_SEED && { seed: Number(process.env.VISAGE_SEED) } })
  t.comment(JSON.stringify([...outcomes]))
  t.same([...outcomes.keys()].filter((code) => !['done', 'precondition_failed', 'unavailable', 'invalid'].includes(code)), [])
  t.ok(outcomes.get('done') && outcomes.get('precondition_failed'))
})

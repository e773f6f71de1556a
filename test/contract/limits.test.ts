import t from 'tap'
import type { Test } from 'tap'
import { form, urlencoded } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { accepts, json, NEW_PICTURE, send } from './cases.ts'
import type { Sent } from './cases.ts'
import { NAMES } from './families.ts'
import type { FamilyName } from './families.ts'
import { createWorld } from './world.ts'

/* DESIGN §9, the rows "body limits" and 413. What a socket sees of it is tried with uploads of their own. */
const MIB = 1_024 ** 2
/** What a body may hold that no field is for. */
const IGNORED = 64 * 1_024
const photo = await noise('jpeg', 90, 60)
const world = await createWorld(t, { avatarMaxBytes: photo.length, coverMaxBytes: photo.length + 1_000 })
const { app, store, ada } = world
const TYPE = { json: 'application/json', urlencoded: 'application/x-www-form-urlencoded' }

/** A JSON object, or a form, of exactly so many bytes, of which nothing is a field. */
const ofJson = (bytes: number): Sent => ({ payload: `{"x":"${'a'.repeat(bytes - 8)}"}`, headers: { 'content-type': TYPE.json } })
const ofForm = (bytes: number): Sent => ({ payload: `x=${'a'.repeat(bytes - 2)}`, headers: { 'content-type': TYPE.urlencoded } })
const ofParts = (bytes: number): Sent => form([['x', 'a'.repeat(1_000)], ['y', 'a'.repeat(bytes - 1_000 - 2)]])
/** What avatar_base64 adds in community, with line breaks and escapes; the others have no such field. */
const extra = (family: FamilyName, escaped = 15 / 14) => family === 'community' ? Math.ceil(photo.length * 4 / 3 * escaped) : 0
/** What pictures and what stands around them add to a form. */
const around = (family: FamilyName) => 64 * 1_024 + extra(family) + photo.length + (family === 'community' ? photo.length + 1_000 : 0)

/** The limit of a body that is far too large, as it is told. */
async function toldMost (t: Test, family: FamilyName, sent: Sent): Promise<number> {
  const response = await send(world, { family, sent })
  t.equal(response.statusCode, 413)
  return Number(/at most (\d+) bytes/.exec(response.body)?.[1])
}

/** What is said where the pictures that a body may bring are part of its limit. */
const allowed = (family: FamilyName, ...kinds: string[]) =>
  (family === 'community' ? kinds : kinds.filter((kind) => kind === 'avatar')).map((kind) => ` The ${kind} may have ${photo.length + (kind === 'cover' ? 1_000 : 0)} bytes.`).join('')

async function tooLarge (t: Test, family: FamilyName, sent: Sent, message: string): Promise<void> {
  const before = store.dump()
  const response = await send(world, { family, sent })
  t.equal(response.statusCode, 413)
  const said = family === 'community' ? response.json().errors[0].message : response.json().detail
  t.equal(said, message)
  if (family === 'community') t.equal(response.json().errors[0].code, 'too_large')
  t.equal(Object.keys(response.json()).length, 1)
  t.strictSame(store.dump(), before)
}

const pictureTooLarge = (kind: string, most: number) => `The ${kind} is too large: at most ${most} bytes (it has at least ${most + 1}).`

for (const family of NAMES) {
  await t.test(`${family}: a form that announces more than it may have, and parts and fields that are too many`, async (t) => {
    const whole = form([['avatar', { file: Buffer.alloc(2 * MIB) }], ['x', 'a'.repeat(MIB)]])
    const bytes = Buffer.byteLength(whole.payload)
    const most = await toldMost(t, family, whole)
    t.ok(most > around(family) + IGNORED && most <= around(family) + MIB, `${most} bytes`)
    await tooLarge(t, family, whole, `The request is too large: at most ${most} bytes (it has ${bytes}).${allowed(family, 'avatar', 'cover')}`)
    await tooLarge(t, family, form(Array.from({ length: 201 }, (_, i) => [`x${i}`, 'y'])), 'The request is too large: at most 200 parts (it has at least 201).')
    await tooLarge(t, family, { payload: 'x=y&'.repeat(1_001), headers: { 'content-type': TYPE.urlencoded } }, 'The request is too large: at most 1000 fields (it has at least 1001).')
  })

  // Texts have the same room whether pictures come with them or not.
  const limitOf = (most: number) => family === 'community' ? `${most} bytes of text (it has at least ${most + 1}).` : `${most} bytes (it has ${most + 1}).`

  await t.test(`${family}: JSON of all that its fields and 64 KiB may be, and one byte more`, async (t) => {
    world.reset()
    const most = await toldMost(t, family, ofJson(2 * MIB)) - extra(family)
    t.ok(most > IGNORED && most <= MIB, `${most} bytes`)
    await accepts(t, world, { family, sent: ofJson(most), stored: {} })
    await tooLarge(t, family, ofJson(most + 1), `The request is too large: at most ${limitOf(most)}`)
  })

  await t.test(`${family}: urlencoded of all that its fields and 64 KiB may be, and one byte more`, async (t) => {
    world.reset()
    const most = await toldMost(t, family, ofForm(5 * MIB)) - extra(family, 8 / 7)
    t.ok(most > IGNORED && most <= 4 * MIB, `${most} bytes`)
    await accepts(t, world, { family, sent: ofForm(most), stored: {} })
    await tooLarge(t, family, ofForm(most + 1), `The request is too large: at most ${limitOf(most)}`)
  })

  await t.test(`${family}: texts of a multipart form, together all that its fields and 64 KiB may be, and one byte more`, async (t) => {
    world.reset()
    const most = await toldMost(t, family, ofParts(2 * MIB)) - around(family)
    t.ok(most > IGNORED && most <= MIB, `${most} bytes`)
    await accepts(t, world, { family, sent: ofParts(most), stored: {} })
    await tooLarge(t, family, ofParts(most + 1), `The request is too large: at most ${most} bytes of text (it has at least ${most + 1}).`)
  })

  await t.test(`${family}: an avatar of the limit, and one byte more`, async (t) => {
    world.reset()
    await accepts(t, world, { family, sent: form([['avatar', { file: photo }]]), stored: { avatar: NEW_PICTURE } })
    await tooLarge(t, family, form([['avatar', { file: Buffer.concat([photo, Buffer.alloc(1)]) }]]), pictureTooLarge('avatar', photo.length))
  })
}

await t.test('community: a cover has a limit of its own', async (t) => {
  world.reset()
  await accepts(t, world, { family: 'community', sent: form([['cover', { file: Buffer.concat([photo, Buffer.alloc(1_000)]) }]]), stored: { cover: NEW_PICTURE } })
  await tooLarge(t, 'community', form([['cover', { file: Buffer.concat([photo, Buffer.alloc(1_001)]) }]]), pictureTooLarge('cover', photo.length + 1_000))
})

await t.test('community: avatar_base64 of the limit in each encoding, and one byte more', async (t) => {
  const encodings = [(text: string) => json({ avatar_base64: text }), (text: string) => urlencoded([['avatar_base64', text]]), (text: string) => form([['avatar_base64', text]])]
  for (const encode of encodings) {
    world.reset()
    await accepts(t, world, { family: 'community', sent: encode(`image/jpeg;base64,${photo.toString('base64')}`), stored: { avatar: NEW_PICTURE } })
    await tooLarge(t, 'community', encode(`image/jpeg;base64,${Buffer.concat([photo, Buffer.alloc(1)]).toString('base64')}`), pictureTooLarge('avatar', photo.length))
  }
})

await t.test('a body that is too large for a path without fields is refused as well', async (t) => {
  const before = store.dump()
  const response = await app.inject({ method: 'POST', url: '/api/profile/', headers: { ...ada.headers, ...ofJson(8).headers }, payload: ofJson(IGNORED + 1).payload })
  t.equal(response.statusCode, 413)
  t.same(response.json(), { detail: `The request is too large: at most ${IGNORED} bytes (it has ${IGNORED + 1}).` })
  t.strictSame(store.dump(), before)
})

await t.test('avatar_base64 larger than any text, in every encoding', async (t) => {
  const large = await noise('jpeg', 1_600, 1_600)
  t.ok(large.length > MIB)
  const roomy = await createWorld(t, { avatarMaxBytes: large.length })
  const value = `image/jpeg;base64,${large.toString('base64')}`
  for (const sent of [json({ avatar_base64: value }), urlencoded([['avatar_base64', value]]), form([['avatar_base64', value]])]) {
    roomy.reset()
    await accepts(t, roomy, { family: 'community', sent, stored: { avatar: NEW_PICTURE } })
  }
  const before = roomy.store.dump()
  const lent = await send(roomy, { family: 'community', sent: ofJson(MIB) })
  t.equal(lent.statusCode, 413, 'what pictures may have is not lent to texts')
  t.match(lent.json().errors[0].message, /^The request is too large: at most \d+ bytes of text \(it has at least \d+\)\.$/)
  t.strictSame(roomy.store.dump(), before)
})

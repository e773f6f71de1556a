import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { form, urlencoded } from '../helper.ts'
import { setsIn } from '../images/sets.ts'
import { settled } from '../sockets/listening.ts'
import { accepts, json, NEW_PICTURE, refuses, runCases, send } from './cases.ts'
import type { Case, Sent, Stored } from './cases.ts'
import { FAMILIES, NAMES, problem, refusal } from './families.ts'
import type { FamilyName, Finding } from './families.ts'
import { createWorld, ORIGIN } from './world.ts'
import type { World } from './world.ts'

/*
 * How pictures are cut: `avatar_focus`, `avatar_crop` and, in the community, `cover_focus`, in every encoding. Absent keeps, null
 * or an empty text clears, a value sets; with a picture, or alone for the one that is there, which then gets a new name.
 */
const VALUE = 'Enter a valid value.'
const TEXT = 'Not a valid string.'
const STALE = 'The account has changed since. Read it again and repeat the request.'
const LOST = 'The image that is stored cannot be read any more. Upload it again.'
const BUSY = 'The service is busy. Try again in a moment.'
const FOCUSES: [FamilyName, 'avatar_focus' | 'cover_focus'][] = [['community', 'avatar_focus'], ['community', 'cover_focus'], ['staff', 'avatar_focus'], ['personal', 'avatar_focus']]

type Kind = 'avatar' | 'cover'
const pictures = () => setsIn(join(world.dataDir, 'media/avatars'))
const listed = (folder: string) => readdirSync(join(world.dataDir, folder), { recursive: true, encoding: 'utf8' }).sort()
/** Once what was uploaded is gone, which is right after the answer. */
const filesBelow = async () => [await settled(() => listed('staging'), ({ length }) => length === 0), listed('media')]
/** Ada's pictures as every case finds them, and no others. */
function begin (): void {
  world.reset()
  const row = store.row(ada.id)
  for (const kind of ['avatar', 'cover'] as const) {
    const own = new Set(world.set(kind, row[kind]))
    const folder = join(world.dataDir, 'media', `${kind}s`)
    for (const name of readdirSync(folder)) if (!own.has(join(folder, name))) rmSync(join(folder, name))
  }
}


const world = await createWorld(t)
const { app, store, ada } = world

/** Three colours in a row, so that a square shows what it was cut from. */
const COLOURS = { red: [200, 0, 0], green: [0, 160, 0], blue: [0, 0, 200] } as const
type Colour = keyof typeof COLOURS
async function stripes (side: number, isTall = false): Promise<Buffer> {
  const input = await Promise.all(Object.values(COLOURS).map(async ([r, g, b], i) => ({
    input: await sharp({ create: { width: side, height: side, channels: 3, background: { r, g, b } } }).png().toBuffer(),
    left: isTall ? 0 : i * side,
    top: isTall ? i * side : 0,
  })))
  return await sharp({ create: { width: isTall ? side : 3 * side, height: isTall ? 3 * side : side, channels: 3, background: 'white' } }).composite(input).png().toBuffer()
}
const wide = await stripes(60)
const tall = await stripes(60, true)
const large = await stripes(700)
const base64Of = (bytes: Buffer) => `image/png;base64,${bytes.toString('base64')}`

interface Cut { focus: number[] | null, crop: number[] | null }

function cutOf (kind: Kind, { store, ada }: Pick<World, 'store' | 'ada'> = world): Cut {
  const found = store.pictures(ada.id).get(store.row(ada.id)[kind])
  const numbers = (text: unknown) => text === null ? null : JSON.parse(String(text)) as number[]
  return { focus: numbers(found?.focus), crop: numbers(found?.crop) }
}

/** The colour that all sizes of the shown avatar consist of; undefined when there are several. */
async function colourOf (): Promise<Colour | undefined> {
  const [, ...sizes] = world.set('avatar', store.row(ada.id).avatar)
  const means = await Promise.all(sizes.map(async (file) => (await sharp(readFileSync(file)).removeAlpha().stats()).channels.map(({ mean, stdev }) => stdev < 12 ? mean : NaN)))
  const names = means.map((mean) => (Object.keys(COLOURS) as Colour[]).find((name) => COLOURS[name].every((value, i) => Math.abs(value - (mean[i] ?? NaN)) < 30)))
  return new Set(names).size === 1 ? names[0] : undefined
}

/** The three ways to say some texts. */
const saidIn = (pairs: [string, string][]): [string, Sent][] =>
  [['JSON', json(Object.fromEntries(pairs))], ['urlencoded', urlencoded(pairs)], ['multipart', form(pairs)]]

async function accepted (t: Test, family: FamilyName, sent: Sent, stored: Stored): Promise<void> {
  await accepts(t, world, { family, sent, stored })
}

for (const family of NAMES) {
  for (const [encoding, at] of [['JSON', 0], ['urlencoded', 1], ['multipart', 2]] as const) {
    await t.test(`${family}, ${encoding}: alone, for the avatar that is there`, async (t) => {
      begin()
      const said = (...pairs: [string, string][]): Sent => saidIn(pairs)[at]?.[1] ?? json({})
      t.same(cutOf('avatar'), { focus: null, crop: null })
      await accepted(t, family, said(['avatar_focus', '0.5,-0.25']), { avatar: NEW_PICTURE })
      t.same(cutOf('avatar'), { focus: [0.5, -0.25], crop: null })
      await accepted(t, family, said(['avatar_crop', '8,4,20,30']), { avatar: NEW_PICTURE })
      t.same(cutOf('avatar'), { focus: [0.5, -0.25], crop: [8, 4, 20, 30] }, 'what is not named stays')
      await accepted(t, family, said(['avatar_crop', '8,4,20,30'], ['avatar_focus', ' 0.50 , -0.250 ']), {})
      await accepted(t, family, said(), {})
      await accepted(t, family, said(['avatar_focus', '']), { avatar: NEW_PICTURE })
      t.same(cutOf('avatar'), { focus: null, crop: [8, 4, 20, 30] })
      await accepted(t, family, said(['avatar_focus', '']), {})
      await accepted(t, family, said(['avatar_focus', '0.4230769230769231,-0.07692307692307687']), { avatar: NEW_PICTURE })
      t.same(cutOf('avatar').focus, [0.4230769230769231, -0.07692307692307687], 'as programs divide')
      await accepted(t, family, said(['avatar_focus', '0,-0']), { avatar: NEW_PICTURE })
      await accepted(t, family, said(['avatar_focus', '-0,0']), {})
      await accepted(t, family, said(['avatar_crop', ''], ['avatar_focus', '-1,1']), { avatar: NEW_PICTURE })
      t.same(cutOf('avatar'), { focus: [-1, 1], crop: null }, 'both at once')
      if (encoding === 'JSON') {
        await accepted(t, family, json({ avatar_focus: null, avatar_crop: null }), { avatar: NEW_PICTURE })
        t.same(cutOf('avatar'), { focus: null, crop: null })
      }
    })
  }

  await t.test(`${family}: with a picture, whose cut is its own`, async (t) => {
    begin()
    const sent = (file: Buffer, ...pairs: [string, string][]) => form([...pairs, ['avatar', { file }]])
    await accepted(t, family, sent(wide, ['avatar_focus', '-1,0']), { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: [-1, 0], crop: null })
    t.equal(await colourOf(), 'red')
    await accepted(t, family, sent(wide), { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: null, crop: null }, 'the cut of the one before is not the new one\'s')
    await accepted(t, family, form([['avatar', { file: tall }], ['avatar_crop', '0,120,60,60']]), { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: null, crop: [0, 120, 60, 60] })
    t.equal(await colourOf(), 'blue')
    await accepted(t, family, sent(wide, ['avatar_crop', '0,0,120,60'], ['avatar_focus', '1,0']), { avatar: NEW_PICTURE })
    t.equal(await colourOf(), 'green', 'the part that may be seen goes before the subject')
    await accepted(t, family, sent(tall, ['avatar_focus', ''], ['avatar_crop', '']), { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: null, crop: null })
    await accepted(t, family, form([['avatar_focus', '0,1'], ['avatar', { file: Buffer.alloc(0), filename: '', type: 'application/octet-stream' }]]), { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: [0, 1], crop: null }, 'beside an input that nobody touched it is the shown one\'s')
    t.equal(await colourOf(), 'red')
  })

  await t.test(`${family}: the cut that is there shows what was asked for`, async (t) => {
    begin()
    await accepted(t, family, form([['avatar', { file: wide }]]), { avatar: NEW_PICTURE })
    for (const [said, colour] of [[['avatar_focus', '1,0'], 'blue'], [['avatar_focus', '0,0'], 'green'], [['avatar_focus', '-1,0'], 'red'], [['avatar_crop', '120,0,60,60'], 'blue'], [['avatar_crop', '60,0,60,60'], 'green']] as const) {
      const main = readFileSync(world.file('avatar', store.row(ada.id).avatar))
      await accepted(t, family, json({ [said[0]]: said[1] }), { avatar: NEW_PICTURE })
      t.equal(await colourOf(), colour, said.join(' '))
      t.ok(readFileSync(world.file('avatar', store.row(ada.id).avatar)).equals(main), 'however often, the main file is not encoded again')
    }
    // Measured in the original, which is larger than the main file.
    await accepted(t, family, form([['avatar', { file: large }], ['avatar_crop', '0,0,700,700']]), { avatar: NEW_PICTURE })
    t.equal(await colourOf(), 'red')
    await accepted(t, family, json({ avatar_crop: '1400,0,700,700' }), { avatar: NEW_PICTURE })
    t.equal(await colourOf(), 'blue')
    await refuses(t, world, { family, sent: json({ avatar_crop: '1401,0,700,700' }), status: 400, body: refusal(family, [outside('1401,0,700,700', '2100 × 700')]) })
  })

  await t.test(`${family}: a picture that goes, or is not there, is not cut`, async (t) => {
    begin()
    await accepted(t, family, json({ avatar: null, avatar_focus: '0,0', avatar_crop: '900,900,9,9' }), { avatar: null })
    for (const [, sent] of saidIn([['avatar_focus', '0,0'], ['avatar_crop', '900,900,9,9']])) await accepted(t, family, sent, {})
  })

  await t.test(`${family}: a whole object sent back leaves the cut alone`, async (t) => {
    begin()
    await accepted(t, family, json({ avatar_focus: '0.1,0.2', avatar_crop: '1,2,30,40' }), { avatar: NEW_PICTURE })
    const before = store.dump().pictures
    const { method, url } = FAMILIES[family].read(ada.id)
    const shown = (await app.inject({ method, url, headers: FAMILIES[family].actor(world) })).json<Record<string, unknown>>()
    await accepted(t, family, json(shown), {})
    const texts = Object.entries(shown).flatMap(([name, value]): [string, string][] => value === null || typeof value === 'object' ? [] : [[name, String(value)]])
    await accepted(t, family, urlencoded(texts), {})
    await accepted(t, family, form(texts), {})
    t.strictSame(store.dump().pictures, before)
  })

  await t.test(`${family}: If-Match holds, and the version moves by one`, async (t) => {
    begin()
    const { method, url } = FAMILIES[family].read(ada.id)
    const etag = String((await app.inject({ method, url, headers: FAMILIES[family].actor(world) })).headers.etag)
    const { version } = store.row(ada.id)
    const response = await send(world, { family, sent: json({ avatar_focus: '1,1' }), headers: { 'if-match': etag } })
    t.equal(response.statusCode, 200)
    t.equal(store.row(ada.id).version, Number(version) + 1)
    await refuses(t, world, { family, sent: json({ avatar_focus: '0,0' }), headers: { 'if-match': etag }, status: 412, body: problem(family, 'precondition_failed', STALE) })
    await refuses(t, world, { family, sent: json({ avatar_crop: '0,0,65,1' }), headers: { 'if-match': etag }, status: 400, body: refusal(family, [outside('0,0,65,1', '64 × 48')]) })
    t.same(pictures(), [`${store.row(ada.id).avatar}.webp`])
  })

  await t.test(`${family}: a crop outside the picture is told with all that is wrong`, async (t) => {
    begin()
    const blank: Finding = ['username', 'blank', 'This field may not be blank.']
    for (const crop of ['0,0,65,48', '0,0,64,49', '64,0,1,1', '0,48,1,1', '63,47,2,1', '99999,99999,99999,99999']) {
      await refuses(t, world, { family, sent: json({ avatar_crop: crop }), status: 400, body: refusal(family, [outside(crop, '64 × 48')]) })
    }
    for (const [, sent] of saidIn([['username', ''], ['avatar_crop', '0,0,65,48']])) await refuses(t, world, { family, sent, status: 400, body: refusal(family, [blank, outside('0,0,65,48', '64 × 48')]) })
    await refuses(t, world, { family, sent: form([['username', ''], ['avatar_crop', '0,0,64,48'], ['avatar', { file: tall }]]), status: 400, body: refusal(family, [blank, outside('0,0,64,48', '60 × 180')]) })
    await refuses(t, world, { family, sent: form([['avatar', { file: tall }], ['avatar_crop', '0,0,61,1']]), status: 400, body: refusal(family, [outside('0,0,61,1', '60 × 180')]) })
    await accepted(t, family, json({ avatar_crop: '63,47,1,1' }), { avatar: NEW_PICTURE })
    t.same(pictures(), [`${store.row(ada.id).avatar}.webp`])
  })
}

function outside (asked: string, measures: string): Finding {
  return ['avatar_crop', 'invalid', `Ensure this part (${asked}) lies within the image, which is ${measures} pixels.`]
}

await t.test('a picture from before there were sizes is cut as any other', async (t) => {
  for (const [family, name] of FOCUSES) {
    begin()
    const kind = name === 'avatar_focus' ? 'avatar' : 'cover'
    age(kind)
    await accepts(t, world, { family, sent: json({ [name]: '1,1' }), stored: { [kind]: NEW_PICTURE } })
    t.same(cutOf(kind), { focus: [1, 1], crop: null })
  }
  for (const family of NAMES) {
    begin()
    age('avatar')
    const response = await send(world, { family, sent: json({ avatar_crop: '0,0,65,1' }) })
    t.equal(response.statusCode, 400)
    t.same(response.json(), refusal(family, [outside('0,0,65,1', '64 × 48')]))
  }
})

await t.test('a stored picture that cannot be read any more is told at what was to be cut of it', async (t) => {
  const damages: [string, (file: string) => void][] = [['gone', (file) => rmSync(file)], ['no picture', (file) => writeFileSync(file, 'RIFF, but no picture')]]
  for (const [family, name] of FOCUSES) {
    const kind = name === 'avatar_focus' ? 'avatar' : 'cover'
    for (const [damage, done] of damages) {
      for (const isKnown of [true, false]) {
        await t.test(`${family} ${name}: ${damage}, ${isKnown ? 'known' : 'from before'}`, async (t) => {
          begin()
          const file = world.file(kind, store.row(ada.id)[kind])
          t.teardown(() => rmSync(file, { force: true }))
          if (!isKnown) age(kind)
          done(file)
          const files = await filesBelow()
          await refuses(t, world, { family, sent: json({ website: 'https://ada.example', [name]: '1,1' }), status: 400, body: refusal(family, [[name, 'invalid', LOST]]) })
          if (kind === 'avatar') await refuses(t, world, { family, sent: json({ avatar_crop: '0,0,9,9', avatar_focus: '0,1' }), status: 400, body: refusal(family, [['avatar_focus', 'invalid', LOST], ['avatar_crop', 'invalid', LOST]]) })
          t.same(await filesBelow(), files, 'nothing comes or goes')
          t.equal((await send(world, { family, sent: json({ [name]: '' }) })).statusCode, 200, 'nothing to be cut is nothing to be read')
          t.equal((await send(world, { family, sent: form([[kind, { file: wide }], [name, '1,1']]) })).statusCode, 200, 'and another one takes its place')
        })
      }
    }
  }
})

/** Leaves of a picture what there was before there were sizes. */
function age (kind: Kind): void {
  const [main, ...sizes] = world.set(kind, store.row(ada.id)[kind])
  for (const file of sizes) rmSync(file)
  store.sql.prepare('delete from pictures where name = ?').run(basename(String(main), '.webp'))
}

await t.test('community: avatar_base64 is a picture as any other', async (t) => {
  begin()
  for (const [, sent] of saidIn([['avatar_base64', base64Of(wide)], ['avatar_focus', '1,0']])) {
    await accepted(t, 'community', sent, { avatar: NEW_PICTURE })
    t.same(cutOf('avatar'), { focus: [1, 0], crop: null })
    t.equal(await colourOf(), 'blue')
  }
})

await t.test('community: the focus of a cover', async (t) => {
  begin()
  const avatar = cutOf('avatar')
  for (const [i, [, sent]] of saidIn([['cover_focus', '0.25,0.75']]).entries()) {
    if (i > 0) await accepted(t, 'community', json({ cover_focus: null }), { cover: NEW_PICTURE })
    await accepted(t, 'community', sent, { cover: NEW_PICTURE })
    t.same(cutOf('cover'), { focus: [0.25, 0.75], crop: null })
    await accepted(t, 'community', sent, {})
  }
  await accepted(t, 'community', form([['cover', { file: wide }]]), { cover: NEW_PICTURE })
  t.same(cutOf('cover'), { focus: null, crop: null })
  await accepted(t, 'community', form([['cover_focus', '1,-1'], ['cover', { file: wide }]]), { cover: NEW_PICTURE })
  t.same(cutOf('cover'), { focus: [1, -1], crop: null })
  await accepted(t, 'community', form([['cover_focus', '0,0'], ['avatar_focus', '0,0']]), { cover: NEW_PICTURE, avatar: NEW_PICTURE })
  t.same([cutOf('cover').focus, cutOf('avatar').focus, avatar.focus], [[0, 0], [0, 0], null])
  await accepted(t, 'community', json({ cover_crop: '0,0,1,1' }), {})
})

await t.test('staff and personal have no cover', (t) => runCases(t, world, (['staff', 'personal'] as const).flatMap((family): Case[] => [
  { family, title: 'cover_focus', json: { cover_focus: '0,0' }, stored: {} },
  { family, title: 'cover_focus', form: [['cover_focus', 'not even one']], stored: {} },
])))

const BAD_FOCUS = ['x', '0', '0,0,0', ',', '0,', '0;0', '1.1,0', '0,-1.000001', '2,2', 'NaN,0', 'Infinity,0', '1e-1,0', '0x1,0', '+1,0', '.5,0', `0.${'1'.repeat(21)},0`, 'null', '[0,0]', '\u0661,0', '0,0\u200b']
const BAD_CROP = ['x', '0,0,1', '0,0,1,1,1', '-1,0,1,1', '0,0,0,1', '0,0,1,0', '0.5,0,1,1', '0,0,1e1,1', '100000,0,1,1', 'null']
const bad = (name: string, code: string, message: string): Finding => [name, code, message]

await t.test('texts that say no cut', (t) => runCases(t, world, FOCUSES.flatMap(([family, name]): Case[] => [
  ...BAD_FOCUS.map((text): Case => ({ family, title: `${name} ${JSON.stringify(text)}`, json: { [name]: text }, refused: bad(name, 'invalid', VALUE) })),
  ...['x', '2,2'].map((text): Case => ({ family, title: `${name} ${text}`, form: [[name, text]], refused: bad(name, 'invalid', VALUE) })),
  ...[true, [0, 0], { x: 0, y: 0 }].map((value): Case => ({ family, title: `${name} ${JSON.stringify(value)}`, json: { [name]: value }, refused: bad(name, 'invalid', TEXT) })),
  { family, title: `${name} 1`, json: { [name]: 1 }, refused: bad(name, 'invalid', VALUE) },
  { family, title: `a long ${name}`, json: { [name]: `0,${'0'.repeat(63)}` }, refused: [name, 'max_length', 'Ensure this field has no more than 64 characters.', { limit: 64, found: 65 }] },
  ...name === 'cover_focus' ? [] : [
    ...BAD_CROP.map((text): Case => ({ family, title: `avatar_crop ${text}`, json: { avatar_crop: text }, refused: bad('avatar_crop', 'invalid', VALUE) })),
    { family, title: 'avatar_crop x', form: [['avatar_crop', 'x']] as [string, string][], refused: bad('avatar_crop', 'invalid', VALUE) },
    { family, title: 'both', json: { avatar_crop: 'x', avatar_focus: 'x' }, refused: [bad('avatar_focus', 'invalid', VALUE), bad('avatar_crop', 'invalid', VALUE)] },
  ],
])))

await t.test('of cuts, and of pictures, that come at once, each is whole or refused', async (t) => {
  const STATUSES = new Set([200, 503])
  for (let round = 0; round < 4; round++) {
    begin()
    const said = ['-1,0', '0,0', '1,0', '-1,0.5', '1,0.5']
    const answers = await Promise.all(said.map(async (focus, i) => {
      const family = NAMES[i % NAMES.length] as FamilyName
      const sent = i === 2 && round > 1 ? form([['avatar', { file: wide }], ['avatar_focus', focus]]) : json({ avatar_focus: focus })
      return { family, focus, response: await send(world, { family, sent }) }
    }))
    t.same(answers.map(({ response }) => response.statusCode).filter((status) => !STATUSES.has(status)), [])
    const done = answers.filter(({ response }) => response.statusCode === 200)
    t.ok(done.length > 0, `${done.length} of ${said.length} were cut`)
    for (const { family, response } of answers) {
      if (response.statusCode !== 503) continue
      t.match(response.headers['retry-after'], /^[1-9]\d*$/)
      t.same(response.json(), problem(family, 'unavailable', BUSY))
    }
    t.ok(done.some(({ focus }) => focus === cutOf('avatar').focus?.join()), 'what is stored is what one of them asked for')
    t.same(pictures(), [`${store.row(ada.id).avatar}.webp`])
    t.equal(store.pictures(ada.id).size, 2)
    const shown = (await app.inject({ url: `/api/v2/user/${ada.id}/images/`, headers: ada.headers })).json<{ avatar: { main: { url: string }, sizes: { url: string }[] } }>().avatar
    for (const { url } of [shown.main, ...shown.sizes]) t.equal((await app.inject(url.slice(ORIGIN.length))).statusCode, 200)
  }
})

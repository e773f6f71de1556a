import sharp from 'sharp'
import t, { type Test } from 'tap'
import { decode } from '../../src/images/decode.ts'
import type { ImageError, ImageFinding } from '../../src/images/errors.ts'
import { BOUNDS } from '../../src/images/formats.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import { judge } from '../../src/images/judge.ts'
import { distance, drawn, gallery, looksLike, pixels, scaled } from './seen.ts'
import type { Pixels, Show } from './seen.ts'
import { u24le } from '../hostile/images/bytes.ts'
import { gif, PALETTE } from '../hostile/images/gif.ts'
import { box, ftyp, heif } from '../hostile/images/isobmff.ts'
import { canvas, coded, riff, webp } from '../hostile/images/webp.ts'
import { avif, avifItem, colr, nclx } from './pictures.ts'
import { chrm, cicp, gama, greyProfile, iccp, jpeg, png, profile } from './written.ts'
import type { Draw } from './written.ts'

const QUARTERS = [[200, 60, 60], [60, 180, 80], [50, 80, 210], [230, 220, 200]] as const
/** Four quarters, in reading order. */
const quarters = (width: number, height: number, colours: readonly (readonly number[])[] = QUARTERS): Draw => (x, y) => colours[(y * 2 < height ? 0 : 2) + (x * 2 < width ? 0 : 1)]!
const raw = ({ data, width, height, channels }: Pixels) => sharp(data, { raw: { width, height, channels: channels as 1 | 3 | 4 } })

/** That every file of every kind shows what an upright original does; the squares are cut from its middle. */
async function check (t: Test, show: Show, { bytes, upright, kinds = ['avatar', 'cover'], what, ...tolerance }: { bytes: Buffer, upright: Pixels, kinds?: ImageKind[], what: string, mean?: number, far?: number }): Promise<void> {
  for (const kind of kinds) {
    const { made, files } = await show(bytes, kind, { focus: [0, 0] })
    t.match(made, { sourceWidth: upright.width, sourceHeight: upright.height, isAnimated: false }, what)
    for (const file of files) {
      const { to, part } = wanted(upright, kind, file.size)
      looksLike(t, file, await scaled(upright, to, part), `${what}, ${kind} ${file.size}`, tolerance)
    }
  }
}

/** The size of a file, and the part of the original that it shows. */
function wanted ({ width, height }: Pixels, kind: ImageKind, size: 'main' | number) {
  const shrunk = Math.min(1, { avatar: 1024, cover: 2048 }[kind] / Math.max(width, height))
  const main = { width: Math.max(1, Math.round(width * shrunk)), height: Math.max(1, Math.round(height * shrunk)) }
  const whole = { left: 0, top: 0, width, height }
  if (size === 'main') return { to: main, part: whole }
  if (kind === 'cover') return { to: main.width <= size ? main : { width: size, height: Math.max(1, Math.round(main.height * size / main.width)) }, part: whole }
  const side = Math.min(main.width, main.height)
  const cut = Math.min(width, height)
  return { to: { width: Math.min(size, side), height: Math.min(size, side) }, part: { left: Math.round((width - cut) / 2), top: Math.round((height - cut) / 2), width: cut, height: cut } }
}

// Where the pixel that is seen at a place was stored, in a picture stored with that width and height.
const ORIENTATIONS: Record<number, (x: number, y: number, width: number, height: number) => [x: number, y: number]> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, height) => [y, height - 1 - x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, width) => [width - 1 - y, x],
}

for (const format of ['jpeg', 'png', 'webp'] as const) {
  t.test(`the eight orientations of a ${format}`, async (t) => {
    const show = await gallery(t)
    const [width, height] = [300, 200]
    const draw = quarters(width, height)
    const stored = await raw(drawn(width, height, 3, draw))
    for (const [orientation, from] of Object.entries(ORIENTATIONS)) {
      const [w, h] = Number(orientation) > 4 ? [height, width] : [width, height]
      const bytes = await stored.clone().withMetadata({ orientation: Number(orientation) }).toFormat(format, { quality: 95 }).toBuffer()
      t.equal((await sharp(bytes).metadata()).orientation, Number(orientation))
      const upright = drawn(w, h, 3, (x, y) => draw(...from(x, y, width, height)))
      await check(t, show, { bytes, upright, what: `orientation ${orientation}`, kinds: format === 'jpeg' ? ['avatar', 'cover'] : ['avatar'] })
    }
  })
}

const SIDE = 96
const plain = (colours: readonly (readonly number[])[] = QUARTERS) => drawn(SIDE, SIDE, colours[0]!.length, quarters(SIDE, SIDE, colours))
const square = { width: SIDE, height: SIDE }

t.test('grey, 16 bits, one bit, a palette', async (t) => {
  const show = await gallery(t)
  const greys = [[20], [90], [160], [250]]
  const asRgb = (values: number[][]) => plain(values.map(([value, ...alpha]) => [value!, value!, value!, ...alpha]))
  await check(t, show, { what: 'grey', bytes: png({ ...square, depth: 8, type: 'grey', draw: quarters(SIDE, SIDE, greys) }), upright: asRgb(greys) })
  const deep = greys.map(([value]) => [value! * 257])
  await check(t, show, { what: '16 bits of grey', bytes: png({ ...square, depth: 16, type: 'grey', draw: quarters(SIDE, SIDE, deep) }), upright: asRgb(greys) })
  await check(t, show, { what: 'a grey JPEG', bytes: jpeg({ blocks: 12, samples: 1, transform: 0, draw: quarters(12, 12, greys) }), upright: asRgb(greys) })
  await check(t, show, { what: 'one bit', bytes: png({ ...square, depth: 1, type: 'grey', draw: quarters(SIDE, SIDE, [[1], [0], [0], [1]]) }), upright: asRgb([[255], [0], [0], [255]]) })
  await check(t, show, { what: '16 bits', bytes: png({ ...square, depth: 16, type: 'rgb', draw: quarters(SIDE, SIDE, QUARTERS.map((colour) => colour.map((value) => value * 257))) }), upright: plain() })
  const faded = greys.map(([value], i) => [value!, [255, 128, 40, 0][i]!])
  await check(t, show, { what: 'grey and alpha', bytes: png({ ...square, depth: 8, type: 'grey-alpha', draw: quarters(SIDE, SIDE, faded) }), upright: asRgb(faded) })
  const clear = QUARTERS.map((colour, i) => [...colour, [255, 200, 100, 0][i]!])
  await check(t, show, { what: 'colours and alpha', bytes: png({ ...square, depth: 8, type: 'rgba', draw: quarters(SIDE, SIDE, clear) }), upright: plain(clear) })
  const palette: [string, Buffer][] = [['PLTE', Buffer.from(QUARTERS.flat())], ['tRNS', Buffer.of(255, 255, 128, 0)]]
  const shown = QUARTERS.map((colour, i) => [...colour, [255, 255, 128, 0][i]!])
  await check(t, show, { what: 'a palette', bytes: png({ ...square, depth: 8, type: 'palette', extra: palette, draw: quarters(SIDE, SIDE, [[0], [1], [2], [3]]) }), upright: plain(shown) })
})

t.test('what comes line by line, and what comes in passes', async (t) => {
  const show = await gallery(t)
  const upright = drawn(300, 240, 3, quarters(300, 240))
  for (const [what, made] of [['an interlaced PNG', raw(upright).png({ progressive: true })], ['a progressive JPEG', raw(upright).jpeg({ progressive: true, quality: 95 })]] as const) {
    const bytes = await made.toBuffer()
    t.equal((await sharp(bytes).metadata()).isProgressive, true)
    await check(t, show, { what, bytes, upright })
  }
})

/** Colour as light, and back. */
const light = (value: number) => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
const shade = (value: number) => Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055))
/** From the light of other primaries, all of them under D65, to that of sRGB; what is outside is cut off. */
const toSrgb = (lights: number[], matrix: readonly (readonly number[])[]) => matrix.map((row) => shade(Math.max(0, Math.min(1, row.reduce((sum, factor, i) => sum + factor * lights[i]!, 0)))))
const FROM_P3 = [[1.22494, -0.22494, 0], [-0.04206, 1.04206, 0], [-0.01964, -0.07864, 1.09828]]
const FROM_ADOBE = [[1.39836, -0.39836, 0], [0, 1, 0], [0, -0.04293, 1.04293]]
/** As Adobe's paper gives them, under D50. */
const ADOBE = profile([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]], 563 / 256)

t.test('wide gamuts', async (t) => {
  const show = await gallery(t)
  const p3 = (await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }).withIccProfile('p3').png().toBuffer().then((bytes) => sharp(bytes).metadata())).icc!
  const colours = [[180, 90, 70], [90, 160, 100], [80, 100, 190], [255, 0, 0]]
  for (const [what, icc, convert] of [
    ['Display P3', p3, (colour: number[]) => toSrgb(colour.map(light), FROM_P3)],
    ['Adobe RGB', ADOBE, (colour: number[]) => toSrgb(colour.map((value) => (value / 255) ** (563 / 256)), FROM_ADOBE)],
  ] as const) {
    const bytes = png({ ...square, depth: 8, type: 'rgb', extra: [iccp(icc)], draw: quarters(SIDE, SIDE, colours) })
    t.ok((await sharp(bytes).metadata()).icc, `${what} is attached`)
    const upright = plain(colours.map(convert))
    t.ok(distance(plain(colours), upright).mean > 4, 'and makes a difference')
    await check(t, show, { what, bytes, upright })
  }
})

/** What is made of an upload, before anything of it is lost by coding it anew. */
async function decoded (bytes: Buffer): Promise<{ main: Pixels, moving?: Buffer }> {
  const verdict = await judge(bytes)
  if ('finding' in verdict) throw new Error(JSON.stringify(verdict))
  const { main: { data, info }, ...rest } = await decode(bytes, verdict.header, BOUNDS.avatar)
  return { main: { ...info, data }, ...rest }
}

/** That the four quarters of a picture are of these colours. */
async function showsQuarters (t: Test, { what, bytes, colours, within = 3 }: { what: string, bytes: Buffer, colours: readonly (readonly number[])[], within?: number }): Promise<void> {
  const { main: { data, width, height, channels } } = await decoded(bytes)
  const found = [[1, 1], [3, 1], [1, 3], [3, 3]].map(([x = 0, y = 0]) => [...data.subarray((Math.floor(y * height / 4) * width + Math.floor(x * width / 4)) * channels).subarray(0, channels)])
  const isNear = found.every((colour, i) => colour.length === colours[i]!.length && colour.every((value, j) => Math.abs(value - colours[i]![j]!) <= within))
  t.ok(isNear, what, { found, wanted: colours })
}
const written = (depth: 8 | 16, type: 'rgb' | 'rgba' | 'grey' | 'grey-alpha', colours: readonly (readonly number[])[], ...extra: [string, Buffer][]): Buffer =>
  png({ ...square, depth, type, extra, draw: quarters(SIDE, SIDE, depth === 8 ? colours : colours.map((colour) => colour.map((value) => value * 257))) })

/** As W3C gives them, under D50. */
const SRGB = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]] as const
/** Nothing of these is outside of sRGB when they are taken for those of a wider space. */
const MUTED = [[180, 90, 70], [90, 160, 100], [80, 100, 190], [255, 255, 255]]
const GREYS = [[20], [90], [160], [250]]
const asPower = (exponent: number) => (value: number) => shade((value / 255) ** exponent)
const toRgb = ([value = 0, ...alpha]: readonly number[]) => [value, value, value, ...alpha]

t.test('F1 a profile is as good for samples of two bytes as of one', async (t) => {
  const p3 = (await sharp(await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } }).withIccProfile('p3').png().toBuffer()).metadata()).icc!
  const green = [[16, 176, 16], [255, 0, 0], [0, 0, 255], [128, 128, 128]]
  for (const depth of [8, 16] as const) {
    await showsQuarters(t, { what: `sRGB of ${depth} bits`, bytes: written(depth, 'rgb', green, iccp(profile(SRGB, 2.2))), colours: green.map((colour) => colour.map(asPower(2.2))) })
    await showsQuarters(t, { what: `Display P3 of ${depth} bits`, bytes: written(depth, 'rgb', MUTED, iccp(p3)), colours: MUTED.map((colour) => toSrgb(colour.map(light), FROM_P3)) })
    await showsQuarters(t, { what: `Adobe RGB of ${depth} bits`, bytes: written(depth, 'rgb', MUTED, iccp(ADOBE)), colours: MUTED.map((colour) => toSrgb(colour.map((value) => (value / 255) ** (563 / 256)), FROM_ADOBE)) })
    await showsQuarters(t, { what: `grey of ${depth} bits`, bytes: written(depth, 'grey', GREYS, iccp(greyProfile(1))), colours: GREYS.map((grey) => toRgb(grey).map(asPower(1))) })
    const veiled = MUTED.map((colour, i) => [...colour, [255, 200, 128, 60][i]!])
    await showsQuarters(t, { what: `${depth} bits with alpha`, bytes: written(depth, 'rgba', veiled, iccp(p3)), colours: veiled.map((colour) => [...toSrgb(colour.slice(0, 3).map(light), FROM_P3), colour[3]!]), within: 8 })
    const fogged = GREYS.map(([grey], i) => [grey!, [255, 200, 128, 60][i]!])
    await showsQuarters(t, { what: `grey of ${depth} bits with alpha`, bytes: written(depth, 'grey-alpha', fogged, iccp(greyProfile(1.5))), colours: fogged.map(([grey, alpha]) => [...toRgb([grey!]).map(asPower(1.5)), alpha!]), within: 8 })
    const wrong = written(depth, 'rgb', MUTED, iccp(greyProfile(1)))
    await showsQuarters(t, { what: `a profile of grey for colours, ${depth} bits`, bytes: wrong, colours: MUTED })
  }
  for (const bits of [8, 10, 12] as const) {
    await showsQuarters(t, { what: `an AVIF of ${bits} bits`, bytes: await avif(raw(plain(MUTED)), bits, colr(p3)), colours: MUTED.map((colour) => toSrgb(colour.map(light), FROM_P3)), within: 8 })
  }
  const icc = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile(SRGB, 1)])
  const bytes = jpeg({ blocks: 12, samples: 1, transform: 0, draw: quarters(12, 12, GREYS) })
  const profiled = Buffer.concat([bytes.subarray(0, 2), Buffer.of(0xff, 0xe2, icc.length + 2 >> 8, icc.length + 2 & 255), icc, bytes.subarray(2)])
  await showsQuarters(t, { what: 'a profile of colours for grey', bytes: profiled, colours: GREYS.map((grey) => toRgb(grey).map(asPower(1))) })
})

const FROM_2020 = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
const SRGB_POINTS = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]
const P3_POINTS = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
const ADOBE_POINTS = [0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06]
const asP3 = (colour: number[]) => toSrgb(colour.map(light), FROM_P3)

t.test('F1 a PNG says its colours in other words than a profile', async (t) => {
  const swapped = iccp(profile([SRGB[1], SRGB[0], SRGB[2]], 2.2))
  const as = (colours: (colour: number[]) => number[]) => MUTED.map(colours)
  for (const [what, colours, ...extra] of [
    ['cICP of Display P3', as(asP3), cicp(12, 13)],
    ['cICP of BT.2020', as((colour) => toSrgb(colour.map((value) => (value / 255) ** 2.4), FROM_2020)), cicp(9, 14)],
    ['cICP of light', as((colour) => colour.map(asPower(1))), cicp(1, 8)],
    ['cICP of sRGB goes before a profile', MUTED, cicp(1, 13), swapped],
    ['so does another', as(asP3), cicp(12, 13), swapped],
    ['a cICP with luma and chroma, which a PNG does not have', MUTED, cicp(12, 13, 1)],
    ['a cICP with a number of nothing', MUTED, cicp(12, 99)],
    ['gAMA', as((colour) => colour.map(asPower(1.8))), gama(1.8)],
    ['gAMA and cHRM of Display P3', as((colour) => toSrgb(colour.map((value) => (value / 255) ** 2.2), FROM_P3)), gama(2.2), chrm(...P3_POINTS)],
    ['gAMA and cHRM of Adobe RGB', as((colour) => toSrgb(colour.map((value) => (value / 255) ** 1.8), FROM_ADOBE)), gama(1.8), chrm(...ADOBE_POINTS)],
    // With another white, the neutral stays neutral.
    ['white under another light', [...as((colour) => colour.map(asPower(2.2))).slice(3), [188, 188, 188]], gama(2.2), chrm(0.3457, 0.3585, ...SRGB_POINTS.slice(2))],
    ['gAMA and cHRM of sRGB', MUTED, gama(2.2), chrm(...SRGB_POINTS)],
    ['sRGB goes before gAMA and cHRM', MUTED, ['sRGB', Buffer.of(0)], gama(1), chrm(...P3_POINTS)],
    ['a profile goes before gAMA and cHRM', as((colour) => toSrgb(colour.map((value) => (value / 255) ** (563 / 256)), FROM_ADOBE)), iccp(ADOBE), gama(1), chrm(...P3_POINTS)],
    ['cHRM alone', MUTED, chrm(...P3_POINTS)],
    ['a gAMA of nothing', MUTED, ['gAMA', Buffer.alloc(4)], chrm(...P3_POINTS)],
    ['a cHRM of nothing', MUTED, gama(1.8), ['cHRM', Buffer.alloc(32)]],
  ] as [string, number[][], ...[string, Buffer][]][]) {
    const isNeutral = colours.length === 2
    const drawn = isNeutral ? [[255, 255, 255], [188, 188, 188], [255, 255, 255], [188, 188, 188]] : MUTED
    for (const depth of [8, 16] as const) await showsQuarters(t, { what: `${what}, ${depth} bits`, bytes: written(depth, 'rgb', drawn, ...extra), colours: isNeutral ? [...colours, ...colours] : colours })
  }
  await showsQuarters(t, { what: 'of grey', bytes: written(16, 'grey', GREYS, cicp(1, 8)), colours: GREYS.map((grey) => toRgb(grey).map(asPower(1))) })
  const veiled = MUTED.map((colour, i) => [...colour, [255, 200, 128, 60][i]!])
  for (const depth of [8, 16] as const) await showsQuarters(t, { what: `with alpha, ${depth} bits`, bytes: written(depth, 'rgba', veiled, cicp(12, 13)), colours: veiled.map((colour) => [...asP3(colour.slice(0, 3)), colour[3]!]), within: 8 })
})

t.test('F1 an AVIF says its colours in other words than a profile', async (t) => {
  const pixels = raw(plain(MUTED))
  for (const bits of [8, 10, 12] as const) {
    await showsQuarters(t, { what: `Display P3 of ${bits} bits`, bytes: await avif(pixels.clone(), bits, nclx(12, 13)), colours: MUTED.map(asP3), within: 8 })
  }
  await showsQuarters(t, { what: 'as films have it', bytes: await avif(pixels.clone(), 8, nclx(1, 1)), colours: MUTED, within: 8 })
  await showsQuarters(t, { what: 'nothing said', bytes: await avif(pixels.clone(), 8, nclx(2, 2)), colours: MUTED, within: 8 })
  const others = [await avifItem(pixels.clone(), 8, nclx(9, 16)), await avifItem(pixels.clone(), 8, nclx(12, 13))]
  await showsQuarters(t, { what: 'what another picture in the file says', bytes: heif(others, { shown: 2 }), colours: MUTED.map(asP3), within: 8 })
  const orange = raw(plain([[255, 110, 0], [255, 110, 0], [255, 110, 0], [255, 110, 0]]))
  await showsQuarters(t, { what: 'another picture in the file', bytes: heif([await avifItem(orange, 8), others[1]!], { shown: 2 }), colours: MUTED.map(asP3), within: 8 })
})

/** Light that screens show, where 1 is paper white, as samples of PQ and of HLG. */
const asPq = (lights: number[]) => lights.map((light) => {
  const root = (light * 203 / 10_000) ** (1305 / 8192)
  return ((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375
})
const asHlg = (lights: number[]) => {
  const luminance = Math.max(1e-6, (0.2627 * lights[0]! + 0.678 * lights[1]! + 0.0593 * lights[2]!) * 203 / 1000)
  return lights.map((light) => light * 203 / 1000 * luminance ** (1 / 1.2 - 1)).map((scene) => scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073)
}
const TO_2020 = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.088, 0.8956]]

t.test('F1 what is brighter than paper looks like the same picture: white is white, and red is red', async (t) => {
  const seen = [[255, 255, 255], [224, 16, 16], [140, 85, 35], [0, 0, 0]]
  for (const [curve, encode] of [[16, asPq], [18, asHlg]] as const) {
    const samples = seen.map((colour) => encode(TO_2020.map((row) => row.reduce((sum, factor, i) => sum + factor * light(colour[i]!), 0))))
    const bytes = png({ ...square, depth: 16, type: 'rgb', extra: [cicp(9, curve)], draw: quarters(SIDE, SIDE, samples.map((colour) => colour.map((value) => Math.round(value * 65_535)))) })
    await showsQuarters(t, { what: `curve ${curve} in a PNG`, bytes, colours: seen, within: 10 })
    const coded = raw(plain(samples.map((colour) => colour.map((value) => Math.round(value * 255)))))
    await showsQuarters(t, { what: `curve ${curve} in an AVIF`, bytes: await avif(coded, 10, nclx(9, curve)), colours: seen, within: 16 })
    // Three times as bright as paper, and beyond what any screen shows: white and red all the same.
    const bright = [[1, 1, 1], [1, 0, 0], encode([3, 3, 3]), encode([3, 0, 0])].map((colour) => colour.map((value) => Math.round(value * 255)))
    await showsQuarters(t, { what: `curve ${curve}, brighter than white`, bytes: written(8, 'rgb', bright, cicp(1, curve)), colours: [[255, 255, 255], [255, 0, 0], [255, 255, 255], [255, 0, 0]], within: 8 })
  }
})

t.test('inks', async (t) => {
  const show = await gallery(t)
  const inks = [[0, 0, 0, 0], [0, 0, 0, 255], [255, 0, 0, 0], [0, 220, 220, 0]]
  const shown: Pixels[] = []
  for (const [what, transform, samples] of [
    ['CMYK', 0, (colour: number[]) => colour.map((value) => 255 - value)],
    // Adobe keeps inks upside down, and of these three makes luma and chroma as if they were red, green and blue.
    ['YCCK', 2, ([c, m, y, k]: number[]) => [0.299 * c! + 0.587 * m! + 0.114 * y!, 128 - 0.168736 * c! - 0.331264 * m! + 0.5 * y!, 128 + 0.5 * c! - 0.418688 * m! - 0.081312 * y!, 255 - k!]],
  ] as const) {
    const bytes = jpeg({ blocks: 12, samples: 4, transform, draw: quarters(12, 12, inks.map(samples)) })
    t.match(await sharp(bytes).metadata(), { space: 'cmyk', channels: 4 }, what)
    for (const kind of ['avatar', 'cover'] as const) {
      for (const file of (await show(bytes, kind)).files) {
        const at = (x: number, y: number) => [...file.data.subarray(3 * (Math.floor(y * file.height) * file.width + Math.floor(x * file.width))).subarray(0, 3)]
        t.equal(file.channels, 3)
        t.ok(at(0.2, 0.2).every((value) => value > 250), `${what}: paper is white`, { found: at(0.2, 0.2) })
        t.ok(at(0.8, 0.2).every((value) => value < 60), 'black is black', { found: at(0.8, 0.2) })
        const [cyan, red] = [at(0.2, 0.8), at(0.8, 0.8)]
        t.ok(cyan[0]! < 60 && cyan[1]! > 130 && cyan[2]! > 190, 'cyan is cyan', { found: cyan })
        t.ok(red[0]! > 190 && red[1]! < 90 && red[2]! < 90, 'magenta and yellow make red', { found: red })
        shown.push(file)
      }
    }
  }
  for (const [i, file] of shown.slice(shown.length / 2).entries()) looksLike(t, file, shown[i]!, 'both writings of the same inks look the same', { mean: 2, far: 0 })
})

/** Frames that differ in every quarter. */
const frames = (count: number, width: number, height: number, channels: 3 | 4 = 3) => Array.from({ length: count }, (_, i) => (
  drawn(width, height, channels, quarters(width, height, QUARTERS.map((_, quarter) => [...QUARTERS[(quarter + i) % 4]!, ...channels === 4 ? [quarter === i % 4 ? 0 : 255] : []])))
))
const moving = (frames: Pixels[], format: 'gif' | 'webp') => {
  const { width, height, channels } = frames[0]!
  const whole = sharp(Buffer.concat(frames.map(({ data }) => data)), { raw: { width, height: height * frames.length, channels: channels as 3 | 4, pageHeight: height } })
  const options = { delay: frames.map((_, i) => 100 + i * 50), loop: 3 }
  return (format === 'gif' ? whole.gif(options) : whole.webp({ ...options, lossless: true })).toBuffer()
}

for (const format of ['gif', 'webp'] as const) {
  t.test(`a ${format} that moves`, async (t) => {
    const show = await gallery(t)
    for (const channels of [3, 4] as const) {
      const originals = frames(4, 120, 80, channels)
      for (const kind of ['avatar', 'cover'] as const) {
        const { made, files, main } = await show(await moving(originals, format), kind, { focus: [0, 0] })
        t.match(made, { isAnimated: true, sourceWidth: 120, sourceHeight: 80 })
        t.match(await sharp(main).metadata(), { pages: 4, delay: [100, 150, 200, 250], loop: 3 })
        for (const [page, original] of originals.entries()) looksLike(t, await pixels(main, page), original, `${channels} channels, ${kind}, frame ${page}`)
        for (const file of files.slice(1)) {
          t.equal(file.pages, 1, 'still')
          const { to, part } = wanted(originals[0]!, kind, file.size)
          looksLike(t, file, await scaled(originals[0]!, to, part), `${channels} channels, ${kind} ${file.size}`)
        }
      }
    }
  })
}

t.test('what moves past the limits, or would have to be turned, is its first frame', async (t) => {
  const show = await gallery(t)
  for (const [what, count, width, height, isAnimated] of [['200 frames', 200, 64, 48, true], ['201 frames', 201, 64, 48, false], ['8 MP', 4, 2000, 1000, true], ['more', 4, 2000, 1001, false]] as const) {
    const [first, ...others] = frames(count, width, height)
    const { made, files } = await show(await moving([first!, ...others], 'gif'), 'avatar')
    t.equal(made.isAnimated, isAnimated, what)
    t.equal(files[0]!.pages, isAnimated ? count : 1)
    looksLike(t, files[0]!, await scaled(first!, wanted(first!, 'avatar', 'main').to), what, { far: 7 })
  }
  const [first, ...others] = frames(3, 120, 80)
  for (const orientation of [2, 3, 6]) {
    const bytes = await sharp(await moving([first!, ...others], 'webp'), { animated: true }).withMetadata({ orientation }).webp({ lossless: true }).toBuffer()
    const [w, h] = orientation === 6 ? [80, 120] : [120, 80]
    const upright = drawn(w, h, 3, (x, y) => quarters(120, 80)(...ORIENTATIONS[orientation]!(x, y, 120, 80)))
    await check(t, show, { what: `moving, orientation ${orientation}`, bytes, upright })
  }
})

interface Drawn { left: number, top: number, side: number, colour: number, disposal: number, hole?: number }
const CANVAS = 48
const small = (disposal: number, hole?: number): Drawn[] => [[4, 1], [12, 2], [28, 1]].map(([at = 0, colour = 0]) => ({ left: at, top: at, side: 16, colour, disposal, ...hole !== undefined && { hole } }))
const whole = (disposal: number): Drawn => ({ left: 0, top: 0, side: CANVAS, colour: 0, disposal })
const asGif = (drawn: Drawn[]): Buffer => gif({ width: CANVAS, height: CANVAS, frames: drawn.map(({ side, ...frame }) => ({ ...frame, width: side, height: side, delay: 7 })), extra: [Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01\x02\0\0', 'latin1')] })
async function asWebp (drawn: Drawn[], flags = 0x02): Promise<Buffer> {
  const frames = await Promise.all(drawn.map(async ({ left, top, side, colour, disposal }) => {
    const pixels = coded(await sharp({ create: { width: side, height: side, channels: 3, background: colourOf(colour) } }).webp({ lossless: true }).toBuffer())
    return riff('ANMF', Buffer.concat([...[left / 2, top / 2, side - 1, side - 1, 70].map(u24le), Buffer.of(Number(disposal === 2)), pixels]))
  }))
  return webp(canvas(CANVAS, CANVAS, flags), riff('ANIM', Buffer.of(255, 255, 255, 255, 3, 0)), ...frames)
}
const colourOf = (index: number) => {
  const [r = 0, g = 0, b = 0] = PALETTE.subarray(index * 3)
  return { r, g, b }
}

/** Which colour is seen at a place in each frame; undefined is none. */
function seenAt (drawn: Drawn[], x: number, y: number): (number | undefined)[] {
  let seen: number | undefined
  return drawn.map(({ left, top, side, colour, disposal }) => {
    const isInside = x >= left && x < left + side && y >= top && y < top + side
    const now = isInside ? colour : seen
    if (isInside) seen = disposal === 2 ? undefined : disposal === 3 ? seen : colour
    return now
  })
}

const PLACES = [[2, 2], [8, 8], [16, 16], [24, 24], [36, 36], [46, 8]] as const
/** That the first frames of what was drawn show at every place what was drawn there. */
function showFrames (t: Test, frames: Pixels[], drawn: Drawn[], what: string): void {
  const wrong = frames.flatMap(({ data, width, channels }, page) => PLACES.flatMap(([x, y]) => {
    const [r = 0, g = 0, b = 0, alpha = 255] = data.subarray((Math.floor(y * width / CANVAS) * width + Math.floor(x * width / CANVAS)) * channels).subarray(0, channels)
    const index = seenAt(drawn, x, y)[page]
    const wanted = index === undefined ? undefined : colourOf(index)
    const isRight = wanted ? alpha === 255 && Math.max(Math.abs(r - wanted.r), Math.abs(g - wanted.g), Math.abs(b - wanted.b)) < 30 : alpha === 0
    return isRight ? [] : [{ page, x, y, found: [r, g, b, alpha], wanted: wanted ?? 'nothing' }]
  }))
  t.same(wrong.slice(0, 3), [], what)
}

t.test('F2 frames that do not fill the canvas, of every disposal', async (t) => {
  const animations: [string, Drawn[], Buffer][] = []
  for (const disposal of [0, 1, 2, 3]) {
    for (const hole of [undefined, 3]) {
      for (const first of [[], [whole(0)], [whole(2)], [whole(3)]]) {
        const drawn = [...first, ...small(disposal, hole)]
        animations.push([`a GIF, disposal ${first.map((frame) => frame.disposal).join()} and ${disposal}, ${hole === undefined ? 'all' : 'not all'} opaque`, drawn, asGif(drawn)])
      }
    }
  }
  const mixed = [small(2)[0]!, small(2, 3)[1]!, small(2)[2]!]
  animations.push(['a GIF with opaque frames and others', mixed, asGif(mixed)])
  for (const disposal of [0, 2]) {
    for (const first of [[], [whole(0)], [whole(2)]]) {
      const drawn = [...first, ...small(disposal)]
      for (const flags of [0x02, 0x12]) animations.push([`a WebP, disposal ${disposal} after ${first.length}, flags ${flags}`, drawn, await asWebp(drawn, flags)])
    }
  }
  for (const [what, drawn, bytes] of animations) {
    const { main, moving } = await decoded(bytes)
    const { pages = 1, delay = [] } = await sharp(moving).metadata()
    // Neighbours that show the same may be one, which is shown for as long.
    t.equal(delay.reduce((sum, ms) => sum + ms, 0), 70 * drawn.length, what)
    if (pages === drawn.length) showFrames(t, await Promise.all(drawn.map((_, page) => pixels(moving!, page))), drawn, what)
    showFrames(t, [main], drawn, `${what}, still`)
  }
  const show = await gallery(t)
  const { made, files, main } = await show(asGif(small(2)), 'avatar')
  t.equal(made.isAnimated, true)
  t.match(await sharp(main).metadata(), { pages: 3, delay: [70, 70, 70], loop: 3 })
  for (const file of files) showFrames(t, [file], small(2), `${file.size}`)
})

t.test('F2 a single frame that does not fill the canvas, alone or of an animation that is not kept', async (t) => {
  const show = await gallery(t)
  const alone = small(0).slice(0, 1)
  // A size of screens, in which the decoder does not believe.
  const { made: { sourceWidth, sourceHeight }, files: [screen] } = await show(gif({ width: 800, height: 600, frames: [{ left: 300, top: 200, width: 200, height: 200, colour: 1 }] }), 'avatar')
  t.same([sourceWidth, sourceHeight, screen!.width, screen!.height], [800, 600, 800, 600])
  t.same([[100, 100], [400, 300]].map(([x = 0, y = 0]) => screen!.data[(y * 800 + x) * 4 + 3]), [0, 255])
  const many = Array.from({ length: 201 }, (_, i) => small(2)[i % 3]!)
  for (const drawn of [alone, many]) {
    const { made, files } = await show(asGif(drawn), 'cover')
    t.equal(made.isAnimated, false)
    for (const file of files) showFrames(t, [file], drawn, `${drawn.length} frames, ${file.size}`)
  }
})

async function refuses (t: Test, shown: Promise<unknown>, finding: ImageFinding, what: string): Promise<void> {
  t.same(await shown.then(() => 'accepted', (error: ImageError) => error.finding), finding, what)
}

t.test('F2 what else moves becomes a still, or is refused by its name', async (t) => {
  const show = await gallery(t)
  const drawn = [QUARTERS, QUARTERS.toReversed()].map((colours) => raw(plain(colours)))
  const items = await Promise.all(drawn.map((pixels) => avifItem(pixels, 8)))
  const film = box('moov', box('mvhd', Buffer.alloc(100)))
  for (const [what, bytes] of [
    ['an AVIF sequence', Buffer.concat([heif(items.slice(0, 1), { brand: 'avis' }), film])],
    ['an AVIF of another brand', heif(items.slice(0, 1), { brand: 'MA1B' })],
    ['an AVIF of two pictures', heif(items)],
    ['an APNG', png({ ...square, depth: 8, type: 'rgb', draw: quarters(SIDE, SIDE), extra: [['acTL', Buffer.of(0, 0, 0, 2, 0, 0, 0, 0)], ['fcTL', Buffer.concat([Buffer.of(0, 0, 0, 0, 0, 0, 0, SIDE, 0, 0, 0, SIDE), Buffer.alloc(8), Buffer.of(0, 9, 0, 90, 0, 0)])]] })],
  ] as const) {
    const { made, files: [main] } = await show(bytes, 'avatar')
    t.equal(made.isAnimated, false, what)
    looksLike(t, main!, plain(), what)
  }
  await refuses(t, show(Buffer.concat([ftyp('avis', 'avif', 'msf1'), film]), 'avatar'), { code: 'unsupported_image', params: { format: 'AVIF sequence' } }, 'a film alone')
})

t.test('F3 a file that lacks nothing but its end marker is accepted, one that lacks pixels is not', async (t) => {
  const upright = drawn(120, 96, 3, quarters(120, 96))
  const smooth = raw(drawn(120, 96, 3, (x, y) => [x * 2, y * 2, 255 - x]))
  const files: [string, Buffer, end: number][] = [
    ['a JPEG', await smooth.clone().jpeg({ quality: 92 }).toBuffer(), 2],
    ['a JPEG with all colours', await smooth.clone().jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer(), 2],
    ['a grey JPEG', await smooth.clone().toColourspace('b-w').jpeg({ quality: 92 }).toBuffer(), 2],
    ['a progressive JPEG', await smooth.clone().jpeg({ quality: 92, progressive: true }).toBuffer(), 2],
    ['a PNG', await raw(upright).png().toBuffer(), 12],
    ['an interlaced PNG', await raw(upright).png({ progressive: true }).toBuffer(), 12],
    ['a GIF', await raw(upright).gif().toBuffer(), 1],
  ]
  const without = (bytes: Buffer, count: number) => bytes.subarray(0, bytes.length - count)
  for (const [what, bytes, end] of files) {
    const { main: { data } } = await decoded(bytes)
    for (let count = 1; count <= end; count += Math.max(1, end - 1)) t.ok((await decoded(without(bytes, count))).main.data.equals(data), `${what} without ${count} bytes`)
    for (const count of [end + 3, end + 8, end + 40]) await t.rejects(decoded(without(bytes, count)), `${what} without ${count} bytes`)
  }
  const show = await gallery(t)
  const [, photo] = files[0]!
  t.ok((await show(without(photo, 2), 'avatar')).main.equals((await show(photo, 'avatar')).main), 'all the way')
  await refuses(t, show(without(photo, 5), 'avatar'), { code: 'invalid_image' }, 'all the way, without pixels')
  const [, progressive] = files[3]!
  const scans = progressive.lastIndexOf(Buffer.of(0xff, 0xda))
  const tables = progressive.lastIndexOf(Buffer.of(0xff, 0xc4), scans)
  await t.rejects(decoded(progressive.subarray(0, tables)), 'a progressive JPEG without its last scan')
})

t.test('tiny ones and narrow ones', async (t) => {
  const show = await gallery(t)
  for (const [width, height] of [[1, 1], [3, 2], [2, 3], [64, 64], [65, 63]] as const) {
    // Of one colour: a picture of six pixels has no room for chroma.
    const upright = drawn(width, height, 3, () => [200, 60, 60])
    await check(t, show, { what: `${width} × ${height}`, bytes: await raw(upright).png().toBuffer(), upright })
  }
  for (const [width, height] of [[12_000, 10], [10, 12_000]] as const) {
    const upright = drawn(width, height, 3, (x, y) => Math.max(x, y) < 6000 ? QUARTERS[0] : QUARTERS[2])
    for (const kind of ['avatar', 'cover'] as const) {
      const { files } = await show(await raw(upright).png().toBuffer(), kind, { focus: [-1, 1] })
      for (const file of files) {
        const { width, height } = wanted(upright, kind, file.size).to
        t.match(file, { width, height }, `${kind} ${file.size}`)
        const start = drawn(1, 1, 3, () => QUARTERS[0])
        looksLike(t, { ...file, data: file.data.subarray(0, 3), width: 1, height: 1 }, start, 'begins as it does', { mean: 8 })
      }
    }
  }
})

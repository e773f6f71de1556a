import sharp from 'sharp'
import t, { type Test } from 'tap'
import type { ImageKind } from '../../src/images/formats.ts'
import { distance, drawn, gallery, looksLike, pixels, scaled } from './seen.ts'
import type { Pixels, Show } from './seen.ts'
import { iccp, jpeg, png, profile } from './written.ts'
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

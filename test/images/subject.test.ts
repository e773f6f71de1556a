import sharp from 'sharp'
import t from 'tap'
import type { Cut } from '../../src/images/cut.ts'
import { drawn, gallery, looksLike, scaled } from './seen.ts'
import type { Pixels, Seen } from './seen.ts'
import type { Draw } from './written.ts'

interface Disc { x: number, y: number, radius: number }

/** Numbers from 0 to 1 that are the same every time. */
function seeded (seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

/** A disc on plain or grainy ground. */
function scene (width: number, height: number, { x: cx, y: cy, radius }: Disc, { colour, ground, grain }: { colour: readonly number[], ground: readonly number[], grain: number }): Pixels {
  const random = seeded(width * height + cx)
  const draw: Draw = (x, y) => {
    const shift = Math.round((random() + random() - 1) * grain)
    return ((x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2 ? colour : ground).map((value) => Math.max(0, Math.min(255, value + shift)))
  }
  return drawn(width, height, 3, draw)
}
const png = ({ data, width, height }: Pixels) => sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 1 }).toBuffer()

/** How many pixels of a file look like the disc. */
function area ({ data, width, height, channels }: Seen, colour: readonly number[], ground: readonly number[]): number {
  const apart = (at: number, from: readonly number[]) => Math.hypot(...from.map((value, i) => value - data[at + i]!))
  let found = 0
  for (let at = 0; at < width * height * channels; at += channels) if (apart(at, colour) < apart(at, ground)) found++
  return found
}

const SCENES = [
  { colour: [200, 40, 40], ground: [240, 240, 240], grain: 0 },
  { colour: [224, 178, 150], ground: [70, 90, 120], grain: 24 },
  { colour: [30, 140, 50], ground: [128, 128, 128], grain: 24 },
  { colour: [30, 30, 34], ground: [120, 170, 220], grain: 12 },
]

for (const [width, height] of [[600, 320], [320, 600], [1000, 300], [420, 340]] as const) {
  t.test(`a subject near an edge of ${width} × ${height} stays inside every square`, async (t) => {
    const show = await gallery(t)
    const least = Math.min(width, height)
    let at = 0
    for (const share of [0.08, 0.25]) {
      const radius = Math.round(least * share)
      const [far, middle] = [radius + 3, (side: number) => Math.round(side / 2)]
      const places = [[far, far], [middle(width), far], [width - far, far], [far, middle(height)], [width - far, middle(height)], [far, height - far], [middle(width), height - far], [width - far, height - far]]
      for (const [x, y] of places as [number, number][]) {
        const look = SCENES[at++ % SCENES.length]!
        const { files } = await show(await png(scene(width, height, { x, y, radius }, look)), 'avatar')
        for (const file of files.slice(1)) {
          const scale = file.width / least
          const whole = Math.PI * radius ** 2 * scale ** 2
          // Edges are blurred, more so in a small one: of ten pixels across, the outermost row is more than this.
          const found = area(file, look.colour, look.ground) / whole
          t.ok(found > 0.9 && found < 1.1, `of ${radius} at ${x},${y}, in ${file.width}`, { found, look })
        }
      }
    }
  })
}

t.test('what can be seen through is no subject, whatever colour it would have', async (t) => {
  const show = await gallery(t)
  for (const [colour, ground] of [[[0, 0, 0, 255], [0, 0, 0, 0]], [[250, 250, 250, 255], [200, 30, 30, 0]]]) {
    const bytes = await sharp(drawn(600, 200, 4, (x, y) => ((x - 560) ** 2 + (y - 100) ** 2 < 30 ** 2 ? colour : ground)!).data, { raw: { width: 600, height: 200, channels: 4 } }).png().toBuffer()
    for (const file of (await show(bytes, 'avatar')).files.slice(1)) {
      let solid = 0
      for (let at = 3; at < file.data.length; at += 4) if (file.data[at]! > 127) solid++
      t.ok(Math.abs(solid / (Math.PI * 30 ** 2 * (file.width / 200) ** 2) - 1) < 0.08, `${file.size}`)
    }
  }
})

/** Colours that tell where a pixel comes from, so that a shift of one is seen. */
const ramp = (width: number, height: number) => drawn(width, height, 3, (x, y) => [Math.round(x / (width - 1) * 255), Math.round(y / (height - 1) * 255), 128])

t.test('focus and crop put what was asked for where it belongs, to the pixel', async (t) => {
  const show = await gallery(t)
  const [width, height] = [200, 120]
  const original = ramp(width, height)
  const bytes = await png(original)
  const part = (left: number, top: number, side: number) => ({ left, top, width: side, height: side })
  const cuts: [Cut, ReturnType<typeof part>][] = [
    [{ focus: [0, 0] }, part(40, 0, 120)],
    [{ focus: [-1, 1] }, part(0, 0, 120)],
    [{ focus: [1, -1] }, part(80, 0, 120)],
    [{ focus: [0.25, 0] }, part(65, 0, 120)],
    [{ crop: [30, 20, 64, 64] }, part(30, 20, 64)],
    [{ crop: [136, 56, 64, 64] }, part(136, 56, 64)],
    [{ crop: [20, 10, 100, 60], focus: [1, 0] }, part(60, 10, 60)],
    [{ crop: [20, 10, 100, 60], focus: [-0.3, 0] }, part(40, 10, 60)],
    [{ crop: [20, 10, 60, 100], focus: [0, 0.5] }, part(20, 10, 60)],
    [{ crop: [20, 10, 60, 100], focus: [0, -0.2] }, part(20, 42, 60)],
  ]
  for (const [cut, seen] of cuts) {
    const { files } = await show(bytes, 'avatar', cut)
    looksLike(t, files[0]!, original, 'the main picture is whole', { mean: 2, far: 0 })
    for (const file of files.slice(1)) {
      const side = Math.min(file.size as number, seen.width)
      const what = `${JSON.stringify(cut)} in ${file.size}`
      const wanted = await scaled(original, { width: side, height: side }, seen)
      looksLike(t, file, wanted, what, { mean: 3, far: 0 })
      for (const [i, pixel] of [255 / width, 255 / height].entries()) {
        const mean = ({ data }: Pixels) => data.reduce((sum, value, at) => at % 3 === i ? sum + value : sum, 0) / (data.length / 3)
        t.ok(Math.abs(mean(file) - mean(wanted)) <= 1.2 * pixel, `${what}: within a pixel ${'xy'[i]}`, { found: mean(file), wanted: mean(wanted) })
      }
    }
  }
})

t.test('crop is measured in the upright original, however it was stored and however large it is', async (t) => {
  const show = await gallery(t)
  const stored = ramp(1200, 1800)
  const upright = drawn(1800, 1200, 3, (x, y) => [...stored.data.subarray(((1799 - x) * 1200 + y) * 3).subarray(0, 3)])
  const bytes = await sharp(stored.data, { raw: { width: 1200, height: 1800, channels: 3 } }).withMetadata({ orientation: 6 }).jpeg({ quality: 92 }).toBuffer()
  const { made, files } = await show(bytes, 'avatar', { crop: [900, 200, 600, 600] })
  t.match(made, { sourceWidth: 1800, sourceHeight: 1200 })
  for (const file of files.slice(1)) {
    const side = Math.min(file.size as number, 341)
    looksLike(t, file, await scaled(upright, { width: side, height: side }, { left: 900, top: 200, width: 600, height: 600 }), `${file.size}`, { far: 0 })
  }
})

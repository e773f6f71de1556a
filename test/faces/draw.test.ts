import sharp from 'sharp'
import t from 'tap'
import { colourOf } from '../../src/faces/colour.ts'
import { draw } from '../../src/faces/draw.ts'
import type { Style } from '../../src/faces/draw.ts'

const STYLES: Style[] = ['initials', 'identicon', 'silhouette', 'blank']
const NAMES = ['Ada Lovelace', 'محمد علي', '李小龙', '👨‍👩‍👧‍👦', '<script>alert(1)</script> & "', '', `${'👩‍'.repeat(60)}`, 'क्षितिज शर्मा']
const pixels = async (svg: string) => await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true })

t.test('white text can be read on every colour (WCAG 2, AA)', async (t) => {
  const linear = (value: number) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const contrasts = Array.from({ length: 360 }, (_, hue) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(parseInt(colourOf(hue).slice(at, at + 2), 16) / 255))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
  })
  t.ok(Math.min(...contrasts) >= 4.5, `the least is ${Math.min(...contrasts)}`)
  t.ok(Math.max(...contrasts) < 8, 'and none is nearly black')
  t.ok(new Set(Array.from({ length: 360 }, (_, hue) => colourOf(hue))).size > 300)
})

t.test('every picture is small, well-formed and the same each time', async (t) => {
  for (const style of STYLES) {
    for (const name of NAMES) {
      for (const [width, isWide] of [[64, false], [512, false], [480, true]] as const) {
        const svg = draw(style, { name, seed: 'id 1', width, isWide })
        t.equal(draw(style, { name, seed: 'id 1', width, isWide }), svg)
        t.ok(Buffer.byteLength(svg) < 2_048, `${style} of ${name}: ${Buffer.byteLength(svg)} bytes`)
        t.match(await sharp(Buffer.from(svg)).metadata(), { format: 'svg', width, height: isWide ? width / 3 : width })
        t.notMatch(svg, /<script|style=|href|url\(/i)
      }
    }
  }
})

t.test('what could be markup is text', async (t) => {
  // No mark of XML begins a name, so none gets as far as to be escaped.
  for (const name of ['&lt; <b>', '<a> </a>', "'x' \"y\""]) {
    const [, text = ''] = />([^<>]*)<\/text>/.exec(draw('initials', { name, seed: '', width: 64 })) ?? []
    t.match(text, /^[A-Z]{1,2}$/)
  }
})

t.test('the colour and the pattern are of the seed, and of nothing else', async (t) => {
  const ground = (svg: string) => /fill="(#[0-9a-f]{6})"/.exec(svg)?.[1]
  const of = (style: Style, seed: string, name = 'Ada') => draw(style, { name, seed, width: 64 })
  t.equal(ground(of('initials', 'id 1', 'Ada')), ground(of('initials', 'id 1', 'Bob')))
  t.equal(ground(of('initials', 'id 1')), ground(of('silhouette', 'id 1')))
  const seeds = Array.from({ length: 200 }, (_, i) => `id ${i}`)
  t.ok(new Set(seeds.map((seed) => ground(of('initials', seed)))).size > 100)
  t.ok(new Set(seeds.map((seed) => of('identicon', seed))).size > 195)
  t.equal(of('identicon', 'id 1', 'Ada'), of('identicon', 'id 1', 'Bob'))
  t.equal(of('blank', 'id 1'), of('blank', 'id 2'))
  t.equal(of('initials', 'id 1', ''), of('silhouette', 'id 1'), 'of who has no name that can be told')
  t.match(of('initials', '', 'محمد'), / direction="rtl">م</)
  t.notMatch(of('initials', '', 'Ada'), /direction/)
})

t.test('as it is seen', async (t) => {
  const blank = await pixels(draw('blank', { name: 'Ada', seed: '', width: 64 }))
  t.ok(blank.data.every((value) => value === 0), 'blank is transparent')
  const { data, info: { width } } = await pixels(draw('identicon', { name: '', seed: 'id 7', width: 128 }))
  const at = (x: number, y: number) => data.readUInt32BE((y * width + x) * 4)
  for (let y = 4; y < 128; y += 8) for (let x = 4; x < 64; x += 8) t.equal(at(x, y), at(127 - x, y), 'an identicon is its own mirror image')
  for (const [name, isWide] of [['Ada Lovelace', false], ['WW WW', false], ['Ada', true]] as const) {
    const drawn = await pixels(draw('initials', { name, seed: '', width: 192, isWide }))
    const whites: number[] = []
    for (let i = 0; i < drawn.data.length; i += 4) if (drawn.data[i] === 255 && drawn.data[i + 1] === 255) whites.push(i / 4 % drawn.info.width)
    const [left, right] = [Math.min(...whites), drawn.info.width - 1 - Math.max(...whites)]
    t.ok(left > 8 && Math.abs(left - right) <= drawn.info.width / 20, `${name} stands in the middle: ${left}, ${right}`)
    t.equal(drawn.data[3], 255, 'the ground goes into the corners')
    t.equal(drawn.data.at(-1), 255)
  }
})

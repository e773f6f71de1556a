import sharp from 'sharp'
import t from 'tap'
import { drawn, gallery, psnr, scaled } from './seen.ts'

t.test('fine detail is kept', async (t) => {
  const show = await gallery(t)
  // Rings that become finer outwards, as fine as the smallest file can hold; and, fainter, as fine as the original can.
  const side = 1200
  const original = drawn(side, side, 3, (x, y) => {
    const squared = (x - side / 2) ** 2 + (y - side / 2) ** 2
    const value = 128 + 70 * Math.cos(squared / 16_000) + 6 * Math.cos(squared / 400)
    return [value, value * 0.9, value * 0.8].map(Math.round)
  })
  const bytes = await sharp(original.data, { raw: { width: side, height: side, channels: 3 } }).png({ compressionLevel: 1 }).toBuffer()
  for (const kind of ['avatar', 'cover'] as const) {
    for (const file of (await show(bytes, kind)).files) {
      const found = psnr(file, await scaled(original, file))
      t.comment(`${kind} ${file.size}: ${found.toFixed(1)} dB, ${file.bytes} bytes`)
      t.ok(found >= 35, `${kind} ${file.size}`, { found })
    }
  }
})

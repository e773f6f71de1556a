import t from 'tap'
import { assertVersion, decoder } from '../../src/images/decoder.ts'

t.test('an old decoder is refused', async (t) => {
  for (const version of ['0.34.5', '0.9.0', '0.12.1']) {
    t.throws(() => assertVersion(version), { message: `sharp ${version} is too old: 0.35.0 or newer is needed` })
  }
  for (const version of ['0.35.0', '0.35.5', '0.40.0', '0.100.0', '1.0.0']) t.doesNotThrow(() => assertVersion(version))
})

t.test('loaders of other formats are shut', async (t) => {
  const create = { width: 8, height: 8, channels: 3 as const, background: 'red' }
  const table: [string, Buffer][] = [
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')],
    ['TIFF', await decoder({ create }).tiff().toBuffer()]
  ]
  for (const [name, bytes] of table) {
    await t.rejects(decoder(bytes).metadata(), { message: 'Input buffer contains unsupported image format' }, name)
  }
  t.equal(decoder.concurrency(), 1)
})

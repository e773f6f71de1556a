import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import t, { type Test } from 'tap'
import type { ImageKind } from '../../src/images/formats.ts'
import { openImages, type Images } from '../../src/images/open.ts'
import { ARTIST, chunks, noise, picture } from './pictures.ts'
import { setsIn } from './sets.ts'

interface Place {
  images: Images
  /** Stages, publishes and reads back the main file. */
  publish: (bytes: Buffer, kind?: ImageKind) => Promise<Buffer>
  /** Every file there is, below the data folder; whole pictures by their main file. */
  files: () => string[]
}

async function open (t: Test, dataDir = t.testdir()): Promise<Place> {
  const images = await openImages({ dataDir, maxBytes: { avatar: 9_000_000, cover: 9_000_000 } })
  t.teardown(() => images.close())
  return {
    images,
    async publish (bytes, kind = 'avatar') {
      const { name } = await images.publish(await images.stage(kind, chunks(bytes)))
      t.match(name, /^[0-9a-f]{32}$/)
      return readFileSync(join(dataDir, 'media', `${kind}s`, `${name}.webp`))
    },
    files: () => ['.', 'staging', 'media/avatars', 'media/covers'].map((folder) => join(dataDir, folder)).filter((folder) => existsSync(folder))
      .flatMap((folder) => setsIn(folder).filter((file) => statSync(join(folder, file)).isFile()))
  }
}

/** One pixel of a picture, as red, green, blue and, where there is one, alpha. */
async function pixel (bytes: Buffer, left: number, top: number): Promise<number[]> {
  return [...await sharp(bytes).extract({ left, top, width: 1, height: 1 }).raw().toBuffer()]
}

function isNear (found: number[], wanted: number[]): boolean {
  return found.length === wanted.length && found.every((value, i) => Math.abs(value - (wanted[i] ?? NaN)) <= 12)
}

for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
  t.test(`${format} comes out as WebP that shows the same`, async (t) => {
    const { publish, files } = await open(t)
    const published = await publish(await picture({ format, width: 80, height: 60 }))
    t.match(await sharp(published).metadata(), { format: 'webp', width: 80, height: 60 })
    t.ok(isNear(await pixel(published, 20, 15), [255, 255, 255]))
    t.ok(isNear(await pixel(published, 60, 45), [200, 30, 60]))
    t.equal(files().length, 1, 'the upload is gone')
  })
}

for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
  t.test(`the orientation of a ${format} is applied and what else it told is gone`, async (t) => {
    const { publish } = await open(t)
    const original = await picture({ format, width: 80, height: 60, exif: true, colour: { r: 0, g: 90, b: 200 } })
    t.ok(original.includes(ARTIST), 'the original tells')
    const published = await publish(original)
    const found = await sharp(published).metadata()
    t.match(found, { width: 60, height: 80 })
    for (const key of ['exif', 'xmp', 'iptc', 'icc', 'orientation'] as const) t.notOk(key in found, key)
    t.notOk(published.includes(ARTIST))
    t.notOk(/EXIF|XMP |ICCP/.test(published.toString('latin1', 0, 64)))
    t.ok(isNear(await pixel(published, 45, 20), [255, 255, 255]), 'the white quarter went to the right')
  })
}

t.test('colours are those of sRGB', async (t) => {
  const { publish } = await open(t)
  const flat = (r: number, g: number, b: number): Sharp => (
    sharp({ create: { width: 16, height: 16, channels: 3, background: { r, g, b } } })
  )
  const wide = await flat(0, 255, 0).withIccProfile('p3').png().toBuffer()
  t.match(await sharp(wide).metadata(), { hasProfile: true })
  t.ok(isNear(await pixel(await publish(wide), 8, 8), [0, 255, 0]), 'a wider space')
  const deep = await flat(180, 60, 60).toColourspace('rgb16').png().toBuffer()
  t.match(await sharp(deep).metadata(), { depth: 'ushort' })
  t.ok(isNear(await pixel(await publish(deep), 8, 8), [180, 60, 60]), '16 bits')
  const grey = await flat(90, 90, 90).toColourspace('b-w').png().toBuffer()
  t.match(await sharp(grey).metadata(), { channels: 1 })
  t.ok(isNear(await pixel(await publish(grey), 8, 8), [90, 90, 90]), 'grey')
  const print = await flat(180, 60, 60).toColourspace('cmyk').jpeg().toBuffer()
  t.match(await sharp(print).metadata(), { space: 'cmyk' })
  t.ok(isNear(await pixel(await publish(print), 8, 8), [179, 49, 39]), 'the nearest that can be printed')
})

t.test('what is transparent stays so', async (t) => {
  const { publish } = await open(t)
  for (const format of ['png', 'webp', 'gif', 'avif'] as const) {
    const clear = { create: { width: 20, height: 20, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } } }
    const block = { create: { width: 10, height: 20, channels: 4 as const, background: { r: 9, g: 9, b: 200, alpha: 1 } } }
    const published = await publish(await sharp(clear).composite([{ input: block, left: 10, top: 0 }]).toFormat(format).toBuffer())
    t.equal((await pixel(published, 2, 10))[3], 0, format)
    t.equal((await pixel(published, 17, 10))[3], 255, format)
  }
})

t.test('both sides are bounded and nothing is enlarged', async (t) => {
  const { publish } = await open(t)
  const size = async (kind: ImageKind, width: number, height: number): Promise<unknown> => {
    const { width: w, height: h } = await sharp(await publish(await picture({ width, height }), kind)).metadata()
    return [w, h]
  }
  t.same(await size('avatar', 2000, 1000), [1024, 512])
  t.same(await size('avatar', 1000, 2000), [512, 1024])
  t.same(await size('cover', 3000, 1500), [2048, 1024])
  t.same(await size('cover', 12_000, 10), [2048, 2])
  t.same(await size('avatar', 10, 12_000), [1, 1024])
  t.same(await size('avatar', 3, 2), [3, 2])
})

t.test('a broken picture is refused and leaves nothing behind', async (t) => {
  const { images, publish, files } = await open(t)
  for (const format of ['jpeg', 'png'] as const) {
    const bytes = await noise(format, 300, 200)
    for (const part of [0.5, 0.95]) {
      await t.rejects(publish(bytes.subarray(0, Math.floor(bytes.length * part))), { code: 'IMAGE_INVALID', finding: { code: 'invalid_image' } })
    }
    const damaged = Buffer.from(bytes)
    damaged.fill(0xff, 10_000, 15_000)
    if (format === 'png') await t.rejects(publish(damaged), { code: 'IMAGE_INVALID' })
  }
  const avif = await picture({ format: 'avif' })
  const image = await images.stage('avatar', chunks(avif.subarray(0, -10)))
  t.equal(await images.judge(image), undefined, 'its header is in order')
  await t.rejects(images.publish(image), { code: 'IMAGE_INVALID' })
  t.same(files(), [])
})

t.test('a photo with something after its end, or just before it, passes', async (t) => {
  const { publish } = await open(t)
  const bytes = await picture({ format: 'jpeg' })
  await publish(Buffer.concat([bytes, Buffer.from('SEFT trailer of a phone'), Buffer.alloc(500)]))
  const scans = await sharp(bytes).jpeg({ progressive: true }).toBuffer()
  await publish(Buffer.concat([scans.subarray(0, -2), Buffer.alloc(100, 1), scans.subarray(-2)]))
})

t.test('nothing of a polyglot survives', async (t) => {
  const { publish } = await open(t)
  const payload = '<script>alert(document.cookie)</script>'
  const published = await publish(Buffer.concat([await picture({ format: 'png' }), Buffer.from(payload)]))
  t.notOk(published.includes('script'))
})

t.test('an upload is published once, and a late discard does not hurt', async (t) => {
  const { images, files } = await open(t)
  const image = await images.stage('avatar', chunks(await picture()))
  const publishing = images.publish(image)
  await image.discard()
  await t.rejects(images.publish(image), { code: 'IMAGE_UNAVAILABLE' })
  const { name } = await publishing
  t.same(files(), [`${name}.webp`])
})

t.test('a picture is never seen unfinished', async (t) => {
  const dataDir = t.testdir()
  const { images } = await open(t, dataDir)
  const folder = join(dataDir, 'media', 'covers')
  const image = await images.stage('cover', chunks(await noise('jpeg', 1800, 1200)))
  let isDone = false
  const publishing = images.publish(image).finally(() => { isDone = true })
  let sightings = 0
  while (!isDone) {
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name))
      t.equal(bytes.readUInt32LE(4) + 8, bytes.length, 'as long as its header says')
      sightings++
    }
    await new Promise(setImmediate)
  }
  const { name } = await publishing
  t.equal(statSync(join(folder, `${name}.webp`)).mode & 0o777, 0o644)
  t.comment(`seen ${sightings} times before the promise resolved`)
})

t.test('an error of the disk passes through and leaves nothing behind', async (t) => {
  const dataDir = t.testdir()
  const { images, files } = await open(t, dataDir)
  const image = await images.stage('avatar', chunks(await picture()))
  rmdirSync(join(dataDir, 'media', 'avatars'))
  await t.rejects(images.publish(image), { code: 'ENOENT', syscall: 'rename' })
  t.same(files(), [])
  const lost = await images.stage('cover', chunks(await picture()))
  rmSync(join(dataDir, 'staging'), { recursive: true })
  await t.rejects(images.judge(lost), { code: 'ENOENT', syscall: 'open' })
  await t.rejects(images.publish(lost), { code: 'ENOENT', syscall: 'open' })
})

t.test('a full disk is told as such, and its end as well', async (t) => {
  const dataDir = t.testdir()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', dataDir], { stdio: 'pipe' })
  } catch (error) {
    t.comment(`SKIPPED: a small disk could not be mounted: ${String(error)}`)
    return
  }
  try {
    const { images, files, publish } = await open(t, dataDir)
    const bytes = await noise('jpeg', 500, 400)
    await t.rejects(images.stage('avatar', chunks(Buffer.concat([bytes, Buffer.alloc(600_000)]))), { code: 'ENOSPC' })
    t.same(files(), [])
    // Room for the upload, but not for what it becomes.
    const image = await images.stage('avatar', chunks(bytes))
    const filler = join(dataDir, 'filler')
    t.throws(() => writeFileSync(filler, Buffer.alloc(600_000)), { code: 'ENOSPC' })
    await t.rejects(images.publish(image), { code: 'ENOSPC' })
    t.same(files(), ['filler'])
    rmSync(filler)
    await publish(bytes)
  } finally {
    execFileSync('umount', [dataDir])
  }
})

t.test('removing takes the picture away, and only pictures', async (t) => {
  const dataDir = t.testdir({ 'secret.webp': 'x' })
  const warnings: unknown[] = []
  const images = await openImages({ dataDir, maxBytes: { avatar: 1e6, cover: 1e6 }, log: { warn: (...all) => warnings.push(all) } })
  t.teardown(() => images.close())
  const { name } = await images.publish(await images.stage('cover', chunks(await picture())))
  await images.remove('avatar', name)
  t.same(setsIn(join(dataDir, 'media', 'covers')), [`${name}.webp`])
  await images.remove('cover', name)
  await images.remove('cover', name)
  t.same(readdirSync(join(dataDir, 'media', 'covers')), [])
  t.same(warnings, [])
  await images.remove('cover', '../../secret')
  t.ok(statSync(join(dataDir, 'secret.webp')))
  t.match(warnings, [[{ name: '../../secret' }, 'not the name of a picture']])
})

t.test('what cannot be removed is told to the log alone', async (t) => {
  const dataDir = t.testdir()
  const warnings: unknown[] = []
  const name = 'a'.repeat(32)
  for (const log of [{ log: { warn: (...all: unknown[]) => warnings.push(all) } }, {}]) {
    const images = await openImages({ dataDir, maxBytes: { avatar: 1, cover: 1 }, ...log })
    t.teardown(() => images.close())
    mkdirSync(join(dataDir, 'media', 'avatars', `${name}.webp`), { recursive: true })
    await images.remove('avatar', name)
  }
  t.match(warnings, [[{ err: { code: 'ERR_FS_EISDIR' } }, 'a file could not be removed']])
})

import { decoder } from '../src/images/decoder.ts'
import { squareAt } from '../src/images/cut.ts'
import { BOUNDS, SIZES } from '../src/images/formats.ts'
import { startOf, THUMBNAIL } from '../src/images/subject.ts'
import { WEBP, WEBP_SMALL } from '../src/images/variants.ts'
import { sequence } from '../test/seeded.ts'

/** A picture of about so many bytes that is as hard to encode as a photo: light and shade, coarse and fine, and a little grain. */
export async function photoOf (megabytes: number): Promise<Buffer> {
  const [width, height] = megabytes === 1 ? [2000, 1500] : [4000, 3000]
  const random = sequence(11)
  const sum = new Float32Array(width * height * 3)
  for (const cells of [3, 9, 27, 81, 243]) {
    const data = Buffer.from(Array.from({ length: cells * cells * 3 }, () => random(256)))
    const layer = await decoder(data, { raw: { width: cells, height: cells, channels: 3 } }).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
    for (let i = 0; i < sum.length; i++) sum[i]! += (layer[i]! - 128) / cells ** 0.4
  }
  const pixels = Buffer.alloc(sum.length)
  for (let i = 0; i < sum.length; i++) pixels[i] = Math.max(0, Math.min(255, 128 + sum[i]! + random(16)))
  const photo = decoder(pixels, { raw: { width, height, channels: 3 } })
  let [low, high] = [20, 100]
  // By halves, to the quality that makes the wanted size.
  while (high - low > 1) {
    const quality = (low + high) >> 1
    if ((await photo.clone().jpeg({ quality }).toBuffer()).length > megabytes * 1e6) high = quality
    else low = quality
  }
  return await photo.jpeg({ quality: low }).toBuffer()
}

/** The same decode, search for the subject and encodes as those of an avatar, side by side, and nothing else. */
export async function sharpAlone (photo: Buffer): Promise<void> {
  const bounds = { width: BOUNDS.avatar, height: BOUNDS.avatar, fit: 'inside', withoutEnlargement: true } as const
  const { data, info: { width, height, channels } } = await decoder(photo, { failOn: 'error' }).autoOrient().resize(bounds).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const main = () => decoder(data, { raw: { width, height, channels } })

  async function sizes (): Promise<void> {
    const small = await main().resize({ width: THUMBNAIL, height: THUMBNAIL, fit: 'inside', kernel: 'linear' }).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    const square = squareAt({ left: 0, top: 0, width, height }, startOf({ data: small.data, width: small.info.width, height: small.info.height }))
    await Promise.all(SIZES.avatar.map((size) => main().extract(square).resize({ width: size, height: size }).webp(WEBP_SMALL).toBuffer()))
  }
  await Promise.all([main().webp(WEBP).toBuffer(), sizes()])
}

const BOUNDARY = 'visage-bench-boundary'

/** Sends it as the avatar of this person. Resolves to milliseconds until the answer, and until somebody who had it has the picture. */
export async function upload ({ url, id, key, photo }: { url: string, id: string, key: string, photo: Buffer }): Promise<{ ms: number, visibleMs: number }> {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="avatar"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), photo, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
  const begin = performance.now()
  const answer = await fetch(`${url}/api/v2/user/${id}/`, { method: 'PATCH', headers: { 'authorization': `Token ${key}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }, body })
  if (answer.status !== 200) throw new Error(`an upload was answered with ${answer.status}: ${await answer.text()}`)
  const { avatar } = await answer.json() as { avatar: string }
  const ms = performance.now() - begin
  const picture = await fetch(avatar)
  if (picture.status !== 200) throw new Error(`a picture that had been sent was answered with ${picture.status}`)
  await picture.arrayBuffer()
  return { ms, visibleMs: performance.now() - begin }
}

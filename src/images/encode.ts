import { readFile } from 'node:fs/promises'
import { withoutTexts } from './chunks.ts'
import { isWithin } from './cut.ts'
import { decode } from './decode.ts'
import { decoder } from './decoder.ts'
import type { ImageFinding } from './errors.ts'
import { BOUNDS, FORMATS } from './formats.ts'
import type { Header } from './header.ts'
import type { CompleteJob, EncodeJob, Job, RecutJob, Reply } from './jobs.ts'
import { judge } from './judge.ts'
import type { Made, Raw } from './made.ts'
import { fileOf, placeholder, together, WEBP, writeVariants, written } from './variants.ts'

/** Does one job of the image process. Throws what the disk says; what is wrong with the picture is its answer. */
export async function run (job: Job): Promise<Omit<Reply, 'error'>> {
  if (job.type === 'recut') return await recut(job)
  if (job.type === 'complete') return await complete(job)
  const bytes = withoutTexts(await readFile(job.file))
  // Both sharp and the loader tell the codec by the first brand alone, which of an AVIF may be that of a sequence or another.
  if (FORMATS.avif.matches(bytes)) bytes.write('avif', 8, 'latin1')
  const verdict = await judge(bytes)
  if ('finding' in verdict) return verdict
  const { header } = verdict
  const { width, height } = header
  if (job.crop && !isWithin(job.crop, header)) return { finding: { code: 'image_crop', params: { width, height } } }
  return job.type === 'judge' ? {} : await encode(bytes, header, job)
}

async function encode (bytes: Buffer, header: Header, { kind, output, crop, focus }: EncodeJob): Promise<{ made: Made } | { finding: ImageFinding }> {
  let decoded
  try {
    decoded = await decode(bytes, header, BOUNDS[kind])
  } catch {
    // Told by the place, not by the text: decoders have too many words for a broken picture.
    return { finding: { code: 'invalid_image' } }
  }
  const { main, moving } = decoded
  const { width, height, channels } = main.info
  const whole = async () => moving ?? await decoder(main.data, { raw: { width, height, channels } }).webp(WEBP).toBuffer()
  const [file, others, shown] = await together(
    whole().then((bytes) => written(`${output}.webp`, 'main', bytes, main.info)),
    writeVariants(main, { kind, cut: { crop, focus }, source: header, fileOf: (size) => `${output}-${size}.webp` }),
    placeholder(main)
  )
  return { made: { sourceWidth: header.width, sourceHeight: header.height, isAnimated: moving !== undefined, files: [file, ...others], ...shown } }
}

/** The same picture cut anew: the main file is copied as it is, and the others are made from it. */
async function recut ({ kind, file, output, crop, focus, before }: RecutJob): Promise<{ made: Made } | { finding: ImageFinding }> {
  const source = { width: before.sourceWidth, height: before.sourceHeight }
  if (crop && !isWithin(crop, source)) return { finding: { code: 'image_crop', params: source } }
  const bytes = await readFile(file)
  const main = await pixelsOf(bytes)
  const [copy, files] = await together(
    written(`${output}.webp`, 'main', bytes, main.info),
    writeVariants(main, { kind, cut: { crop, focus }, source, fileOf: (size) => `${output}-${size}.webp` })
  )
  // What was noted at first stays, so that damage done since then is still told from it.
  return { made: { ...before, files: [before.files[0] ?? copy, ...files] } }
}

/** The sizes of a main file that was published without any. */
async function complete ({ kind, file, output, source: known, ...cut }: CompleteJob): Promise<{ made: Made } | { finding: ImageFinding }> {
  const bytes = await readFile(file)
  let main: Raw
  let isAnimated
  try {
    main = await pixelsOf(bytes)
    isAnimated = ((await decoder(bytes).metadata()).pages ?? 1) > 1
  } catch {
    return { finding: { code: 'invalid_image' } }
  }
  const { width, height } = main.info
  const [files, shown] = await together(
    writeVariants(main, { kind, cut, source: known ?? { width, height }, fileOf: (size) => `${output}-${size}.webp` }),
    placeholder(main)
  )
  return { made: { sourceWidth: width, sourceHeight: height, isAnimated, files: [fileOf('main', bytes, main.info), ...files], ...shown } }
}

const pixelsOf = (bytes: Buffer): Promise<Raw> => decoder(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })

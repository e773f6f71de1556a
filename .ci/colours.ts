// That pictures look as they looked: what is published of pictures of every depth, with everything that a file can say of
// its colours, beside what Chromium draws of the originals; and that without the knowledge of it they would not.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { openImages } from '../src/images/open.ts'
import { openBrowser } from './chromium.ts'
import { COLUMNS, coloursFiles, PATCH, RED, ROWS, WHITE } from './colours-files.ts'
import type { ColoursFile } from './colours-files.ts'

/** The most by which a channel of a patch may be off, of 255. */
const MOST = 16
/** The same of what is brighter than white, which browsers show darker: for them white is 187. */
const MOST_BRIGHT = 68
const LEAST_WHITE = 235
/** How many have to be off where nothing is done about it. */
const LEAST_UNTREATED = 100

type Patch = readonly [number, number, number]

/** The middle of each patch. */
const PLACES = Array.from({ length: COLUMNS * ROWS }, (_, i) => [(i % COLUMNS + 0.5) * PATCH, (Math.floor(i / COLUMNS) + 0.5) * PATCH] as const)

async function patchesIn (bytes: Buffer): Promise<Patch[]> {
  const { data, info: { width, channels } } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return PLACES.map(([x, y]) => [0, 1, 2].map((channel) => data[(y * width + x) * channels + channel]!) as unknown as Patch)
}

const off = (a: Patch[], b: Patch[]): number => Math.max(...a.flat().map((value, i) => Math.abs(value - b.flat()[i]!)))

/** What a page does: it draws a picture on a canvas and hands back what the patches are of. */
const DRAW = `async (source) => {
  const picture = new Image()
  picture.src = source
  await picture.decode()
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
  pen.drawImage(picture, 0, 0)
  return ${JSON.stringify(PLACES)}.map(([x, y]) => [...pen.getImageData(x, y, 1, 1).data.subarray(0, 3)])
}`

/** What is wrong with what was made of a bright picture, whatever a browser makes of it. */
function wrongBright (found: Patch[]): string | undefined {
  const [white, red] = [found[WHITE]!, found[RED]!]
  if (Math.min(...white) < LEAST_WHITE) return `white is ${white.join()}`
  return red[0] > 180 && red[0] > 2 * Math.max(red[1], red[2]) ? undefined : `red is ${red.join()}`
}

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-colours-'))
const images = await openImages({ dataDir: join(home, 'data'), maxBytes: { avatar: 10e6, cover: 10e6 } })
const browser = await openBrowser(home)
try {
  const page = await browser.newPage()
  const drawn = ({ mime, bytes }: ColoursFile) => page.evaluate<Patch[]>(`(${DRAW})('data:${mime};base64,${bytes.toString('base64')}')`)
  const published = async ({ bytes }: ColoursFile) => {
    const { name } = await images.publish(await images.stage('avatar', (async function * () { yield bytes })()))
    return await patchesIn(readFileSync(join(home, 'data', 'media', 'avatars', `${name}.webp`)))
  }
  const files = await coloursFiles()
  const failures: string[] = []
  const worst = { plain: 0, bright: 0 }
  let untreated = 0
  for (const file of files) {
    const [wanted, found] = [await drawn(file), await published(file)]
    const distance = off(found, wanted)
    const kind = file.isBright ? 'bright' : 'plain'
    worst[kind] = Math.max(worst[kind], distance)
    if (distance > (file.isBright ? MOST_BRIGHT : MOST)) failures.push(`${file.name}: ${distance} of 255 off`)
    const wrong = file.isBright && !file.name.includes('grey') ? wrongBright(found) : undefined
    if (wrong) failures.push(`${file.name}: ${wrong}`)
    if (off(await patchesIn(file.bytes), wanted) > MOST) untreated++
  }
  console.log(JSON.stringify({ chromium: browser.version(), pictures: files.length, off: worst, failed: failures.length, offUntreated: untreated, seconds: Math.round((performance.now() - began) / 100) / 10 }))
  if (untreated < LEAST_UNTREATED) failures.push(`of the pictures as they are decoded only ${untreated} are off: the measure is blind`)
  if (failures.length > 0) throw new Error(failures.join('\n'))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await browser.close()
  await images.close()
  rmSync(home, { recursive: true, force: true })
}

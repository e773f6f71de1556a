// Pictures of the same patches in every depth and with everything that a file can say of its colours.
import sharp from 'sharp'
import { riff, webp, canvas, coded } from '../test/hostile/images/webp.ts'
import { avif, colr, nclx } from '../test/images/pictures.ts'
import { drawn } from '../test/images/seen.ts'
import { chrm, cicp, gama, greyProfile, iccp, png, profile } from '../test/images/written.ts'

export interface ColoursFile {
  name: string
  mime: string
  bytes: Buffer
  /** Whether it can be brighter than white, of which browsers make each their own. */
  isBright?: boolean
}

export const [COLUMNS, ROWS, PATCH] = [6, 4, 24]
const [width, height] = [COLUMNS * PATCH, ROWS * PATCH]
export const WHITE = 0
export const RED = 2
const PATCHES = [
  [255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128], [200, 200, 200], [224, 16, 16],
  [16, 176, 16], [16, 16, 224], [224, 172, 140], [140, 85, 35], [32, 190, 190], [240, 208, 0], [190, 16, 190], [255, 110, 0],
  [50, 66, 80], [40, 40, 40], [20, 20, 20], [180, 90, 70], [90, 160, 100], [80, 100, 190], [230, 220, 200], [10, 60, 10],
]
const draw = (x: number, y: number): readonly number[] => PATCHES[Math.floor(y / PATCH) * COLUMNS + Math.floor(x / PATCH)]!
const pixels = () => sharp(drawn(width, height, 3, draw).data, { raw: { width, height, channels: 3 } })

const SRGB = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]] as const
const ADOBE = [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]] as const
const PROPHOTO = [[0.79767, 0.28804, 0], [0.13519, 0.71187, 0], [0.03134, 0.00009, 0.82491]] as const
const PROFILES = { 'sRGB': profile(SRGB, 2.2), 'Adobe RGB': profile(ADOBE, 563 / 256), 'ProPhoto': profile(PROPHOTO, 1.8), 'red and green swapped': profile([SRGB[1], SRGB[0], SRGB[2]], 2.2), 'light': profile(SRGB, 1) }
const GREY_PROFILES = { 'light': greyProfile(1), '1.8': greyProfile(1.8), '2.2': greyProfile(2.2) }
const P3 = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
const D50 = [0.3457, 0.3585, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]

const SAID: [string, ...[string, Buffer][]][] = [
  ['nothing'],
  ['cHRM alone', chrm(...P3)],
  ['gAMA of light', gama(1)],
  ['gAMA and cHRM of Display P3', gama(2.2), chrm(...P3)],
  ['gAMA and cHRM under D50', gama(2.2), chrm(...D50)],
  ['gAMA and cHRM of ProPhoto', gama(1.8), chrm(0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)],
  ['sRGB before gAMA and cHRM', ['sRGB', Buffer.of(0)], gama(1.8), chrm(...P3)],
  ['cICP before a profile', cicp(12, 13), iccp(PROFILES['red and green swapped'])],
]
/** Primaries and curves of H.273. */
const CODES = [[1, 4], [1, 5], [1, 8], [1, 13], [4, 4], [5, 6], [7, 7], [9, 1], [9, 14], [11, 17], [12, 13], [22, 13]] as [number, number][]
const BRIGHT = [[9, 16], [12, 16], [1, 16], [9, 18], [12, 18], [1, 18]] as [number, number][]

function pngs (): ColoursFile[] {
  const made: ColoursFile[] = []
  for (const depth of [8, 16] as const) {
    for (const type of ['rgb', 'rgba', 'grey'] as const) {
      const add = (what: string, extra: [string, Buffer][], isBright = false) => {
        const samples = (x: number, y: number) => type === 'grey' ? draw(x, y).slice(1, 2) : [...draw(x, y), ...type === 'rgba' ? [x % PATCH < 4 ? 90 : 255] : []]
        const bytes = png({ width, height, depth, type, extra, draw: depth === 8 ? samples : (x, y) => samples(x, y).map((value) => value * 257) })
        made.push({ name: `PNG, ${depth} bits, ${type}: ${what}`, mime: 'image/png', bytes, isBright })
      }
      for (const [what, ...extra] of SAID) add(what, extra)
      for (const [name, profile] of Object.entries(type === 'grey' ? GREY_PROFILES : PROFILES)) add(`a profile of ${name}`, [iccp(profile)])
      for (const code of CODES) add(`cICP ${code.join('/')}`, [cicp(...code)])
      for (const code of BRIGHT) add(`cICP ${code.join('/')}`, [cicp(...code)], true)
    }
  }
  return made
}

async function avifs (): Promise<ColoursFile[]> {
  const made: ColoursFile[] = []
  for (const bits of [8, 10, 12] as const) {
    const add = async (what: string, said: Buffer[], isBright = false) => made.push({ name: `AVIF, ${bits} bits: ${what}`, mime: 'image/avif', bytes: await avif(pixels(), bits, ...said), isBright })
    await add('nothing', [])
    // Not the widest: there one step of a sample, which lossy coding does not keep, is twenty of what is seen.
    for (const [name, profile] of Object.entries(PROFILES)) if (name !== 'ProPhoto') await add(`a profile of ${name}`, [colr(profile)])
    for (const code of CODES) await add(`nclx ${code.join('/')}`, [nclx(...code)])
    for (const code of BRIGHT) await add(`nclx ${code.join('/')}`, [nclx(...code)], true)
  }
  return made
}

async function others (): Promise<ColoursFile[]> {
  const made: ColoursFile[] = []
  const still = await pixels().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
  const grey = await pixels().toColourspace('b-w').jpeg({ quality: 95 }).toBuffer()
  const picture = coded(await pixels().webp({ lossless: true }).toBuffer())
  for (const [name, icc] of Object.entries(PROFILES)) {
    made.push({ name: `JPEG: a profile of ${name}`, mime: 'image/jpeg', bytes: withProfile(still, icc) })
    made.push({ name: `JPEG, grey: a profile of ${name}`, mime: 'image/jpeg', bytes: withProfile(grey, icc) })
    made.push({ name: `WebP: a profile of ${name}`, mime: 'image/webp', bytes: webp(canvas(width, height, 0x20), riff('ICCP', icc), picture) })
  }
  for (const [name, icc] of Object.entries(GREY_PROFILES)) made.push({ name: `JPEG, grey: a profile of grey, ${name}`, mime: 'image/jpeg', bytes: withProfile(grey, icc) })
  return made
}

function withProfile (jpeg: Buffer, icc: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc])
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, 0xe2, data.length + 2 >> 8, data.length + 2 & 255), data, jpeg.subarray(2)])
}

export const coloursFiles = async (): Promise<ColoursFile[]> => [...pngs(), ...await avifs(), ...await others()]

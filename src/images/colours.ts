// What a file says of its colours beside a profile, which the decoder knows how to apply: the code points of H.273, which
// PNG and AVIF share, and what PNG had before them.
import { propertiesOf } from './boxes.ts'
import { chunksIn } from './chunks.ts'
import type { Header } from './header.ts'

/** The x and y of red, green, blue and white in the chromaticity diagram of CIE 1931. */
export type Primaries = readonly [red: Point, green: Point, blue: Point, white: Point]
type Point = readonly [x: number, y: number]

/** How samples become light. */
export interface Colours {
  primaries: Primaries
  /** From a sample, 0 to 1, to light, where 1 is white. */
  curve: (sample: number) => number
  /** That there is light beyond white, and by what to multiply it, by the luminance of what the curve gives. */
  gain?: ((luminance: number) => number) | undefined
}

const D65 = [0.3127, 0.329] as const
const C = [0.31, 0.316] as const
export const SRGB_PRIMARIES: Primaries = [[0.64, 0.33], [0.3, 0.6], [0.15, 0.06], D65]
const SMPTE_C: Primaries = [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07], D65]

const PRIMARIES: Record<number, Primaries> = {
  1: SRGB_PRIMARIES,
  4: [[0.67, 0.33], [0.21, 0.71], [0.14, 0.08], C],
  5: [[0.64, 0.33], [0.29, 0.6], [0.15, 0.06], D65],
  6: SMPTE_C,
  7: SMPTE_C,
  8: [[0.681, 0.319], [0.243, 0.692], [0.145, 0.049], C],
  9: [[0.708, 0.292], [0.17, 0.797], [0.131, 0.046], D65],
  10: [[1, 0], [0, 1], [0, 0], [1 / 3, 1 / 3]],
  11: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.314, 0.351]],
  12: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], D65],
  22: [[0.63, 0.34], [0.295, 0.605], [0.155, 0.077], D65],
}

type Curve = Colours['curve']
const power = (exponent: number): Curve => (sample) => sample ** exponent
/** A power that begins as a straight line, whose inverse is written with these numbers in the standards. */
const piecewise = (end: number, slope: number, shift: number, exponent: number): Curve =>
  (sample) => sample < end ? sample / slope : ((sample + shift) / (1 + shift)) ** exponent
const srgb = piecewise(0.04045, 12.92, 0.055, 2.4)
/** As screens show it (ITU-R BT.1886), which is not how cameras make it. */
const video = power(2.4)

/** The light of paper, in candela per square metre: what is white in a picture that can be brighter (ITU-R BT.2408). */
const PAPER = 203
const HLG_PEAK = 1000
/** Of 10,000 candela. */
const pq: Curve = (sample) => {
  const root = sample ** (32 / 2523)
  return (Math.max(0, root - 107 / 128) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
}
/** Of what was before the camera. */
const hlg: Curve = (sample) => sample <= 0.5 ? sample ** 2 / 3 : (Math.exp((sample - 0.55991073) / 0.17883277) + 0.28466892) / 12
const GAINS = new Map<Curve | undefined, Colours['gain']>([
  [pq, () => 10_000 / PAPER],
  [hlg, (luminance) => luminance ** 0.2 * HLG_PEAK / PAPER],
])

const CURVES: Record<number, Curve> = {
  1: video, 4: power(2.2), 5: power(2.8), 6: video, 7: piecewise(0.0912, 4, 0.1115, 1 / 0.45), 8: power(1), 11: video, 13: srgb, 14: video, 15: video,
  16: pq, 17: (sample) => sample ** 2.6 * 52.37 / 48, 18: hlg,
}

const UNSPECIFIED = 2
const SRGB = { primaries: 1, curve: 13 } as const
const isSrgb = ({ primaries, curve }: Colours): boolean => primaries === SRGB_PRIMARIES && curve === srgb

/** Undefined where the decoder's own pixels are right: sRGB, nothing said, or a profile that goes before what is. */
export function coloursOf (bytes: Buffer, { format, profile }: Header): Colours | undefined {
  const hasProfile = profile !== undefined
  const said = format === 'png' ? inPng(bytes) : format === 'avif' && !hasProfile ? inAvif(bytes) : undefined
  return said && !hasProfile && isSrgb(said) ? undefined : said
}

/** Undefined of a code that is unknown here. */
function coded (primaries: number, curve: number): Colours | undefined {
  const [from, how] = [PRIMARIES[primaries], CURVES[curve]]
  return from && how && { primaries: from, curve: how, gain: GAINS.get(how) }
}

const CHUNKS = new Set(['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'])

/** The newest chunk goes before a profile, a profile before the others. */
function inPng (bytes: Buffer): Colours | undefined {
  const said: Record<string, Buffer> = {}
  for (const { type, data } of chunksIn(bytes)) {
    if (type === 'IDAT') break
    if (CHUNKS.has(type)) said[type] ??= data
  }
  const { cICP, iCCP, sRGB, gAMA, cHRM } = said
  const [primaries = UNSPECIFIED, curve = UNSPECIFIED, matrix, isFull] = cICP ?? []
  const newest = matrix === 0 && isFull === 1 ? coded(primaries, curve) : undefined
  if (newest) return newest
  if (iCCP || sRGB || gAMA?.length !== 4) return undefined
  return measured(gAMA.readUInt32BE() / PNG_UNIT, cHRM)
}

const PNG_UNIT = 100_000
/** What programs write of sRGB, whose curve is nearly this power; nobody sees what lies between. */
const SRGB_GAMMA = 0.45455
const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 0.002

function measured (gamma: number, cHRM: Buffer | undefined): Colours | undefined {
  const primaries = cHRM?.length === 32 ? primariesIn(cHRM) : SRGB_PRIMARIES
  const isOfSrgb = isNear(gamma, SRGB_GAMMA) && primaries.flat().every((value, i) => isNear(value, SRGB_PRIMARIES.flat()[i]!))
  return gamma === 0 || isOfSrgb || isFlat(primaries) ? undefined : { primaries, curve: power(1 / gamma) }
}

function primariesIn (cHRM: Buffer): Primaries {
  const point = (i: number): Point => [cHRM.readUInt32BE(8 * i) / PNG_UNIT, cHRM.readUInt32BE(8 * i + 4) / PNG_UNIT]
  return [point(1), point(2), point(3), point(0)]
}

/** Whether three colours lie so that they cannot make others, or white is none. */
function isFlat ([[rx, ry], [gx, gy], [bx, by], [, wy]]: Primaries): boolean {
  return Math.abs((gx - rx) * (by - ry) - (bx - rx) * (gy - ry)) < 0.001 || wy < 0.001
}

/** Browsers show the curve of video as that of sRGB here, and so do those who write it. */
const AS_SRGB = new Set([1, 6, 14, 15, UNSPECIFIED])

function inAvif (bytes: Buffer): Colours | undefined {
  for (const { type, content } of propertiesOf(bytes)) {
    if (type !== 'colr' || content.length < 11 || content.toString('latin1', 0, 4) !== 'nclx') continue
    const [primaries, curve] = [content.readUInt16BE(4), content.readUInt16BE(6)]
    return coded(primaries === UNSPECIFIED ? SRGB.primaries : primaries, AS_SRGB.has(curve) ? SRGB.curve : curve)
  }
  return undefined
}

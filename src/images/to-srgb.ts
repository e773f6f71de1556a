import { SRGB_PRIMARIES } from './colours.ts'
import type { Colours, Primaries } from './colours.ts'
import type { Raw } from './made.ts'

type Vector = readonly number[]
/** Three rows. */
type Matrix = readonly Vector[]

const times = (matrix: Matrix, by: Vector): Vector => matrix.map((row) => row.reduce((sum, value, i) => sum + value * by[i]!, 0))
const transposed = (matrix: Matrix): Matrix => matrix.map((_, i) => matrix.map((row) => row[i]!))
const product = (matrix: Matrix, by: Matrix): Matrix => transposed(transposed(by).map((column) => times(matrix, column)))
/** Each row times its number. */
const scaled = (matrix: Matrix, by: Vector): Matrix => matrix.map((row, i) => row.map((value) => value * by[i]!))

function inverse (matrix: Matrix): Matrix {
  const minors = matrix.map((_, i) => {
    const [[a, b, c], [d, e, f]] = [matrix[(i + 1) % 3]!, matrix[(i + 2) % 3]!] as unknown as [[number, number, number], [number, number, number]]
    return [b * f - c * e, c * d - a * f, a * e - b * d]
  })
  const [determinant = 0] = times([matrix[0]!], minors[0]!)
  return transposed(minors).map((row) => row.map((value) => value / determinant))
}

const xyz = ([x, y]: readonly [number, number]): Vector => [x, y, 1 - x - y]
const whiteOf = ([, , , white]: Primaries): Vector => xyz(white).map((value) => value / white[1])

/** From the light of three primaries to CIE XYZ. */
function toXyz (primaries: Primaries): Matrix {
  const [red, green, blue] = primaries
  const columns = [xyz(red), xyz(green), xyz(blue)]
  return transposed(scaled(columns, times(inverse(transposed(columns)), whiteOf(primaries))))
}

/** What the three sorts of cones see, after Bradford. */
const CONES: Matrix = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
const SRGB_TO_XYZ = toXyz(SRGB_PRIMARIES)

/** From the light of these primaries to that of sRGB, so that white stays white. */
function toSrgbLight (primaries: Primaries): Matrix {
  const [from, to] = [times(CONES, whiteOf(primaries)), times(CONES, whiteOf(SRGB_PRIMARIES))]
  const adapted = product(inverse(CONES), scaled(CONES, to.map((value, i) => value / from[i]!)))
  return product(inverse(SRGB_TO_XYZ), product(adapted, toXyz(primaries)))
}

/** Light up to here is kept as it is, and what is brighter shares the rest: paper is nearly white. */
const KNEE = 0.85
function dimmed (light: number): number {
  const beyond = (light - KNEE) / (1 - KNEE)
  return light <= KNEE ? light : KNEE + (1 - KNEE) * beyond / (1 + beyond)
}

const STEPS = 65_535
const SHADES = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const light = i / STEPS
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055))
})
const shade = (light: number): number => SHADES[Math.max(0, Math.min(STEPS, Math.round(light * STEPS)))]!

/** The same picture in sRGB, of samples of one byte; those that come may have two. What sRGB cannot show is cut off. */
export function toSrgb ({ data, info }: Raw, { primaries, curve, gain }: Colours): Raw {
  const { width, height, channels } = info
  const length = width * height * channels
  const samples = data.length > length ? new Uint16Array(data.buffer, data.byteOffset, length) : data
  const most = data.length > length ? 65_535 : 255
  const lights = Float64Array.from({ length: most + 1 }, (_, i) => curve(i / most))
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = toSrgbLight(primaries).flat() as [number, number, number, number, number, number, number, number, number]
  const [, [yr, yg, yb]] = toXyz(primaries) as [Vector, [number, number, number], Vector]
  const shown = Buffer.alloc(length)
  for (let at = 0; at < length; at += channels) {
    const [r, g, b] = [lights[samples[at]!]!, lights[samples[at + 1]!]!, lights[samples[at + 2]!]!]
    let by = 1
    if (gain) {
      const most = gain(yr * r + yg * g + yb * b) * Math.max(r, g, b)
      // All three by the same, so that a bright red stays red.
      by = most === 0 ? 0 : dimmed(most) / Math.max(r, g, b)
    }
    shown[at] = shade((rr * r + rg * g + rb * b) * by)
    shown[at + 1] = shade((gr * r + gg * g + gb * b) * by)
    shown[at + 2] = shade((br * r + bg * g + bb * b) * by)
    if (channels === 4) shown[at + 3] = Math.round(samples[at + 3]! * 255 / most)
  }
  return { data: shown, info }
}

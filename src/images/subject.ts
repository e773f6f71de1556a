/** A picture so small that every pixel of it can be looked at: red, green, blue and alpha. */
interface Thumbnail { data: Uint8Array, width: number, height: number }
/** Red, green, blue as they show on black, and alpha, of every pixel. */
type Seen = Float32Array

/** How long the longer side of a thumbnail is. */
export const THUMBNAIL = 96

/** Places of the square that are compared. */
const STEPS = 256
/** A place may show this much less than the best one when it has the subject nearer to its middle. */
const ENOUGH = 0.98
/** What stands out less than this many times as much as half of the pixels do is ground. */
const GROUND = 1.1
/** And this much in any case: compression makes as many shades of one colour. */
const NOISE = 3
/** Beside its neighbourhood, a pixel that differs so much counts in full. */
const CONTRAST = 60
/** Skin counts more, so that a face wins against a jacket: the direction of its colour, and how near is near. */
const SKIN = { red: 0.78, green: 0.57, blue: 0.44, near: 0.12, atLeast: 100, weight: 1.5 }

/**
 * Where a square as wide as the picture's shorter side should begin on the longer one, from 0 to 1 of the room it has:
 * where most of what stands out is inside, and that near the middle.
 */
export function startOf (picture: Thumbnail): number {
  const { width, height } = picture
  const [long, short] = [Math.max(width, height), Math.min(width, height)]
  const room = long - short
  const profile = profileOf(picture)
  const sums = [0]
  for (const value of profile) sums.push(sums.at(-1)! + value)
  if (room === 0 || sums[long] === 0) return 0.5
  const upTo = (at: number): number => {
    const whole = Math.min(Math.floor(at), long - 1)
    return sums[whole]! + profile[whole]! * (at - whole)
  }
  const seen = Array.from({ length: STEPS + 1 }, (_, step) => upTo(step / STEPS * room + short) - upTo(step / STEPS * room))
  const best = Math.max(...seen)
  const found = seen.indexOf(best)
  const from = found / STEPS * room
  let sum = 0
  for (const [i, value] of profile.entries()) sum += value * Math.max(0, Math.min(i + 1, from + short) - Math.max(i, from)) * (i + 0.5)
  const middle = (sum / best - short / 2) / room * STEPS
  const nearest = seen.reduce((nearest, value, step) => value >= best * ENOUGH && Math.abs(step - middle) < Math.abs(nearest - middle) ? step : nearest, found)
  return nearest / STEPS
}

/** How much stands out at each place of the longer side. */
function profileOf (picture: Thumbnail): number[] {
  const { data, width, height } = picture
  const isWide = width > height
  const profile = Array.from({ length: Math.max(width, height) }, () => 0)
  const seen = Float32Array.from(data, (value, i) => i % 4 === 3 ? value : value * data[i | 3]! / 255)
  const contrast = contrasts(seen, picture)
  for (const [at, value] of rarities(seen).entries()) {
    const place = isWide ? at % width : Math.floor(at / width)
    profile[place]! += value * contrast(at) * (isSkin(seen, at * 4) ? SKIN.weight : 1)
  }
  return profile
}

/** How far each pixel's colour is from those of all others on average, as far as that is unusual. */
function rarities (seen: Seen): number[] {
  const count = seen.length / 4
  const groups = new Map<number, { size: number, light: number, red: number, yellow: number, alpha: number }>()
  const keys = Array.from({ length: count }, (_, i) => {
    const [r, g, b, a] = seen.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number]
    const key = r >> 4 << 12 | g >> 4 << 8 | b >> 4 << 4 | a >> 4
    const group = groups.get(key) ?? { size: 0, light: 0, red: 0, yellow: 0, alpha: 0 }
    group.size++
    group.light += 0.299 * r + 0.587 * g + 0.114 * b
    group.red += r - g
    group.yellow += (r + g) / 2 - b
    group.alpha += a
    groups.set(key, group)
    return key
  })
  const means = [...groups].map(([key, { size, light, red, yellow, alpha }]) => ({ key, size, light: light / size, red: red / size, yellow: yellow / size, alpha: alpha / size }))
  const distances = new Map(means.map((a) => [
    a.key,
    means.reduce((sum, b) => sum + b.size * Math.hypot(a.light - b.light, a.red - b.red, a.yellow - b.yellow, a.alpha - b.alpha), 0) / count
  ]))
  const found = keys.map((key) => distances.get(key)!)
  const usual = found.toSorted((a, b) => a - b)[count >> 1]!
  return found.map((value) => Math.max(0, value - GROUND * usual - NOISE))
}

/** Tells, from 0 to 1, how much a pixel differs from what is around it, which the far half of a sky does not. */
function contrasts (seen: Seen, { width, height }: Thumbnail): (at: number) => number {
  const radius = Math.round(Math.max(width, height) / 6)
  const row = width + 1
  // The sum of everything above and to the left, so that any rectangle's is had from its four corners.
  const sums = Array.from({ length: 4 }, (_, channel) => {
    const sum = new Float64Array(row * (height + 1))
    for (let y = 0, at = channel; y < height; y++) {
      for (let x = 0, line = 0; x < width; x++, at += 4) {
        line += seen[at]!
        sum[(y + 1) * row + x + 1] = sum[y * row + x + 1]! + line
      }
    }
    return sum
  })
  return (at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)]
    const [top, bottom] = [Math.max(0, y - radius) * row, Math.min(height, y + radius + 1) * row]
    const area = (right - left) * (bottom - top) / row
    const differences = sums.map((sum, channel) => (sum[bottom + right]! - sum[top + right]! - sum[bottom + left]! + sum[top + left]!) / area - seen[at * 4 + channel]!)
    return Math.min(1, Math.hypot(...differences) / CONTRAST)
  }
}

function isSkin (seen: Seen, at: number): boolean {
  const [r, g, b] = seen.subarray(at, at + 3) as unknown as [number, number, number]
  const length = Math.hypot(r, g, b)
  return length > SKIN.atLeast && Math.hypot(r / length - SKIN.red, g / length - SKIN.green, b / length - SKIN.blue) < SKIN.near
}

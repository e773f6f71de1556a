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
  const seen = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) seen[i] = i % 4 === 3 ? data[i]! : data[i]! * data[i | 3]! / 255
  const [rarity, contrast] = [rarities(seen), contrasts(seen, picture)]
  for (let i = 0; i < rarity.length; i++) {
    const place = isWide ? i % width : Math.floor(i / width)
    profile[place]! += rarity[i]! * contrast[i]! * (isSkin(seen, i * 4) ? SKIN.weight : 1)
  }
  return profile
}

/** How far each pixel's colour is from those of all others on average, as far as that is unusual. Nearly the same colours count as one, or there would be too many pairs. */
function rarities (seen: Seen): Float64Array {
  const count = seen.length / 4
  const groups = new Map<number, number>()
  const groupOf = new Uint32Array(count)
  const sizes = new Uint32Array(count)
  // Light, red against green, yellow against blue, alpha: nearer to what the eye tells apart.
  const means = new Float64Array(count * 4)
  for (let i = 0; i < count; i++) {
    const [r, g, b, a] = [seen[i * 4]!, seen[i * 4 + 1]!, seen[i * 4 + 2]!, seen[i * 4 + 3]!]
    const key = r >> 4 << 12 | g >> 4 << 8 | b >> 4 << 4 | a >> 4
    const group = groups.get(key) ?? groups.size
    groups.set(key, group)
    groupOf[i] = group
    sizes[group]!++
    means[group * 4]! += 0.299 * r + 0.587 * g + 0.114 * b
    means[group * 4 + 1]! += r - g
    means[group * 4 + 2]! += (r + g) / 2 - b
    means[group * 4 + 3]! += a
  }
  for (let i = 0; i < groups.size * 4; i++) means[i]! /= sizes[i >> 2]!

  const distances = new Float64Array(groups.size)
  for (let i = 0; i < groups.size; i++) {
    for (let j = 0; j < i; j++) {
      let squares = 0
      for (let part = 0; part < 4; part++) squares += (means[i * 4 + part]! - means[j * 4 + part]!) ** 2
      const distance = Math.sqrt(squares) / count
      distances[i]! += sizes[j]! * distance
      distances[j]! += sizes[i]! * distance
    }
  }
  const found = Float64Array.from(groupOf, (group) => distances[group]!)
  const usual = found.toSorted()[count >> 1]!
  return found.map((value) => Math.max(0, value - GROUND * usual - NOISE))
}

/** From 0 to 1, how much each pixel differs from what is around it, which the far half of a sky does not. */
function contrasts (seen: Seen, { width, height }: Thumbnail): Float64Array {
  const radius = Math.round(Math.max(width, height) / 6)
  const row = (width + 1) * 4
  // The sum of everything above and to the left, so that any rectangle's is had from its four corners.
  const sums = new Float64Array(row * (height + 1))
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 4; x < row; x++, at++) {
      const to = (y + 1) * row + x
      sums[to] = seen[at]! + sums[to - 4]! + sums[to - row]! - sums[to - row - 4]!
    }
  }
  const found = new Float64Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)]
    for (let x = 0; x < width; x++, i++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)]
      const area = (right - left) * (bottom - top)
      let squares = 0
      for (let channel = 0; channel < 4; channel++) {
        const corner = (at: number, across: number) => sums[at * row + across * 4 + channel]!
        const around = (corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left)) / area
        squares += (around - seen[i * 4 + channel]!) ** 2
      }
      found[i] = Math.min(1, Math.sqrt(squares) / CONTRAST)
    }
  }
  return found
}

function isSkin (seen: Seen, at: number): boolean {
  const [r, g, b] = [seen[at]!, seen[at + 1]!, seen[at + 2]!]
  const length = Math.sqrt(r * r + g * g + b * b)
  return length > SKIN.atLeast && Math.hypot(r / length - SKIN.red, g / length - SKIN.green, b / length - SKIN.blue) < SKIN.near
}

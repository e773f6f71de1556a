import { AVIFS } from './avif.ts'
import { damagedBy } from './damage.ts'
import { FOREIGN } from './foreign.ts'
import { GIFS } from './gif.ts'
import { accepted } from './image.ts'
import type { HostileImage } from './image.ts'
import { JPEGS } from './jpeg.ts'
import { PNGS } from './png.ts'
import { POLYGLOTS } from './polyglots.ts'
import { SAMPLES } from './samples.ts'
import { WEBPS } from './webp.ts'

/** About 450 pictures that mean harm, none of them taken from elsewhere, and a few good ones. The same for the same seed. */
export function hostileImages (seed: number): HostileImage[] {
  const good = Object.entries(SAMPLES).map(([name, make]) => accepted(`good-${name}`, () => make(seed)))
  return [...good, ...PNGS, ...JPEGS, ...GIFS, ...WEBPS, ...AVIFS, ...FOREIGN, ...POLYGLOTS, ...damagedBy(seed)]
}

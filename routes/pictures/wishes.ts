import type { Size } from '../../src/core/pictures/index.ts'
import type { Style } from '../../src/faces/draw.ts'

/** What a query asks for, in our words and in Gravatar's. */
export interface Wishes {
  size: Size
  /** What to draw for who has no picture; `nothing` is 404. */
  style: Style | 'nothing'
  /** To be drawn even for who has one. */
  isForced: boolean
}

const STYLES = new Map<string, Wishes['style']>([
  ['initials', 'initials'],
  ['identicon', 'identicon'],
  ['blank', 'blank'],
  ['404', 'nothing'],
  ['mp', 'silhouette'],
  ['mm', 'silhouette'],
  ['retro', 'identicon'],
  ['robohash', 'identicon'],
  ['wavatar', 'identicon'],
  ['monsterid', 'identicon'],
])

/**
 * Whatever cannot be used is as if it were not there: a picture always comes. Of the `sizes`, from small to large, the first
 * that is large enough is meant, or the last.
 */
export function wishesOf (query: Record<string, unknown>, sizes: readonly Size[]): Wishes {
  const asked = (...names: string[]) => names.map((name) => [query[name]].flat()[0]).find((value) => typeof value === 'string')
  return {
    size: snapped(sizes, asked('s', 'size')),
    style: STYLES.get(asked('d', 'default') ?? '') ?? 'initials',
    isForced: asked('f', 'forcedefault') === 'y',
  }
}

function snapped (sizes: readonly Size[], text = ''): Size {
  const wanted = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Infinity
  return sizes.find((size) => size === 'main' || size >= wanted) ?? sizes.at(-1) ?? 'main'
}

import type { Style } from '../../src/faces/draw.ts'

export type Kind = 'avatar' | 'cover'

/** What a query asks for, in our words and in Gravatar's. */
export interface Wishes {
  size: 'main' | number
  /** What to draw for who has no picture; `nothing` is 404. */
  style: Style | 'nothing'
  /** To be drawn even for who has one. */
  isForced: boolean
}

/** The smallest of them that is large enough is served, or the last. */
const SIZES: Record<Kind, readonly [...number[], 'main' | number]> = { avatar: [64, 128, 256, 512], cover: [480, 960, 'main'] }

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

/** Whatever cannot be used is as if it were not there: a picture always comes. */
export function wishesOf (kind: Kind, query: Record<string, unknown>): Wishes {
  const asked = (...names: string[]) => names.map((name) => [query[name]].flat()[0]).find((value) => typeof value === 'string')
  return {
    size: snapped(kind, asked('s', 'size')),
    style: STYLES.get(asked('d', 'default') ?? '') ?? 'initials',
    isForced: asked('f', 'forcedefault') === 'y',
  }
}

function snapped (kind: Kind, text = ''): 'main' | number {
  const wanted = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Infinity
  const sizes = SIZES[kind]
  return sizes.find((size) => size === 'main' || size >= wanted) ?? sizes.at(-1) as number
}

import { hash } from 'node:crypto'
import { colourOf } from './colour.ts'
import { initialsOf } from './initials.ts'

export type Style = 'initials' | 'identicon' | 'silhouette' | 'blank'

export interface Subject {
  /** Whose initials it shows; without one, head and shoulders of nobody in particular. */
  name: string
  /** What its colour and its pattern come from, and nothing else does. */
  seed: string
  /** In pixels; a square, or three times as wide as it is high. */
  width: number
  isWide?: boolean
}

const FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"
const FONT_SIZE = [0, 32, 26] as const
const GROUND = '#eceef1'
const CELLS = 5
const CELL = 10
const MARGIN = 7

/** A picture for somebody who has none, as SVG: the same for the same subject, always. */
export function draw (style: Style, { name, seed, width, isWide = false }: Subject): string {
  const [viewBox, height] = isWide ? ['-64 0 192 64', Math.round(width / 3)] : ['0 0 64 64', width]
  const digest = hash('sha256', seed, 'buffer')
  const colour = colourOf(digest.readUInt16BE(0))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" width="${width}" height="${height}">${contents()}</svg>`

  function contents (): string {
    if (style === 'blank') return ''
    if (style === 'identicon') return `${ground(GROUND)}<path fill="${colour}" d="${pattern(digest)}"/>`
    return `${ground(colour)}${style === 'initials' ? initials(name) : SILHOUETTE}`
  }
}

const SILHOUETTE = '<g fill="#fff" fill-opacity=".8"><circle cx="32" cy="25" r="12"/><path d="M8 64a24 22 0 0 1 48 0z"/></g>'

/** Wide enough for either form; what lies outside is not shown. */
const ground = (colour: string): string => `<path fill="${colour}" d="M-64 0h192v64H-64z"/>`

function initials (name: string): string {
  const { text, count, isRightToLeft } = initialsOf(name)
  if (count === 0) return SILHOUETTE
  return `<text x="32" y="32" dy=".35em" text-anchor="middle" font-family="${FONTS}" font-size="${FONT_SIZE[count]}" font-weight="500" fill="#fff"` +
    `${isRightToLeft ? ' direction="rtl"' : ''}>${escaped(text)}</text>`
}

/** Five cells by five, the left half mirrored to the right. */
function pattern (digest: Buffer): string {
  const bits = digest.readUInt16BE(2)
  const half = Math.ceil(CELLS / 2)
  return Array.from({ length: CELLS * CELLS }, (_, at) => {
    const [x, y] = [at % CELLS, Math.floor(at / CELLS)]
    const column = Math.min(x, CELLS - 1 - x)
    return bits >> (column * CELLS + y) & 1 ? `M${MARGIN + x * CELL} ${MARGIN + y * CELL}h${CELL}v${CELL}h-${CELL}z` : ''
  }).join('') || `M${MARGIN + half * CELL - CELL} ${MARGIN}h${CELL}v${CELL * CELLS}h-${CELL}z`
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')

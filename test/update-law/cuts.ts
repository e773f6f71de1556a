import type { Kind } from './cases.ts'
import { measuresOf } from './families.ts'
import type { Row } from './rows.ts'
import type { Value } from './values.ts'

export const KINDS: readonly Kind[] = ['avatar', 'cover']
const CUTS: Record<Kind, string[]> = { avatar: ['avatar_focus', 'avatar_crop'], cover: ['cover_focus', 'cover_crop'] }
export const NEW_PICTURE = 'a new picture'
/** What a picture is said to show when a request comes. */
export const altOf = (kind: Kind, name: string) => `the ${kind} ${name}`

/**
 * A cut is its picture's: it goes with it, a new one has what is said of it and nothing of the one before, and the same one cut
 * otherwise is a new one, which shows the same.
 */
export function cutPictures (before: Row, after: Row, said: [column: string, Value][]): void {
  for (const kind of KINDS) {
    const [source, alt] = [`${kind}_source`, `${kind}_alt`]
    if (after[kind] === NEW_PICTURE) {
      const file = said.find(([column, { means }]) => column === kind && means === 'picture')?.[1].file as number
      after[source] = `'${measuresOf(file).join('x')}'`
      for (const cut of [alt, ...CUTS[kind]]) if (!said.some(([column]) => column === cut)) after[cut] = 'NULL'
    } else if (after[kind] === 'NULL') {
      for (const column of [source, alt, ...CUTS[kind]]) after[column] = 'NULL'
    } else if (CUTS[kind].some((cut) => after[cut] !== before[cut])) after[kind] = NEW_PICTURE
  }
}

/** The texts that are said of a picture that will not be there. */
export const isOfNothing = (after: Row, said: [column: string, Value][]): string[] => KINDS.flatMap((kind) => {
  const alt = `${kind}_alt`
  return after[kind] === 'NULL' && after[alt] !== 'NULL' && said.some(([column]) => column === alt) ? [alt] : []
})

/** Whether a part is asked for that the picture does not have. */
export function isOutside ({ avatar_crop: crop = 'NULL', avatar_source: source = '' }: Row): boolean {
  if (crop === 'NULL') return false
  const [x = 0, y = 0, w = 0, h = 0] = JSON.parse(crop.slice(1, -1)) as number[]
  const [width = 0, height = 0] = source.slice(1, -1).split('x').map(Number)
  return x + w > width || y + h > height
}

/** What became of a picture whose cut a request names. */
export const OUTCOMES = ['refused', 'with a new picture', 'cut anew', 'left as it was', 'nothing to cut'] as const
export function outcomeOf (kind: Kind, said: [column: string, Value][], wanted: Row | undefined): (typeof OUTCOMES)[number] | undefined {
  if (!said.some(([column]) => CUTS[kind].includes(column))) return undefined
  if (wanted === undefined) return 'refused'
  if (wanted[kind] === 'NULL') return 'nothing to cut'
  if (wanted[kind] !== NEW_PICTURE) return 'left as it was'
  return said.some(([column, { means }]) => column === kind && means === 'picture') ? 'with a new picture' : 'cut anew'
}

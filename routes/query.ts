import { toDate, toFlag, toId } from '../src/core/formats.ts'

/**
 * What the query of a list says. A value that is no use is not refused, it is as if it had not been sent (CONTRACT §1
 * rows 11 and 12); of a parameter that is sent more than once the last counts.
 */
type Query = object

const WHOLE = /^-?\d{1,15}$/
const DAY_MS = 86_400_000

/** A text without the blanks around it; an empty one says nothing. */
export function textOf (query: Query, name: string): string | undefined {
  const sent = (query as Record<string, unknown>)[name]
  const last: unknown = Array.isArray(sent) ? sent.at(-1) : sent
  const text = typeof last === 'string' ? last.trim() : ''
  return text === '' ? undefined : text
}

/** A whole number. */
export function numberOf (query: Query, name: string): number | undefined {
  const text = textOf(query, name)
  return text !== undefined && WHOLE.test(text) ? Number(text) : undefined
}

/** A boolean in any of the words that a body may have for it. */
export function flagOf (query: Query, name: string): boolean | undefined {
  return toFlag(textOf(query, name))
}

/** Ids with commas between them, each once; what is no id is left out, and without any the parameter says nothing. */
export function idsOf (query: Query, name: string): number[] | undefined {
  const ids = (textOf(query, name) ?? '').split(',').map((part) => toId(part.trim())).filter((id) => id !== undefined)
  return ids.length === 0 ? undefined : [...new Set(ids)]
}

/** From the first number up to, but without, the last; one that is absent is no limit. */
export interface Span { from?: number, until?: number }

/** The whole numbers from the one that `least` names to the one that `most` names. */
export function numbersOf (query: Query, least: string, most: string): Span {
  const [from, last] = [numberOf(query, least), numberOf(query, most)]
  return { ...from !== undefined && { from }, ...last !== undefined && { until: last + 1 } }
}

/** What `<prefix>_date`, `<prefix>_from` and `<prefix>_to` leave, in milliseconds: days in UTC, the last one included. */
export function daysOf (query: Query, prefix: string): Span {
  const [date, first, last] = ['date', 'from', 'to'].map((end) => dayOf(query, `${prefix}_${end}`))
  const from = [date, first].filter((day) => day !== undefined)
  const to = [date, last].filter((day) => day !== undefined)
  return { ...from.length > 0 && { from: Math.max(...from) }, ...to.length > 0 && { until: Math.min(...to) + DAY_MS } }
}

function dayOf (query: Query, name: string): number | undefined {
  const date = toDate(textOf(query, name) ?? '')
  return date === undefined ? undefined : Date.parse(`${date}T00:00:00Z`)
}

export type Order<N extends string> = [name: N, direction: 'asc' | 'desc'][]

/** What `ordering=a,-b` asks for, in the core's names; a name that comes again adds nothing. */
export function orderOf<N extends string> (query: Query, names: Readonly<Record<string, N>>): Order<N> {
  const order = new Map<N, 'asc' | 'desc'>()
  for (const part of (textOf(query, 'ordering') ?? '').split(',')) {
    const wire = part.trim().replace(/^-/, '')
    const name = Object.hasOwn(names, wire) ? names[wire] : undefined
    if (name !== undefined && !order.has(name)) order.set(name, part.trim() === wire ? 'asc' : 'desc')
  }
  return [...order]
}

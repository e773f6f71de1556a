import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Seal } from './index.ts'

/** What a row is ordered by, as whoever asks sees it; of a list by id, the id alone. */
type Place = (string | number | null)[]

/** Which part of a list is asked for: `after` is the `next` of the part before. */
export interface Window { limit: number, after?: string | undefined }

/** `next` goes on behind the last of these rows; null: there are no more. */
export interface Page<R> { rows: R[], next: string | null }

interface List<R> {
  /** Up to so many rows behind a place, or from the first on. */
  read: (after: Place | undefined, limit: number) => Promise<R[]>
  placeOf: (row: R) => Place
}

/** How many rows a page may have. */
export const PAGE_MAX = 100

const CANONICAL = 'base64url'

/**
 * Lists that are read a page at a time while people write: a cursor is the place of the last row that was told, not how many came
 * before it, so whoever stays where they are is told once. It is sealed, and good for the question alone that it answered.
 */
export function createCursors ({ seal }: { seal: Seal }) {
  const close = (boundTo: string, place: Place): string => seal.close(JSON.stringify(['cursor', boundTo, place]))

  function open (boundTo: string, cursor: string): Place | undefined {
    try {
      // A decoder passes over what is no digit, so that there would be more than one spelling.
      if (Buffer.from(cursor, CANONICAL).toString(CANONICAL) !== cursor) return undefined
      const [kind, bound, place] = JSON.parse(seal.open(cursor)) as [string, string, Place]
      return kind === 'cursor' && bound === boundTo ? place : undefined
    } catch {
      return undefined
    }
  }

  return {
    /**
     * A page of the list that `question` stands for: plain data that says everything but the window, who asks included. Throws
     * `invalid` with these `errors` and, of its own, `limit` (1 to 100) and `invalid_cursor` (`after`: it is not ours, or answered another question).
     */
    async page<R> (question: unknown, { limit, after }: Window, { read, placeOf }: List<R>, errors: readonly FieldError[] = []): Promise<Page<R>> {
      const boundTo = seal.hash(`list ${JSON.stringify(question)}`)
      const place = after === undefined ? undefined : open(boundTo, after)
      const findings = [...errors, ...findingsOfLimit(limit), ...after !== undefined && place === undefined ? [{ field: 'after', code: 'invalid_cursor' } as const] : []]
      if (findings.length > 0) throw new AppError('invalid', { fields: findings })
      const rows = await read(place, limit + 1)
      const last = rows[limit - 1]
      return { rows: rows.slice(0, limit), next: rows.length > limit && last !== undefined ? close(boundTo, placeOf(last)) : null }
    },

    /** The same of a list that is ordered by id, in whichever direction. */
    pageById<R extends { id: number }> (question: unknown, window: Window, read: (part: { after: number | undefined, limit: number }) => Promise<R[]>, errors?: readonly FieldError[]): Promise<Page<R>> {
      return this.page(question, window, { read: (after, limit) => read({ after: after?.[0] as number | undefined, limit }), placeOf: ({ id }) => [id] }, errors)
    },
  }
}

function findingsOfLimit (limit: number): FieldError[] {
  if (!Number.isInteger(limit)) return [{ field: 'limit', code: 'invalid_integer' }]
  if (limit < 1) return [{ field: 'limit', code: 'min_value', params: { limit: 1 } }]
  return limit > PAGE_MAX ? [{ field: 'limit', code: 'max_value', params: { limit: PAGE_MAX } }] : []
}

export type Cursors = ReturnType<typeof createCursors>

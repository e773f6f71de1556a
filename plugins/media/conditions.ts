import type { IncomingHttpHeaders } from 'node:http'
import type { Stored } from '../../src/images/store/index.ts'

/** What a file is known by. */
export interface Validators { etag: string, modified: string, bytes: number }

/** The same of whatever store: by its size and its time. */
export const etagOf = ({ bytes, writtenAt }: Stored): string => `"${bytes.toString(16)}-${writtenAt.toString(16)}"`

/** What is to be answered: all of it, a part, or that a condition does not hold. */
export type Judged = { status: 200 } | { status: 206, from: number, to: number } | { status: 304 | 412 | 416 }

/** What the conditions of a request and its range come to, in the order of RFC 9110 §13.2.2. */
export function judge (headers: IncomingHttpHeaders, { etag, modified, bytes }: Validators): Judged {
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']]
  const isNewerThan = (date: string | undefined): boolean => date !== undefined && Date.parse(modified) > Date.parse(date)
  if (match === undefined ? isNewerThan(headers['if-unmodified-since']) : !isListed(match, etag)) return { status: 412 }
  const isReload = headers['cache-control']?.includes('no-cache') === true
  const since = headers['if-modified-since']
  const isKnown = noneMatch === undefined ? since !== undefined && !isNewerThan(since) && !Number.isNaN(Date.parse(since)) : isListed(noneMatch.replaceAll('W/', ''), etag)
  if (isKnown && !isReload) return { status: 304 }
  const condition = headers['if-range'] as string | undefined
  const isSame = condition === undefined || condition === etag || (!condition.includes('"') && Date.parse(condition) >= Date.parse(modified))
  const range = isSame ? headers.range : undefined
  return range === undefined ? { status: 200 } : rangeIn(range, bytes)
}

const isListed = (list: string, etag: string): boolean => list.trim() === '*' || list.split(',').some((tag) => tag.trim() === etag)

const RANGE = /^\s*bytes=\s*(\d*)-(\d*)\s*$/

/** One part; of several, and of what is none, all is sent. */
function rangeIn (range: string, bytes: number): Judged {
  const [, first = '', last = ''] = RANGE.exec(range) ?? []
  if (first === '' && last === '') return { status: 200 }
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  return from > to ? { status: 416 } : { status: 206, from, to }
}

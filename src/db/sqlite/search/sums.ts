import type { Database as Connection } from 'better-sqlite3'
import { HALVES } from './halves.ts'
import { SHORTEST, textsOf } from '../../search/texts.ts'
import type { Source } from '../../search/texts.ts'

/** How many texts there are, and two numbers that stand for all their trigrams, each with its row and its place: the same for an index and for accounts that say the same. */
export interface Sums { texts: number, trigrams: number, places: number }

// Of a row and a place, and of the letters of a trigram; products of both stay below 2^53, and so do their sums.
const [ROWS, PLACE, SECOND, THIRD, SUM] = [65_521, 7, 31, 961, 1_000_003] as const

/** Of everything that the index has: a second for a hundred thousand people, where asking for each text would take minutes. */
export function sumsOfIndex (connection: Connection): Sums {
  const sums = HALVES.map((half): Sums => {
    const texts = connection.prepare(`select count(*) from ${half}_docsize`).pluck().get() as number
    const { trigrams, places } = connection.prepare(`select count(*) as trigrams, coalesce(sum(((doc % ${ROWS} + ${PLACE} * offset)
      * (unicode(term) + ${SECOND} * unicode(substr(term, 2)) + ${THIRD} * unicode(substr(term, 3)))) % ${SUM}), 0) as places from temp.${termsOf(connection, half)}`).get() as Omit<Sums, 'texts'>
    return { texts, trigrams, places }
  })
  return sums.reduce(added)
}

/** Of what these accounts say. */
export function sumsOfAccounts (accounts: Iterable<Source>): Sums {
  let sums: Sums = { texts: 0, trigrams: 0, places: 0 }
  for (const account of accounts) {
    for (const [number, text] of textsOf(account).entries()) if (text !== '') sums = added(sums, sumsOf(text, ((account.id % ROWS) * 16 + number) % ROWS))
  }
  return sums
}

function sumsOf (text: string, row: number): Sums {
  const letters = Array.from(text, (letter) => letter.codePointAt(0) ?? 0)
  const trigrams = letters.length - SHORTEST + 1
  let places = 0
  for (let at = 0; at < trigrams; at++) {
    const [first = 0, second = 0, third = 0] = [letters[at], letters[at + 1], letters[at + 2]]
    places += ((row + PLACE * at) * (first + SECOND * second + THIRD * third)) % SUM
  }
  return { texts: 1, trigrams, places }
}

const added = (a: Sums, b: Sums): Sums => ({ texts: a.texts + b.texts, trigrams: a.trigrams + b.trigrams, places: a.places + b.places })

/** A table in which the engine lists every trigram of a half; it lies in the memory of the connection, which may be one that only reads. */
function termsOf (connection: Connection, half: string): string {
  const queryOnly = connection.pragma('query_only', { simple: true }) as number
  connection.pragma('query_only = off')
  connection.exec(`create virtual table if not exists temp.${half}_terms using fts5vocab(main, ${half}, instance)`)
  connection.pragma(`query_only = ${queryOnly}`)
  return `${half}_terms`
}

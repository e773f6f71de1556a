import type { Database as Connection } from 'better-sqlite3'
import { watchCommits } from './commits.ts'
import { createDeeds } from '../deeds.ts'
import type { Deeds } from '../deeds.ts'
import { dbOf, drizzle } from '../drizzle.ts'
import { translated } from '../errors.ts'
import { folded } from '../fold.ts'
import { createMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { queriesOf, whenAsked } from '../queries.ts'
import type { Queries } from '../queries.ts'
import { searchQueries } from './search/queries.ts'
import { createRenewal } from './search/renewal.ts'
import type { SearchRenewal } from './search/renewal.ts'
import { declaredFields } from './declared.ts'
import { sqlite } from './dialect.ts'
import { numbersOf } from './numbers.ts'
import { ownChecksOf } from './own-checks.ts'

interface Beside {
  renewal?: SearchRenewal
  memory?: Memory
  deeds?: Pick<Deeds, 'note'>
  tracksPictures?: boolean
}

/** Every statement of the program, prepared for a connection. */
export function prepare (connection: Connection, { renewal = createRenewal(connection, drizzle(connection)), memory = createMemory(connection, watchCommits(connection)), deeds = createDeeds(), tracksPictures = false }: Beside = {}): Queries {
  connection.function('folded', { deterministic: true }, (text: unknown) => folded(String(text)))
  let declared: ReturnType<typeof declaredFields> | undefined
  return queriesOf(dbOf(connection), {
    dialect: sqlite,
    renewal,
    memory,
    deeds,
    tracksPictures,
    declared: () => (declared ??= declaredFields(drizzle(connection), memory))(),
    search: () => searchQueries(drizzle(connection), connection, renewal),
    checks: ownChecksOf(connection),
    numbers: numbersOf(connection),
  })
}

/** The same of a connection that only reads. What goes wrong there is told in our own words, as by the writer and by the reader threads. */
export function prepareReading (connection: Connection, memory?: Memory): Queries {
  const queries = prepare(connection, memory && { memory }) as unknown as Record<string, Record<string, Verb>>
  const inOurWords = (verbs: Record<string, Verb> = {}) => Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, translating(verb)]))
  return whenAsked(Object.fromEntries(Object.keys(queries).map((name) => [name, () => inOurWords(queries[name])]))) as unknown as Queries
}

type Verb = (...args: unknown[]) => unknown

const translating = (verb: Verb): Verb => (...args) => {
  try {
    const answer = verb(...args)
    return answer instanceof Promise ? answer.catch(fail) : answer
  } catch (error) {
    return fail(error)
  }
}

function fail (error: unknown): never {
  throw translated(error)
}

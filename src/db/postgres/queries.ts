import { dbOn } from './client.ts'
import type { Pool, PoolClient } from './client.ts'
import { createDeeds } from '../deeds.ts'
import type { Deed } from '../deeds.ts'
import { questionsTo } from '../questions.ts'
import type { Questions } from '../questions.ts'
import { queriesOf } from '../queries.ts'
import type { Queries } from '../queries.ts'
import { postgres } from './dialect.ts'
import { ownChecksOf } from './own-checks.ts'
import { createRenewal, searchQueries } from './search/renewal.ts'
import { translated } from './errors.ts'
import type { DeclaredFields } from './fields.ts'
import { numbersOf } from './numbers.ts'
import type { Prepared } from './write.ts'

interface Connection extends Prepared<Queries> { questions: Questions }
interface Needs {
  fields: DeclaredFields
  tracksPictures: boolean
  /** Is told of what was done, after its commit. */
  told: (deeds: readonly Deed[]) => void
}

/** Sorted in a moment; of more, the first page is near in any order. */
const FEW = 20_000
/** What a question may take that reads every account. */
const LONGEST = "set local statement_timeout = '30s'"
/** What it looks for here and there is in memory, or on a disk without arms. */
const NEAR = 'set local random_page_cost = 1.1'
/** Of one moment, whatever is committed meanwhile. */
const ONE_MOMENT = `begin isolation level repeatable read read only; ${LONGEST}; ${NEAR}`
/** Those whose verbs ask several times for one answer. */
const SEVERAL: ReadonlySet<string> = new Set<keyof Queries>(['carried', 'avatars', 'tags'])

/** What is prepared on each connection, once for as long as it lives. */
export function preparing ({ fields, tracksPictures, told }: Needs): (client: PoolClient) => Connection {
  const prepared = new WeakMap<PoolClient, Connection>()

  return (client) => {
    const known = prepared.get(client)
    if (known !== undefined) return known
    const db = dbOn(client)
    const deeds = createDeeds()
    deeds.listen(told)
    const renewal = createRenewal(db)
    const queries = queriesOf(db, {
      dialect: postgres,
      renewal,
      // Nothing is remembered: another process may have changed it.
      memory: { of: (_book, ask) => ask },
      deeds,
      tracksPictures,
      declared: fields.list,
      search: () => searchQueries(db, client, renewal),
      checks: ownChecksOf(db),
      numbers: numbersOf(client),
    })
    const questions = questionsTo(db, {
      dialect: postgres,
      indexed: () => undefined,
      isDamage: () => false,
      few: FEW,
      atOnce: async (work) => await atOnce(client, work),
    })
    const own = fields.watch(queries)
    const connection = { queries: own.queries, questions, deeds, settled: own.settled }
    prepared.set(client, connection)
    return connection
  }
}

async function atOnce<A> (client: PoolClient, work: () => Promise<A>): Promise<A> {
  await client.query(ONE_MOMENT)
  try {
    return await work()
  } finally {
    await client.query('commit')
  }
}

/** Runs a question on a connection that nobody else has meanwhile. */
async function borrowed<A> (pool: Pool, ask: (client: PoolClient) => Promise<A>): Promise<A> {
  let client: PoolClient | undefined
  try {
    client = await pool.connect()
    const answer = await ask(client)
    client.release()
    return answer
  } catch (error) {
    // Whatever was under way on it may still be.
    client?.release(true)
    throw translated(error)
  }
}

/** Every noun and verb, each asked on a connection of its own. */
export function readingFrom (pool: Pool, preparedOn: (client: PoolClient) => Connection, fields: DeclaredFields): Queries {
  type Verb = (...about: unknown[]) => Promise<unknown>
  const nouns = new Map<string, object>()
  const ask = (noun: string, verb: string) => (...about: unknown[]) => borrowed(pool, async (client) => {
    const verbs = preparedOn(client).queries[noun as keyof Queries] as unknown as Record<string, Verb>
    const answer = () => (verbs[verb] as Verb)(...about)
    return SEVERAL.has(noun) ? await atOnce(client, answer) : await answer()
  })
  const nounOf = (noun: string) => new Proxy({}, { get: (_target, verb) => noun === 'profileFields' && verb === 'declared' ? fields.list : ask(noun, String(verb)) })
  return new Proxy({}, {
    get (_target, name) {
      const noun = String(name)
      const known = nouns.get(noun) ?? nounOf(noun)
      nouns.set(noun, known)
      return known
    },
  }) as Queries
}

/** The questions that may read every account, each on a connection of its own. */
export function askingFrom (pool: Pool, preparedOn: (client: PoolClient) => Connection): Questions {
  const ask = (question: keyof Questions) => (...about: unknown[]) => borrowed(pool, (client) => (preparedOn(client).questions[question] as (...of: unknown[]) => Promise<unknown>)(...about))
  const names = ['find', 'findPage', 'countPeople', 'listGroups', 'listGroupsBehind', 'countMembers', 'listChanges', 'countChanges'] as const satisfies (keyof Questions)[]
  return Object.fromEntries(names.map((name) => [name, ask(name)])) as unknown as Questions
}

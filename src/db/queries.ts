import type { Database as Connection } from 'better-sqlite3'
import { drizzle } from './drizzle.ts'
import { avatarQueries } from './avatars.ts'
import { carriedQueries } from './carried.ts'
import { changeQueries } from './changes.ts'
import { checkQueries } from './checks.ts'
import { codeQueries } from './codes.ts'
import { watchCommits } from './commits.ts'
import { contactQueries } from './contacts.ts'
import { createDeeds } from './deeds.ts'
import type { Deeds } from './deeds.ts'
import { translated } from './errors.ts'
import { faceQueries } from './faces.ts'
import { factQueries } from './facts.ts'
import { groupQueries } from './groups.ts'
import { invitationQueries } from './invitations.ts'
import { keyQueries } from './keys.ts'
import { mailQueries } from './mails.ts'
import { createMemory } from './memory.ts'
import type { Memory } from './memory.ts'
import { pictureQueries } from './pictures.ts'
import { presenceQueries } from './presence.ts'
import { profileFieldQueries } from './profile-fields.ts'
import { sealedQueries } from './sealed.ts'
import { searchQueries } from './search/queries.ts'
import { createRenewal } from './search/renewal.ts'
import type { Renewal } from './search/renewal.ts'
import { secondFactorQueries } from './second-factors.ts'
import { sessionQueries } from './sessions.ts'
import { tagQueries } from './tags.ts'
import { ticketQueries } from './tickets.ts'
import { userQueries } from './users.ts'

interface Beside {
  renewal?: Renewal
  memory?: Memory
  deeds?: Pick<Deeds, 'note'>
}

/**
 * Every statement of the program, prepared once for a connection: those of a noun when it is first asked for, because
 * preparing all of them takes 20 ms and 3 MB.
 */
export function prepare (connection: Connection, { renewal = createRenewal(connection, drizzle(connection)), memory = createMemory(connection, watchCommits(connection)), deeds = createDeeds() }: Beside = {}) {
  const db = drizzle(connection)
  return whenAsked({
    users: () => userQueries(db, renewal, memory),
    groups: () => groupQueries(db),
    keys: () => keyQueries(db, memory),
    sessions: () => sessionQueries(db, memory, deeds),
    codes: () => codeQueries(db, memory),
    invitations: () => invitationQueries(db),
    secondFactors: () => secondFactorQueries(db),
    tickets: () => ticketQueries(db),
    mails: () => mailQueries(db),
    changes: () => changeQueries(db, deeds),
    presence: () => presenceQueries(db),
    profileFields: () => profileFieldQueries(db, { renewal, memory }),
    avatars: () => avatarQueries(db),
    pictures: () => pictureQueries(db, memory),
    faces: () => faceQueries(db),
    contacts: () => contactQueries(db),
    tags: () => tagQueries(db, connection),
    checks: () => checkQueries(db, connection),
    facts: () => factQueries(db),
    carried: () => carriedQueries(db, connection),
    sealed: () => sealedQueries(db),
    search: () => searchQueries(db, connection, renewal),
  })
}

/** An object whose parts are made when they are first read. */
function whenAsked<T extends Record<string, () => object>> (makers: T): { readonly [K in keyof T]: ReturnType<T[K]> } {
  const made = {}
  for (const [name, make] of Object.entries(makers)) {
    Object.defineProperty(made, name, {
      configurable: true,
      enumerable: true,
      get () {
        const value = make()
        Object.defineProperty(made, name, { value, enumerable: true })
        return value
      },
    })
  }
  return made as { readonly [K in keyof T]: ReturnType<T[K]> }
}

export type Queries = ReturnType<typeof prepare>

/** The same of a connection that only reads. What goes wrong there is told in our own words, as by the writer and by the reader threads. */
export function prepareReading (connection: Connection, memory?: Memory): Queries {
  const queries = prepare(connection, memory && { memory }) as Record<string, Record<string, Verb>>
  const inOurWords = (verbs: Record<string, Verb> = {}) => Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, translating(verb)]))
  return whenAsked(Object.fromEntries(Object.keys(queries).map((name) => [name, () => inOurWords(queries[name])]))) as Queries
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

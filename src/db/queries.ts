import { avatarQueries } from './avatars.ts'
import { carriedQueries } from './carried.ts'
import { changeQueries } from './changes.ts'
import { checkQueries } from './checks.ts'
import { codeQueries } from './codes.ts'
import { comingQueries } from './coming.ts'
import { contactQueries } from './contacts.ts'
import type { Db } from './drizzle.ts'
import type { Engine } from './engine.ts'
import { faceQueries } from './faces.ts'
import { factQueries } from './facts.ts'
import { goingQueries } from './going.ts'
import { groupQueries } from './groups.ts'
import { invitationQueries } from './invitations.ts'
import { keyQueries } from './keys.ts'
import { mailQueries } from './mails.ts'
import { pictureQueries } from './pictures.ts'
import { presenceQueries } from './presence.ts'
import { profileFieldQueries } from './profile-fields.ts'
import { sealedQueries } from './sealed.ts'
import { secondFactorQueries } from './second-factors.ts'
import { sessionQueries } from './sessions.ts'
import { tagQueries } from './tags.ts'
import { ticketQueries } from './tickets.ts'
import { userQueries } from './users.ts'

/**
 * Every statement of the program, prepared once for a connection: those of a noun when it is first asked for, because
 * preparing all of them takes 20 ms and 3 MB.
 */
export function queriesOf (db: Db, engine: Engine) {
  const { memory, dialect, search, checks, numbers } = engine
  return whenAsked({
    users: () => userQueries(db, engine),
    groups: () => groupQueries(db, dialect),
    keys: () => keyQueries(db, memory),
    sessions: () => sessionQueries(db, engine),
    codes: () => codeQueries(db, memory),
    invitations: () => invitationQueries(db, dialect),
    secondFactors: () => secondFactorQueries(db),
    tickets: () => ticketQueries(db),
    mails: () => mailQueries(db, dialect),
    changes: () => changeQueries(db, engine),
    presence: () => presenceQueries(db),
    profileFields: () => profileFieldQueries(db, engine),
    avatars: () => avatarQueries(db),
    pictures: () => pictureQueries(db, engine),
    coming: () => comingQueries(db, engine),
    going: () => goingQueries(db, engine),
    faces: () => faceQueries(db),
    contacts: () => contactQueries(db),
    tags: () => tagQueries(db, dialect),
    checks: () => ({ ...checkQueries(db), ...checks }),
    facts: () => factQueries(db),
    carried: () => ({ ...carriedQueries(db), ...numbers }),
    sealed: () => sealedQueries(db),
    search,
  })
}

/** An object whose parts are made when they are first read. */
export function whenAsked<T extends Record<string, () => object>> (makers: T): { readonly [K in keyof T]: ReturnType<T[K]> } {
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

export type Queries = ReturnType<typeof queriesOf>

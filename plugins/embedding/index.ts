import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { actingAs, asOfNow } from '../../src/core/access.ts'
import type { Actor } from '../../src/core/access.ts'
import { holderOf } from '../../src/core/credentials/index.ts'
import { AppError, refuse } from '../../src/core/errors.ts'
import { faultOf } from '../../src/core/texts.ts'
import type { Acting, SignedIn, Visage } from '../../src/visage.ts'
import { inWords } from './errors.ts'
import type { Words } from './errors.ts'
import { createPeople } from './people.ts'
import type { Wording } from './people.ts'

interface Options {
  words: Words & Wording
  /** Answers an error to a request of the application's. */
  answer: (error: Error, request: FastifyRequest, reply: FastifyReply) => void
  accessTtl: number
}

/** By whom a person was recognised, and as which actor. */
const known = new WeakMap<SignedIn | { id: number }, { by: FastifyInstance, actor: Actor }>()

/** What the application around the service may do with it: `app.visage`. */
export function createVisage (app: FastifyInstance, { words, answer, accessTtl }: Options): Visage {
  const { core: { db, keys, announcements }, sessions, recognise } = app

  async function actorOf (as: NonNullable<Acting['as']>): Promise<Actor> {
    const found = known.get(as)
    // Ids of one data folder mean somebody else in another.
    if (found !== undefined && found.by !== app) throw new AppError('permission_denied')
    const actor = found?.actor ?? actingAs({ id: as.id, isStaff: false, isAdmin: false })
    // A program may keep a person for longer than a request, and their rights may be others by now.
    const { isStaff, isAdmin } = await asOfNow(db.read, actor)
    return { ...actor, isStaff, isAdmin }
  }

  async function signedIn (request: FastifyRequest): Promise<SignedIn | null> {
    const identity = await recognise(request)
    if (identity === undefined) return null
    const { account, credential } = identity
    const { id, username, email, realName, language, isStaff, isAdmin } = account
    const person = { id, username, email, realName, language, isStaff, isAdmin }
    known.set(person, { by: app, actor: { ...actingAs(account), credential } })
    return person
  }

  const hook = (isNeeded: boolean) => async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    try {
      request.person = await signedIn(request)
      if (isNeeded && request.person === null) throw new AppError('not_authenticated')
      return undefined
    } catch (error) {
      answer(error as Error, request, reply)
      return reply
    }
  }

  return {
    authenticate: hook(true),
    optional: hook(false),
    people: inWords(createPeople(app, words, actorOf), words),

    tokens: inWords({
      async issue (personId, { device = 'application', address = '' } = {}) {
        requireTexts({ device, address })
        const { access, refresh } = await db.write(async (tx) => await sessions.begin(tx, await holderOf(tx, personId, null), { device, address }))
        return { access, refresh, expiresIn: accessTtl }
      },

      async issueKey (personId, options) {
        requireTexts({ name: options?.name ?? '' })
        const { key, secret } = await keys.create(personId, options)
        return { id: key.id, token: secret }
      },
    } satisfies Visage['tokens'], words),

    on: announcements.on,

    close: app.closeCore,
  }
}

/** Throws `invalid` for texts that cannot be stored: what comes by a route was judged by its schema. */
function requireTexts (texts: Record<string, string>): void {
  refuse(Object.entries(texts).flatMap(([field, text]) => {
    const code = faultOf(text)
    return code === undefined ? [] : [{ field, code }]
  }))
}

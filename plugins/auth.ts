import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Actor } from '../src/core/access.ts'
import type { Credential, Identity } from '../src/core/credentials/index.ts'
import { AppError } from '../src/core/errors.ts'
import type { Sessions } from '../src/core/credentials/sessions.ts'
import type { Account, UserRow } from '../src/db/index.ts'

declare module 'fastify' {
  interface FastifyInstance {
    sessions: Sessions
    /** Whom a credential stands for; throws when it does not count. */
    identify: (secret: string) => Promise<Identity>
    /** Who sent a request, by its Authorization header; undefined without credentials. Throws as `identify` does. */
    recognise: (request: Pick<FastifyRequest, 'raw'>) => Promise<Identity | undefined>
  }
  interface FastifyRequest {
    /** Who sent the request; null without credentials. */
    actor: UserRow | null
    /** By what they proved it. */
    credential: Credential | null
    /** What the sender was asked on the way to the handler. */
    guards: Actor['guards'] | null
    /** The account that the path names. */
    target: Account | null
  }
  interface FastifyContextConfig {
    /** `open`: credentials are not looked at. `public`: they are, but none are needed. Absent: they are needed. */
    access?: 'open' | 'public'
  }
}

/** Turns the Authorization header of every request into `request.actor`, or 401. */
export default fp(async (app) => {
  const { presence, credentialsBy } = app.core
  const { identify, sessions } = credentialsBy(app.signer)
  app.decorate('sessions', sessions)
  app.decorate('identify', identify)

  app.decorateRequest('actor', null)
  app.decorateRequest('credential', null)
  app.decorateRequest('guards', null)
  app.decorateRequest('target', null)

  async function recognise ({ raw }: Pick<FastifyRequest, 'raw'>): Promise<Identity | undefined> {
    const secret = secretOf(raw.rawHeaders)
    if (secret === undefined) return undefined
    const identity = await identify(secret)
    presence.saw(identity.account.id, identity.credential)
    return identity
  }
  app.decorate('recognise', recognise)

  async function note (request: FastifyRequest): Promise<void> {
    if (request.is404) throw new AppError('not_found')
    if (request.routeOptions.config.access === 'open') return
    const identity = await recognise(request)
    if (identity === undefined) return
    request.actor = identity.account
    request.credential = identity.credential
  }

  app.addHook('onRequest', async (request, reply) => {
    try {
      await note(request)
    } finally {
      // A credential that does not count is none: whoever tries them is counted by address.
      app.limitRequest(request, reply)
    }
  })
}, { name: 'auth', dependencies: ['core', 'limits', 'signer'] })

/**
 * The credential under either keyword, in any case; undefined for none or for another scheme. Node keeps the first of two
 * Authorization headers, so the raw list is what is read.
 */
function secretOf (rawHeaders: readonly string[]): string | undefined {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization')
  if (values.length > 1) throw new AppError('token_invalid')
  const [keyword, ...rest] = (values[0] ?? '').split(/\s+/).filter((word) => word !== '')
  if (keyword === undefined || !['bearer', 'token'].includes(keyword.toLowerCase())) return undefined
  if (rest.length === 0) throw new AppError('header_empty')
  if (rest.length > 1) throw new AppError('header_spaces')
  return rest[0]
}

import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import type { Issuer } from '../../src/core/credentials/issuer.ts'
import { STOP } from '../../src/stop.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The other service whose tokens count; null without one. */
    issuer: Issuer | null
  }
}

/** No HMAC: with one, whoever can verify a token can make one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
/** Of access tokens (RFC 9068), and what is said of any token; one that is made to end a session, say, names a type of its own. */
const TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt'])
const TOLERANCE_S = 5

/** `app.issuer`: the tokens of another service, verified with the keys that it publishes. */
export default fp(async (app, { config }: { config: Config }) => {
  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) {
    app.decorate('issuer', null)
    return
  }
  // Large, and of use to few.
  const [{ decodeJwt, jwtVerify }, { createKeys }] = await Promise.all([import('jose'), import('./keys.ts')])
  const ending = new AbortController()
  const keys = createKeys({ url: jwksUrl, log: app.log, signal: ending.signal })
  app.addHook('preClose', async () => { setTimeout(() => ending.abort(), STOP.arriving).unref() })

  app.decorate('issuer', {
    /** By what it says, before anything of it is verified. */
    isNamedBy (token) {
      try {
        return decodeJwt(token).iss === issuer
      } catch {
        return false
      }
    },

    async verify (token) {
      const { payload, protectedHeader: { typ } } = await jwtVerify(token, keys, { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'], clockTolerance: TOLERANCE_S })
      if (!TYPES.has(typ?.toLowerCase())) throw new Error('not an access token')
      return payload
    },
  })
}, { name: 'issuer' })

import type { Config } from '../config.ts'
import type { Issuer } from '../core/credentials/issuer.ts'
import type { Log } from './keys.ts'

/** Another service whose tokens count. `close` ends what is being fetched from it. */
export interface OpenIssuer extends Issuer { close: () => void }

/** No HMAC: with one, whoever can verify a token can make one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
/** Of access tokens (RFC 9068), and what is said of any token; one that is made to end a session, say, names a type of its own. */
const TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt'])
const TOLERANCE_S = 5

/** The tokens of another service, verified with the keys that it publishes; null where the configuration names none. */
export async function openIssuer ({ jwksUrl, jwtIssuer: issuer, jwtAudience: audience }: Config, log?: Log): Promise<OpenIssuer | null> {
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return null
  // Large, and of use to few.
  const [{ decodeJwt, jwtVerify }, { createKeySet }] = await Promise.all([import('jose'), import('./keys.ts')])
  const ending = new AbortController()
  const keys = createKeySet({ url: jwksUrl, log, signal: ending.signal })

  return {
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

    close () { ending.abort() },
  }
}

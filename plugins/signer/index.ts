import { randomBytes } from 'node:crypto'
import jwt from '@fastify/jwt'
import type { FastifyJWTOptions, JWT } from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { SECRET_MIN } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import type { Signer } from '../../src/core/credentials/tokens.ts'
import { givenKeyPair, ownKeyPair } from './key-pair.ts'
import type { Jwk, KeyPair } from './key-pair.ts'
import type { OnMissing } from '../../src/own-file.ts'
import type { Service } from '../../src/service.ts'

declare module 'fastify' {
  interface FastifyInstance {
    signer: Signer
    /** What others verify our tokens with. */
    jwks: { keys: Jwk[] }
  }
}

type KeepKey = Service['keepKey']
type Json = Record<string, unknown>

/** One way to sign: what the header says then, and who judges the rest. */
interface Scheme {
  alg: Config['jwtAlg']
  kid?: string
  jwt: JWT
}

/** How many tokens are kept: a few MiB. */
const REMEMBERED = 10_000

/** `app.signer`: what this service signs, and whatever else counts as if it had. */
export default fp(async (app, { config }: { config: Config }) => {
  const { jwtAlg, mintedTokens } = config
  /** Where people have signed in, a new file is seldom what the operator means. */
  const onMissing = async (file: string) => {
    if (await app.core.db.read.users.isAnybody()) app.log.warn({ file }, 'there was no such file, and a new one is made: everybody signs in again, and what others signed or verify with the old one fails')
  }
  const shared = async () => await sharedSecret(app, config.jwtSecret ?? await ownSecret(app.core.keepKey, onMissing))
  const [own, jwk] = jwtAlg === 'EdDSA' ? await ownKey(app, config.jwtPrivateKey === undefined ? await ownKeyPair(app.core.keepKey, onMissing) : givenKeyPair(config.jwtPrivateKey)) : [await shared()]
  // Whoever has the shared secret may speak for people, but not for the sessions of this service.
  const minted = jwtAlg === 'EdDSA' && mintedTokens ? await shared() : undefined

  app.decorate('jwks', { keys: jwk === undefined ? [] : [jwk] })
  app.decorate('signer', {
    sign: (claims) => own.jwt.sign(claims),

    verify: remembering((token) => {
      const { header, payload } = own.jwt.decode<{ header: Json, payload: Json }>(token, { complete: true }) ?? { header: {}, payload: {} }
      if (isOf(own, header)) return own.jwt.verify(token)
      if (minted !== undefined && isOf(minted, header) && payload.sid === undefined) return minted.jwt.verify(token)
      throw new Error('signed in no way that counts')
    }),
  })
}, { name: 'signer', dependencies: ['core'] })

/** The library accepts any HMAC where one is allowed, any `typ` and any `crit`, `kid` or `jwk`: so the header is judged here. */
function isOf (scheme: Scheme, { alg, kid, typ, ...rest }: Json): boolean {
  return alg === scheme.alg && kid === scheme.kid && (typ === undefined || typ === 'JWT') && Object.keys(rest).length === 0
}

/**
 * A signature stays good, and checking it costs more than the rest of a read. Times are not remembered: whoever reads the
 * claims judges them anew, and the rows as well.
 */
function remembering (verify: (token: string) => unknown): (token: string) => unknown {
  const known = new Map<string, unknown>()
  return (token) => {
    const payload = known.get(token) ?? verify(token)
    known.set(token, payload)
    if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '')
    return payload
  }
}

async function sharedSecret (app: FastifyInstance, secret: string): Promise<Scheme> {
  const alg = 'HS256'
  return { alg, jwt: await openJwt(app, { secret, sign: { algorithm: alg }, verify: { algorithms: [alg], cache: false } }) }
}

async function ownKey (app: FastifyInstance, { privateKey, publicKey, jwk }: KeyPair): Promise<[Scheme, Jwk]> {
  const { alg, kid } = jwk
  const secret = { private: privateKey, public: publicKey }
  return [{ alg, kid, jwt: await openJwt(app, { secret, sign: { algorithm: alg, kid }, verify: { algorithms: [alg], cache: false } }) }, jwk]
}

/** In a scope of its own, so that an application around this one may have its own, before it or after it, and this one more than one. */
async function openJwt (app: FastifyInstance, options: FastifyJWTOptions): Promise<JWT> {
  const opened: JWT[] = []
  await app.register(async (scope) => {
    // A name that no application has: what is put on requests is put there once.
    await scope.register(jwt, { ...options, decoratorName: 'visageToken' })
    opened.push(scope.jwt)
  })
  return opened[0] as JWT
}

/** The secret of this service. */
const ownSecret = (keepKey: KeepKey, onMissing: OnMissing): Promise<string> => keepKey({
  onMissing,
  name: 'jwt.secret',
  make: () => randomBytes(48).toString('base64url'),
  read: (text) => text.length < SECRET_MIN ? undefined : text,
  expected: `at least ${SECRET_MIN} characters; without it a new secret is made, and everybody signs in again`,
})

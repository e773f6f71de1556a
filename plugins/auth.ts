import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import jwt from '@fastify/jwt'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ConfigError, SECRET_MIN } from '../src/config.ts'
import type { Config } from '../src/config.ts'
import { createCredentials } from '../src/core/credentials.ts'
import type { Credential, Identity } from '../src/core/credentials.ts'
import { AppError } from '../src/core/errors.ts'
import { createSessions } from '../src/core/sessions.ts'
import type { Sessions } from '../src/core/sessions.ts'
import type { Signer } from '../src/core/tokens.ts'
import type { Account, UserRow } from '../src/db/users.ts'
import { syncFolder } from '../src/images/folders.ts'

declare module 'fastify' {
  interface FastifyInstance {
    sessions: Sessions
    /** Whom a credential stands for; throws when it does not count. */
    identify: (secret: string) => Promise<Identity>
  }
  interface FastifyRequest {
    /** Who sent the request; null without credentials. */
    actor: UserRow | null
    /** By what they proved it. */
    credential: Credential | null
    /** The account that the path names. */
    target: Account | null
  }
  interface FastifyContextConfig {
    /** `open`: credentials are not looked at. `public`: they are, but none are needed. Absent: they are needed. */
    access?: 'open' | 'public'
  }
}

/** How many tokens are kept: a few MiB. */
const REMEMBERED = 10_000
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Turns the Authorization header of every request into `request.actor`, or 401. */
export default fp(async (app, { config }: { config: Config }) => {
  // Encapsulated, so that an application around this one may have its own.
  await app.register(jwt, {
    secret: config.jwtSecret ?? await ownSecret(config.dataDir),
    sign: { algorithm: 'HS256' },
    verify: { algorithms: ['HS256'], cache: false },
  })

  const signer: Signer = {
    sign: (claims) => app.jwt.sign(claims),
    verify: remembering((token) => {
      if (!COMPACT_JWS.test(token)) throw new Error('not a compact JWS')
      // The library accepts any HMAC where one is allowed, any `typ` and any `crit`, `kid` or `jwk`: so the header is judged here.
      const { header } = app.jwt.decode<{ header: Record<string, unknown> }>(token, { complete: true }) ?? { header: {} }
      const { alg, typ, ...rest } = header
      const isPlain = alg === 'HS256' && (typ === undefined || typ === 'JWT') && Object.keys(rest).length === 0
      if (!isPlain) throw new Error('not an HS256 token')
      return app.jwt.verify(token)
    }),
  }
  const { db, presence } = app.core
  const credentials = createCredentials({ db, signer, acceptMinted: config.mintedTokens })
  app.decorate('sessions', createSessions({ ...app.core, signer, accessTtl: config.accessTtl, refreshTtl: config.refreshTtl }))

  app.decorate('identify', credentials.identify)

  app.decorateRequest('actor', null)
  app.decorateRequest('credential', null)
  app.decorateRequest('target', null)
  async function recognise (request: FastifyRequest): Promise<void> {
    if (request.is404) throw new AppError('not_found')
    if (request.routeOptions.config.access === 'open') return
    const secret = secretOf(request.raw.rawHeaders)
    if (secret === undefined) return
    const { account, credential } = await credentials.identify(secret)
    request.actor = account
    request.credential = credential
    presence.saw(account.id, credential)
  }

  app.addHook('onRequest', async (request, reply) => {
    try {
      await recognise(request)
    } finally {
      // A credential that does not count is none: whoever tries them is counted by address.
      app.limitRequest(request, reply)
    }
  })
}, { name: 'auth', dependencies: ['core', 'limits'] })

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

/** The secret of this data folder, made at the first start and readable by its owner only. */
async function ownSecret (dataDir: string): Promise<string> {
  const file = join(dataDir, 'jwt.secret')
  if (!existsSync(file)) {
    // Under its own name only when it is whole: a crash must not leave half a secret.
    writeFileSync(`${file}.new`, randomBytes(48).toString('base64url'), { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
    await syncFolder(dataDir)
  }
  const secret = readFileSync(file, 'utf8')
  if (secret.length < SECRET_MIN) throw new ConfigError(`${file}: expected at least ${SECRET_MIN} characters; without the file a new secret is made, and everybody signs in again`)
  return secret
}

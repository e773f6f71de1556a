// A service that knows Visage by its public keys alone: it verifies the EdDSA tokens (`VISAGE_JWT_ALG=EdDSA`) and asks nobody.
// A token counts until it expires, so whoever must know at once that a session has ended asks Visage instead.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

/** Answers who sent the request. `service`: where Visage is found. */
export function openVerifier (service: string): Server {
  const keys = createRemoteJWKSet(new URL(`${service}/.well-known/jwks.json`))

  async function personOf (authorization = ''): Promise<number | undefined> {
    const [keyword, token = ''] = authorization.split(' ')
    if (keyword !== 'Bearer') return undefined
    try {
      const { payload } = await jwtVerify(token, keys, { algorithms: ['EdDSA'], requiredClaims: ['exp', 'user_id'] })
      // A refresh token is signed by the same key and is no proof to anybody but Visage.
      return payload.token_type === 'access' ? Number(payload.user_id) : undefined
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  async function answer ({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const id = await personOf(headers.authorization)
      response.writeHead(id === undefined ? 401 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: id ?? null }))
    } catch {
      // The keys cannot be had.
      response.writeHead(503).end()
    }
  }

  return createServer((request, response) => { void answer(request, response) })
}

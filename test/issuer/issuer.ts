import { constants, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type Json = Record<string, unknown>
export type Alg = 'EdDSA' | 'ES256' | 'RS256' | 'PS256'
export interface Pair { alg: Alg, kid: string, privateKey: KeyObject, jwk: Json }

export const AUDIENCE = 'visage'
export const ISSUER = 'https://issuer.example'

let made = 0

/** A key pair with an id that no other has. */
export function newPair (alg: Alg = 'EdDSA'): Pair {
  const { privateKey } = alg === 'EdDSA' ? generateKeyPairSync('ed25519')
    : alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const kid = `key-${++made}`
  return { alg, kid, privateKey, jwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}

export const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
export const nowS = () => Math.floor(Date.now() / 1000)

/** A token made by hand, so that it can say anything; a text is taken for the JSON itself. */
export function tokenOf ({ alg, kid, privateKey: key }: Pair, payload: unknown, header: Json = { alg, typ: 'JWT', kid }): string {
  const signed = `${encode(header)}.${encode(payload)}`
  const bytes = Buffer.from(signed)
  const signature = {
    EdDSA: () => signBytes(null, bytes, key),
    ES256: () => signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }),
    RS256: () => signBytes('sha256', bytes, key),
    PS256: () => signBytes('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  }[alg]()
  return `${signed}.${signature.toString('base64url')}`
}

/** What a good token says. */
export const claimsFor = (sub: string, more: Json = {}): Json => ({ iss: ISSUER, aud: AUDIENCE, sub, iat: nowS(), exp: nowS() + 300, ...more })

/** Another service that publishes keys, on loopback. */
export async function openIssuer (t: Test, ...pairs: Pair[]) {
  const state = { fetches: 0, keys: pairs.map(({ jwk }) => jwk), answer: undefined as RequestListener | undefined }
  const listener: RequestListener = (request, response) => {
    state.fetches++
    if (state.answer !== undefined) state.answer(request, response)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: state.keys }))
  }
  let server = createServer(listener)
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  async function goDown (): Promise<void> {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  }
  t.teardown(goDown)

  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/keys`,
    goDown,
    async comeUp () {
      server = createServer(listener)
      await listen(port)
    },
    publish (...published: Pair[]) { state.keys = published.map(({ jwk }) => jwk) },
  })
}

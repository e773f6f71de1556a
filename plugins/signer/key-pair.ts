import { createPrivateKey, createPublicKey, generateKeyPairSync, hash } from 'node:crypto'
import { ConfigError } from '../../src/config.ts'
import type { OnMissing } from '../../src/own-file.ts'
import type { Service } from '../../src/service.ts'

/** The public half, as others fetch it. */
export interface Jwk { kty: 'OKP', crv: 'Ed25519', x: string, kid: string, alg: 'EdDSA', use: 'sig' }

export interface KeyPair { privateKey: string, publicKey: string, jwk: Jwk }

/** The key that the configuration has. Throws a ConfigError. */
export function givenKeyPair (privateKey: string): KeyPair {
  if (!isEd25519(privateKey)) throw new ConfigError('VISAGE_JWT_PRIVATE_KEY: expected a private Ed25519 key (PKCS8, PEM)')
  return pairOf(privateKey)
}

/** The key that this service signs with. */
export async function ownKeyPair (keepKey: Service['keepKey'], onMissing: OnMissing): Promise<KeyPair> {
  return pairOf(await keepKey({
    onMissing,
    name: 'jwt.ed25519.pem',
    make: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    read: (text) => isEd25519(text) ? text : undefined,
    expected: 'a private Ed25519 key (PKCS8, PEM); without it a new one is made, and everybody signs in again',
  }))
}

function pairOf (privateKey: string): KeyPair {
  const publicKey = createPublicKey(privateKey)
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const key = { crv: 'Ed25519', kty: 'OKP', x } as const
  // RFC 7638: the members in this order.
  const kid = hash('sha256', JSON.stringify(key), 'base64url')
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), jwk: { ...key, kid, alg: 'EdDSA', use: 'sig' } }
}

function isEd25519 (pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}

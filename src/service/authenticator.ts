import { createRequire } from 'node:module'
import type { Authenticator } from '../core/sign-in/one-time-codes.ts'

const require = createRequire(import.meta.url)
/** Loaded by the first second factor. */
const library = () => require('otpauth') as typeof import('otpauth')

const ISSUER = 'Visage'
/** Of the secret: what RFC 4226 recommends. */
const BYTES = 20
/** Steps of half a minute that a clock may be off. */
const WINDOW = 1

/** Six digits every half minute, as every authenticator app makes them. */
export const authenticator: Authenticator = {
  newSecret: () => new (library().Secret)({ size: BYTES }).base32,

  uriOf: (secret, username) => new (library().TOTP)({ issuer: ISSUER, label: username, secret }).toString(),

  stepOf (secret, code) {
    const digits = code.replace(/\s/g, '')
    const totp = new (library().TOTP)({ secret })
    const delta = /^\d{6}$/.test(digits) ? totp.validate({ token: digits, window: WINDOW }) : null
    return delta === null ? undefined : totp.counter() + delta
  },
}

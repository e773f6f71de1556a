import { Secret, TOTP } from 'otpauth'
import type { Authenticator } from '../core/sign-in/one-time-codes.ts'

const ISSUER = 'Visage'
/** Of the secret: what RFC 4226 recommends. */
const BYTES = 20
/** Steps of half a minute that a clock may be off. */
const WINDOW = 1

/** Six digits every half minute, as every authenticator app makes them. */
export const authenticator: Authenticator = {
  newSecret: () => new Secret({ size: BYTES }).base32,

  uriOf: (secret, username) => new TOTP({ issuer: ISSUER, label: username, secret }).toString(),

  stepOf (secret, code) {
    const digits = code.replace(/\s/g, '')
    const totp = new TOTP({ secret })
    const delta = /^\d{6}$/.test(digits) ? totp.validate({ token: digits, window: WINDOW }) : null
    return delta === null ? undefined : totp.counter() + delta
  },
}

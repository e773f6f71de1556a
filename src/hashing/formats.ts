import { createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const require = createRequire(import.meta.url)
/** Loaded by the first password that needs them. */
export const libraries = {
  get argon2 () { return require('argon2') as typeof import('argon2') },
  get bcrypt () { return require('bcrypt') as typeof import('bcrypt') },
}

const derive = promisify(pbkdf2)
const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt)

// What an imported hash may cost at most: above it, checking a password would be an attack on the service. Below the least, the
// libraries throw.
const PBKDF2_MAX_ITERATIONS = 10_000_000
const SCRYPT_MAX_BYTES = 256 * 1_024 ** 2
const SCRYPT_MAX_PARALLEL = 16
const BCRYPT_MAX_COST = 16
const ARGON2_MIN_KIB_PER_LANE = 8
const ARGON2_MAX_KIB = 256 * 1_024
const ARGON2_MAX_PASSES = 16
const ARGON2_MAX_LANES = 16
const LENGTHS = { min: 16, max: 128 }

type Verify = (password: string) => Promise<boolean>
/** Undefined when the hash is not of this format, or would cost too much. */
type Format = (hash: string) => Verify | undefined

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const ARGON2 = /^\$argon2(?:id|i|d)\$v=19\$([mtp]=\d{1,8}(?:,[mtp]=\d{1,8}){2})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/
const PBKDF2 = /^pbkdf2_(sha256|sha1)\$(\d{1,8})\$([^$]{1,128})\$([A-Za-z0-9+/]+=*)$/
const DJANGO_SCRYPT = /^scrypt\$([^$]{1,128})\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]+=*)$/
const MODULAR_SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const isSane = (bytes: Buffer) => bytes.length >= LENGTHS.min && bytes.length <= LENGTHS.max

const bcryptFormat: Format = (hash) => {
  const cost = Number(BCRYPT.exec(hash)?.[1] ?? Infinity)
  // The library knows `2a` and `2b`; `2y` is what PHP calls the latter.
  return cost >= 4 && cost <= BCRYPT_MAX_COST ? (password) => libraries.bcrypt.compare(password, hash.replace('$2y$', '$2b$')) : undefined
}

const argon2Format: Format = (hash) => {
  const costs = Object.fromEntries((ARGON2.exec(hash)?.[1] ?? '').split(',').map((cost) => [cost.slice(0, 1), Number(cost.slice(2))]))
  const { m = 0, t = 0, p = 0 } = costs
  const isEnough = t >= 1 && p >= 1 && m >= ARGON2_MIN_KIB_PER_LANE * p
  const isBounded = m <= ARGON2_MAX_KIB && t <= ARGON2_MAX_PASSES && p <= ARGON2_MAX_LANES
  return isEnough && isBounded ? (password) => libraries.argon2.verify(hash, password) : undefined
}

const pbkdf2Format: Format = (hash) => {
  const [, digest = '', iterations, salt = '', encoded = ''] = PBKDF2.exec(hash) ?? []
  const wanted = Buffer.from(encoded, 'base64')
  const rounds = Number(iterations)
  if (!(rounds >= 1 && rounds <= PBKDF2_MAX_ITERATIONS) || !isSane(wanted)) return undefined
  return async (password) => timingSafeEqual(await derive(password, salt, rounds, wanted.length, digest), wanted)
}

function scryptVerify (salt: Buffer, [N, r, p]: [number, number, number], wanted: Buffer): Verify | undefined {
  const bytes = 128 * N * r
  // RFC 7914 §2: below 2 to the power of 128 * r / 8.
  const isPower = N >= 2 && Number.isInteger(Math.log2(N)) && Math.log2(N) < 16 * r
  if (!isPower || r < 1 || p < 1 || p > SCRYPT_MAX_PARALLEL || bytes > SCRYPT_MAX_BYTES || !isSane(wanted)) return undefined
  return async (password) => timingSafeEqual(await deriveScrypt(password, salt, wanted.length, { N, r, p, maxmem: bytes + 1_024 ** 2 + 128 * r * p }), wanted)
}

const djangoScryptFormat: Format = (hash) => {
  const [, salt = '', N, r, p, encoded = ''] = DJANGO_SCRYPT.exec(hash) ?? []
  return scryptVerify(Buffer.from(salt), [Number(N), Number(r), Number(p)], Buffer.from(encoded, 'base64'))
}

const modularScryptFormat: Format = (hash) => {
  const [, exponent, r, p, salt = '', encoded = ''] = MODULAR_SCRYPT.exec(hash) ?? []
  return scryptVerify(Buffer.from(salt, 'base64'), [2 ** Number(exponent), Number(r), Number(p)], Buffer.from(encoded, 'base64'))
}

/** Django writes the name of the algorithm in front of what the algorithm itself writes. */
const behind = (prefix: string, format: Format, before: (password: string) => string = (password) => password): Format => (hash) => {
  const verify = hash.startsWith(prefix) ? format(hash.slice(prefix.length)) : undefined
  return verify && ((password) => verify(before(password)))
}

const sha256 = (password: string): string => createHash('sha256').update(password).digest('hex')

const FORMATS: Format[] = [
  pbkdf2Format,
  bcryptFormat,
  behind('bcrypt$', bcryptFormat),
  behind('bcrypt_sha256$', bcryptFormat, sha256),
  djangoScryptFormat,
  modularScryptFormat,
  argon2Format,
  behind('argon2', argon2Format),
]

/** How to check a password against a hash, ours or one that another service made; undefined for what is not known or would cost too much. */
export function verifierOf (hash: string): Verify | undefined {
  for (const format of FORMATS) {
    const verify = format(hash)
    if (verify !== undefined) return verify
  }
  return undefined
}

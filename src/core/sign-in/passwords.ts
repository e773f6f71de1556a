import type { FieldError } from '../errors.ts'
import { PASSWORD_MAX, PASSWORD_MIN } from '../fields/index.ts'
import { createPlaces, PLACES } from '../limits/places.ts'
import type { Waiting } from '../limits/places.ts'
import { COMMON_PASSWORDS } from './common-passwords.ts'

/** The one-way function itself; costly on purpose. */
export interface Hasher {
  hash: (password: string) => Promise<string>
  /** False also for a hash that it does not know. */
  verify: (hash: string, password: string) => Promise<boolean>
  isKnown: (hash: string) => boolean
  /** Whether a new hash would be made the same way. */
  isCurrent: (hash: string) => boolean
}

/** What takes time is done in turn: both throw `unavailable` when too many wait, altogether or of those who are `who`. */
export interface Passwords {
  /** Of the composed form (NFC): keyboards differ in which form they type. */
  hash: (password: string, who: Waiting) => Promise<string>
  /**
   * Undefined when the password is not the one that was hashed, composed or as it was typed (another service may not have
   * composed it). `upgraded`: what takes the place of a hash that would be made otherwise today. Costs the same whether or not
   * there is a hash to compare with; an imported one costs what it costs.
   */
  compare: (hash: string | null | undefined, password: string, who: Waiting) => Promise<{ upgraded: string | undefined } | undefined>
  /** How many hashes wait for their turn. */
  waiting: () => number
  /** Whether passwords can be checked against this hash, which another service may have made. */
  isKnown: (hash: string) => boolean
  /** What is wrong with a new password, if anything. */
  judge: (password: string, owner: { username?: string | undefined, email?: string | null | undefined }) => FieldError[]
}

/** What must be left of a password when its owner's name is cut out of it. */
const OWN_CHARACTERS = 6

/** What a password is compared with where there is none; made once a process, with the first comparison, whoever's that is. */
const decoys = new WeakMap<Hasher, Promise<string>>()

function decoyOf (hasher: Hasher): Promise<string> {
  const decoy = decoys.get(hasher) ?? hasher.hash('a password that nobody has')
  decoys.set(hasher, decoy)
  return decoy
}

export function createPasswords (hasher: Hasher, { minLength = PASSWORD_MIN }: { minLength?: number } = {}): Passwords {
  const places = createPlaces(PLACES.hashes)
  const hash = (password: string, who: Waiting) => places.hold(who, () => hasher.hash(password.normalize('NFC')))

  return {
    hash,
    waiting: places.waiting,

    async compare (stored, typed, who) {
      const composed = typed.normalize('NFC')
      const decoy = await decoyOf(hasher)
      const isOf = (password: string) => places.hold(who, () => hasher.verify(stored ?? decoy, password))
      const isComposed = await isOf(composed)
      const isMatch = isComposed || (composed !== typed && await isOf(typed))
      if (!isMatch || stored === null || stored === undefined) return undefined
      return { upgraded: isComposed && hasher.isCurrent(stored) ? undefined : await hash(composed, who) }
    },

    isKnown: hasher.isKnown,

    judge (typed, { username, email }) {
      const password = typed.normalize('NFC')
      const length = [...password].length
      const findings: FieldError[] = []
      if (length < minLength) findings.push({ field: 'password', code: 'min_length', params: { limit: minLength, found: length } })
      else if (length > PASSWORD_MAX) findings.push({ field: 'password', code: 'max_length', params: { limit: PASSWORD_MAX, found: length } })
      else if (COMMON_PASSWORDS.has(password.toLowerCase())) findings.push({ field: 'password', code: 'password_common' })
      else if (isSimilar(password, [username, email, email?.split('@')[0]])) findings.push({ field: 'password', code: 'password_similar' })
      return findings
    },
  }
}

function isSimilar (password: string, names: readonly (string | null | undefined)[]): boolean {
  const lower = password.toLowerCase()
  return names.some((name) => name && name.length > 2 && lower.replaceAll(name.toLowerCase(), '').length < Math.min(OWN_CHARACTERS, lower.length))
}

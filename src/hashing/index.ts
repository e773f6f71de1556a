import type { Hasher } from '../core/sign-in/passwords.ts'
import { libraries, verifierOf } from './formats.ts'

/** The floor that OWASP names for argon2id. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Our argon2id, and whatever accounts were imported with. */
export const hasher: Hasher = {
  hash: (password) => libraries.argon2.hash(password, ARGON2),

  verify: async (hash, password) => await verifierOf(hash)?.(password) ?? false,
  isKnown: (hash) => verifierOf(hash) !== undefined,
  isCurrent: (hash) => hash.startsWith('$argon2id$') && !libraries.argon2.needsRehash(hash, ARGON2),
}

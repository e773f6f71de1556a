import type { Database, Queries, Sealed } from '../../db/index.ts'
import { OPERATOR } from '../access.ts'
import type { Mail } from '../mail/index.ts'
import { audit } from '../people/audit.ts'
import type { Seal } from './index.ts'

const PROBE = 'visage'
/** What many processes sign with: new ones are made without the key, and everybody signs in again. */
const SEALED_KEYS = ['jwt_secret', 'jwt_key'] as const

/** Whether a text was sealed with this key. */
export function isOpenedBy (seal: Seal, sealed: string): boolean {
  try {
    seal.open(sealed)
    return true
  } catch {
    return false
  }
}

/** Whether a key is the one by which what lies in the database was sealed. A folder from before there was a probe tells it by a secret. */
export async function isSealedWith (db: Database, seal: Seal): Promise<boolean> {
  const probe = await db.read.facts.find('seal_probe')
  const sample = probe ?? await db.read.sealed.newest()
  if (sample !== undefined && !isOpenedBy(seal, sample)) return false
  if (probe !== undefined) return true
  return await db.write(async (tx) => {
    // Of two that start at once, with a key each, one is the first.
    const known = await tx.facts.find('seal_probe')
    if (known === undefined) await tx.facts.set('seal_probe', seal.close(PROBE))
    return known === undefined || isOpenedBy(seal, known)
  })
}

/** Whether anything was sealed by a key that nobody has. */
export async function isKeyNeeded ({ read }: Database): Promise<boolean> {
  return await read.facts.find('seal_probe') !== undefined || Object.values(await read.sealed.count()).some((count) => count > 0)
}

/** What cannot be read or recognised without the key, in words. */
export function lossOf ({ secondFactors, mails, codes }: Sealed): string {
  const counted = [[secondFactors, 'second factor', 'second factors'], [mails, 'email on its way', 'emails on their way'], [codes, 'mailed code', 'mailed codes']] as const
  const lost = counted.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
  return lost.length === 0 ? 'nothing that is stored' : lost.join(', ').replace(/, ([^,]*)$/, ' and $1')
}

/** Of a second factor that went with its key: a row in the log, and its owner is told by email. */
export async function tellOfFactor (tx: Queries, mail: Mail, userId: number): Promise<void> {
  const person = await tx.users.findRow(userId)
  if (person === undefined) return
  await audit(tx, OPERATOR, { noun: 'second factor', verb: 'removed', person: userId })
  if (person.email !== null) await mail.post(tx, userId, { template: 'second-factor-changed', to: person.email, params: { username: person.username } })
}

interface Needs {
  db: Database
  mail: Mail
  seal: Seal
  /** Makes the key of `seal` the key of the folder. */
  keep: () => Promise<void>
}

/** Goes on with a new key, without what was sealed by the one before. */
export function createSealReset ({ db, mail, seal, keep }: Needs) {
  return {
    sealed: (): Promise<Sealed> => db.read.sealed.count(),

    /** Removes second factors, emails on their way and mailed codes. Whoever had a second factor is told by email. Resolves to what is gone. */
    async run (): Promise<Sealed> {
      // First: with a new key and the old probe nothing starts, and it can be done again.
      await keep()
      return await db.write(async (tx) => {
        const lost = await tx.sealed.count()
        const people = await tx.sealed.removeAll()
        await tx.facts.set('seal_probe', seal.close(PROBE))
        for (const key of SEALED_KEYS) await tx.facts.remove(key)
        for (const id of people) await tellOfFactor(tx, mail, id)
        return lost
      })
    },
  }
}

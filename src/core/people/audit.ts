import type { Noun, Queries, Verb } from '../../db/index.ts'
import type { Actor } from '../access.ts'

/** What something can be done to. */
export const NOUNS = ['account', 'group', 'tag', 'field', 'session', 'token', 'second factor', 'password code', 'sign-in', 'invitation'] as const satisfies readonly Noun[]

/** What is done beside the fields of an account, which `revise` notes. */
interface Act {
  noun: Exclude<Noun, 'account'>
  verb: Verb
  /** Which of them; absent where there is but one, or where it is all. */
  subject?: number
  /** Whose; absent for what is nobody's. */
  person?: number
  /** What of it was set. */
  fields?: readonly string[]
}

/** Nobody has this id. */
const NOBODY = 0
/** Whoever is spoken for by a program came through none of the families. */
const BY_PROGRAM = { family: 'service', address: null }

/** One row in the log, in the transaction of what it tells of. */
export async function audit (tx: Queries, { id: actorId, way: { family, address } = BY_PROGRAM }: Pick<Actor, 'id' | 'way'>, { noun, verb, subject, person = NOBODY, fields = [] }: Act): Promise<void> {
  // It is no version of an account.
  await tx.changes.insert({ userId: person, actorId, family, address, noun, verb, subjectId: subject ?? null, fields: [...fields], dropped: [], version: 0, at: Date.now() })
}

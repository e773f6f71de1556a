import { isOpenedBy, tellOfFactor } from '../seal/seal-proof.ts'
import { pages } from './round.ts'
import type { Round } from './round.ts'

/** Second factors whose secret was sealed with a key that is lost: no code of theirs is right, and nobody gets in by them. */
export async function checkFactors ({ db, mail, seal, found }: Round): Promise<void> {
  for await (const rows of pages(db.read.secondFactors.after, ({ userId }) => userId, 0)) {
    for (const { userId, secret } of rows.filter(({ secret }) => !isOpenedBy(seal, secret))) {
      await found({ code: 'factor_unreadable', userId }, () => db.write(async (tx) => {
        const now = await tx.secondFactors.find(userId)
        if (now?.secret !== secret) return undefined
        await tx.secondFactors.remove(userId)
        if (now.confirmedAt !== null) await tellOfFactor(tx, mail, userId)
        return { lost: 'the second factor of the account' }
      }))
    }
  }
}

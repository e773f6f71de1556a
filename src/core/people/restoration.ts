import type { Account, Database, Queries } from '../../db/index.ts'
import type { Begin, Origin } from '../credentials/sessions.ts'
import { AppError } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import { networkOf } from '../limits/network.ts'
import { meant, typed } from '../sign-in/logins.ts'
import type { Login } from '../sign-in/logins.ts'
import type { Proof } from '../sign-in/proof.ts'
import { revise } from './revision.ts'
import type { WriteOptions } from './revision.ts'

/** How long somebody who was deleted softly can be brought back. */
const RESTORABLE_MS = 30 * 86_400_000
/** Whoever was deleted then, or earlier, is gone. */
export const goneBefore = (): number => Date.now() - RESTORABLE_MS
/** The purge may come an hour late. */
export const isRestorable = ({ deletedAt }: Account): boolean => Number(deletedAt) > goneBefore()

export interface Shown { login: Login, password: string, otp?: string | undefined }

/** The way back for somebody who has left and thought better of it. Who was sent away is brought back by admins alone. */
export function createRestoration ({ db, proof, limits }: { db: Database, proof: Proof, limits: Limits }) {
  async function find (rows: Queries, id: number | undefined): Promise<Account | undefined> {
    const account = id === undefined ? undefined : await rows.users.findDeleted(id)
    return account !== undefined && isRestorable(account) && await rows.changes.hiddenBy(account.id) === account.id ? account : undefined
  }

  /**
   * Brings oneself back; `start` opens a session in the same transaction. Unknown, not deleted, deleted by somebody else, too late,
   * inactive or the wrong password: `bad_credentials`, at the same cost. `invalid` (`otp`), `throttled`.
   */
  return async function restoreOwn<T> ({ login, password, otp }: Shown, origin: Origin, { family }: WriteOptions, start: Begin<T>): Promise<T> {
    const attempt = await limits.signIn({ account: typed(login), address: origin.address })
    const { holderOf } = db.read.users
    const result = await proof.ofPassword({
      find: async () => await find(db.read, (await meant(login, (email) => holderOf({ email }), (username) => holderOf({ username })))?.id),
      findNow: find,
      password,
      who: networkOf(origin.address),
      wrong: () => new AppError('bad_credentials'),
    }, async (tx, { id }) => {
      const account = await tx.users.findDeleted(id) as Account
      await proof.ofSecondFactor(tx, id, otp)
      await revise(tx, account, { deletedAt: null }, { actorId: id, family, address: origin.address })
      return await start(tx, account, origin)
    })
    await attempt.succeeded()
    return result
  }
}

import type { Database } from '../db/open.ts'
import type { UserRow } from '../db/users.ts'
import { AppError } from './errors.ts'
import { hashKey, isKey } from './keys.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

interface Needs {
  db: Database
  signer: Signer
  /** Whether tokens that were minted elsewhere with the shared secret count. */
  acceptMinted: boolean
}

/** Any credential, under any keyword, to the account it stands for. The rows are read every time: a revocation counts at once. */
export function createCredentials ({ db, signer, acceptMinted }: Needs) {
  async function byKey (secret: string): Promise<UserRow> {
    const key = await db.read.keys.findByHash(hashKey(secret))
    const account = key && await db.read.users.findRow(key.userId)
    if (account === undefined) throw new AppError('token_invalid')
    return account
  }

  async function byToken (token: string): Promise<UserRow> {
    const claims = readToken(signer, token, 'access')
    const account = await db.read.users.findRow(claims.user_id)
    if (account === undefined) throw new AppError('account_unknown')
    if (claims.sid === undefined) {
      const isLater = account.revokedAt === null || claims.iat * 1000 > account.revokedAt
      if (!acceptMinted || !isLater) throw new AppError('token_invalid')
      return account
    }
    const session = await db.read.sessions.find(claims.sid)
    if (session?.userId !== account.id || session.revokedAt !== null || session.expiresAt <= Date.now()) throw new AppError('token_invalid')
    return account
  }

  return {
    /** Throws `token_invalid`, `token_wrong_type`, `account_unknown` or `account_inactive`. */
    async actorOf (secret: string): Promise<UserRow> {
      const account = await (isKey(secret) ? byKey(secret) : byToken(secret))
      if (!account.isActive) throw new AppError('account_inactive')
      return account
    },
  }
}

import type { Database } from '../db/open.ts'
import type { UserRow } from '../db/users.ts'
import { AppError } from './errors.ts'
import type { Subjects } from './issuer.ts'
import { hashKey, isKey } from './keys.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

interface Needs {
  db: Database
  signer: Signer
  /** Those of another issuer, if its tokens count. */
  subjects: Subjects | null
  /** Whether tokens that were minted elsewhere with the shared secret count. */
  acceptMinted: boolean
}

/** What somebody showed: an API token, a token of a session (a sign-in's API token is one too), or one made elsewhere for the account with this id. */
export interface Credential { kind: 'key' | 'session' | 'token', id: number }

export interface Identity { account: UserRow, credential: Credential }

/** Any credential, under any keyword, to the account it stands for. The rows are read every time: a revocation counts at once. */
export function createCredentials ({ db, signer, subjects, acceptMinted }: Needs) {
  /** The session that a token hangs on, as long as it counts. */
  async function requireSession (id: number, userId: number): Promise<Credential> {
    const session = await db.read.sessions.find(id)
    if (session?.userId !== userId || session.revokedAt !== null || session.expiresAt <= Date.now()) throw new AppError('token_invalid')
    return { kind: 'session', id }
  }

  async function byKey (secret: string): Promise<Identity> {
    const key = await db.read.keys.findByHash(hashKey(secret))
    const account = key && await db.read.users.findRow(key.userId)
    if (key === undefined || account === undefined || (key.expiresAt !== null && key.expiresAt <= Date.now())) throw new AppError('token_invalid')
    return { account, credential: key.sessionId === null ? { kind: 'key', id: key.id } : await requireSession(key.sessionId, account.id) }
  }

  async function byToken (token: string): Promise<Identity> {
    if (subjects?.isNamedBy(token)) {
      const account = await subjects.identify(token)
      return { account, credential: { kind: 'token', id: account.id } }
    }
    const claims = readToken(signer, token, 'access')
    const account = await db.read.users.findRow(claims.user_id)
    if (account === undefined) throw new AppError('account_unknown')
    if (claims.sid !== undefined) return { account, credential: await requireSession(claims.sid, account.id) }
    const isLater = account.revokedAt === null || claims.iat * 1000 > account.revokedAt
    if (!acceptMinted || !isLater) throw new AppError('token_invalid')
    return { account, credential: { kind: 'token', id: account.id } }
  }

  return {
    /** Throws `token_invalid`, `token_wrong_type`, `account_unknown`, `account_inactive` or `unavailable`. */
    async identify (secret: string): Promise<Identity> {
      const identity = await (isKey(secret) ? byKey(secret) : byToken(secret))
      if (!identity.account.isActive) throw new AppError('account_inactive')
      return identity
    },
  }
}

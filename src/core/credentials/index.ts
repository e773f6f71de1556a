import type { Account, Database, Queries, UserRow } from '../../db/index.ts'
import { AppError } from '../errors.ts'
import type { Subjects } from './issuer.ts'
import { hashKey, isKey } from './key-secrets.ts'
import { readToken, SKEW_S } from './tokens.ts'
import type { Signer } from './tokens.ts'

interface Needs {
  db: Database
  signer: Signer
  /** Those of another issuer, if its tokens count. */
  subjects: Subjects | null
  /** Whether tokens that were minted elsewhere with the shared secret count. */
  acceptMinted: boolean
}

/** What somebody showed, and when (milliseconds): by that its own time is judged, however long the request takes. */
export type Credential = { userId: number, shownAt: number } & (
  /** A token of a session; `keyId`: the API token that a sign-in gave. */
  | { kind: 'session', id: number, keyId?: number }
  /** An API token that its owner made. */
  | { kind: 'key', id: number }
  /** One made elsewhere: `issuedAt` is the earliest it can have been, in milliseconds, since a clock may be ahead; `subject` for one of another issuer. */
  | { kind: 'token', id: number, issuedAt: number, subject?: string }
)

export interface Identity { account: UserRow, credential: Credential }

/**
 * The person with this id as these rows have them, if they may act and what they showed still counts; null is shown by whom
 * a program speaks for. Asked when a request begins and again in the transaction that writes. `known`: an account that has
 * been read already. Throws `account_unknown`, `account_inactive`, `token_invalid`.
 */
export async function holderOf (rows: Queries, id: number, credential: Credential | null, known?: UserRow): Promise<UserRow> {
  const account = known?.id === id ? known : await rows.users.findRow(id)
  if (account === undefined || account.deletedAt !== null) throw new AppError('account_unknown')
  if (!account.isActive) throw new AppError('account_inactive')
  if (credential !== null && !await counts(rows, credential, account)) throw new AppError('token_invalid')
  return account
}

async function counts (rows: Queries, credential: Credential, account: UserRow): Promise<boolean> {
  if (credential.kind === 'token') {
    const isTheirs = credential.subject === undefined || credential.subject === account.extId
    return isTheirs && (account.revokedAt === null || credential.issuedAt > account.revokedAt)
  }
  const isAlive = (row: { userId: number, revokedAt: number | null, expiresAt: number | null } | undefined): boolean =>
    row?.userId === account.id && row.revokedAt === null && (row.expiresAt === null || row.expiresAt > credential.shownAt)
  const keyId = credential.kind === 'key' ? credential.id : credential.keyId
  if (keyId !== undefined && !isAlive(await rows.keys.find(keyId))) return false
  return credential.kind === 'key' || isAlive(await rows.sessions.find(credential.id))
}

/**
 * Ends what a person shows: all sessions but the one that is kept, whatever was made elsewhere for them, and where it is asked for
 * their API tokens. Resolves to the account, whose version it does not move.
 */
export async function endCredentials (tx: Queries, userId: number, { kept = 0, tokens }: { kept?: number, tokens: boolean }): Promise<Account> {
  const now = Date.now()
  await tx.sessions.revokeBeside(userId, kept, now)
  if (tokens) await tx.keys.revokeAll(userId, now)
  return await tx.users.update(userId, { revokedAt: now })
}

/** Any credential, under any keyword, to the account it stands for. The rows are read every time: a revocation counts at once. */
export function createCredentials ({ db, signer, subjects, acceptMinted }: Needs) {
  async function ofKey (secret: string): Promise<Credential> {
    const key = await db.read.keys.findByHash(hashKey(secret))
    if (key === undefined) throw new AppError('token_invalid')
    const shown = { userId: key.userId, shownAt: Date.now() }
    return key.sessionId === null ? { ...shown, kind: 'key', id: key.id } : { ...shown, kind: 'session', id: key.sessionId, keyId: key.id }
  }

  async function ofToken (token: string): Promise<Credential> {
    if (subjects?.isNamedBy(token)) return await subjects.identify(token)
    const { user_id: userId, sid: id, iat } = readToken(signer, token, 'access')
    const shown = { userId, shownAt: Date.now() }
    if (id !== undefined) return { ...shown, kind: 'session', id }
    if (!acceptMinted) throw new AppError('token_invalid')
    return { ...shown, kind: 'token', id: userId, issuedAt: (iat - SKEW_S) * 1_000 }
  }

  return {
    /** Throws `token_invalid`, `token_wrong_type`, `account_unknown`, `account_inactive` or `unavailable`. */
    async identify (secret: string): Promise<Identity> {
      const credential = await (isKey(secret) ? ofKey(secret) : ofToken(secret))
      return { account: await holderOf(db.read, credential.userId, credential), credential }
    },
  }
}

import { AppError } from '../errors.ts'

/** What a token says. Tokens made here carry the session (`sid`); those minted elsewhere with the shared secret do not. */
export interface Claims {
  user_id: number
  token_type: 'access' | 'refresh'
  jti: string
  iat: number
  exp: number
  sid?: number
}

/** Signing and checking signatures, handed in. `verify` throws at anything but a token that this service's secret signed. */
export interface Signer {
  sign: (claims: Claims) => string
  verify: (token: string) => unknown
}

/** A clock that is behind by more than this makes tokens from the future, and those are refused. */
export const SKEW_S = 60
const FURTHEST_S = 2 ** 40
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Whether a text has the shape of a signed token: libraries forgive padding and whatever else is not of the alphabet. */
export const isCompactJws = (token: string): boolean => COMPACT_JWS.test(token)

/** The claims of a genuine, current token of this type; otherwise `token_invalid` or `token_wrong_type`. */
export function readToken (signer: Signer, token: string, type: Claims['token_type']): Claims {
  const claims = parse(signer, token)
  const now = Date.now() / 1000
  if (claims === undefined || claims.iat > now + SKEW_S || claims.exp <= now) throw new AppError('token_invalid')
  if (claims.token_type !== type) throw new AppError('token_wrong_type')
  return claims
}

function parse (signer: Signer, token: string): Claims | undefined {
  if (!isCompactJws(token)) return undefined
  let payload: unknown
  try {
    payload = signer.verify(token)
  } catch {
    return undefined
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined
  const { user_id, token_type, jti, iat, exp, sid, aud, iss } = payload as Record<string, unknown>
  // One that names its issuer or its audience was made for another service with the same secret.
  if (aud !== undefined || iss !== undefined) return undefined
  if (!isId(user_id) || !isTime(iat) || !isTime(exp) || exp <= iat) return undefined
  if (token_type !== 'access' && token_type !== 'refresh') return undefined
  // The community's own documentation mints tokens whose jti is a number.
  if (typeof jti !== 'string' && typeof jti !== 'number') return undefined
  if (sid !== undefined && !isId(sid)) return undefined
  return { user_id, token_type, jti: String(jti), iat, exp, ...(sid !== undefined && { sid }) }
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
/** Whether a claim is a point in time that somebody could mean, in seconds since 1970. */
export const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < FURTHEST_S

import type { FastifyInstance } from 'fastify'
import type { Account } from '../../src/core/people/users.ts'
import { toImages } from '../images.ts'
import { NO_IMAGES, toMe, toUser } from './convert.ts'
import type { Me, User } from './schemas.ts'

const contextOf = ({ core: { presence, users }, media }: FastifyInstance, account: Account) =>
  ({ isOnline: presence.isOnline(account), pictureUrl: media.url, declared: users.declared() })

/** An account in full, as the family shows it. */
export async function userOf (app: FastifyInstance, account: Account): Promise<User> {
  const { users } = app.core
  const known = await users.picturesOf(account)
  const now = await users.replaced(account.id, account, known)
  if (now !== undefined) return await userOf(app, now)
  const images = toImages(known, (kind, size) => app.media.url(kind, account, size) ?? '')
  return toUser(account, { ...contextOf(app, account), images })
}

/** What can be sent back of it unchanged. */
export const writableOf = (app: FastifyInstance, account: Account): User => toUser(account, { ...contextOf(app, account), images: NO_IMAGES })

export const meOf = (app: FastifyInstance, account: Account): Me => toMe(account, contextOf(app, account))

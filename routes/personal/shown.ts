import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Account } from '../../src/core/people/users.ts'
import { toUser } from './convert.ts'
import type { User } from './schemas.ts'

/** An account as the family shows it. */
export const userOf = ({ core: { users }, media }: FastifyInstance, account: Account): User => toUser(account, { picturePath: media.path, declared: users.declared() })

/** The same as the answer, which it makes conditional. */
export function show (reply: FastifyReply, account: Account): User {
  reply.version = account.version
  return userOf(reply.server, account)
}

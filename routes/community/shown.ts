import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../src/core/people/users.ts'
import { toUser } from './convert.ts'
import type { User } from './schemas.ts'

/** An account as the sender of the request may see it. */
export const userFor = ({ actor, server: { core: { users }, media } }: FastifyRequest, account: Account): User => toUser(users.viewFor(actor, account), media.url)

/** The same as the answer, which it makes conditional. */
export function show (request: FastifyRequest, reply: FastifyReply, account: Account): User {
  reply.version = account.version
  return userFor(request, account)
}

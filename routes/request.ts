import type { FastifyRequest } from 'fastify'
import { requireActor } from '../src/core/access.ts'
import type { Actor } from '../src/core/access.ts'
import { AppError } from '../src/core/errors.ts'
import type { Account } from '../src/core/users.ts'

/** Who sent the request; `not_authenticated` when nobody is signed in. */
export function senderOf ({ actor }: FastifyRequest): Actor & { id: number } {
  requireActor(actor)
  return actor
}

/** The account that the path names, once it has been looked up. */
export function targetOf ({ target }: FastifyRequest): Account {
  if (target === null) throw new AppError('not_found')
  return target
}

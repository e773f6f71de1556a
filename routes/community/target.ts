import type { FastifyRequest } from 'fastify'
import { requireSelf } from '../../src/core/access.ts'
import { AppError } from '../../src/core/errors.ts'
import { toId } from '../../src/core/formats.ts'
import { targetOf } from '../request.ts'

/** The id that the path names, whether or not it is anybody's; any other spelling is `not_found`. */
export function idOf ({ params }: FastifyRequest, name = 'id'): number {
  const id = toId((params as Record<string, string>)[name] ?? '')
  if (id === undefined) throw new AppError('not_found')
  return id
}

/** Before the body is read: is there such a person, and is it the sender? */
export async function loadTarget (request: FastifyRequest): Promise<void> {
  request.target = await request.server.core.users.get(idOf(request))
}

export async function onlySelf (request: FastifyRequest): Promise<void> {
  requireSelf(request.actor, targetOf(request))
}

import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { requireReach, requireSelfOrAdmin } from '../src/core/access.ts'
import { idOf, optionsOf, senderOf, targetOf } from './request.ts'

export const DeletionQuery = Type.Object({ hard: Type.Optional(Type.String({ description: '`1` or `true`: for good' })) })

const HARD: ReadonlySet<unknown> = new Set(['1', 'true'])

/** Whether the account is to go for good, and not to be hidden for thirty days. */
export const isForGood = ({ query }: FastifyRequest): boolean => HARD.has((query as { hard?: unknown }).hard)

/** Of somebody else: whoever reaches them may hide them, and admins remove them for good. */
const mayReach = (request: FastifyRequest) => isForGood(request) ? requireSelfOrAdmin : requireReach

/** An admin finds whoever was deleted softly as well, to remove them for good. */
export async function loadDeletable (request: FastifyRequest): Promise<void> {
  const { users, deletion } = request.server.core
  const sender = senderOf(request)
  request.target = (sender.isAdmin && isForGood(request) ? await deletion.findHidden(idOf(request)) : undefined) ?? await users.get(idOf(request))
  mayReach(request)(sender, request.target)
}

/** Deletes whom the path names. */
export async function deleteTarget (request: FastifyRequest): Promise<void> {
  const { deletion } = request.server.core
  await (isForGood(request) ? deletion.remove : deletion.hide)(senderOf(request), targetOf(request).id, mayReach(request), optionsOf(request))
}

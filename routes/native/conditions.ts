import type { FastifyRequest } from 'fastify'
import { hiddenFrom, readerOf } from '../../src/core/fields/visibility.ts'
import type { Account } from '../../src/core/people/users.ts'
import { PersonSchema } from './schemas.ts'

/** What changed since the version that If-Match names, in the core's words, whoever may read it; null when that cannot be told. */
export async function changedSince ({ ifMatch, server }: FastifyRequest, current: Account): Promise<string[] | null> {
  const named = Math.max(0, ...ifMatch ?? [])
  return named === 0 ? null : await server.core.history.changedSince(current, named)
}

/** The same as the sender may read it. */
export async function changedFor (request: FastifyRequest, current: Account): Promise<string[] | null> {
  const changed = await changedSince(request, current)
  const hidden = hiddenFrom(readerOf(request.actor, current), current, request.server.core.users.declared())
  const isShown = (word: string) => (word.split('.')[0] ?? '') in PersonSchema.properties && !hidden.has(word)
  return changed === null ? null : changed.filter(isShown).sort()
}

import type { FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'

/** Bytes of bodies that are in memory at one time, of all requests together; each costs a few times its size. */
const BUDGET_BYTES = 64 * 1_024 ** 2

/** Keeps many large bodies that are each allowed from adding up to more memory than there is. */
export function createBudget (limit = BUDGET_BYTES) {
  const held = new WeakMap<FastifyRequest, number>()
  let total = 0

  return {
    /** Counts bytes that a request has in memory from now on. Throws `unavailable` when they are too many. */
    hold (request: FastifyRequest, bytes: number): void {
      if (total + bytes > limit) throw new AppError('unavailable')
      total += bytes
      held.set(request, (held.get(request) ?? 0) + bytes)
    },

    /** The request is done with its body, however that ended. */
    release (request: FastifyRequest): void {
      total -= held.get(request) ?? 0
      held.delete(request)
    },
  }
}

import type { FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { networkOf } from '../../src/core/network.ts'

/** How many shares there are: for addresses without a credential that counts, and for people. */
const NETWORKS = 8
const PEOPLE = 4
/** So much of each body is not counted, because its connection costs more: a full budget keeps nobody from signing in. */
const FREE_BYTES = 4 * 1_024

interface Held {
  /** A person's id, or the network of a request without a credential that counts. */
  sender: number | string
  /** Below zero as long as all of it is free. */
  bytes: number
}

/** Keeps bodies that are each allowed from adding up to more than there is room for, and one sender's from taking all of it. */
export function createBudget (limit: number) {
  const requests = new WeakMap<object, Held>()
  const senders = new Map<Held['sender'], number>()
  let size = limit
  let total = 0

  /** The request is done with its body, however that ended. */
  function release (request: object): void {
    const held = requests.get(request)
    requests.delete(request)
    if (held === undefined || held.bytes <= 0) return
    const left = (senders.get(held.sender) ?? 0) - held.bytes
    total -= held.bytes
    if (left > 0) senders.set(held.sender, left)
    else senders.delete(held.sender)
  }

  return {
    release,

    /** Makes room for a body of so many bytes in a person's share. */
    fit (bytes: number): void {
      size = Math.max(size, bytes * PEOPLE)
    },

    /** Counts bytes that are kept of a request from now on. Throws `unavailable` when they are too many for its sender, or for all together. */
    hold (request: Pick<FastifyRequest, 'actor' | 'ip'>, bytes: number): void {
      const held = requests.get(request) ?? { sender: request.actor?.id ?? networkOf(request.ip), bytes: -FREE_BYTES }
      const after = held.bytes + bytes
      const counted = Math.max(0, after) - Math.max(0, held.bytes)
      const ofSender = (senders.get(held.sender) ?? 0) + counted
      const share = size / (typeof held.sender === 'number' ? PEOPLE : NETWORKS)
      if (counted > 0 && (ofSender > share || total + counted > size)) {
        // At once, or all that come at the same time would be refused for one another's beginnings.
        release(request)
        throw new AppError('unavailable')
      }
      requests.set(request, { ...held, bytes: after })
      if (counted === 0) return
      total += counted
      senders.set(held.sender, ofSender)
    },
  }
}

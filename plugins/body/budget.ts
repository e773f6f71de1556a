import type { FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { networkOf } from '../../src/core/limits/network.ts'
import type { Sender } from '../connection/drain.ts'

/** How many shares there are: for addresses without a credential that counts, and for people. */
const NETWORKS = 8
const PEOPLE = 4
/** So much of each body is not counted, because its connection costs more: a full budget keeps nobody from signing in. */
const FREE_BYTES = 4 * 1_024

/** Of one request: below zero as long as all of it is free. */
interface Held { bytes: number, sender: Sender | undefined }

/** Keeps bodies that are each allowed from adding up to more than there is room for, and one sender's from taking all of it. */
export function createBudget (limit: number) {
  const requests = new WeakMap<object, Held>()
  const senders = new Map<Sender, number>()
  let size = limit
  let total = 0

  /** The request is done with its body, however that ended. */
  function release (request: object): void {
    const held = requests.get(request)
    requests.delete(request)
    if (held?.sender === undefined) return
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
      const { bytes: before, sender: known } = requests.get(request) ?? { bytes: -FREE_BYTES, sender: undefined }
      const after = before + bytes
      if (after <= 0) {
        requests.set(request, { bytes: after, sender: undefined })
        return
      }
      const counted = after - Math.max(0, before)
      const sender = known ?? request.actor?.id ?? networkOf(request.ip)
      const ofSender = (senders.get(sender) ?? 0) + counted
      const share = size / (typeof sender === 'number' ? PEOPLE : NETWORKS)
      if (ofSender > share || total + counted > size) {
        // At once, or all that come at the same time would be refused for one another's beginnings.
        release(request)
        throw new AppError('unavailable')
      }
      requests.set(request, { bytes: after, sender })
      senders.set(sender, ofSender)
      total += counted
    },
  }
}

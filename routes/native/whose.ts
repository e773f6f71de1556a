import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { loadTarget, onlyReached, senderOf, targetOf } from '../request.ts'

/** Whose account routes are about. */
export interface Whose {
  path: '/me' | '/people/:id'
  ownerOf: (request: FastifyRequest) => number
  /** Looks the person up, and asks whether the sender reaches them. */
  onRequest: onRequestAsyncHookHandler[]
  /** Between the verb and the noun in what operations are called. */
  called: 'My' | ''
}

export const OWN: Whose = { path: '/me', ownerOf: (request) => senderOf(request).id, onRequest: [], called: 'My' }
export const REACHED: Whose = { path: '/people/:id', ownerOf: (request) => targetOf(request).id, onRequest: [loadTarget, onlyReached], called: '' }

import type { FastifyRequest } from 'fastify'
import { requireActor } from '../src/core/access.ts'
import type { Actor } from '../src/core/access.ts'
import { AppError } from '../src/core/errors.ts'
import { DEVICE_MAX } from '../src/core/fields.ts'
import { toId } from '../src/core/formats.ts'
import type { Origin } from '../src/core/sessions.ts'
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

/** The id that a path names; any other spelling is `not_found`. */
export function idOf ({ params }: FastifyRequest, name: string): number {
  const id = toId((params as Record<string, string>)[name] ?? '')
  if (id === undefined) throw new AppError('not_found')
  return id
}

/** Where the request comes from, as its sender will recognise it in the list of sessions. */
export function originOf ({ headers, ip }: FastifyRequest): Origin {
  return { device: [...headers['user-agent'] ?? ''].slice(0, DEVICE_MAX).join('').toWellFormed(), address: ip }
}

/** The session that the request was sent in; undefined for API tokens and for tokens minted elsewhere. */
export function sessionOf ({ credential }: FastifyRequest): number | undefined {
  return credential?.kind === 'session' ? credential.id : undefined
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { actingAs, requireActor, requireReach, requireSelf } from '../src/core/access.ts'
import type { Guard, Person, Rights, Way } from '../src/core/access.ts'
import { AppError } from '../src/core/errors.ts'
import { DEVICE_MAX } from '../src/core/fields/index.ts'
import { toId } from '../src/core/formats.ts'
import type { WriteOptions } from '../src/core/people/revision.ts'
import { freshProof } from '../src/core/sign-in/proof.ts'
import type { Origin } from '../src/core/credentials/sessions.ts'
import type { Account } from '../src/core/people/users.ts'

/** Who sent the request, with what they could lose before it is done; `not_authenticated` when nobody is signed in. */
export function senderOf (request: FastifyRequest): Person {
  const { actor, credential, guards } = request
  requireActor(actor)
  return { ...actingAs(actor), credential, guards: guards ?? [], way: wayOf(request) }
}

/** Through which family a request came, and from where; an application's own routes belong to none, and the operator is at the machine. */
function wayOf ({ actor, ip, server }: FastifyRequest): Way {
  const { family }: Partial<Pick<FastifyInstance, 'family'>> = server
  return { family: family?.name ?? 'service', address: (actor as Rights | null)?.id === null ? null : ip }
}

/** Who asks for something that everybody may ask for, and where from. */
export const askerOf = ({ actor, ip: address }: FastifyRequest) => ({ actor, address })

/** A hook that asks the guard before the body is read, and has it asked again in the transaction that writes. */
export const only = (mayPass: Guard) => async (request: FastifyRequest): Promise<void> => {
  mayPass(request.actor)
  request.guards = [...request.guards ?? [], mayPass]
}

/** A hook that asks for fresh proof before the body is read, and has it asked again in the transaction that writes. */
export async function onlyProven (request: FastifyRequest): Promise<void> {
  await request.server.core.proof.require(senderOf(request))
  request.guards = [...request.guards ?? [], freshProof]
}

/** What goes with every write of an account: `family` is through which it comes. */
export const optionsOf = (request: FastifyRequest, family = request.server.family.name): WriteOptions => ({ ...wayOf(request), family, ifMatch: request.ifMatch })

/** The account that the path names, once it has been looked up. */
export function targetOf ({ target }: FastifyRequest): Account {
  if (target === null) throw new AppError('not_found')
  return target
}

/** The id that a path names, whether or not it is anybody's; any other spelling is `not_found`. */
export function idOf ({ params }: FastifyRequest, name = 'id'): number {
  const id = toId((params as Record<string, string>)[name] ?? '')
  if (id === undefined) throw new AppError('not_found')
  return id
}

/** Before the body is read: is there such a person? */
export async function loadTarget (request: FastifyRequest): Promise<void> {
  request.target = await request.server.core.users.get(idOf(request))
}

/** And does the sender reach them? */
export async function onlyReached (request: FastifyRequest): Promise<void> {
  requireReach(senderOf(request), targetOf(request))
}

/** And is it the sender? */
export async function onlySelf (request: FastifyRequest): Promise<void> {
  requireSelf(request.actor, targetOf(request))
}

/** Where the request comes from, as its sender will recognise it in the list of sessions. */
export function originOf (request: FastifyRequest): Origin {
  const { headers, ip: address } = request
  return { device: [...headers['user-agent'] ?? ''].slice(0, DEVICE_MAX).join('').toWellFormed(), address, family: wayOf(request).family }
}

/** The session that the request was sent in; undefined for API tokens and for tokens minted elsewhere. */
export function sessionOf ({ credential }: FastifyRequest): number | undefined {
  return credential?.kind === 'session' ? credential.id : undefined
}

import type { FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** After `await app.register(visage)`, in the scope of that registration and those within; under another name where the option `decorate` gives one. */
    visage: Visage
  }
  interface FastifyRequest {
    /** Who sent the request, where `authenticate` or `optional` has looked; null without credentials. */
    person: SignedIn | null
  }
}

/** Who sent a request, as the account was when it came. */
export interface SignedIn {
  readonly id: number
  readonly username: string
  readonly email: string | null
  readonly realName: string
  readonly language: string
  readonly isStaff: boolean
  readonly isAdmin: boolean
}

export interface Picture {
  /** Absolute, as the others. */
  url: string
  sizes: Record<string, string>
  width: number | null
  height: number | null
  blurhash: string | null
  color: string | null
  focus: string | null
  crop: string | null
  alt: string | null
  isAnimated: boolean | null
}

/** A person as `/v1` shows one: what is hidden from the reader is null, and named in `hidden`. Times are ISO 8601 in UTC. */
export interface Person {
  id: number
  username: string
  email: string | null
  emailConfirmed: boolean | null
  pendingEmail: string | null
  realName: string | null
  firstName: string | null
  lastName: string | null
  fullName: string | null
  phone: string | null
  gender: string | null
  dateOfBirth: string | null
  bio: string | null
  description: string | null
  website: string | null
  location: string | null
  locationLatLng: string | null
  positionLatLng: string | null
  language: string | null
  attributes: Record<string, unknown>
  avatar: Picture | null
  cover: Picture | null
  groups: { id: number, name: string }[] | null
  tags: { id: number, name: string }[]
  extId: string | null
  isActive: boolean
  isStaff: boolean | null
  isAdmin: boolean | null
  role: string | null
  isOnline: boolean | null
  lastLoginAt: string | null
  lastSeenAt: string | null
  counters: Record<string, number | null>
  version: number
  createdAt: string
  updatedAt: string | null
  hidden: string[]
}

/** What an edit names: a present key sets or, with null, clears; an absent one keeps. The limits are those of `/v1`. */
export interface PersonChanges {
  username?: string
  email?: string | null
  realName?: string | null
  firstName?: string | null
  lastName?: string | null
  phone?: string | null
  gender?: 'male' | 'female' | 'non-binary' | 'unspecified' | null
  /** `YYYY-MM-DD`. */
  dateOfBirth?: string | null
  bio?: string | null
  description?: string | null
  website?: string | null
  location?: string | null
  /** `<latitude>,<longitude>`, as the other one. */
  locationLatLng?: string | null
  positionLatLng?: string | null
  language?: string | null
  /** By the key of the declared field. */
  attributes?: Record<string, unknown>
  /** Pictures come through the families; here they can be taken away. */
  avatar?: null
  cover?: null
  /** The ids of all groups that the person is to be in. */
  groups?: number[]
  extId?: string | null
  isActive?: boolean
  isStaff?: boolean
  isAdmin?: boolean
}

export interface NewPerson extends PersonChanges {
  username: string
  password?: string
}

/** For whom something is done: `request.person`, whose credential must still count when it is read or written, or a person by id. Absent: the operator, who may everything. */
export interface Acting { as?: SignedIn | { readonly id: number } }

export interface WriteOptions extends Acting {
  /** Refused with `precondition_failed` when the person has another version by now. */
  version?: number
}

/** All of them reject with a `VisageError`. */
export interface People {
  /** The person as the actor may see them; `not_found`. */
  get: (id: number, options?: Acting) => Promise<Person>
  /** Who has this name, this address or this foreign id, of which one is given; null when nobody has. */
  find: (by: { username: string } | { email: string } | { extId: string }, options?: Acting) => Promise<Person | null>
  /** `isConfirmed`: whoever calls has proof that the address is theirs, so no mail asks for it. Only operators and admins may give roles. */
  create: (person: NewPerson, options?: Acting & { isConfirmed?: boolean }) => Promise<Person>
  edit: (id: number, changes: PersonChanges, options?: WriteOptions) => Promise<Person>
  /** Hidden everywhere for thirty days, in which an admin can bring them back; `forGood`: gone. */
  remove: (id: number, options?: WriteOptions & { forGood?: boolean }) => Promise<void>
}

export interface Tokens {
  /** Signs somebody in who has proved who they are to the application, and tells it as `signedIn`. `device` and `address`: what the person will know the session by. Lifetime in seconds. */
  issue: (personId: number, origin?: { device?: string, address?: string }) => Promise<{ access: string, refresh: string, expiresIn: number }>
  /** An API token, shown this once; its owner is told by mail. `expiresIn` in seconds; absent: until it is revoked. */
  issueKey: (personId: number, options?: { name?: string, expiresIn?: number }) => Promise<{ id: number, token: string }>
}

export type EventName = 'created' | 'changed' | 'removed' | 'signedIn'

/** What was committed; the values are `people.get`'s to tell. */
export interface Happened {
  readonly event: EventName
  /** Whose account. */
  readonly id: number
  /** Who did it; null is the operator, the application, and somebody who proved to read an address. */
  readonly actorId: number | null
  /** The names of what was written, never a value: `email`, `passwordHash`, `groups`, `attributes.<key>`, `deletedAt` for hidden and for brought back. */
  readonly fields: readonly string[]
  /** The account's version after it; null where somebody signed in. */
  readonly version: number | null
  /** Milliseconds. */
  readonly at: number
}

export type Listener = (happened: Happened) => unknown

export interface Visage {
  /** An `onRequest` hook: sets `request.person`, or answers 401 as `/v1` does. */
  authenticate: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** The same for routes that are for everybody: without credentials `request.person` is null. Those that do not count are 401 here too. */
  optional: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  people: People
  tokens: Tokens
  /**
   * Calls the listener after each commit of this process, once; for one person in the order of the commits and the next time
   * when the promise that it returned has settled, whatever names it listens to. What it throws is logged. Nothing is told again
   * after a crash, and what other processes write is not told. Returns how to end it.
   */
  on: (event: EventName, listener: Listener) => () => void
  /** Ends the service before the application ends, and lets go of the data folder; its routes answer 503 from then on. */
  close: () => Promise<void>
}

/** What a verb rejects with. `statusCode` is what Fastify answers with, where it is not caught. */
export interface VisageError extends Error {
  readonly name: 'VisageError'
  /** In the words of `/v1`: `invalid`, `not_found`, `permission_denied`, `precondition_failed`, … */
  readonly code: string
  readonly statusCode: number
  readonly findings: readonly { field: string | null, code: string, message: string }[]
}

/** A message as it is sent. */
export interface Mail {
  from: string
  to: { name: string, address: string }
  subject: string
  text: string
  html: string
  messageId: string
  headers: Record<string, string>
}

/** Instead of SMTP and files. Whoever rejects is asked again, with the same `messageId`, for three days. */
export interface MailSender { send: (mail: Mail) => Promise<unknown> }

import type { InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { form, signUp, urlencoded } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld as createLife } from '../life/world.ts'
import type { Headers, World as Life } from '../life/world.ts'

export type Method = NonNullable<InjectOptions['method']>

export interface World extends Life {
  ada: Person
  bob: Person
  /** Of the staff, and no admin. */
  helper: Person
  /** The API token of each. */
  keys: { ada: Headers, helper: Headers }
}

/** A service, two ordinary people, one of the staff; `admin` is an admin's API token. */
export async function createWorld (t: Test): Promise<World> {
  const life = await createLife(t)
  const [ada, bob, helper] = [await signUp(life, 'ada'), await signUp(life, 'bob'), await signUp(life, 'helper', { isStaff: true })]
  const keyOf = async ({ id }: Person) => ({ authorization: `Token ${(await life.core.keys.create(id)).secret}` })
  return { ...life, ada, bob, helper, keys: { ada: await keyOf(ada), helper: await keyOf(helper) } }
}

/* CONTRACT §2.5: the bodies that the vendor's client reads. */
export const whole = (code: string, message: string) => ({ errors: [{ code, message }] })
export const findings = (...found: [field: string, code: string, message: string, numbers?: { limit: number, found: number }][]) =>
  ({ errors: found.map(([field, code, message, numbers]) => ({ field, messages: [{ code, message, ...numbers }] })) })

export const UNAUTHENTICATED = whole('not_authenticated', 'Authentication credentials were not provided.')
export const FORBIDDEN = whole('permission_denied', 'You do not have permission to perform this action.')
export const NOT_FOUND = whole('not_found', 'Not found.')
export const REQUIRED = 'This field is required.'

/** The same texts as JSON, urlencoded and multipart. */
export function encodings (texts: Record<string, string>): [name: string, sent: { payload: string | Buffer, headers: Record<string, string> }][] {
  return [
    ['JSON', { payload: JSON.stringify(texts), headers: { 'content-type': 'application/json' } }],
    ['urlencoded', urlencoded(Object.entries(texts))],
    ['multipart', form(Object.entries(texts))],
  ]
}

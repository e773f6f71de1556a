import { codesOf, wellWithinStep } from '../authenticator.ts'
import { findings } from '../community/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import type { Headers, World } from '../life/world.ts'

type Found = [key: string, code: string, message: string]

/** Where each family has what people look after themselves, and how it says what is wrong. */
export const FAMILIES = [
  { name: 'personal', own: '/api/profile', factor: 'second-factor', changePassword: () => ['POST', '/api/password/change/'] },
  { name: 'staff', own: '/api/users/me', factor: 'second-factor', changePassword: () => ['POST', '/api/users/auth/pwd/change/'] },
  { name: 'community', own: '/api/v2/user/me', factor: 'second_factor', changePassword: (id: number) => ['PATCH', `/api/v2/user/${id}/change_password/`] },
].map(({ changePassword, ...family }) => ({
  ...family,
  changePassword: changePassword as (id: number) => ['POST' | 'PATCH', string],
  said: (...found: Found[]): object => family.name === 'community' ? findings(...found) : Object.fromEntries(found.map(([key, , message]) => [key, [message]])),
}))

export const tokensOf = (id: number): string => `/api/users/${id}/tokens/`

/** The status of a request with these credentials for who one is. */
export const statusOf = async ({ ask }: World, headers: Headers): Promise<number> => (await ask('GET', '/api/profile/', undefined, headers)).statusCode

/** An API token of somebody in a session, made over HTTP. */
export async function makeToken ({ ask }: World, { headers }: { headers: Headers }): Promise<Headers> {
  const made = await ask('POST', '/api/profile/tokens/', { name: 'a script', password: PASSWORD }, headers)
  if (made.statusCode !== 201) throw new Error(`no API token: ${made.statusCode} ${made.body}`)
  return { authorization: `Token ${made.json<{ token: string }>().token}` }
}

/** The token of a sign-in: forty hex digits as well. */
export async function signInToken ({ ask }: World, { username }: { username: string }): Promise<Headers> {
  const { token } = (await ask('POST', '/api/users/auth/pwd/signin/', { username, password: PASSWORD })).json<{ token: string }>()
  return { authorization: `Token ${token}` }
}

/** Turns the second factor on, with the code of the step before: those of now and after are left. */
export async function turnOn ({ ask }: World, headers: Headers, proof: object = { password: PASSWORD }): Promise<{ codeAt: (step: -1 | 0 | 1) => string, recovery: string[] }> {
  const { secret } = (await ask('POST', '/api/profile/second-factor/', proof, headers)).json<{ secret: string }>()
  const codeAt = codesOf(secret)
  await wellWithinStep()
  const on = await ask('POST', '/api/profile/second-factor/confirm/', { otp: codeAt(-1) }, headers)
  if (on.statusCode !== 200) throw new Error(`no second factor: ${on.statusCode} ${on.body}`)
  return { codeAt, recovery: on.json<{ recovery_codes: string[] }>().recovery_codes }
}

let phones = 0

/** Somebody without a password, in a session that a mailed code opened. */
export async function withoutPassword (world: World, username: string): Promise<Person> {
  const phone = `+39-06${String(phones++).padStart(6, '0')}`
  const person = await signUp(world, username)
  await world.ask('PATCH', `/api/users/${person.id}/`, { mobile_number: phone }, world.admin)
  await world.core.db.write((tx) => tx.users.update(person.id, { passwordHash: null }))
  await world.ask('POST', '/api/users/auth/otp/signin/', { mobile_number: phone })
  const { token } = (await world.ask('POST', '/api/users/auth/otp/verify/', { code: await world.codeTo(`${username}@example.com`) })).json<{ token: string }>()
  return { ...person, headers: { authorization: `Token ${token}` } }
}

/** The header for the token that an answer of the staff family gives. */
export const tokenIn = (response: { json: () => unknown }): Headers => ({ authorization: `Token ${(response.json() as { token: string }).token}` })

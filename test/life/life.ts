import type { Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import type { Service } from '../../src/app.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { findIndexed, findRows, findText } from './traces.ts'
import { createWorld } from './world.ts'
import type { Headers, World } from './world.ts'

interface Person { id: number, username: string, email: string, password: string }

/** The words that one family has for the stations of a life. */
export interface Words {
  /** Signs up; resolves to the id. */
  bear: (world: World, person: Omit<Person, 'id'>) => Promise<number>
  confirm: (world: World, person: Person, code: string) => Promise<LightMyRequestResponse>
  signIn: (world: World, person: Person, password: string, agent: string, otp?: string) => Promise<LightMyRequestResponse>
  /** The header that a sign-in's answer gives. */
  headersOf: (response: LightMyRequestResponse) => Headers
  /** The refusal that asks for the second factor. */
  asksForCode: object
  /** Answers 200 to who is signed in. */
  me: string
  /** Where routes/security hangs. */
  security: string
  secondFactor: string
  /** What a form calls a declared field. */
  company: string
  upload: (world: World, person: Person, headers: Headers, parts: ReturnType<typeof form>) => Promise<LightMyRequestResponse>
  changePassword: (world: World, person: Person, headers: Headers, next: string) => Promise<LightMyRequestResponse>
  changeEmail: (world: World, person: Person, headers: Headers, email: string) => Promise<LightMyRequestResponse>
  confirmChange: (world: World, person: Person, email: string, code: string) => Promise<LightMyRequestResponse>
  recover: (world: World, email: string) => Promise<LightMyRequestResponse>
  reset: (world: World, code: string, password: string, otp: string) => Promise<LightMyRequestResponse>
  remove: (world: World, person: Person, headers: Headers, hard: boolean) => Promise<LightMyRequestResponse>
}

/** Letters of a script that nobody else here writes: any two of them in a file are a trace, of the text or of its index. */
const COMPANY = '\u{10400}\u{10401}\u{10402}\u{10403} Mayfly & Daughters'
const TRACES = ['\u{10428}\u{10429}', '\u{1042a}\u{1042b}', '\u{10400}\u{10401}']
const PASSWORDS = ['a first long secret 1', 'a second long secret 2', 'a third long secret 3'] as const

/** `ready` is told of each core before anything is done with it. Born, confirmed, signed in twice, second factor, password, e-mail, recovery, off and on, hidden, restored, gone. */
export async function live (t: Test, words: Words, ready: (core: Service) => void = () => {}): Promise<void> {
  const world = await createWorld(t)
  for (const core of [world.core, world.served]) ready(core)
  const secrets: string[] = [...PASSWORDS]
  const kept = (secret: string): string => {
    secrets.push(secret)
    return secret
  }
  const username = 'zuzanna-mayfly'
  const born = { username, email: 'zuzanna@first.example', password: PASSWORDS[0] }
  const person: Person = { ...born, id: await words.bear(world, born) }
  const { id } = person
  const row = async () => await world.core.db.read.users.find(id)
  const status = async (headers: Headers) => (await world.ask('GET', words.me, undefined, headers)).statusCode
  const staff = (method: 'PATCH' | 'POST', rest: string, body?: object) => world.ask(method, `/api/users/${id}/${rest}`, body, world.admin)

  async function enter (password: string, agent: string, otp?: string): Promise<Headers> {
    const response = await words.signIn(world, person, password, agent, otp)
    t.equal(response.statusCode, 200, `${agent} signs in: ${response.body}`)
    const headers = words.headersOf(response)
    for (const token of response.body.match(/[\w.-]{40,}/g) ?? []) kept(token)
    return headers
  }

  // Confirmed, by the code from the mail; once.
  t.equal((await row())?.emailConfirmed, false)
  const first = kept(await world.codeTo(person.email))
  t.equal((await words.confirm(world, person, first)).statusCode < 300, true, 'confirmed')
  t.equal((await row())?.emailConfirmed, true)
  t.equal((await words.confirm(world, person, first)).statusCode, 400, 'a code counts once')

  // Two devices, a picture.
  const laptop = await enter(PASSWORDS[0], 'laptop')
  const phone = await enter(PASSWORDS[0], 'phone')
  const uploaded = await words.upload(world, person, laptop, form([['avatar', { file: await picture() }], [words.company, COMPANY]]))
  t.equal(uploaded.statusCode, 200, uploaded.body)
  const avatar = (await row())?.avatar ?? ''
  t.match(avatar, /^[0-9a-f]{32}$/)
  t.same((await row())?.attributes, { company_name: COMPANY })
  t.equal(findIndexed(world.dataDir, id), true)
  t.not(findText(world.dataDir, TRACES[0] ?? '').length, 0, 'the index holds it, folded')
  const devices = (await world.ask('GET', `${words.security}/sessions/`, undefined, laptop)).json<{ device: string, is_current: boolean }[]>()
  t.ok(['laptop', 'phone'].every((device) => devices.some((session) => session.device === device)))
  t.same(devices.filter((session) => session.is_current).map(({ device }) => device), ['laptop'])
  const token = (await world.ask('POST', `${words.security}/tokens/`, { name: 'a script', password: PASSWORDS[0] }, laptop)).json<{ token: string }>().token
  const script = { authorization: `Token ${kept(token)}` }
  t.equal(await status(script), 200)

  // The second factor.
  const factor = `${words.security}/${words.secondFactor}/`
  const begun = (await world.ask('POST', factor, { password: PASSWORDS[0] }, laptop)).json<{ secret: string }>()
  const codeAt = codesOf(kept(begun.secret))
  await wellWithinStep()
  const on = await world.ask('POST', `${factor}confirm/`, { otp: codeAt(-1) }, laptop)
  const { recovery_codes: recovery } = on.json<{ recovery_codes: string[] }>()
  t.equal(recovery.length, 10)
  recovery.forEach(kept)
  const without = await words.signIn(world, person, PASSWORDS[0], 'tablet')
  t.equal(without.statusCode, 400)
  t.match(without.json(), words.asksForCode)
  const spent = codeAt(0)
  const tablet = await enter(PASSWORDS[0], 'tablet', spent)
  t.equal((await words.signIn(world, person, PASSWORDS[0], 'thief', spent)).statusCode, 400, 'a code of the authenticator counts once')

  // A new password: this session stays, the others are dead on their next request.
  const changed = await words.changePassword(world, person, laptop, PASSWORDS[1])
  t.equal(changed.statusCode, 204, changed.body)
  t.same([await status(laptop), await status(phone), await status(tablet), await status(script)], [200, 401, 401, 200])
  t.equal((await words.signIn(world, person, PASSWORDS[0], 'thief', codeAt(1))).statusCode >= 400, true, 'the old password is dead')

  // A new address: the old one stays until the new one confirms, and is told.
  const moved = 'zuzanna@second.example'
  t.equal((await words.changeEmail(world, person, laptop, moved)).statusCode, 204)
  t.equal((await row())?.email, person.email)
  const arrived = await words.confirmChange(world, person, moved, kept(await world.codeTo(moved)))
  t.equal(arrived.statusCode, 204, arrived.body)
  t.match(await row(), { email: moved, emailConfirmed: true })
  person.email = moved

  // Recovered: everybody else is out.
  t.equal((await words.recover(world, moved)).statusCode, 204)
  const reset = await words.reset(world, kept(await world.codeTo(moved)), PASSWORDS[2], recovery[0] ?? '')
  t.equal(reset.statusCode, 200, reset.body)
  for (const found of reset.body.match(/[\w.-]{40,}/g) ?? []) kept(found)
  t.same([await status(laptop), await status(script)], [401, 401])

  // Off and on again, by an admin.
  const desk = await enter(PASSWORDS[2], 'desk', recovery[1])
  t.equal((await staff('PATCH', '', { is_active: false })).statusCode, 200)
  t.equal(await status(desk), 401)
  t.equal((await words.signIn(world, person, PASSWORDS[2], 'desk', recovery[2])).statusCode >= 400, true, 'no way in')
  t.equal((await staff('PATCH', '', { is_active: true })).statusCode, 200)
  t.equal(await status(desk), 401, 'what was ended stays ended')
  const car = await enter(PASSWORDS[2], 'car', recovery[2])

  // Hidden, and brought back.
  t.equal((await world.app.inject(`/media/avatars/${avatar}.webp`)).statusCode, 200)
  t.equal((await words.remove(world, person, car, false)).statusCode, 204)
  t.equal(await status(car), 401)
  t.equal((await world.ask('GET', `/api/v2/user/${id}/`)).statusCode, 404)
  t.equal((await world.ask('GET', `/api/users/${id}/`, undefined, world.admin)).statusCode, 404)
  t.equal((await world.app.inject(`/media/avatars/${avatar}.webp`)).statusCode, 404, 'the picture is hidden as well')
  t.equal((await words.signIn(world, person, PASSWORDS[2], 'car', recovery[3])).statusCode >= 400, true, 'no way in')
  t.equal((await world.ask('POST', '/api/sign-up/', { username, email: 'somebody@else.example', password: PASSWORDS[0] })).statusCode, 400, 'the name is kept')
  t.equal((await staff('POST', 'restore/')).statusCode, 200)
  t.equal((await world.ask('GET', `/api/v2/user/${id}/`)).statusCode, 200)

  // Nothing of all this lay anywhere in the clear; the mails themselves are the only place of a code.
  for (const secret of secrets) {
    t.same(findText(world.dataDir, secret).filter((name) => !name.startsWith('mail/')), [], `nowhere: ${secret}`)
  }

  // Gone.
  const last = await enter(PASSWORDS[2], 'last', recovery[3])
  const removed = await words.remove(world, person, last, true)
  t.equal(removed.statusCode, 204, removed.body)
  t.equal(await status(last), 401)
  const traces = findRows(world.dataDir, id, [username, born.email, moved, avatar, COMPANY, COMPANY.toLowerCase()])
  t.same(traces.map(({ table, row: { fields } }) => ({ table, fields })), [{ table: 'changes', fields: '["*"]' }], 'one tombstone')
  for (const text of [username, born.email, moved, ...TRACES]) t.same(findText(world.dataDir, text), [], `nowhere: ${text}`)
  t.equal(findIndexed(world.dataDir, id), false, 'nobody is found by what they were')
  t.same(findText(world.dataDir, `${avatar}.webp`), [], 'the picture is gone')
  t.same(findText(world.dataDir, `mail/${id}-`), [])
  for (const secret of secrets) {
    t.same(findText(world.dataDir, secret), [], `nowhere: ${secret}`)
    t.same(world.log().split('\n').filter((line) => line.includes(secret)), [], 'nor in the log')
  }
  // At the finest level, which has every line of the others.
  for (const text of [username, born.email, moved, COMPANY]) t.same(world.log().split('\n').filter((line) => line.includes(text)), [], `not in the log: ${text}`)
  t.equal((await world.ask('GET', `/api/v2/user/${id}/`)).statusCode, 404)
}

import { readdirSync, readFileSync } from 'node:fs'
import { TOTP } from 'otpauth'
import t from 'tap'
import { ownSealKey } from '../../src/service/seal-key.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { openSql } from '../engines.ts'
import { PASSWORD, signUp, tokenOf } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld, faultsOf } from './world.ts'
import type { Answer } from './world.ts'

const world = await createWorld(t)
const { ada, core, dataDir, grace, hedy, send } = world
const raw = openSql(dataDir, { timeout: 5_000 })
t.teardown(() => raw.close())
const DAY = 86_400_000
const NEXT = 'a whole new secret'

/** The code in the last message to an address. */
async function codeTo (email: string): Promise<string> {
  await core.mail.deliver()
  const mails = readdirSync(`${dataDir}/mail`).sort((a, b) => Number(/-(\d+)\./.exec(a)?.[1]) - Number(/-(\d+)\./.exec(b)?.[1])).map((name) => readFileSync(`${dataDir}/mail/${name}`, 'utf8'))
  return /\b[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}\b/.exec(mails.findLast((text) => text.includes(`To: ${email}`)) ?? '')?.[0] ?? ''
}
/** What an answer says: its status and code, and what is wrong with what. */
const says = (answer: Answer): string => [answer.status, ...answer.body.code === undefined || answer.body.code === 'invalid' ? [] : [answer.body.code], ...faultsOf(answer)].join(' ')
const post = async (path: string, body?: object, who: Person | null = null) => await send(who, 'POST', path, body)
const eight = async (one: (i: number) => Promise<Answer>) => (await Promise.all(Array.from({ length: 8 }, (_, i) => one(i)))).map(says).toSorted()
const expire = (table: string, who: { id: number }) => raw.prepare(`update ${table} set expires_at = ? where user_id = ?`).run(Date.now() - 1, who.id)
const tokensIn = ({ body }: Answer) => body.tokens as unknown as { access: string, refresh: string }
const bearer = (answer: Answer, { id, username }: { id: number, username: string }): Person => {
  const { access, refresh } = tokensIn(answer)
  return { id, username, access, refresh, headers: { authorization: `Bearer ${access}` } }
}
const CODE = '400 code code_invalid'

/** Turns a second factor on. Resolves to its recovery codes. */
async function turnOn (who: Person): Promise<string[]> {
  await post('/proof', { password: PASSWORD }, who)
  const { secret } = (await post('/me/second-factor', undefined, who)).body as unknown as { secret: string }
  const on = await post('/me/second-factor/confirm', { code: new TOTP({ secret }).generate() }, who)
  return on.body.recoveryCodes as unknown as string[]
}

t.test('an invitation: once, in time, by whoever has the code, as long as the inviter may invite', async (t) => {
  const invite = async (name: string, by = grace, more = {}) => {
    const made = await post('/invitations', { email: `${name}@example.com`, ...more }, by)
    return { made, code: await codeTo(`${name}@example.com`) }
  }
  const accept = (code: string, username: string) => post('/invitations/accept', { code, username, password: PASSWORD })
  const { made, code } = await invite('rosa', grace, { groups: [] })
  t.match(made, { status: 201, body: { email: 'rosa@example.com', isStaff: false, inviterId: grace.id } })
  t.notOk(made.text.includes(code), 'the code goes by mail and nowhere else')
  t.notOk((await send(grace, 'GET', '/invitations')).text.includes(code))
  t.match(await accept(code, 'rosa'), { status: 201, body: { person: { username: 'rosa', email: 'rosa@example.com', emailConfirmed: true, isStaff: false }, tokens: { expiresIn: /\d/ } } })
  t.equal(says(await accept(code, 'rosa-2')), CODE, 'used twice')

  const late = await invite('late')
  raw.prepare('update invitations set expires_at = ? where email = ?').run(Date.now(), 'late@example.com')
  t.equal(says(await accept(late.code, 'late')), CODE, 'late')
  t.equal(says(await accept('AAAAA-AAAAA', 'late')), CODE)
  const { code: contested } = await invite('contested')
  t.same((await eight((i) => accept(contested, `contested-${i}`))), ['201', ...Array<string>(7).fill(CODE)], 'by eight at once')

  const fallen = await signUp(world, 'fallen', { isStaff: true })
  const [one, two] = [await invite('one', fallen), await invite('two', fallen)]
  await core.users.edit(OPERATOR, fallen.id, { isStaff: false }, { family: 'test' })
  t.equal(says(await accept(one.code, 'one')), CODE, 'after the inviter\'s fall')
  await core.users.edit(OPERATOR, fallen.id, { isActive: false, isStaff: true }, { family: 'test' })
  t.equal(says(await accept(two.code, 'two')), CODE)

  t.equal(says(await post('/invitations', { email: 'x@example.com' }, ada)), '403 permission_denied')
  t.equal(says(await post('/invitations', { email: 'x@example.com' })), '401 not_authenticated')
  t.equal(says(await post('/invitations', { email: 'x', isStaff: true, nope: 1 }, grace)), '403 permission_denied email invalid_email isStaff field_forbidden admin nope unknown_field')
  t.equal(says(await post('/invitations', { email: 'x@example.com', isStaff: true }, grace)), '403 permission_denied isStaff field_forbidden admin', 'staff are invited by admins alone')
  const chief = await invite('chief', hedy, { isStaff: true })
  t.equal(says(await send(grace, 'DELETE', `/invitations/${String(chief.made.body.id)}`)), '403 permission_denied')
  t.match(await accept(chief.code, 'chief'), { status: 201, body: { person: { isStaff: true, isAdmin: false } } })
  const gone = await invite('gone')
  t.equal(says(await send(grace, 'DELETE', `/invitations/${String(gone.made.body.id)}`)), '204')
  t.equal(says(await send(grace, 'DELETE', `/invitations/${String(gone.made.body.id)}`)), '404 not_found')
  t.equal(says(await accept(gone.code, 'gone')), CODE, 'after it was withdrawn')
})

t.test('a ticket: once, for five minutes, five guesses, for the one who showed the password', async (t) => {
  const [who, other] = [await signUp(world, 'ticketed'), await signUp(world, 'ticketed-too')]
  const [codes, others] = [await turnOn(who), await turnOn(other)]
  const ticketOf = async ({ username }: Person, by: object = { login: username, password: PASSWORD }) => {
    const answer = await post('/sign-in', by)
    t.equal(says(answer), '401 second_factor_required')
    return String(answer.body.ticket)
  }
  const redeem = (ticket: string, code = '') => post('/sign-in/second-factor', { ticket, code })
  const TICKET = '400 ticket code_invalid'

  const ticket = await ticketOf(who)
  t.equal(says(await redeem(ticket, 'wrong')), '400 code second_factor_invalid')
  t.equal(says(await redeem(ticket, others[0])), '400 code second_factor_invalid', 'with somebody else\'s code')
  t.match(await redeem(ticket, codes[0]), { status: 200, body: { person: { username: 'ticketed' } } })
  t.equal(says(await redeem(ticket, codes[1])), TICKET, 'used twice')
  t.equal(says(await redeem('nonsense', codes[1])), TICKET)

  const { seal } = await ownSealKey(dataDir, core.db)
  const said = JSON.parse(seal.open(await ticketOf(who))) as object
  t.equal(says(await redeem(seal.close(JSON.stringify({ ...said, expiresAt: Date.now() })), codes[1])), TICKET, 'late')
  const guessed = await ticketOf(who)
  for (let i = 0; i < 5; i++) t.equal(says(await redeem(guessed, `wrong ${i}`)), '400 code second_factor_invalid')
  t.equal(says(await redeem(guessed, codes[1])), TICKET, 'after five guesses')
  const contested = await ticketOf(who)
  t.same(await eight((i) => redeem(contested, codes[i + 1])), ['200', ...Array<string>(7).fill(TICKET)], 'by eight at once')
  const kept = await ticketOf(other)
  await post('/proof', { code: others[1] }, other)
  t.equal(says(await send(other, 'PUT', '/me/password', { newPassword: NEXT })), '204')
  t.equal(says(await redeem(kept, others[2])), TICKET, 'after the password is another')
  t.equal(says(await post('/sign-in', { login: 'ticketed-too', password: NEXT, code: others[3] })), '200')
  t.equal(says(await post('/sign-in', { login: 'ticketed-too', password: PASSWORD, code: others[4] })), '401 bad_credentials')
  t.equal(says(await send(other, 'GET', '/me/second-factor')), '200')
  t.match(await send(other, 'GET', '/me/second-factor/recovery-codes'), { body: { left: 8 } })
  await post('/proof', { code: others[4] }, other)
  const renewed = await post('/me/second-factor/recovery-codes', undefined, other)
  t.equal(renewed.status, 200)
  t.equal(says(await post('/proof', { code: others[5] }, other)), '400 code second_factor_invalid', 'the old recovery codes are nothing')
  t.equal(says(await send(other, 'DELETE', '/me/second-factor')), '204')
  t.equal(says(await post('/sign-in', { login: 'ticketed-too', password: NEXT })), '200', 'without a factor there is no ticket')
})

t.test('mailed codes: once, in time, for what they were sent for', async (t) => {
  const who = await signUp(world, 'mailed')
  raw.prepare('update users set email_confirmed = 1 where id = ?').run(who.id)
  const other = await signUp(world, 'mailed-too')
  const EMAIL = 'mailed@example.com'
  const kinds: [name: string, ask: () => Promise<Answer>, use: (code: string, i?: number) => Promise<Answer>, done: string, to?: string][] = [
    ['sign-in', () => post('/sign-in/code', { email: EMAIL }), (code) => post('/sign-in/code/confirm', { code }), '200'],
    ['reset', () => post('/password/recover', { email: EMAIL }), (code) => post('/password/reset', { code, password: PASSWORD }), '200'],
  ]
  for (const [name, ask, use, done] of kinds) {
    t.equal(says(await ask()), '204')
    const code = await codeTo(EMAIL)
    for (const [other, , useOther] of kinds) if (other !== name) t.equal(says(await useOther(code)), CODE, `${name}: for something else`)
    t.equal(says(await use(code)), done)
    t.equal(says(await use(code)), CODE, `${name}: used twice`)
    await ask()
    const late = await codeTo(EMAIL)
    expire('codes', who)
    t.equal(says(await use(late)), CODE, `${name}: late`)
    await ask()
    const contested = await codeTo(EMAIL)
    t.same(await eight(() => use(contested)), [done, ...Array<string>(7).fill(CODE)], `${name}: by eight at once`)
  }
  for (const path of ['/sign-in/code', '/password/recover']) t.equal(says(await post(path, { email: 'nobody@example.com' })), '204', 'nobody learns who has an account')

  const again = bearer(await post('/sign-in', { login: EMAIL, password: PASSWORD }), who)
  await post('/proof', { password: PASSWORD }, again)
  const change = async (email: string) => {
    t.equal(says(await send(again, 'PUT', '/me/email', { email })), '204')
    return await codeTo(email)
  }
  const confirm = (code: string) => post('/email/confirm', { code })
  const first = await change('first@example.com')
  t.match(await send(again, 'GET', '/me'), { body: { email: EMAIL, pendingEmail: 'first@example.com' } })
  t.equal(says(await send(again, 'DELETE', '/me/email')), '204')
  t.equal(says(await confirm(first)), CODE, 'taken back')
  const late = await change('second@example.com')
  expire('codes', who)
  t.equal(says(await confirm(late)), CODE, 'late')
  const third = await change('third@example.com')
  t.equal(says(await post('/email/revert', { code: third })), CODE, 'for something else')
  const outcomes = await eight(() => confirm(third))
  t.same([outcomes.filter((said) => said === CODE).length, outcomes.filter((said) => said.startsWith('2')).length], [7, 1], 'by eight at once')
  t.match(await send(again, 'GET', '/me'), { body: { email: 'third@example.com', emailConfirmed: true, pendingEmail: null } })
  t.equal(says(await send(again, 'PUT', '/me/email', { email: 'mailed-too@example.com' })), '400 email email_taken')
  t.equal(says(await post('/me/email/confirmation', undefined, other)), '204')
  t.ok(says(await confirm(await codeTo('mailed-too@example.com'))).startsWith('2'))
  const back = await codeTo(EMAIL)
  t.ok(says(await post('/email/revert', { code: back })).startsWith('2'), 'the old address takes the change back')
  t.equal(says(await post('/email/revert', { code: back })), CODE, 'used twice')
  t.match(await core.users.get(who.id), { email: EMAIL })
})

t.test('proof: in the session that gave it, for ten minutes; a token has none', async (t) => {
  const who = await signUp(world, 'prover')
  const beside = bearer(await post('/sign-in', { login: 'prover', password: PASSWORD }), who)
  const byToken: Person = { ...who, headers: await tokenOf(world, who) }
  const needs: [method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object][] = [
    ['PUT', '/me/password', { newPassword: PASSWORD }], ['PUT', '/me/email', { email: 'elsewhere@example.com' }], ['POST', '/me/second-factor'], ['POST', '/me/tokens', { name: 'x' }],
    ['DELETE', '/me'], ['DELETE', `/people/${who.id}`], ['DELETE', `/people/${who.id}?hard=1`],
  ]
  const refused = async (by: Person, why: string) => {
    for (const [method, path, body] of needs) t.equal(says(await send(by, method, path, body)), '403 proof_required', `${method} ${path} ${why}`)
  }
  await refused(who, 'without')
  t.equal(says(await post('/proof', {}, who)), '400 password required')
  t.equal(says(await post('/proof', { password: 'wrong' }, who)), '400 password password_wrong')
  t.equal(says(await post('/proof', { password: PASSWORD }, byToken)), '403 permission_denied')
  const { body: { expiresAt } } = await post('/proof', { password: PASSWORD }, who)
  t.ok(Math.abs(Date.parse(String(expiresAt)) - Date.now() - 600_000) < 60_000)
  await refused(beside, 'in another session')
  await refused(byToken, 'by a token')
  raw.prepare('update sessions set proven_until = ? where user_id = ?').run(Date.now(), who.id)
  await refused(who, 'late')
  await post('/proof', { password: PASSWORD }, who)
  t.equal(says(await send(who, 'PUT', '/me/password', { newPassword: PASSWORD })), '204')
  t.match(await post('/me/tokens', { name: 'x', expiresIn: 60 }, who), { status: 201, body: { name: 'x', token: /^[0-9a-f]{40}$/ } })
  t.equal(says(await send(beside, 'GET', '/me')), '401 token_invalid', 'the other sessions end with the password')
  const codes = await turnOn(who)
  raw.prepare('update sessions set proven_until = null where user_id = ?').run(who.id)
  t.equal(says(await post('/proof', { password: PASSWORD }, who)), '400 code second_factor_required', 'with a second factor on, its code')
  t.equal(says(await post('/proof', { code: codes[0] }, who)), '200')
  t.equal(says(await post('/proof', { code: codes[0] }, who)), '400 code second_factor_invalid', 'used twice')
})

t.test('restoring: one\'s own leave, within thirty days, once', async (t) => {
  const leave = async (name: string) => {
    const who = await signUp(world, name)
    await post('/proof', { password: PASSWORD }, who)
    t.equal(says(await send(who, 'DELETE', '/me')), '204')
    t.equal(says(await send(who, 'GET', '/me')), '401 account_unknown', 'every credential has ended')
    return who
  }
  const restore = (login: string, more: object = {}) => post('/restore', { login, password: PASSWORD, ...more })
  const BAD = '401 bad_credentials'
  await leave('leaver')
  t.equal(says(await post('/sign-in', { login: 'leaver', password: PASSWORD })), BAD)
  t.equal(says(await restore('leaver', { password: 'wrong' })), BAD, 'by another')
  t.equal(says(await restore('nobody')), BAD)
  t.match(await restore('LEAVER@example.com'), { status: 200, body: { person: { username: 'leaver' } } })
  t.equal(says(await restore('leaver')), BAD, 'used twice')
  await leave('contested-leaver')
  t.same(await eight(() => restore('contested-leaver')), ['200', ...Array<string>(7).fill(BAD)], 'by eight at once')
  const late = await leave('late-leaver')
  raw.prepare('update users set deleted_at = ? where id = ?').run(Date.now() - 30 * DAY - 1, late.id)
  t.equal(says(await restore('late-leaver')), BAD, 'late')
  const sent = await signUp(world, 'sent-away')
  t.equal(says(await send(hedy, 'DELETE', `/people/${sent.id}`)), '204')
  t.equal(says(await restore('sent-away')), BAD, 'who was sent away does not come back so')
  t.match(await post(`/people/${sent.id}/restore`, undefined, hedy), { status: 200, body: { username: 'sent-away' } })
  t.equal(says(await post(`/people/${sent.id}/restore`, undefined, hedy)), '404 not_found')
  const factored = await signUp(world, 'factored-leaver')
  const codes = await turnOn(factored)
  await post('/proof', { code: codes[0] }, factored)
  await send(factored, 'DELETE', '/me')
  t.equal(says(await restore('factored-leaver')), '400 code second_factor_required')
  t.equal(says(await restore('factored-leaver', { code: codes[0] })), '400 code second_factor_invalid')
  t.equal(says(await restore('factored-leaver', { code: codes[1] })), '200')
})

t.test('sessions and tokens: where they are listed, ended and refreshed', async (t) => {
  const who = await signUp(world, 'at-home')
  const [one, two] = [await post('/sign-in', { login: 'at-home', password: PASSWORD }), await post('/sign-in', { login: 'at-home', password: PASSWORD })]
  const first = bearer(one, who)
  const listed = JSON.parse((await send(first, 'GET', '/me/sessions')).text).items as { id: number, isCurrent: boolean }[]
  t.same([listed.length, listed.filter(({ isCurrent }) => isCurrent).length], [3, 1])
  const refreshed = await post('/refresh', { refresh: tokensIn(two).refresh })
  t.match(refreshed, { status: 200, body: { expiresIn: /\d/ } })
  t.equal(says(await post('/refresh', { refresh: tokensIn(two).refresh })), '200', 'a lost answer may be asked for again')
  t.equal(says(await post('/refresh', { refresh: tokensIn(two).access })), '401 token_wrong_type')
  t.equal(says(await post('/refresh', { refresh: 'x' })), '401 token_invalid')
  t.equal(says(await send(first, 'DELETE', `/me/sessions/${listed.find(({ isCurrent }) => !isCurrent)?.id}`)), '204')
  t.equal(says(await send(ada, 'DELETE', `/me/sessions/${listed[0]?.id}`)), '404 not_found', 'somebody else\'s')
  t.equal(says(await send(first, 'DELETE', '/me/sessions?others=true')), '204')
  t.equal(says(await send(first, 'GET', '/me')), '200')
  await post('/proof', { password: PASSWORD }, first)
  const { body: { id, token } } = await post('/me/tokens', { name: 'script' }, first)
  const byToken = { ...who, headers: { authorization: `Token ${String(token)}` } }
  t.equal(says(await send(byToken, 'GET', '/me')), '200')
  t.equal((JSON.parse((await send(first, 'GET', '/me/tokens')).text).items as object[]).length, 1)
  t.equal(says(await send(first, 'DELETE', `/me/tokens/${String(id)}`)), '204')
  t.equal(says(await send(byToken, 'GET', '/me')), '401 token_invalid')
  await post('/proof', { password: PASSWORD }, hedy)
  const theirs = await post(`/people/${who.id}/tokens`, { name: 'by an admin' }, hedy)
  t.equal(theirs.status, 201)
  t.equal(says(await send(grace, 'GET', `/people/${who.id}/tokens`)), '403 permission_denied')
  t.equal((JSON.parse((await send(hedy, 'GET', `/people/${who.id}/tokens`)).text).items as object[]).length, 2)
  t.equal(says(await send(hedy, 'DELETE', `/people/${who.id}/tokens/${String(theirs.body.id)}`)), '204')
  t.equal(says(await send(first, 'DELETE', '/me/sessions?tokens=true')), '204')
  t.equal(says(await send(first, 'GET', '/me')), '401 token_invalid')
  const again = bearer(await post('/sign-in', { login: 'at-home', password: PASSWORD }), who)
  t.equal(says(await post('/sign-out', undefined, again)), '204')
  t.equal(says(await post('/sign-out', undefined, again)), '401 token_invalid')
})

t.test('signing up, who sees what, leaving for good, and credentials that do not count', async (t) => {
  const made = await post('/sign-up', { username: 'native-born', password: PASSWORD, email: 'native-born@example.com', realName: 'Nat' })
  t.match(made, { status: 201, body: { person: { username: 'native-born', realName: 'Nat', hidden: [] }, tokens: { expiresIn: /\d/ } } })
  const who = bearer(made, { id: Number((made.body.person as unknown as { id: number }).id), username: 'native-born' })
  t.same(faultsOf(await post('/sign-up', { username: 'native-born', password: 'short', isAdmin: true })).sort(), ['isAdmin unknown_field', 'password min_length', 'username username_taken'], 'all findings at once')
  t.match(await send(who, 'PATCH', '/me/visibility', { realName: 'member' }), { status: 200, body: { realName: 'member', bio: 'public' } })
  t.match(await send(null, 'GET', `/people/${who.id}`), { status: 200, body: { realName: null, hidden: /realName/ } })
  t.match(await send(ada, 'GET', `/people/${who.id}?fields=realName`), { status: 200, body: { realName: 'Nat' } })
  t.equal(says(await send(who, 'PATCH', '/me/visibility', { realName: 'nobody', nope: 1 })), '400 realName invalid_choice nope unknown_field')
  for (const [authorization, code] of [['Bearer', 'header_empty'], ['Bearer a b', 'header_spaces'], ['Bearer x', 'token_invalid']] as const) t.equal(says(await send(null, 'GET', '/me', undefined, { authorization })), `401 ${code}`)
  await core.users.edit(OPERATOR, who.id, { isActive: false }, { family: 'test' })
  t.equal(says(await send(who, 'GET', '/me')), '401 account_inactive')
  t.equal(says(await send(hedy, 'DELETE', `/people/${who.id}?hard=1`)), '204')
  t.equal(says(await send(hedy, 'GET', `/people/${who.id}`)), '404 not_found')
  const leaver = await signUp(world, 'for-good')
  await post('/proof', { password: PASSWORD }, leaver)
  t.equal(says(await send(leaver, 'DELETE', '/me?hard=1')), '204')
  t.equal(says(await post('/restore', { login: 'for-good', password: PASSWORD })), '401 bad_credentials')
})

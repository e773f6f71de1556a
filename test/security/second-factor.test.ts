import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import bcrypt from 'bcrypt'
import t from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { endCredentials } from '../../src/core/credentials/index.ts'
import type { AppError } from '../../src/core/errors.ts'
import { createSeal } from '../../src/core/seal/index.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { openStore } from '../contract/world.ts'
import { placeOf } from '../engines.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import type { Headers } from '../life/world.ts'
import { FAMILIES, statusOf, turnOn } from './world.ts'

const world = await createWorld(t)
const { ask, core, mailsTo } = world
const WRONG_CODE: [string, string, string] = ['otp', 'invalid', 'Invalid code.']

type Family = typeof FAMILIES[number]

const urlOf = ({ own, factor }: Family) => `${own}/${factor}/`
const enter = async (username: string, otp?: string) => (await ask('POST', '/api/token/', { username, password: PASSWORD, ...otp !== undefined && { otp } })).statusCode
const isOn = async (family: Family, headers: Headers) => (await ask('GET', urlOf(family), undefined, headers)).json<{ is_on: boolean }>().is_on
const told = async ({ username }: Person) => (await mailsTo(`${username}@example.com`)).filter(({ subject }) => subject === 'Your second factor was changed').length
/** A new secret; its codes. */
async function begin (family: Family, headers: Headers, proof: object) {
  const begun = await ask('POST', urlOf(family), proof, headers)
  if (begun.statusCode !== 200) throw new Error(`not begun: ${begun.body}`)
  return codesOf(begun.json<{ secret: string }>().secret)
}
const confirm = (family: Family, headers: Headers, otp: string | undefined) => ask('POST', `${urlOf(family)}confirm/`, { otp }, headers)

for (const family of FAMILIES) {
  t.test(`A3 asked for anew in the ${family.name} family, the old second factor counts until the new one is confirmed`, async (t) => {
    const person = await signUp(world, `careful-${family.name}`)
    const { headers, username } = person
    const { codeAt: old, recovery } = await turnOn(world, headers)
    const [first, second] = [await begin(family, headers, { password: PASSWORD, otp: recovery[0] }), await begin(family, headers, { password: PASSWORD, otp: recovery[1] })]

    t.equal(await isOn(family, headers), true)
    t.equal(await enter(username), 400, 'without a code nobody gets in')
    for (const pending of [first, second]) t.equal(await enter(username, pending(0)), 400, 'nor with one of a secret that nobody has confirmed')
    t.equal(await enter(username, recovery[2]), 200, 'the old recovery codes count')
    t.equal(await enter(username, old(0)), 200, 'and so does the old authenticator')

    for (const wrong of [old(1), first(0), recovery[3], '', 'x']) {
      const refused = await confirm(family, headers, wrong)
      t.equal(refused.statusCode, 400)
      if (wrong) t.same(refused.json(), family.said(WRONG_CODE))
    }
    t.equal(await told(person), 1, 'so far nothing has changed')

    await wellWithinStep()
    const spent = second(-1)
    const on = await confirm(family, headers, spent)
    t.equal(on.statusCode, 200, on.body)
    t.equal(await told(person), 2)
    t.same([await enter(username), await enter(username, old(1)), await enter(username, recovery[4]), await enter(username, spent)], [400, 400, 400, 400], 'the old one counts no more, and a code counts once')
    t.equal(await enter(username, second(0)), 200)
    t.equal(await enter(username, on.json<{ recovery_codes: string[] }>().recovery_codes[0]), 200)
    t.equal((await confirm(family, headers, second(1))).statusCode, 400, 'nothing is left to confirm')
    t.equal(await enter(username, second(1)), 200)
  })
}

const [personal] = FAMILIES as [Family]

t.test('A3 asked for anew, it still takes the password and a code', async (t) => {
  const { headers } = await signUp(world, 'proven')
  const { recovery } = await turnOn(world, headers)
  for (const [proof, ...found] of [
    [{}, ['password', 'invalid', 'Invalid password.']],
    [{ password: PASSWORD }, ['otp', 'required', 'A code of the second factor is required.']],
    [{ password: PASSWORD, otp: '000000' }, WRONG_CODE],
    [{ password: 'x', otp: recovery[0] }, ['password', 'invalid', 'Invalid password.']],
  ] as [object, [string, string, string]][]) {
    for (const [method, url] of [['POST', urlOf(personal)], ['DELETE', urlOf(personal)]] as const) {
      const refused = await ask(method, url, proof, headers)
      t.same([refused.statusCode, refused.json()], [400, personal.said(...found)])
    }
  }
  t.equal(await enter('proven', recovery[0]), 200, 'a code beside a wrong password is not spent')
})

t.test('A3 turned off, both are gone: the one that counted and the one that was asked for', async (t) => {
  const person = await signUp(world, 'tired')
  const { headers } = person
  const { recovery } = await turnOn(world, headers)
  const pending = await begin(personal, headers, { password: PASSWORD, otp: recovery[0] })
  t.equal((await ask('DELETE', urlOf(personal), { password: PASSWORD, otp: recovery[1] }, headers)).statusCode, 204)
  t.equal(await enter('tired'), 200)
  t.equal((await confirm(personal, headers, pending(0))).statusCode, 400)
  t.equal(await isOn(personal, headers), false)
  t.equal(await told(person), 2)
  await begin(personal, headers, { password: PASSWORD })
  t.equal((await ask('DELETE', urlOf(personal), { password: PASSWORD }, headers)).statusCode, 204)
  t.equal(await told(person), 2, 'one that was never on is not told of')
})

t.test('A3 of several who confirm at once, one does', async (t) => {
  const { headers } = await signUp(world, 'hasty')
  const codeAt = await begin(personal, headers, { password: PASSWORD })
  const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(personal, headers, codeAt(0))))
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 400, 400, 400, 400])
  const [codes] = answers.filter(({ statusCode }) => statusCode === 200).map((answer) => answer.json<{ recovery_codes: string[] }>().recovery_codes)
  t.equal(await enter('hasty', codes?.[0]), 200, 'and its recovery codes count')
})

t.test('A3 one that was begun before secrets could wait can still be confirmed', async (t) => {
  const { id, headers } = await signUp(world, 'early')
  const asBefore = () => { openStore(t, world.dataDir).sql.prepare('update second_factors set pending = null where user_id = ?').run(id) }
  const begun = await begin(personal, headers, { password: PASSWORD })
  asBefore()
  t.equal(await enter('early'), 200, 'it does not count yet')
  t.equal((await confirm(personal, headers, begun(0))).statusCode, 200)
  t.same([await enter('early'), await enter('early', begun(1))], [400, 200])
  t.match(await core.db.read.secondFactors.find(id), { pending: null })
})

const ORIGIN = { device: 'test', address: '203.0.113.1' }
/** What was thrown, in the core's words: the finding where there is one. */
const refusalOf = (work: Promise<unknown>): Promise<string | undefined> => work.then(() => undefined, (error: unknown) => {
  const { code, fields: [found] } = error as AppError
  return found === undefined ? code : `${found.field}: ${found.code}`
})
const ticketIn = (work: Promise<unknown>): Promise<string> => work.then(() => { throw new Error('in without a second factor') }, (error: unknown) => String((error as AppError).params.ticket))
// Another process on the same folder, without limits.
const free = await openService({ config: { ...loadConfig(), ...placeOf(world.dataDir), rateLimit: false }, exclusive: false })
t.teardown(() => free.close())
const { signIn } = free
const { beginWithKey: start } = free.credentialsBy({ sign: String, verify: String }).sessions
const ticketFor = (username: string, origin = ORIGIN) => ticketIn(signIn.byPassword({ username }, PASSWORD, { ...origin, wantsTicket: true }, start))
const redeem = (ticket: string, otp = '', { origin = ORIGIN, by = signIn } = {}) => by.byTicket(ticket, otp, origin, start)
const SPENT = 'ticket: code_invalid'

t.test('a ticket stands for the password, once and from any network', async (t) => {
  const { id, username, headers } = await signUp(world, 'ticketed')
  const { recovery } = await turnOn(world, headers)
  const enterBy = (company: object) => signIn.byPassword({ username }, PASSWORD, { ...ORIGIN, ...company }, start)
  t.equal(await refusalOf(enterBy({})), 'otp: second_factor_required', 'whoever wants none gets none')
  t.equal(await refusalOf(enterBy({ wantsTicket: true })), 'second_factor_required')
  t.equal(await refusalOf(enterBy({ wantsTicket: true, otp: 'wrong' })), 'otp: second_factor_invalid', 'nor who has sent a code')
  t.equal(await refusalOf(signIn.byPassword({ username }, 'wrong', { ...ORIGIN, wantsTicket: true }, start)), 'bad_credentials')
  t.equal((await enterBy({ wantsTicket: true, otp: recovery[0] })).account.id, id)

  const ticket = await ticketFor(username)
  t.equal(await refusalOf(redeem(ticket)), 'otp: second_factor_required')
  t.equal(await refusalOf(redeem(ticket, 'wrong')), 'otp: second_factor_invalid')
  const { secret } = await redeem(ticket, recovery[1], { origin: { device: 'elsewhere', address: '198.51.100.7' } })
  t.equal(await statusOf(world, { authorization: `Token ${secret}` }), 200)
  t.equal(await refusalOf(redeem(ticket, recovery[2])), SPENT, 'used twice')
  t.equal(await enter(username, recovery[2]), 200, 'and the code that came with it is not spent')

  await signUp(world, 'factorless')
  t.match(await signIn.byPassword({ username: 'factorless' }, PASSWORD, { ...ORIGIN, wantsTicket: true }, start), { account: { username: 'factorless' } })
})

t.test('a ticket ends: after five minutes, five wrong codes, and with whatever ends its owner\'s sessions', async (t) => {
  const { id, username, headers } = await signUp(world, 'held-up')
  const [{ recovery }, other] = [await turnOn(world, headers), await signUp(world, 'somebody-else')]
  const seal = createSeal(Buffer.from(readFileSync(`${world.dataDir}/seal.key`, 'utf8'), 'base64url'))
  const ticket = await ticketFor(username)
  const says = JSON.parse(seal.open(ticket)) as { expiresAt: number }
  const resealed = (changes: object) => seal.close(JSON.stringify({ ...says, ...changes }))
  t.ok(Math.abs(says.expiresAt - Date.now() - 300_000) < 60_000)
  const texts = [resealed({ expiresAt: Date.now() }), resealed({ userId: other.id }), resealed({ kind: 'mail' }), seal.close('{}'), seal.close('null'), `${ticket.slice(0, -2)}AA`, 'x', '',
    createSeal(randomBytes(32)).close(JSON.stringify(says))]
  for (const text of texts) t.equal(await refusalOf(redeem(text, recovery[0])), SPENT)

  const sql = openStore(t, world.dataDir).sql
  const was = sql.prepare('select password_hash, email, revoked_at, is_active, deleted_at from users where id = ?').get(id) as Record<string, unknown>
  const write = (column: string, value: unknown) => sql.prepare(`update users set ${column} = ? where id = ?`).run(value, id)
  for (const [column, value] of [['password_hash', 'another'], ['email', 'another@example.com'], ['revoked_at', Date.now()], ['is_active', 0], ['deleted_at', Date.now()]] as const) {
    write(column, value)
    t.equal(await refusalOf(redeem(ticket, recovery[0])), SPENT, column)
    write(column, was[column])
  }

  const guesses = [1, 2, 3, 4, 5].map((guess) => () => redeem(ticket, `wrong ${guess}`, { by: guess % 2 === 0 ? core.signIn : signIn }))
  for (const guess of guesses) t.equal(await refusalOf(guess()), 'otp: second_factor_invalid')
  t.equal(await refusalOf(redeem(ticket, recovery[0])), SPENT, 'of two processes, five in all')
  await redeem(await ticketFor(username), recovery[0])

  const kept = await ticketFor(username)
  await core.db.write((tx) => endCredentials(tx, id, { tokens: false }))
  t.equal(await refusalOf(redeem(kept, recovery[1])), SPENT, 'all sessions were ended')
})

t.test('of eight who redeem a ticket at once, one gets in; guesses count as those of a sign-in', async (t) => {
  const { id, username, headers } = await signUp(world, 'crowd')
  const { recovery } = await turnOn(world, headers)
  const ticket = await ticketFor(username)
  const outcomes = await Promise.all(recovery.slice(0, 8).map((otp) => refusalOf(redeem(ticket, otp))))
  t.same(outcomes.toSorted(), [...Array.from({ length: 7 }, () => SPENT), undefined])
  t.equal(openStore(t, world.dataDir).sql.prepare('select count(*) from recovery_codes where user_id = ?').pluck().get(id), 9, 'and one code is spent')

  const limited = { by: core.signIn }
  const tickets = await Promise.all([ticketFor(username), ticketFor(username)])
  for (let i = 0; i < 5; i++) t.equal(await refusalOf(redeem(tickets[i % 2] ?? '', 'wrong', { ...limited, origin: { device: '', address: `192.0.2.${i}` } })), 'otp: second_factor_invalid')
  t.equal(await refusalOf(redeem(await ticketFor(username), recovery[8], { ...limited, origin: { device: '', address: '192.0.2.9' } })), 'throttled', 'whatever ticket it is')
})

t.test('a mailed code, asked for by address, gives the same ticket, and is spent for it', async (t) => {
  const { username, headers } = await signUp(world, 'mailed')
  const { recovery } = await turnOn(world, headers)
  for (const email of ['nobody@example.com', 'MAILED@example.com']) await free.signInCodes.askByEmail(email, ORIGIN.address)
  const code = await world.codeTo('mailed@example.com')
  const byCode = (company: object) => signIn.byCode(code, { ...ORIGIN, ...company }, start)
  t.equal(await refusalOf(byCode({})), 'otp: second_factor_required')
  const ticket = await ticketIn(byCode({ wantsTicket: true }))
  t.equal(await refusalOf(byCode({ wantsTicket: true })), 'code: code_invalid')
  t.equal((await redeem(ticket, recovery[0])).account.username, username)
})

t.test('a password that is stored in an old way is stored anew before there is a ticket', async (t) => {
  const { id, username, headers } = await signUp(world, 'imported')
  const { recovery } = await turnOn(world, headers)
  const old = await bcrypt.hash(PASSWORD, 4)
  await core.db.write((tx) => tx.users.update(id, { passwordHash: old }))
  const ticket = await ticketFor(username)
  t.match(await core.db.read.users.findRow(id), { passwordHash: /^\$argon2id\$/ })
  t.equal((await redeem(ticket, recovery[0])).account.id, id)
})

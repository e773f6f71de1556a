import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { asOfNow } from '../../src/core/access.ts'
import type { Person } from '../../src/core/access.ts'
import { freshProof, requireProof } from '../../src/core/sign-in/proof.ts'
import { onlyProven, senderOf } from '../../routes/request.ts'
import { openStore } from '../contract/world.ts'
import { PASSWORD } from '../helper.ts'
import { entrance, refusalOf } from './entered.ts'
import { openWorld } from './world.ts'

const world = await openWorld(t)
const { db, deletion, emails, file, keys, passwordChange, proof, secondFactor } = world
const { enter, person, sessions, turnOn } = entrance(world)
let addresses = 0
const address = () => `192.0.2.${addresses++}`
const asked = <P extends Person>(who: P): P => ({ ...who, guards: [freshProof] })
const NEXT = 'a whole new secret'
const FAMILY = { family: 'test' }

/** What asks for proof where a family wants it to. */
const VERBS: [name: string, verb: (who: Person) => Promise<unknown>][] = [
  ['an API token', (who) => keys.createBy(who, who.id, {}, { address: address() }, [])],
  ['another address', (who) => emails.askToChange(who, `new-${who.id}@example.com`)],
  ['a second factor', (who) => secondFactor.begin(who, { address: address() })],
  ['new recovery codes', async (who) => await secondFactor.renewRecoveryCodes(who, { address: address() }).catch((error: unknown) => { if ((error as Error).message !== 'not_found') throw error })],
  ['the end of a second factor', (who) => secondFactor.end(who, { address: address() })],
  ['another password', (who) => passwordChange.change(who, { next: NEXT, address: address() }, FAMILY)],
  ['leaving', (who) => deletion.hide(who, who.id, () => {}, FAMILY)],
  ['leaving for good', (who) => deletion.remove(who, who.id, () => {}, FAMILY)],
]

t.test('fresh proof counts for ten minutes, for the one session that it was given in', async (t) => {
  const { dump } = openStore(t, world.dataDir)
  for (const [i, [name, verb]] of VERBS.entries()) {
    const who = asked(await person(`prover-${i}`))
    const beside = asked(await enter(who.id))
    const { key } = await keys.create(who.id)
    const byKey: Person = { ...who, credential: { kind: 'key', id: key.id, userId: who.id, shownAt: Date.now() } }
    const untouched = dump()
    const refused = async (by: Person, why: string) => {
      t.equal(await refusalOf(verb(by)), by.credential?.kind !== 'session' && name === 'an API token' ? 'permission_denied' : 'proof_required', `${name}, ${why}`)
      t.same(dump(), untouched, `${name}, ${why}: nothing is written`)
    }
    await refused(who, 'without proof')
    const before = Date.now()
    const until = await proof.prove({ ...who, guards: [] }, { password: PASSWORD, address: address() })
    t.ok(until >= before + 600_000 && until <= Date.now() + 600_000)
    await refused(beside, 'in another session')
    await refused(byKey, 'by an API token')
    await refused({ ...who, credential: null }, 'by nothing')
    file.prepare('update sessions set proven_until = ? where id = ?').run(Date.now(), who.sessionId)
    await refused(who, 'after ten minutes')
    await proof.prove({ ...who, guards: [] }, { password: PASSWORD, address: address() })
    t.equal(await refusalOf(verb(who)), undefined, `${name}, with proof and nothing else`)
  }
})

t.test('whether there is proof is asked again in the transaction that writes', async (t) => {
  const who = asked(await person('slow'))
  const plain = { ...who, guards: [] }
  await proof.prove(plain, { password: PASSWORD, address: address() })
  const stored = await db.read.users.findRow(who.id)
  // The new password is being hashed meanwhile.
  const changing = refusalOf(passwordChange.change(who, { next: NEXT, address: address() }, FAMILY))
  await Promise.resolve()
  file.prepare('update sessions set proven_until = 1 where id = ?').run(who.sessionId)
  t.equal(await changing, 'proof_required')
  t.equal((await db.read.users.findRow(who.id))?.passwordHash, stored?.passwordHash)

  await proof.prove(plain, { password: PASSWORD, address: address() })
  await sessions.revoke(plain, who.sessionId)
  t.equal(await refusalOf(deletion.hide(who, who.id, () => {}, FAMILY)), 'token_invalid', 'a session that has ended has no proof')
})

t.test('proof is the password, or a code where a second factor is on; wrong ones count as those of a sign-in', async (t) => {
  const who = await person('careful')
  const prove = (shown: object, from = address()) => refusalOf(proof.prove(who, { ...shown, address: from }))
  const isProven = async () => await refusalOf(requireProof(db.read, who)) === undefined
  for (const [shown, says] of [
    [{}, 'password: required'], [{ password: 'wrong' }, 'password: password_wrong'], [{ otp: '123456' }, 'otp: second_factor_invalid'], [{ password: PASSWORD, otp: '123456' }, 'otp: second_factor_invalid'],
  ] as const) t.equal(await prove(shown), says)
  t.equal(await isProven(), false)
  t.equal(await prove({ password: PASSWORD }), undefined)
  t.equal(await isProven(), true)

  const other = await person('careful-too')
  const [first, second] = await turnOn(other)
  const proveOther = (shown: object) => refusalOf(proof.prove(other, { ...shown, address: address() }))
  t.same([await proveOther({ password: PASSWORD }), await proveOther({ password: 'wrong', otp: first }), await proveOther({ otp: 'wrong' })],
    ['otp: second_factor_required', 'password: password_wrong', 'otp: second_factor_invalid'])
  t.same([await proveOther({ otp: first }), await proveOther({ otp: first })], [undefined, 'otp: second_factor_invalid'], 'a code counts once')
  t.equal(await proveOther({ password: PASSWORD, otp: second }), undefined)
  t.equal(await refusalOf(requireProof(db.read, other)), undefined)

  const guesser = await person('guesser')
  for (let i = 0; i < 5; i++) t.equal(await refusalOf(proof.prove(guesser, { password: `wrong ${i}`, address: address() })), 'password: password_wrong')
  t.equal(await refusalOf(proof.prove(guesser, { password: PASSWORD, address: address() })), 'throttled')
  t.equal(await refusalOf(proof.prove({ ...guesser, credential: null }, { password: PASSWORD, address: address() })), 'permission_denied', 'there is nothing to mark')
})

t.test('a route asks for proof before it reads a body, and hands the question on', async (t) => {
  const who = await person('routed')
  const app = Fastify()
  t.teardown(() => app.close())
  app.decorate('core', world as never)
  app.decorateRequest('actor', null)
  app.decorateRequest('credential', null)
  app.decorateRequest('guards', null)
  app.post('/', {
    onRequest: [async (request) => { Object.assign(request, { actor: await db.read.users.findRow(who.id), credential: who.credential }) }, onlyProven],
    errorHandler: (error, _request, reply) => reply.send({ refused: error.message }),
  }, async (request) => ({ guards: senderOf(request).guards.map((guard) => guard === freshProof) }))
  const send = async () => (await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload: '{' })).json<object>()
  t.same(await send(), { refused: 'proof_required' })
  await proof.prove(who, { password: PASSWORD, address: address() })
  t.match(await send(), { refused: /JSON/ })
  t.same((await app.inject({ method: 'POST', url: '/' })).json(), { guards: [true] })
})

t.test('a change of address that was asked for is known until it is taken back, confirmed or too late', async (t) => {
  const who = await person('mover')
  const codeTo = async (email: string) => {
    await world.mail.deliver()
    const text = readdirSync(`${world.dataDir}/mail`).map((name) => readFileSync(`${world.dataDir}/mail/${name}`, 'utf8')).findLast((text) => text.includes(`To: ${email}`))
    return /\b[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}\b/.exec(text ?? '')?.[0] ?? ''
  }
  t.equal(await emails.pending(who.id), null)
  await emails.takeBack(who)
  await emails.askToChange(who, 'first@example.com')
  t.equal(await emails.pending(who.id), 'first@example.com')
  const code = await codeTo('first@example.com')
  t.equal(await emails.isGood(who.id, code), true)
  const ended = { ...who, credential: { kind: 'session', id: 4711, userId: who.id, shownAt: 1 } } as Person
  t.equal(await refusalOf(emails.takeBack(ended)), 'token_invalid')
  await emails.takeBack(who)
  t.equal(await emails.pending(who.id), null)
  t.equal(await refusalOf(emails.change({ code }, FAMILY)), 'code: code_invalid')
  t.match(await db.read.users.findRow(who.id), { email: 'mover@example.com' })

  await emails.askToChange(who, 'Second@example.com')
  t.equal(await emails.pending(who.id), 'Second@example.com')
  file.prepare("update codes set expires_at = ? where user_id = ? and purpose = 'change_email'").run(Date.now(), who.id)
  // Whether others have written is asked once in a turn.
  await nextTurn()
  t.equal(await emails.pending(who.id), null, 'too late')
  await emails.askToChange(who, 'third@example.com')
  await emails.change({ code: await codeTo('third@example.com') }, FAMILY)
  t.equal(await emails.pending(who.id), null, 'it is theirs')
})

t.test('recovery codes are counted and made anew, and then the old ones are nothing', async (t) => {
  const who = await person('recoverer')
  const renew = (shown: object) => secondFactor.renewRecoveryCodes(who, { ...shown, address: address() })
  t.equal(await secondFactor.recoveryCodesLeft(who.id), 0)
  t.equal(await refusalOf(renew({ password: PASSWORD })), 'not_found')
  const [first = '', second = '', third = ''] = await turnOn(who)
  t.equal(await secondFactor.recoveryCodesLeft(who.id), 10)
  t.same([await refusalOf(renew({ password: PASSWORD })), await refusalOf(renew({ password: 'wrong', otp: first }))], ['otp: second_factor_required', 'password: password_wrong'])
  t.equal(await secondFactor.recoveryCodesLeft(who.id), 10)
  await proof.prove(who, { otp: first, address: address() })
  t.equal(await secondFactor.recoveryCodesLeft(who.id), 9)
  const renewed = await renew({ password: PASSWORD, otp: second })
  t.equal(await secondFactor.recoveryCodesLeft(who.id), 10)
  t.equal(await refusalOf(proof.prove(who, { otp: third, address: address() })), 'otp: second_factor_invalid')
  t.equal(await refusalOf(proof.prove(who, { otp: renewed[0], address: address() })), undefined)
  const again = await secondFactor.renewRecoveryCodes(asked(who), { address: address() })
  t.equal(new Set([...renewed, ...again]).size, 20, 'by fresh proof alone as well')
  t.equal(await refusalOf(proof.prove(who, { otp: renewed[1], address: address() })), 'otp: second_factor_invalid')
})

t.test('all sessions but one\'s own end, and the tokens where it is asked for', async (t) => {
  const who = await person('at-home')
  const elsewhere = await enter(who.id)
  const { key } = await keys.create(who.id)
  const byKey: Person = { ...who, credential: { kind: 'key', id: key.id, userId: who.id, shownAt: Date.now() } }
  const minted: Person = { ...who, credential: { kind: 'token', id: who.id, userId: who.id, issuedAt: Date.now() - 1, shownAt: Date.now() } }
  const standing = async () => await Promise.all([who, elsewhere, byKey, minted].map((one) => refusalOf(asOfNow(db.read, one))))
  t.same(await standing(), [undefined, undefined, undefined, undefined])
  t.equal(await refusalOf(sessions.revokeOthers(byKey, { tokens: false })), 'permission_denied', 'a token has no session that could stay')
  await sessions.revokeOthers(who, { tokens: false })
  t.same(await standing(), [undefined, 'token_invalid', undefined, 'token_invalid'])
  await sessions.revokeOthers(who, { tokens: true })
  t.same(await standing(), [undefined, 'token_invalid', 'token_invalid', 'token_invalid'])
  t.equal(await refusalOf(sessions.revokeOthers(elsewhere, { tokens: true })), 'token_invalid')
})

import Fastify from 'fastify'
import t from 'tap'
import type { Person } from '../../src/core/access.ts'
import { freshProof, requireProof } from '../../src/core/sign-in/proof.ts'
import { onlyProven, senderOf } from '../../routes/request.ts'
import { openStore } from '../contract/world.ts'
import { PASSWORD } from '../helper.ts'
import { entrance, refusalOf } from './entered.ts'
import { openWorld } from './world.ts'

const world = await openWorld(t)
const { db, deletion, emails, file, keys, passwordChange, proof, secondFactor } = world
const { enter, person, turnOn } = entrance(world)
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
  await entrance(world).sessions.revoke(plain, who.sessionId)
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

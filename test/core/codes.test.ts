import t from 'tap'
import { randomBytes } from 'node:crypto'
import { createCodes } from '../../src/core/sign-in/codes.ts'
import { createSeal } from '../../src/core/seal/index.ts'
import { openStore } from '../contract/world.ts'
import { build, signUp } from '../helper.ts'

t.test('a code counts once, for its purpose, until it expires or a newer one comes', async (t) => {
  const built = await build(t)
  const { db } = built.core
  const store = openStore(t, built.dataDir)
  const { id: userId } = await signUp(built, 'ada')
  const codes = createCodes({ seal: createSeal(randomBytes(32)) })
  const issue = () => db.write((tx) => codes.issue(tx, { userId, purpose: 'reset_password', email: 'ada@example.com' }))
  const spend = (code: string, purpose: 'reset_password' | 'sign_in' = 'reset_password') => db.write((tx) => codes.spend(tx, code, purpose))

  const code = await issue()
  t.match(code, /^[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}$/)
  t.equal(await spend(code, 'sign_in'), undefined, 'not for something else')
  t.equal(await spend(code.replace(/.$/, '0')), undefined, 'not nearly')
  t.equal((await codes.find(db.read, ` ${code.toLowerCase().replace('-', ' ')}`, 'reset_password'))?.userId, userId, 'however it is typed')
  t.match(await spend(code), { userId, email: 'ada@example.com' })
  t.equal(await spend(code), undefined, 'once')

  const older = await issue()
  const newer = await issue()
  t.equal(await spend(older), undefined)
  t.ok(await spend(newer))

  const late = await issue()
  store.sql.prepare('update codes set expires_at = ? where user_id = ?').run(Date.now(), userId)
  t.equal(await spend(late), undefined)

  const one = await issue()
  const both = await Promise.all([spend(one), spend(one)])
  t.equal(both.filter((row) => row !== undefined).length, 1, 'of two at once, one')
})

t.test('a seal opens what it closed, and nothing that was changed or closed by another', async (t) => {
  const [seal, other] = [createSeal(randomBytes(32)), createSeal(randomBytes(32))]
  const closed = seal.close('grüße')
  t.equal(seal.open(closed), 'grüße')
  t.not(seal.close('grüße'), closed, 'the same text looks different each time')
  t.notOk(Buffer.from(closed, 'base64url').includes('gr'))
  t.throws(() => other.open(closed))
  for (let at = 0; at < closed.length; at += 7) {
    const changed = `${closed.slice(0, at)}${closed[at] === 'A' ? 'B' : 'A'}${closed.slice(at + 1)}`
    t.throws(() => seal.open(changed), `changed at ${at}`)
  }
  t.throws(() => seal.open(''))
  t.equal(seal.hash('a'), seal.hash('a'))
  t.not(seal.hash('a'), other.hash('a'))
})

import t from 'tap'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import type { Headers } from '../life/world.ts'
import { codesOf, FAMILIES, turnOn } from './world.ts'

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

    const on = await confirm(family, headers, second(-1))
    t.equal(on.statusCode, 200, on.body)
    t.equal(await told(person), 2)
    t.same([await enter(username), await enter(username, old(1)), await enter(username, recovery[4]), await enter(username, second(-1))], [400, 400, 400, 400], 'the old one counts no more, and a code counts once')
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

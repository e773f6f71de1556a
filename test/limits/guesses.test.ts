import { TOTP } from 'otpauth'
import t from 'tap'
import { hasher } from '../../src/hashing/index.ts'
import { build, PASSWORD, signUp } from '../helper.ts'
import { openRows } from '../hostile/traces.ts'
import { skippableClock } from './clock.ts'

const ADDRESSES = 20
/** From fewer, where each of their guesses is a hash. */
const FEW = 5
const LIMIT = 5

const WAYS = [
  { url: '/api/token/', payload: (name: string, password: string) => ({ username: name, password }), wrong: 401, guesses: 1_000 },
  { url: '/api/sign-in/', payload: (name: string, password: string) => ({ email: `${name}@example.com`, password }), wrong: 400, guesses: 100 },
]

for (const { url, payload, wrong, guesses } of WAYS) {
  t.test(`${guesses} guesses from ${ADDRESSES} addresses at POST ${url}`, async (t) => {
    const built = await build(t, { rateLimit: true })
    const skip = skippableClock(t)
    await signUp(built, 'ada')
    const rows = openRows(built.dataDir)
    t.teardown(() => rows.close())
    let hashes = 0
    const { verify } = hasher
    t.intercept(hasher, 'verify', { value: (hash: string, password: string) => { hashes++; return verify(hash, password) } })
    const send = (name: string, password: string, remoteAddress: string) => built.app.inject({ method: 'POST', url, payload: payload(name, password), remoteAddress })

    /** How so many guesses were answered; all at once, from every address in turn. */
    async function guess (count: number, nameOf: (i: number) => string, addresses = ADDRESSES): Promise<Record<string, number>> {
      const answers = await Promise.all(Array.from({ length: count }, (_, i) => send(nameOf(i), `guess number ${i}`, `192.0.2.${i % addresses}`)))
      return Object.fromEntries(Array.from(Map.groupBy(answers, ({ statusCode }) => statusCode), ([status, { length }]) => [status, length]))
    }

    const before = rows.all()
    t.same(await guess(guesses, () => 'ada'), { [wrong]: LIMIT, 429: guesses - LIMIT })
    t.equal(hashes, LIMIT)
    t.same(rows.all(), before)

    const refused = await send('ada', PASSWORD, '203.0.113.1')
    t.equal(refused.statusCode, 429, 'within the window nobody is let in')
    skip(Number(refused.headers['retry-after']))
    t.equal((await send('ada', PASSWORD, '203.0.113.1')).statusCode, 200, 'after the wait that was told the owner is, though the guessers were refused all the while')

    skip(60)
    hashes = 0
    t.same(await guess(40, () => 'nobody'), { [wrong]: LIMIT, 429: 40 - LIMIT }, 'for nobody it is the same')
    t.equal(hashes, LIMIT)

    skip(60)
    hashes = 0
    t.same(await guess(140, (i) => `somebody${i}`, FEW), { [wrong]: LIMIT * FEW, 429: 140 - LIMIT * FEW }, 'one password for many people: the addresses are used up')
    t.equal(hashes, LIMIT * FEW)
  })
}

t.test('neither a body nor a header makes another address', async (t) => {
  skippableClock(t)
  const built = await build(t, { rateLimit: true })
  let allowed = 0
  for (let i = 0; i < 20; i++) {
    const { statusCode } = await built.app.inject({
      method: 'POST',
      url: '/api/token/',
      payload: { username: `somebody${i}`, password: 'a guess at it', ip: `198.51.100.${i}`, address: `198.51.100.${i}` },
      headers: { 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}`, 'x-real-ip': `198.51.100.${i}` },
    })
    if (statusCode !== 429) allowed++
  }
  t.equal(allowed, LIMIT)
})

t.test('who signs in rightly is never refused, and has not undone the failures before', async (t) => {
  skippableClock(t)
  const built = await build(t, { rateLimit: true })
  await signUp(built, 'ada')
  const send = (password: string) => built.app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'ada', password } })
  for (let i = 0; i < 12; i++) t.equal((await send(PASSWORD)).statusCode, 200)
  for (let i = 0; i < 4; i++) t.equal((await send('a wrong password')).statusCode, 401)
  t.equal((await send(PASSWORD)).statusCode, 200)
  t.equal((await send('a wrong password')).statusCode, 401)
  t.equal((await send(PASSWORD)).statusCode, 429)
})

t.test('A2 the proof for an API token that is missing or wrong is a failed sign-in of whoever asks; a right one is given back', async (t) => {
  const built = await build(t, { rateLimit: true })
  const skip = skippableClock(t)
  const [ada, chief] = [await signUp(built, 'ada'), await signUp(built, 'chief', { isAdmin: true })]
  let from = 0
  const make = (body: object, url = '/api/profile/tokens/', { headers }: { headers: object } = ada) =>
    built.app.inject({ method: 'POST', url, headers: { ...headers }, payload: { name: 'a script', ...body }, remoteAddress: `192.0.2.${from++}` })

  for (let i = 0; i < 7; i++) t.equal((await make({ password: PASSWORD })).statusCode, 201)
  t.equal((await make({ name: null, password: PASSWORD })).statusCode, 400, 'nor does something else that is wrong count')
  for (const wrong of [{ password: 'a guess' }, {}, { password: '' }, { otp: '123456' }]) t.equal((await make(wrong)).statusCode, 400)
  t.equal((await make({ password: PASSWORD })).statusCode, 201)
  t.equal((await make({ password: PASSWORD, otp: '123456' })).statusCode, 400)
  for (const url of ['/api/profile/tokens/', '/api/users/me/tokens/', '/api/v2/user/me/tokens/']) t.equal((await make({ password: PASSWORD }, url)).statusCode, 429, url)
  t.equal((await built.core.keys.list(ada.id)).length, 8)

  const forAda = (body: object) => make(body, `/api/users/${ada.id}/tokens/`, chief)
  t.same((await Promise.all(Array.from({ length: 9 }, (_, i) => forAda({ password: `guess ${i}` })))).map(({ statusCode }) => statusCode).sort(), [400, 400, 400, 400, 400, 429, 429, 429, 429])
  t.equal((await forAda({ password: PASSWORD })).statusCode, 429, 'an admin who guesses is counted, not the person they act for')
  skip(60)
  t.equal((await forAda({ password: PASSWORD })).statusCode, 201)
})

t.test('A3 a guess at the first code of a second factor is a failed sign-in', async (t) => {
  const built = await build(t, { rateLimit: true })
  const skip = skippableClock(t)
  const ada = await signUp(built, 'ada')
  const send = (url: string, payload: object, remoteAddress: string) => built.app.inject({ method: 'POST', url, headers: ada.headers, payload, remoteAddress })
  const { secret } = (await send('/api/profile/second-factor/', { password: PASSWORD }, '192.0.2.1')).json<{ secret: string }>()
  let from = 0
  const confirm = (otp: string) => send('/api/profile/second-factor/confirm/', { otp }, `192.0.2.${from++}`)
  const right = () => new TOTP({ secret }).generate()
  const guesses = await Promise.all(Array.from({ length: 20 }, (_, i) => confirm(String(i).padStart(6, '0'))))
  t.equal(guesses.filter(({ statusCode }) => statusCode === 429).length, 20 - LIMIT)
  t.equal((await confirm(right())).statusCode, 429)
  skip(60)
  for (let i = 0; i < 4; i++) t.equal((await confirm('000000')).statusCode, 400)
  t.equal((await confirm(right())).statusCode, 200)
  t.same([(await confirm('000000')).statusCode, (await confirm('000000')).statusCode], [400, 429], 'a right one is given back')
})

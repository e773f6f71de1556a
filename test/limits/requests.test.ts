import type { InjectOptions } from 'fastify'
import t from 'tap'
import { build, PASSWORD, signUp, tokenOf } from '../helper.ts'
import { skippableClock } from './clock.ts'

const ADDRESS = '192.0.2.1'

/** The limit headers of an answer: limit, remaining, reset. */
const told = ({ headers }: { headers: Record<string, unknown> }) => ['limit', 'remaining', 'reset'].map((name) => headers[`ratelimit-${name}`])

t.test('300 requests in 10 s for a credential, and every answer says how many are left', async (t) => {
  const built = await build(t, { rateLimit: true })
  const skip = skippableClock(t)
  const ada = await signUp(built, 'ada')
  const grace = await signUp(built, 'grace')
  const get = (headers: object) => built.app.inject({ url: '/api/profile/', headers: { ...headers }, remoteAddress: ADDRESS })

  for (let left = 299; left >= 0; left--) {
    const response = await get(ada.headers)
    if (response.statusCode !== 200 || told(response)[1] !== String(left)) t.fail(`${response.statusCode}, ${String(told(response))} where ${left} are left`)
  }
  const refused = await get(ada.headers)
  t.equal(refused.statusCode, 429)
  const wait = Number(refused.headers['retry-after'])
  t.ok(wait >= 1 && wait <= 10, `Retry-After: ${wait}`)
  t.same(told(refused), ['300', '0', String(wait)])
  t.same(refused.json(), { detail: `Request was throttled. Expected available in ${wait} ${wait === 1 ? 'second' : 'seconds'}.` })

  t.equal((await get(grace.headers)).statusCode, 200, 'another person at the same address')
  t.equal((await get({})).statusCode, 401, 'and nobody in particular')
  const other = await built.app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'ada', password: PASSWORD }, remoteAddress: ADDRESS })
  t.equal(other.statusCode, 200)
  t.equal((await get({ authorization: `Bearer ${other.json<{ access: string }>().access}` })).statusCode, 429, 'C2 another session of the same person')

  skip(wait)
  t.same(told(await get(ada.headers)), ['300', '299', '10'], 'after the wait that was told')
})

t.test('without a credential that counts, it is the address', async (t) => {
  skippableClock(t)
  const built = await build(t, { rateLimit: true })
  const ada = await signUp(built, 'ada')
  const send = (options: InjectOptions) => built.app.inject({ remoteAddress: ADDRESS, ...options })
  const wrong = [
    { authorization: `Token ${'0'.repeat(40)}` },
    { authorization: `Bearer ${ada.access.slice(0, -4)}AAAA` },
    { authorization: 'Bearer' },
    { authorization: 'Bearer one two' },
    {},
  ]
  const statuses = new Map<number, number>()
  for (let i = 0; i < 320; i++) {
    const url = i % 7 === 0 ? '/api/nothing/' : i % 2 === 0 ? '/api/profile/' : '/api/users/'
    const { statusCode } = await send({ url, headers: { ...wrong[i % wrong.length] } })
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
  }
  t.equal(statuses.get(429), 20)
  t.equal((statuses.get(401) ?? 0) + (statuses.get(404) ?? 0), 300)

  for (const options of [
    { url: '/api/v2/user/1/' },
    { url: '/api/users/', headers: { authorization: 'Token x' } },
    { url: '/openapi.json' },
    { method: 'HEAD', url: '/openapi.json' },
    { url: '/docs/json' },
    { url: '/docs/yaml' },
    { method: 'POST', url: '/api/sign-in/', payload: { email: 'ada@example.com', password: PASSWORD } },
    { method: 'POST', url: '/api/sign-up/', payload: { username: 'eve', email: 'eve@example.com', password: PASSWORD } },
  ] as const) t.equal((await send(options)).statusCode, 429, `${'method' in options ? options.method : 'GET'} ${options.url}`)
  t.equal((await send({ url: '/api/profile/', headers: ada.headers })).statusCode, 200, 'who is signed in does not pay for their neighbours')
  t.equal((await send({ url: '/api/v2/user/1/', remoteAddress: '192.0.2.2' })).statusCode, 200)
  t.equal((await send({ url: '/api/v2/user/1/', remoteAddress: `::ffff:${ADDRESS}` })).statusCode, 429)

  const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' }
  for (const options of [
    { url: '/health/live' },
    { url: '/docs/' },
    { url: '/docs/static/swagger-initializer.js' },
    { url: '/media/avatars/0123456789abcdef0123456789abcdef.webp' },
    { method: 'OPTIONS', url: '/api/profile/', headers: preflight },
  ] as const) {
    const response = await send(options)
    t.not(response.statusCode, 429, options.url)
    t.same(told(response), [undefined, undefined, undefined])
  }
  t.equal((await send({ method: 'OPTIONS', url: '/api/profile/', headers: { authorization: 'Token x' } })).statusCode, 429, 'a guess by OPTIONS')
})

t.test('an API token has no limit, or the one it is given', async (t) => {
  skippableClock(t)
  const free = await build(t, { rateLimit: true })
  const person = await signUp(free, 'ada', { isStaff: true })
  const key = await tokenOf(free, person)
  for (let i = 0; i < 400; i++) {
    const response = await free.app.inject({ url: `/api/users/${person.id}/`, headers: key })
    if (response.statusCode !== 200 || told(response)[0] !== undefined) t.fail(`${i}: ${response.statusCode}, ${String(told(response))}`)
  }

  const rated = await build(t, { rateLimit: true, tokenRate: 7 })
  const ada = await signUp(rated, 'ada', { isStaff: true })
  const [first, second] = [await tokenOf(rated, ada), await tokenOf(rated, ada)]
  const get = (headers: object) => rated.app.inject({ url: `/api/users/${ada.id}/`, headers: { ...headers } })
  for (let left = 6; left >= 0; left--) t.same(told(await get(first)).slice(0, 2), ['7', String(left)])
  t.equal((await get(first)).statusCode, 429)
  t.equal((await get(second)).statusCode, 200)
})

t.test('each family says it in its own words', async (t) => {
  skippableClock(t)
  const built = await build(t, { rateLimit: true })
  for (let i = 0; i < 300; i++) await built.app.inject({ url: '/api/v2/user/1/', remoteAddress: ADDRESS })
  for (const [url, body] of [
    ['/api/v2/user/1/', (text: string) => ({ errors: [{ code: 'throttled', message: text }] })],
    ['/api/users/', (text: string) => ({ detail: text })],
    ['/api/profile/', (text: string) => ({ detail: text })],
    ['/api/v2/nothing/', (text: string) => ({ errors: [{ code: 'throttled', message: text }] })],
  ] as const) {
    const response = await built.app.inject({ url, remoteAddress: ADDRESS })
    const wait = Number(response.headers['retry-after'])
    t.equal(response.statusCode, 429, url)
    t.same(response.json(), body(`Request was throttled. Expected available in ${wait} ${wait === 1 ? 'second' : 'seconds'}.`))
    t.match(response.headers, { 'ratelimit-limit': '300', 'ratelimit-remaining': '0', 'ratelimit-reset': String(wait) })
  }
})

t.test('the address is the proxy\'s word only when the proxy is trusted', async (t) => {
  skippableClock(t)
  const tries = async (options: object) => {
    const { app } = await build(t, { rateLimit: true, ...options })
    return async (remoteAddress: string, forwarded: (i: number) => string) => {
      let allowed = 0
      for (let i = 0; i < 310; i++) {
        const { statusCode } = await app.inject({ url: '/api/v2/user/1/', remoteAddress, headers: { 'x-forwarded-for': forwarded(i) } })
        if (statusCode !== 429) allowed++
      }
      return allowed
    }
  }

  const untrusted = await tries({})
  t.equal(await untrusted(ADDRESS, (i) => `198.51.100.${i % 250}`), 300, 'nobody is trusted')

  const trusted = await tries({ trustProxy: ['192.0.2.0/24'], publicUrl: 'https://example.com' })
  t.equal(await trusted(ADDRESS, (i) => `198.51.100.${i % 250}`), 310, 'many clients of one proxy')
  t.equal(await trusted(ADDRESS, () => '203.0.113.1'), 300, 'one client')
  t.equal(await trusted(ADDRESS, (i) => `198.51.100.${i % 250}, 203.0.113.1`), 0, 'who writes the header before the proxy does')
  t.equal(await trusted('203.0.113.9', (i) => `198.51.100.${i % 250}`), 300, 'somebody past the proxy')
})

t.test('switched off, nothing is told and nobody refused', async (t) => {
  const built = await build(t, { rateLimit: false })
  for (let i = 0; i < 310; i++) {
    const response = await built.app.inject({ url: '/api/profile/', remoteAddress: ADDRESS })
    if (response.statusCode !== 401 || told(response)[0] !== undefined) t.fail(`${i}: ${response.statusCode}`)
  }
})

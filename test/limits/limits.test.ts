import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createLimits } from '../../src/core/limits/index.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

function world (options: { isOn?: boolean, tokenRate?: number } = {}) {
  const clock = { now: 1_000 }
  return { clock, limits: createLimits({ isOn: true, ...options, now: () => clock.now }) }
}

const ordinary = (id: number) => ({ id, isStaff: false, isAdmin: false })
const staff = (id: number) => ({ id, isStaff: true, isAdmin: false })
const SPEND = async () => undefined

/** How many of so many tries are let through. */
async function allowed (tries: number, attempt: (i: number) => unknown): Promise<number> {
  let count = 0
  for (let i = 0; i < tries; i++) {
    try {
      await attempt(i)
      count++
    } catch (error) {
      if ((error as { code?: string }).code !== 'throttled') throw error
    }
  }
  return count
}

t.test('five failures a minute for an account, from however many addresses', async (t) => {
  const { clock, limits } = world()
  const guess = (i: number) => limits.signIn({ account: 7, address: `192.0.2.${i}` })
  t.equal(await allowed(50, guess), 5)
  await t.rejects(() => guess(200), { code: 'throttled', params: { wait: 60, limit: 5 } })
  clock.now += MINUTE - 1
  await t.rejects(() => guess(200), { code: 'throttled', params: { wait: 1 } }, 'what was refused has not moved the end')
  clock.now += 1
  t.equal(await allowed(50, guess), 5, 'the next minute')
})

t.test('five failures a minute for an address, for however many accounts', async (t) => {
  const { clock, limits } = world()
  t.equal(await allowed(50, (i) => limits.signIn({ account: i, address: '192.0.2.1' })), 5)
  t.equal(await allowed(1, () => limits.signIn({ account: 40, address: '192.0.2.2' })), 1, 'a refused guess has cost the account nothing')
  t.equal(await allowed(50, () => limits.signIn({ account: 40, address: '192.0.2.2' })), 4)
  clock.now += MINUTE
  t.equal(await allowed(50, (i) => limits.signIn({ account: i, address: '192.0.2.1' })), 5)
})

t.test('a success is given back to both, once', async (t) => {
  const { limits } = world()
  for (let i = 0; i < 20; i++) await (await limits.signIn({ account: 1, address: '192.0.2.1' })).succeeded()
  const failure = () => limits.signIn({ account: 1, address: '192.0.2.1' })
  t.equal(await allowed(4, failure), 4)
  const success = await failure()
  await t.rejects(failure, { code: 'throttled' })
  await success.succeeded()
  await success.succeeded()
  t.equal(await allowed(5, failure), 1, 'earlier failures still count')
})

t.test('what is typed for nobody counts as an account would: either case, not another letter', async (t) => {
  const { limits } = world()
  const guess = (account: string) => (i: number) => limits.signIn({ account, address: `192.0.2.${i}` })
  t.equal(await allowed(3, guess('Nobody@Example.com')), 3)
  t.equal(await allowed(9, guess('nobody@example.COM')), 2)
  t.equal(await allowed(9, guess('nobody@example.org')), 5)
  t.equal(await allowed(9, guess('\u212Aim')), 5)
  t.equal(await allowed(9, guess('kim')), 5, 'the database does not take the Kelvin sign for a k either')
  t.equal(await allowed(9, guess('7')), 5)
  t.equal(await allowed(9, (i) => limits.signIn({ account: 7, address: `192.0.2.${i}` })), 5, 'nobody named 7 is not account 7')
})

t.test('three codes an hour to a mail address, and three for an address without credentials', async (t) => {
  const { clock, limits } = world()
  t.equal(await allowed(9, (i) => limits.code({ email: i % 2 ? 'Ada@example.com' : 'ada@example.com', address: `192.0.2.${i}` })(SPEND)), 3)
  t.equal(await allowed(9, () => limits.code({ email: 'ada@example.com' })(SPEND)), 0)
  t.equal(await allowed(9, (i) => limits.code({ email: `p${i}@example.com`, address: '192.0.2.100' })(SPEND)), 3)
  t.equal(await allowed(9, (i) => limits.code({ email: `q${i}@example.com` })(SPEND)), 9)
  await t.rejects(limits.code({ email: 'ada@example.com' }).ask(), { code: 'throttled', params: { wait: 3_600, limit: 3 } })
  clock.now += HOUR
  t.equal(await allowed(9, () => limits.code({ email: 'ada@example.com', address: '192.0.2.100' })(SPEND)), 3)
})

t.test('when two limits refuse, the wait is the longer one', async (t) => {
  const { clock, limits } = world()
  await allowed(3, () => limits.code({ email: 'ada@example.com' })(SPEND))
  clock.now += HOUR / 2
  await allowed(3, (i) => limits.code({ email: `p${i}@example.com`, address: '192.0.2.1' })(SPEND))
  await t.rejects(limits.code({ email: 'ada@example.com', address: '192.0.2.1' }).ask(), { code: 'throttled', params: { wait: 3_600 } })
})

t.test('ten uploads a minute for a person, whatever they sign in with', async (t) => {
  const { clock, limits } = world()
  const address = '192.0.2.1'
  const upload = (id: number, kind: 'session' | 'key' | 'token', person = ordinary(id)) => (i: number) => limits.upload({ person, credential: { kind, id: i }, address })
  t.equal(await allowed(6, upload(1, 'session')), 6)
  t.equal(await allowed(20, upload(1, 'token')), 4)
  t.equal(await allowed(20, upload(2, 'session')), 10)
  t.equal(await allowed(20, upload(1, 'key')), 0, 'C2 nobody escapes by making an API token')
  t.equal(await allowed(100, upload(3, 'key', staff(3))), 100, 'those of staff have no limit')
  t.equal(await allowed(20, upload(3, 'session', staff(3))), 10)
  t.equal(await allowed(20, () => limits.upload({ person: null, credential: null, address })), 10)
  clock.now += MINUTE
  t.equal(await allowed(20, upload(1, 'session')), 10)
  t.equal(await allowed(20, (i) => world({ tokenRate: 500 }).limits.upload({ person: staff(1), credential: { kind: 'key', id: i }, address })), 20)
  const { limits: rated } = world({ tokenRate: 500 })
  t.equal(await allowed(20, () => rated.upload({ person: staff(1), credential: { kind: 'key', id: 1 }, address })), 10, 'unless they have a rate')
})

t.test('C2 three hundred requests in ten seconds for a person, whatever they show; for an address only without a credential', async (t) => {
  const { clock, limits } = world()
  const address = '192.0.2.1'
  const show = (kind: 'session' | 'token' | 'key', id: number, person = ordinary(1)) => () => limits.request({ person, credential: { kind, id }, address })
  const nobody = () => limits.request({ person: null, credential: null, address })
  t.same(show('session', 1)(), { limit: 300, remaining: 299, reset: 10 })
  t.equal(await allowed(100, show('session', 1)), 100)
  t.equal(await allowed(100, show('session', 2)), 100, 'another session')
  t.equal(await allowed(50, show('token', 1)), 50, 'what was made elsewhere')
  t.equal(await allowed(400, show('key', 1)), 49, 'an API token')
  t.equal(await allowed(400, show('session', 3, ordinary(2))), 300, 'somebody else')
  t.equal(await allowed(400, nobody), 300)
  t.throws(nobody, { code: 'throttled', params: { wait: 10, limit: 300 } })
  clock.now += 9_001
  t.throws(nobody, { code: 'throttled', params: { wait: 1, limit: 300 } })
  clock.now += 999
  t.same(nobody(), { limit: 300, remaining: 299, reset: 10 })
})

t.test('C2 an API token of staff makes as many requests as it likes, or as many as it is said to', async (t) => {
  const key = { person: staff(1), credential: { kind: 'key', id: 1 }, address: '192.0.2.1' } as const
  const free = world().limits
  t.equal(free.request(key), undefined)
  t.equal(await allowed(2_000, () => free.request(key)), 2_000)
  t.equal(await allowed(400, () => free.request({ ...key, credential: { kind: 'session', id: 1 } })), 300, 'which cost their session nothing')
  t.equal(await allowed(400, () => free.request({ person: null, credential: null, address: '192.0.2.1' })), 300, 'nor their address')

  const rated = world({ tokenRate: 40 }).limits
  t.same(rated.request(key), { limit: 40, remaining: 39, reset: 10 })
  t.equal(await allowed(100, () => rated.request(key)), 39)
  t.equal(await allowed(100, () => rated.request({ ...key, credential: { kind: 'key', id: 2 } })), 40)
  t.equal(await allowed(100, () => rated.request({ ...key, person: ordinary(2), credential: { kind: 'key', id: 3 } })), 40, 'and those of others no more')
})

t.test('C3 ten new addresses an hour, whoever has them, for who is neither staff nor admin', async (t) => {
  const { clock, limits } = world()
  t.equal(await allowed(20, () => limits.newEmail(ordinary(1))), 10)
  t.equal(await allowed(20, () => limits.newEmail(ordinary(2))), 10)
  t.equal(await allowed(20, () => limits.newEmail(staff(3))), 20)
  clock.now += HOUR
  t.equal(await allowed(20, () => limits.newEmail(ordinary(1))), 10)
})

t.test('C3 a code costs its quota when it is written, and not before', async (t) => {
  const { limits } = world()
  const code = () => limits.code({ email: 'ada@example.com', person: 1 })
  for (let i = 0; i < 5; i++) await t.rejects(code()(() => Promise.reject(new Error('the picture could not be made'))))
  code()
  const [early, late] = [code(), code()]
  t.equal(await early(async () => 'written'), 'written')
  t.equal(await allowed(9, () => code()(async () => undefined)), 2)
  await t.rejects(late(async () => undefined), { code: 'throttled' }, 'others were quicker')
  await t.rejects(code().ask(), { code: 'throttled' })
})

t.test('IPv6 counts by its /64, a mapped IPv4 address as itself', async (t) => {
  const { limits } = world()
  const from = (address: string) => allowed(400, () => limits.request({ person: null, credential: null, address }))
  t.equal(await from('2001:db8:1:2::1'), 300)
  t.equal(await from('2001:db8:1:2:ffff:eeee:dddd:cccc'), 0)
  t.equal(await from('2001:0DB8:0001:0002:0:0:0:9'), 0)
  t.equal(await from('2001:db8:1:3::1'), 300)
  t.equal(await from('2001:db8::1'), 300, 'two colons stand for zeros')
  t.equal(await from('2001:db8:0:0:7::'), 0)
  t.equal(await from('fe80::1%eth0'), 300)
  t.equal(await from('192.0.2.1'), 300)
  t.equal(await from('::ffff:192.0.2.1'), 0)
  t.equal(await from('::ffff:192.0.2.2'), 300)
  t.equal(await from('::1'), 300)
  t.equal(await from('::2'), 300, 'the special addresses are nobody\'s /64')
  t.equal(await from('unknown'), 300)
  t.equal(await from(''), 300)
})

t.test('switched off, nothing is counted', async (t) => {
  const { limits } = world({ isOn: false, tokenRate: 1 })
  const address = '192.0.2.1'
  t.equal(limits.request({ person: null, credential: null, address }), undefined)
  t.equal(await allowed(500, () => limits.request({ person: staff(1), credential: { kind: 'key', id: 1 }, address })), 500)
  t.equal(await allowed(20, () => limits.upload({ person: ordinary(1), credential: null, address })), 20)
  t.equal(await allowed(20, () => limits.code({ email: 'ada@example.com', address })(SPEND)), 20)
  t.equal(await allowed(20, () => limits.signIn({ account: 1, address })), 20)
  await t.resolves((await limits.signIn({ account: 1, address })).succeeded())
})

t.test('what guessers type is not kept: a key is as short as any other', async (t) => {
  const { limits } = world()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  for (let i = 0; i < 100; i++) await limits.signIn({ account: `${i}${'x'.repeat(1_000_000)}`, address: `2001:db8:${i.toString(16)}::` })
  const grown = heap() - before
  t.ok(grown < 10_000_000, `${grown} bytes of 100 million were kept`)
  await t.rejects(async () => { for (let i = 0; i < 6; i++) await limits.signIn({ account: 1, address: '2001:db8:1::' }) }, { code: 'throttled' })
})

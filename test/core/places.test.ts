import t from 'tap'
import { createPlaces } from '../../src/core/limits/places.ts'
import { createPasswords } from '../../src/core/sign-in/passwords.ts'

const BUSY = { code: 'unavailable' }

/** A job that lasts until it is told to end. */
function job () {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { run: () => promise, end: () => resolve('done'), fail: () => reject(new Error('no')) }
}

t.test('C2 who is beyond their share is refused, and others find room', async (t) => {
  const { hold } = createPlaces({ all: 6, share: 2, atOnce: 6 })
  const [one, two] = [job(), job()]
  const held = [hold('eve', one.run), hold('eve', two.run)]
  await t.rejects(hold('eve', async () => undefined), BUSY)
  t.equal(await hold('ada', async () => 'at once'), 'at once')
  t.equal(await hold(7, async () => 'at once'), 'at once')
  one.end()
  two.fail()
  t.equal(await held[0], 'done')
  await t.rejects(held[1] as Promise<string>, { message: 'no' })
  t.equal(await hold('eve', async () => 'again'), 'again', 'a failure gives its place back as well')
})

t.test('C2 all places have an end', async (t) => {
  const { hold } = createPlaces({ all: 3, share: 2, atOnce: 3 })
  const jobs = [job(), job(), job()]
  const held = jobs.map(({ run }, i) => hold(i, run))
  await t.rejects(hold('late', async () => undefined), BUSY)
  for (const { end } of jobs) end()
  await Promise.all(held)
  t.equal(await hold('late', async () => 'now'), 'now')
})

t.test('C2 the queue of password hashes has an end, and a share for each', async (t) => {
  const slow = job()
  const hasher = { hash: async () => 'hash', verify: async () => await slow.run() === 'done', isKnown: () => true, isCurrent: () => true }
  const passwords = createPasswords(hasher)
  const ask = (who: string | number) => passwords.compare('hash', 'typed', who).then(() => 'compared', (error: { code: string }) => error.code)
  const answers = Array.from({ length: 40 }, () => ask('one address')).concat(Array.from({ length: 600 }, (_, i) => ask(i)))
  slow.end()
  const found = await Promise.all(answers)
  t.same([found.slice(0, 40), found.slice(40)].map((some) => some.filter((answer) => answer === 'compared').length), [32, 96])
  t.equal(found.filter((answer) => answer === 'unavailable').length, 512)
})

t.test('C2 whoever waits for little does not wait for those who wait for much', async (t) => {
  const { hold } = createPlaces({ all: 20, share: 6, atOnce: 2 })
  const order: string[] = []
  const slow = job()
  const ask = (who: string) => hold(who, async () => { order.push(who); await slow.run() })
  const asked = [...Array.from({ length: 6 }, () => ask('eve')), ask('ada'), ask('bob'), ask('ada')]
  t.same(order, ['eve', 'eve'], 'two are at work')
  slow.end()
  await Promise.all(asked)
  t.same(order, ['eve', 'eve', 'eve', 'ada', 'bob', 'eve', 'ada', 'eve', 'eve'])
})

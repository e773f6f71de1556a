import t from 'tap'
import type { Test } from 'tap'
import { createLimits } from '../../src/core/limits/index.ts'
import { openDatabase } from '../../src/db/index.ts'
import type { Database } from '../../src/db/index.ts'
import { startPostgres } from '../postgres.ts'

// What several processes on one database have in common; each has connections of its own.

const server = await startPostgres('18')

const openIn = async (t: Test, url: string, { exclusive = false } = {}): Promise<Database> => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive, url, connections: 6 })
  t.teardown(() => db.close())
  return db
}

/** How many of those that are tried at once are let through; the others were refused with this wait. */
async function letThrough (tries: Promise<unknown>[]): Promise<[number, ...number[]]> {
  const ends = await Promise.allSettled(tries)
  const waits = ends.flatMap((end) => end.status === 'rejected' ? [(end.reason as { params: { wait: number } }).params.wait] : [])
  return [ends.length - waits.length, ...new Set(waits)]
}

t.test('limits are counted together', async (t) => {
  const url = await server.createDatabase()
  const clocks = [{ now: 1_000 }, { now: 77_000.5 }]
  const [one, other] = [await counterOf(clocks[0]), await counterOf(clocks[1])]
  async function counterOf (clock?: { now: number }) {
    const db = await openIn(t, url)
    return { db, ...createLimits({ isOn: true, shared: db.uses, now: () => clock?.now ?? 0 }) }
  }
  const skip = (seconds: number) => { for (const clock of clocks) clock.now += seconds * 1_000 }
  const guesses = (account: number, from: number, count = 20) => Array.from({ length: count }, (_, i) => (i % 2 ? one : other).signIn({ account, address: `192.0.2.${from + i}` }))

  t.same(await letThrough(guesses(1, 0)), [5, 60])
  t.same(await letThrough([one.signIn({ account: 2, address: '192.0.2.1' }), other.signIn({ account: 2, address: '192.0.2.1' }), ...guesses(2, 40)]), [5, 60], 'a refused guess has cost the address nothing')
  skip(61)
  t.same(await letThrough(guesses(1, 0)), [5, 60], 'the next minute')

  const success = await one.signIn({ account: 3, address: '203.0.113.1' })
  for (let i = 0; i < 2; i++) await success.succeeded()
  t.same(await letThrough(guesses(3, 60)), [5, 60], 'a success is given back, once')
  const late = await one.signIn({ account: 4, address: '203.0.113.2' })
  skip(61)
  t.same(await letThrough(guesses(4, 80)), [5, 60])
  await late.succeeded()
  t.same(await letThrough(guesses(4, 100, 1)), [0, 60], 'to its own window and no later one')

  let codes = 0
  const written = async () => { codes++ }
  t.same(await letThrough(Array.from({ length: 9 }, (_, i) => (i % 2 ? one : other).code({ email: 'ada@example.com', person: i })(written))), [3, 3_600])
  t.equal(codes, 3)
  await t.rejects(one.code({ email: 'grace@example.com' })(() => Promise.reject(new Error('no'))), { message: 'no' })
  t.same(await letThrough(Array.from({ length: 9 }, () => other.code({ email: 'grace@example.com' })(written))), [3, 3_600], 'what was not written costs nothing')
  await t.rejects(one.code({ email: 'GRACE@example.com' }).ask(), { code: 'throttled', params: { wait: 3_600 } })
  await t.resolves(one.code({ email: 'joan@example.com' }).ask())
  t.same(await letThrough(Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).signUp({ address: '192.0.2.1' }))), [10, 60])

  skip(3_601)
  await one.removeEnded()
  t.same(await one.db.uses?.full([{ name: 'guess account 1', limit: 0, seconds: 1 }], 0), [], 'nothing is left of what is over')
})

t.test('where the count cannot be taken, nobody passes', async (t) => {
  const own = await startPostgres('18')
  const db = await openIn(t, await own.createDatabase())
  const limits = createLimits({ isOn: true, shared: db.uses })
  const { succeeded } = await limits.signIn({ account: 1, address: '192.0.2.1' })
  await own.stop('SIGQUIT')
  await t.rejects(limits.signIn({ account: 1, address: '192.0.2.1' }), { code: 'DATABASE_BUSY' })
  await t.rejects(limits.code({ email: 'ada@example.com' }).ask(), { code: 'DATABASE_BUSY' })
  await t.resolves(succeeded(), 'who is in stays in')
  await own.start()
  await t.resolves(limits.signIn({ account: 1, address: '192.0.2.1' }))
  await own.stop()
})

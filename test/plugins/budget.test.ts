import t from 'tap'
import Fastify from 'fastify'
import type { FastifyRequest } from 'fastify'
import visage from '../../src/app.ts'
import { createBudget } from '../../plugins/body/budget.ts'
import { placeOf } from '../engines.ts'
import { build, folderFor } from '../helper.ts'

const KIB = 1_024
/** What is not counted of each body. */
const FREE = 4 * KIB
const MOST = 320 * KIB

type Sender = Pick<FastifyRequest, 'actor' | 'ip'>
const from = (ip: string): Sender => ({ actor: null, ip })
const by = (id: number, ip = '192.0.2.1'): Sender => ({ actor: { id } as FastifyRequest['actor'], ip })

t.test('bodies in memory are counted together, and given back', async (t) => {
  const budget = createBudget(MOST)
  const people = [1, 2, 3, 4].map((id) => by(id))
  for (const person of people) budget.hold(person, MOST / 4 + FREE)
  const late = by(5)
  t.throws(() => budget.hold(late, FREE + 1), { code: 'unavailable' })
  budget.hold(late, FREE)
  t.throws(() => budget.hold(late, 1), { code: 'unavailable' })
  budget.release(people[0] as Sender)
  budget.hold(late, FREE + MOST / 4)
  for (const sender of [...people, late, late]) budget.release(sender)
  for (const id of [6, 7, 8, 9]) budget.hold(by(id), MOST / 4 + FREE)
})

t.test('C1 an address without a credential holds an eighth, a person a quarter, whatever they show', async (t) => {
  const budget = createBudget(MOST)
  const requests = [from('203.0.113.1'), from('::ffff:203.0.113.1'), from('203.0.113.1')] as const
  budget.hold(requests[0], FREE + MOST / 16)
  budget.hold(requests[1], FREE + MOST / 16)
  t.throws(() => budget.hold(requests[2], FREE + 1), { code: 'unavailable' })
  budget.hold(from('203.0.113.2'), FREE + MOST / 8)
  budget.hold(from('2001:db8::1'), FREE + MOST / 8)
  t.throws(() => budget.hold(from('2001:db8::2'), FREE + 1), { code: 'unavailable' }, 'one network')

  budget.hold(by(1, '203.0.113.1'), FREE + MOST / 8)
  budget.hold(by(1, '203.0.113.9'), FREE + MOST / 8)
  t.throws(() => budget.hold(by(1, '203.0.113.10'), FREE + 1), { code: 'unavailable' }, 'from wherever they come')
  budget.hold(by(2, '203.0.113.1'), FREE + MOST / 4)
  budget.release(requests[0])
  budget.hold(requests[2], FREE + MOST / 16)
})

t.test('C1 what is small comes through when nothing is left', async (t) => {
  const budget = createBudget(MOST)
  for (let i = 0; i < 8; i++) budget.hold(from(`203.0.113.${i}`), FREE + MOST / 8)
  for (const sender of [from('203.0.113.0'), from('192.0.2.1'), by(1)]) {
    for (let i = 0; i < FREE; i++) budget.hold(sender, 1)
    t.throws(() => budget.hold(sender, 1), { code: 'unavailable' })
  }
})

t.test('C1 the largest body that is allowed fits into a share', async (t) => {
  const budget = createBudget(MOST)
  t.throws(() => budget.hold(by(1), MOST), { code: 'unavailable' })
  budget.fit(MOST)
  budget.hold(by(1), MOST)
  budget.hold(by(2), MOST)
  t.throws(() => budget.hold(by(1), 2 * FREE + 1), { code: 'unavailable' })
})

t.test('requests give back what they held, however they end', async (t) => {
  const { app } = await build(t)
  // Together twice the share of an address: refused ones, broken ones and ones that nobody reads.
  for (let i = 0; i < 300; i++) {
    const payload = `${i % 2 === 0 ? '{"email":"' : '["'}${'x'.repeat(60_000)}${i % 3 === 0 ? '' : '"}'}`
    const url = i % 5 === 0 ? '/api/profile/' : '/api/sign-in/'
    const { statusCode } = await app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } })
    t.ok(statusCode === 400 || statusCode === 401, `${i}: ${statusCode}`)
  }
})

t.test('C1 what another application refuses is given back as well', async (t) => {
  const host = Fastify()
  t.teardown(() => host.close())
  let isRefusing = true
  host.addHook('preValidation', async () => { if (isRefusing) throw Object.assign(new Error('not today'), { statusCode: 400 }) })
  await host.register(visage, { ...placeOf(folderFor(t)), rateLimit: false, logLevel: 'silent' })
  const send = async () => (await host.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: 'x'.repeat(80_000) } })).statusCode
  for (let i = 0; i < 120; i++) await send()
  isRefusing = false
  t.equal(await send(), 400)
})

import t from 'tap'
import type { FastifyRequest } from 'fastify'
import { createBudget } from '../../plugins/body/budget.ts'
import { build } from '../helper.ts'

t.test('bodies in memory are counted together, and given back', async (t) => {
  const budget = createBudget(100)
  const [one, other] = [{} as FastifyRequest, {} as FastifyRequest]
  budget.hold(one, 60)
  budget.hold(other, 30)
  t.throws(() => budget.hold(other, 11), { code: 'unavailable' })
  budget.hold(other, 10)
  budget.release(one)
  budget.hold(other, 60)
  budget.release(other)
  budget.release(other)
  budget.hold(one, 100)
})

t.test('requests give back what they held, however they end', async (t) => {
  const { app } = await build(t)
  // Together twice the budget: refused ones, broken ones and ones that nobody reads.
  for (let i = 0; i < 2_200; i++) {
    const payload = `${i % 2 === 0 ? '{"email":"' : '["'}${'x'.repeat(60_000)}${i % 3 === 0 ? '' : '"}'}`
    const url = i % 5 === 0 ? '/api/profile/' : '/api/sign-in/'
    const { statusCode } = await app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } })
    if (statusCode !== 400 && statusCode !== 401) t.fail(`${i}: ${statusCode}`)
  }
})

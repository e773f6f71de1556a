// The tests of `embed.ts`: an application's own tests make people without mails and passwords.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testVisage } from 'visage/testing'

test('whoever is signed in writes a note', async (t) => {
  const { app, person, as } = await testVisage(t)
  app.post<{ Body: { text: string } }>('/notes', { onRequest: app.visage.authenticate }, async (request) => ({ by: request.person?.username, ...request.body }))

  const ada = await person({ username: 'ada' })
  const written = await as(ada).inject({ method: 'POST', url: '/notes', payload: { text: 'Hello' } })
  assert.deepEqual(written.json(), { by: 'ada', text: 'Hello' })
  assert.equal((await app.inject({ method: 'POST', url: '/notes', payload: {} })).statusCode, 401)
})

test('staff change what a person may not', async (t) => {
  const { person, as } = await testVisage(t)
  const [ada, grace] = [await person(), await person({ isStaff: true })]
  const change = { method: 'PATCH', url: `/v1/people/${ada.id}`, payload: { isActive: false } } as const
  assert.equal((await as(ada).inject(change)).statusCode, 403)
  assert.equal((await as(grace).inject(change)).statusCode, 200)
})

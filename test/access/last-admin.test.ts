import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { createWorld } from './world.ts'

const ROUNDS = 200
const AT_ONCE = 20

/** Every way there is to make one admin fewer. */
const WAYS = [
  (id: number) => ({ method: 'PATCH', url: `/api/users/${id}/`, payload: { is_admin: false } }),
  (id: number) => ({ method: 'PATCH', url: `/api/users/${id}/`, payload: { is_active: false } }),
  (id: number) => ({ method: 'DELETE', url: `/api/users/${id}/` }),
  (id: number) => ({ method: 'DELETE', url: `/api/users/${id}/?hard=1` }),
  (id: number) => ({ method: 'DELETE', url: `/api/v2/user/${id}/` }),
  (id: number) => ({ method: 'DELETE', url: `/api/v2/user/${id}/?hard=1` }),
  (id: number) => ({ method: 'DELETE', url: `/api/profile/${id}/delete/` }),
  (id: number) => ({ method: 'DELETE', url: `/api/profile/${id}/delete/?hard=1` }),
] as const

t.test('two admins who get rid of each other, and of themselves, at once: one stays', async (t) => {
  const { app, core, make } = await createWorld(t)
  const statuses = new Map<number, number>()
  let left = await make('admin')
  for (let round = 0; round < ROUNDS; round++) {
    const pair = [left, await make('admin')] as const
    const attempts = Array.from({ length: round % 10 === 0 ? AT_ONCE : 2 }, (_, i) => {
      const [actor, target] = [pair[i % 2], pair[(i + (round % 3 === 0 ? 0 : 1)) % 2]]
      const way = WAYS[(round + i) % WAYS.length]
      return app.inject({ ...way?.(target?.id ?? 0), headers: actor?.headers ?? {} })
    })
    for (const { statusCode } of await Promise.all(attempts)) statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    const admins = []
    for (const person of pair) {
      const account = await core.db.read.users.find(person.id)
      if (account?.isAdmin === true && account.isActive) admins.push(person)
    }
    if (admins.length === 0) {
      t.fail(`round ${round}: no admin is left`)
      return
    }
    left = admins.at(-1) ?? left
    // Whoever is still an admin beside the one who goes on would make the next round easy.
    for (const { id } of admins.slice(0, -1)) await core.users.edit(OPERATOR, id, { isAdmin: false }, { family: 'operator' })
  }
  t.comment(Object.fromEntries(statuses))
  t.ok((statuses.get(204) ?? 0) + (statuses.get(200) ?? 0) > ROUNDS / 2, 'most rounds have somebody go')
  t.ok((statuses.get(403) ?? 0) + (statuses.get(400) ?? 0) > 0, 'and somebody refused')
  t.same([...statuses.keys()].filter((status) => status >= 500), [])
})

t.test('staff touch neither staff nor admins, and nobody gives what they do not have', async (t) => {
  const { app, core, make, state } = await createWorld(t)
  const staff = await make('staff')
  for (const rank of ['staff', 'admin'] as const) {
    const { id } = await make(rank)
    const before = state()
    for (const way of WAYS) t.equal((await app.inject({ ...way(id), headers: staff.headers })).statusCode, 403, JSON.stringify(way(id)))
    t.equal((await app.inject({ method: 'POST', url: `/api/users/${id}/tokens/`, headers: staff.headers, payload: { name: 'mine' } })).statusCode, 403)
    t.equal(state(), before)
  }
  const { id } = await make('ordinary')
  const before = state()
  for (const payload of [{ is_staff: true }, { is_admin: true }]) t.equal((await app.inject({ method: 'PATCH', url: `/api/users/${id}/`, headers: staff.headers, payload })).statusCode, 403)
  t.equal(state(), before)
  t.equal((await app.inject({ method: 'PATCH', url: `/api/users/${id}/`, headers: staff.headers, payload: { is_active: false } })).statusCode, 200)
  t.equal((await core.users.get(id)).isActive, false)
})

t.test('sessions and API tokens of others are not there', async (t) => {
  const { app, core, make, state } = await createWorld(t)
  const [owner, other] = [await make('ordinary'), await make('admin')]
  const { id: sessionId } = await core.db.write((tx) => tx.sessions.insert({ userId: owner.id, refreshId: 'r', device: '', address: '', createdAt: Date.now(), expiresAt: Date.now() + 60_000 }))
  const { key } = await core.keys.create(owner.id)
  const before = state()
  for (const base of ['/api/profile', '/api/users/me', '/api/v2/user/me']) {
    for (const rest of [`sessions/${sessionId}/`, `tokens/${key.id}/`]) t.equal((await app.inject({ method: 'DELETE', url: `${base}/${rest}`, headers: other.headers })).statusCode, 404, `${base}/${rest}`)
  }
  t.equal(state(), before)
  t.equal((await app.inject({ method: 'DELETE', url: `/api/profile/sessions/${sessionId}/`, headers: owner.headers })).statusCode, 204)
})

import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/app.ts'
import type { Options } from '../../src/app.ts'
import { openStore } from '../contract/world.ts'
import { ageSession, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { claimsOf } from '../hostile/tokens.ts'
import { createWorld } from '../life/world.ts'
import { statusOf } from './world.ts'

interface Row { refresh_id: string, expires_at: number, revoked_at: number | null, spent: string }
interface Pair { status: number, access: string, refresh: string }

/** The two places where a refresh token is traded: what is sent, what comes back, and the status of a refusal. */
const PLACES = [
  { path: '/api/token/refresh/', refused: 401, body: (refresh: string) => ({ refresh }), pairOf: ({ access = '', refresh = '' }: Record<string, string>) => ({ access, refresh }) },
  { path: '/oauth/token/', refused: 400, body: (token: string) => ({ grant_type: 'refresh_token', refresh_token: token }), pairOf: ({ access_token: access = '', refresh_token: refresh = '' }: Record<string, string>) => ({ access, refresh }) },
]

/** A service on a socket. */
async function listen (t: Test, options: Options = {}) {
  const world = await createWorld(t, options)
  await world.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = world.app.server.address() as AddressInfo
  const store = openStore(t, world.dataDir)
  const sidOf = (access: string) => Number(claimsOf(access).sid)
  return {
    ...world,
    port,
    store,
    trader: ({ path, body, pairOf }: typeof PLACES[number]) => async (refresh: string): Promise<Pair> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body(refresh)) })
      return { status: response.status, ...pairOf(await response.json() as Record<string, string>) }
    },
    /** What is stored of the session, but for when it was seen last. */
    rowOf ({ access }: { access: string }): Row {
      const { last_seen_at: _, ...row } = store.sql.prepare('select * from sessions where id = ?').get(sidOf(access)) as Row & { last_seen_at: number }
      return row
    },
    works: (access: string) => statusOf(world, { authorization: `Bearer ${access}` }),
  }
}

const world = await listen(t)
const { core, ask, port, rowOf, store, trader, works } = world
let born = 0
const somebody = (): Promise<Person> => signUp(world, `reader-${born++}`)

for (const place of PLACES) {
  const { path, refused, body } = place
  const trade = trader(place)

  t.test(`B1 twenty at once at POST ${path} get the same session's current pair`, async (t) => {
    const person = await somebody()
    const pairs = await Promise.all(Array.from({ length: 20 }, () => trade(person.refresh)))
    t.same(pairs.filter(({ status }) => status !== 200), [])
    t.same(new Set(pairs.map(({ refresh }) => claimsOf(refresh).jti)), new Set([rowOf(person).refresh_id]), 'one refresh token counts')
    t.same(new Set(pairs.map(({ access }) => claimsOf(access).sid)), new Set([claimsOf(person.access).sid]))
    t.same(await Promise.all([person.access, ...pairs.map(({ access }) => access)].map(works)), Array.from({ length: 21 }, () => 200))
    const next = await Promise.all(pairs.map(({ refresh }) => trade(refresh)))
    t.same(next.filter(({ status }) => status !== 200), [], 'and each tab goes on with what it got')
    t.equal(rowOf(person).revoked_at, null)
  })

  t.test(`B1 an answer of POST ${path} that is lost is asked for again`, async (t) => {
    let { refresh, access } = await somebody()
    for (let i = 0; i < 10; i++) {
      const payload = JSON.stringify(body(refresh))
      const socket = connect({ host: '127.0.0.1', port }).on('error', () => {})
      await once(socket, 'connect')
      await new Promise((resolve) => { socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`, resolve) })
      // Cut at once, or when the answer has begun to come.
      if (i % 2 === 1) await once(socket, 'data')
      socket.destroy()
      const again = await trade(refresh)
      t.equal(again.status, 200)
      t.equal(rowOf(again).refresh_id, claimsOf(again.refresh).jti);
      ({ refresh, access } = again)
    }
    t.equal(await works(access), 200)
  })

  t.test(`B1 what was spent before the last one yields the last one at POST ${path}, for as long as it may`, async (t) => {
    const first = await somebody()
    const second = await trade(first.refresh)
    const third = await trade(second.refresh)
    const before = rowOf(first)
    for (const { refresh } of [first, second, first]) {
      const again = await trade(refresh)
      t.equal(again.status, 200)
      t.equal(claimsOf(again.refresh).jti, claimsOf(third.refresh).jti)
      t.equal(claimsOf(again.refresh).exp, Math.floor(before.expires_at / 1_000))
    }
    t.same(rowOf(first), before, 'asking again moves nothing, nor the end of the session')

    await ageSession(world, first.access, 29)
    t.equal((await trade(second.refresh)).status, 200)
    const fourth = await trade(third.refresh)
    await ageSession(world, first.access, 2)
    t.equal((await trade(third.refresh)).status, 200, 'spent two seconds ago')
    t.equal((await trade(first.refresh)).status, refused, 'spent 31 seconds ago: somebody has copied it')
    t.same(await Promise.all([first, third, fourth].map(({ access }) => works(access))), [401, 401, 401], 'and everybody who holds this session is out')
    t.equal((await trade(fourth.refresh)).status, refused)
    t.not(rowOf(first).revoked_at, null)
  })

  t.test(`B1 a session that has ended yields nothing at POST ${path}`, async (t) => {
    const ends: [name: string, end: (person: Person) => Promise<unknown>, back?: (person: Person) => Promise<unknown>][] = [
      ['signed out', ({ headers }) => ask('POST', '/api/profile/sign-out/', undefined, headers)],
      ['all ended', ({ headers }) => ask('DELETE', '/api/users/me/sessions/', undefined, headers)],
      ['deactivated', ({ id }) => core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' }), ({ id }) => core.users.edit(OPERATOR, id, { isActive: true }, { family: 'operator' })],
      ['inactive, with a session that nobody ended', async ({ id }) => { store.set(id, { is_active: 0 }) }],
      ['hidden', ({ id }) => core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' }), ({ id }) => core.deletion.restore(OPERATOR, id, { family: 'operator' })],
    ]
    for (const [name, end, back] of ends) {
      const first = await somebody()
      const second = await trade(first.refresh)
      await end(first)
      t.same([await trade(first.refresh), await trade(second.refresh)].map(({ status }) => status), [refused, refused], name)
      await back?.(first)
      t.same([await trade(first.refresh), await trade(second.refresh)].map(({ status }) => status), [refused, refused], `${name}, and back`)
    }
  })
}

const [personal] = PLACES as [typeof PLACES[number]]

t.test('B1 a session remembers the sixteen that were spent last', async (t) => {
  const trade = trader(personal)
  const pairs: Pick<Pair, 'access' | 'refresh'>[] = [await somebody()]
  for (let i = 0; i < 20; i++) pairs.push(await trade(pairs.at(-1)?.refresh ?? ''))
  t.equal((JSON.parse(rowOf(pairs[0] as Pair).spent) as unknown[]).length, 16)
  const again = await trade(pairs.at(-17)?.refresh ?? '')
  t.same([again.status, claimsOf(again.refresh).jti], [200, claimsOf(pairs.at(-1)?.refresh ?? '').jti])
  t.equal((await trade(pairs.at(-18)?.refresh ?? '')).status, 401)
})

t.test('B1 without a grace a spent one ends the session at once', async (t) => {
  const strict = await listen(t, { refreshGrace: 0 })
  for (const place of PLACES) {
    const person = await signUp(strict, `strict-${place.refused}`)
    const pairs = await Promise.all(Array.from({ length: 20 }, () => strict.trader(place)(person.refresh)))
    t.same(pairs.map(({ status }) => status).sort(), [200, ...Array.from({ length: 19 }, () => place.refused)])
    t.equal(await strict.works(person.access), 401)
  }
})

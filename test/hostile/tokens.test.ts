import t from 'tap'
import { ageSession, build, signUp } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { CHALLENGE, GUARDED, WITH_ID, at, blamed, named } from './routes.ts'
import type { Route } from './routes.ts'
import { openRows } from './traces.ts'
import { claimsOf, hostile, mint } from './tokens.ts'

const jwtSecret = 'the secret of this test, and long enough'
const REFUSED = { detail: 'Token is invalid or expired', code: 'token_not_valid' }
const WRONG_TYPE = { detail: 'Token has wrong type', code: 'token_not_valid' }

function send ({ app }: Built, route: Route, id: number, token: string, keyword = 'Bearer') {
  const url = at(route, id)
  return app.inject({ method: route.method, url, headers: { authorization: `${keyword} ${token}` }, ...route.method !== 'GET' && { payload: {} } })
}

/** What is wrong with the refusal of this token, on every route; nothing is what is wanted. */
async function accepted (built: Built, { id }: Person, tokens: Record<string, string>): Promise<string[]> {
  const wrong: string[] = []
  for (const [name, token] of Object.entries(tokens)) {
    for (const route of GUARDED) {
      const { statusCode, headers, body } = await send(built, route, id, token, wrong.length % 2 === 0 ? 'Bearer' : 'Token')
      const isRefused = statusCode === 401 && headers['www-authenticate'] === CHALLENGE[route.family] && blamed(route.family, body)?.join() === ''
      if (!isRefused) wrong.push(`${name}: ${named(route)}: ${statusCode} ${body.slice(0, 80)}`)
    }
  }
  return wrong
}

for (const mintedTokens of [false, true]) {
  t.test(`hostile tokens, minted ones ${mintedTokens ? 'accepted' : 'refused'}`, async (t) => {
    const built = await build(t, { jwtSecret, mintedTokens })
    const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
    const bob = await signUp(built, 'bob')
    const rows = openRows(built.dataDir)
    t.teardown(rows.close)

    const payload = claimsOf(ada.access)
    const refresh = claimsOf(ada.refresh)
    const otherSid = Number(claimsOf(bob.access).sid)
    const tokens = hostile({ payload, refresh, secret: jwtSecret, otherSid })
    const { sid: _, ...foreign } = payload
    const ofMinted = Object.fromEntries(Object.entries(hostile({ payload: foreign, refresh, secret: jwtSecret, otherSid }))
      .filter(([name]) => name !== 'sid null').map(([name, token]) => [`${name}, without sid`, token]))

    const before = rows.all()
    t.same(await accepted(built, ada, tokens), [])
    t.same(await accepted(built, ada, ofMinted), [])
    t.same(rows.all(), before, 'no row has changed')
    t.comment(`${(Object.keys(tokens).length + Object.keys(ofMinted).length) * GUARDED.length} cells: ${Object.keys(tokens).length} tokens with and without sid, ${GUARDED.length} routes`)

    // The same tokens without what is wrong with them, or the test would prove nothing.
    for (const route of GUARDED) {
      t.not((await send(built, route, ada.id, mint(payload, jwtSecret))).statusCode, 401, `${named(route)} with a good token`)
      t.equal((await send(built, route, ada.id, mint(foreign, jwtSecret))).statusCode === 401, !mintedTokens, `${named(route)} with a minted one`)
      t.equal((await send(built, route, ada.id, mint({ ...foreign, jti: 5 }, jwtSecret))).statusCode === 401, !mintedTokens, 'whose jti is a number')
    }
  })
}

t.test('a minted token counts only when it is younger than the last revocation', async (t) => {
  const built = await build(t, { jwtSecret, mintedTokens: true })
  const ada = await signUp(built, 'ada')
  const { sid: _, ...claims } = claimsOf(ada.access)
  const iat = Number(claims.iat)
  const status = async () => (await send(built, WITH_ID[0] as Route, ada.id, mint(claims, jwtSecret))).statusCode
  const revokedAt = (time: number) => built.core.db.write((tx) => tx.users.update(ada.id, { revokedAt: time }))
  // The clock of whoever made it may be a minute ahead.
  await revokedAt((iat - 60) * 1_000 - 1)
  t.equal(await status(), 200)
  await revokedAt((iat - 60) * 1_000)
  t.equal(await status(), 401)
  await built.core.db.write((tx) => tx.users.update(ada.id, { revokedAt: null, isActive: false }))
  t.equal(await status(), 401)
})

t.test('a revoked session ends its access and its refresh token at once', async (t) => {
  const built = await build(t, { jwtSecret })
  const ada = await signUp(built, 'ada', { isStaff: true })
  t.equal((await send(built, GUARDED.at(-1) as Route, ada.id, ada.access)).statusCode, 200)
  await built.core.db.write((tx) => tx.sessions.revoke(Number(claimsOf(ada.access).sid), Date.now()))
  t.same(await accepted(built, ada, { 'of a revoked session': ada.access }), [])
  const response = await built.app.inject({ method: 'POST', url: '/api/token/refresh/', payload: { refresh: ada.refresh } })
  t.equal(response.statusCode, 401)
  t.same(response.json(), REFUSED)
})

t.test('the tokens of an inactive account are refused', async (t) => {
  const built = await build(t, { jwtSecret })
  const ada = await signUp(built, 'ada', { isStaff: true })
  await built.core.db.write((tx) => tx.users.update(ada.id, { isActive: false }))
  t.same(await accepted(built, ada, { 'of an inactive account': ada.access }), [])
  const profile = await send(built, GUARDED.at(-1) as Route, ada.id, ada.access)
  t.same(profile.json(), { detail: 'User is inactive', code: 'user_inactive' })
})

t.test('POST /api/token/refresh/', async (t) => {
  const built = await build(t, { jwtSecret })
  const refresh = async (token: string) => await built.app.inject({ method: 'POST', url: '/api/token/refresh/', payload: { refresh: token } })

  await t.test('hostile tokens', async (t) => {
    const ada = await signUp(built, 'ada')
    const bob = await signUp(built, 'bob')
    const tokens = hostile({ payload: claimsOf(ada.refresh), refresh: claimsOf(ada.access), secret: jwtSecret, otherSid: Number(claimsOf(bob.access).sid) })
    for (const [name, token] of Object.entries({ ...tokens, 'without a session': mint({ ...claimsOf(ada.refresh), sid: undefined }, jwtSecret) })) {
      const response = await refresh(token)
      t.equal(response.statusCode, 401, name)
      t.same(response.json(), name === 'the other token_type' ? WRONG_TYPE : REFUSED, name)
      t.equal(response.headers['www-authenticate'], CHALLENGE.personal)
    }
    t.comment(`${Object.keys(tokens).length + 1} tokens`)
    t.equal((await refresh(ada.refresh)).statusCode, 200, 'the session has outlived them all')
  })

  await t.test('a spent token ends its session', async (t) => {
    const eve = await signUp(built, 'eve', { isStaff: true })
    const other = await built.app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'eve', password: 'correct horse battery' } })
    const second = (await refresh(eve.refresh)).json<{ access: string, refresh: string }>()
    const me = GUARDED.at(-1) as Route
    t.equal((await send(built, me, eve.id, second.access)).statusCode, 200)
    t.equal((await send(built, me, eve.id, eve.access)).statusCode, 200, 'the session is one')

    await ageSession(built, eve.access, 31)
    t.equal((await refresh(eve.refresh)).statusCode, 401)
    t.same(await accepted(built, eve, { first: eve.access, second: second.access }), [])
    t.equal((await refresh(second.refresh)).statusCode, 401)
    t.equal((await send(built, me, eve.id, other.json<{ access: string }>().access)).statusCode, 200, 'another session lives on')
  })

  await t.test('of two at once both get the same', async (t) => {
    const { refresh: token } = await signUp(built, 'max')
    const answers = await Promise.all([refresh(token), refresh(token)])
    t.same(answers.map(({ statusCode }) => statusCode), [200, 200])
    const [one, other] = answers.map((answer) => claimsOf(answer.json<{ refresh: string }>().refresh).jti)
    t.equal(one, other)
  })
})

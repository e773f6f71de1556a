import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { build, PASSWORD, signUp } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { mint } from '../hostile/tokens.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, nowS, openIssuer, tokenOf } from '../issuer/issuer.ts'

/** Tokens that are made elsewhere, by a clock that is ahead: what was made before a revocation ends with it, whatever its `iat` says. */
const jwtSecret = 'the secret of this test, and long enough'
const pair = newPair()

interface Maker { title: string, allowed: number, open: () => Promise<Built>, make: (person: Person, iat: number) => string }

const MAKERS: Maker[] = [
  ...(['HS256', 'EdDSA'] as const).map((jwtAlg): Maker => ({
    title: `with the shared secret, beside ${jwtAlg}`,
    allowed: 60,
    open: () => build(t, { jwtSecret, jwtAlg, mintedTokens: true }),
    make: ({ id }, iat) => mint({ user_id: id, token_type: 'access', jti: '1', iat, exp: iat + 3_600 }, jwtSecret),
  })),
  {
    title: 'by another issuer',
    allowed: 5,
    open: async () => await build(t, { jwksUrl: (await openIssuer(t, pair)).url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE }),
    make: ({ id }, iat) => tokenOf(pair, claimsFor(`sub-${id}`, { iat, exp: iat + 3_600 })),
  },
]

type Headers = Person['headers']
const REVOCATIONS: Record<string, (built: Built, person: Person, headers: Headers) => Promise<unknown>> = {
  'sign-out everywhere': ({ app }, _person, headers) => app.inject({ method: 'DELETE', url: '/api/profile/sessions/', headers }),
  'a changed password': ({ app }, _person, headers) => app.inject({ method: 'POST', url: '/api/password/change/', headers, payload: { password: PASSWORD, new_password: 'a whole new secret' } }),
  'being locked out for a while': async ({ core }, { id }) => {
    for (const isActive of [false, true]) await core.users.edit(OPERATOR, id, { isActive }, { family: 'operator' })
  },
  'being deleted for a while': async (built, { id }, headers) => {
    const { app } = built
    const admin = await signUp(built, 'regina', { isAdmin: true })
    await app.inject({ method: 'DELETE', url: `/api/profile/${id}/delete/`, headers })
    await app.inject({ method: 'POST', url: `/api/users/${id}/restore/`, headers: admin.headers })
  },
}

for (const { title, allowed, open, make } of MAKERS) {
  t.test(`A7 a token made ${title}`, async (t) => {
    const built = await open()
    const { app, core } = built
    const status = async (token: string) => (await app.inject({ url: '/api/profile/', headers: { authorization: `Bearer ${token}` } })).statusCode
    const known = async (username: string) => {
      const person = await signUp(built, username)
      await core.db.write((tx) => tx.users.update(person.id, { extId: `sub-${person.id}` }))
      return person
    }

    for (const [n, [name, revoke]] of Object.entries(REVOCATIONS).entries()) {
      const person = await known(`person-${n}`)
      const tokens = [-1, 0, 1, allowed / 2, allowed - 1].map((ahead) => make(person, nowS() + ahead))
      for (const token of tokens) t.equal(await status(token), 200)
      await revoke(built, person, person.headers)
      for (const token of tokens) t.equal(await status(token), 401, name)
    }

    // The same later, when the clock has passed what they say.
    const ada = await known('ada')
    const revokedAt = nowS() - 1_000
    await core.db.write((tx) => tx.users.update(ada.id, { revokedAt: revokedAt * 1_000 }))
    for (const ahead of [-1, 0, 1, allowed - 1, allowed]) t.equal(await status(make(ada, revokedAt + ahead)), 401, `made ${ahead} s after`)
    t.equal(await status(make(ada, revokedAt + allowed + 1)), 200, 'no clock is so far ahead')
    t.equal(await status(make(ada, nowS() + allowed + 5)), 401, 'and such a token counts for nobody')
  })
}

import t from 'tap'
import { build, signUp } from '../helper.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf } from '../issuer/issuer.ts'
import { claimsOf, mint } from './tokens.ts'

/** The numbers in tokens: of a session of ours, minted with our secret, and of another issuer. Whoever signs them, none of them is 500. */
const jwtSecret = 'the secret of this test, and long enough'
const FAMILIES = ['/api/v2/user/me/', '/api/users/me/', '/api/profile/']
const HUGE = '9'.repeat(400)
const LITERALS = [
  '0', '-0', '-1', '0.5', '1', '1.5', '2147483648', '4294967296', '1000000000000', '1099511627776', '9007199254740991', '9007199254740992', '1e13', '1e21', '1e308', '-1e308', '1e400', '-1e400', HUGE, `-${HUGE}`,
  '"1"', '"NaN"', 'null', 'true', '[1]', '{}',
]
const LATE = ['2147483648', '4294967296', '1000000000000']
const EARLY = ['0', '-0', '0.5', '1', '1.5']

/** What may count, by claim; everything else is 401. */
const COUNTS: Record<string, string[]> = { exp: LATE, iat: EARLY, nbf: [...EARLY, '-1', '-1e308', '-1e400', `-${HUGE}`], user_id: ['1'], sid: ['1'] }

const pair = newPair()
const issuer = await openIssuer(t, pair)
const built = await build(t, { jwtSecret, mintedTokens: true, jwksUrl: issuer.url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE })
const { app, core } = built
const ada = await signUp(built, 'ada')
await core.db.write((tx) => tx.users.update(ada.id, { extId: 'sub-of-ada' }))

const session = claimsOf(ada.access)
const { sid: _, ...minted } = session
const foreign = claimsFor('sub-of-ada')
const MAKERS: [title: string, claims: Record<string, unknown>, names: string[], make: (payload: string) => string][] = [
  ['of a session', session, ['exp', 'iat', 'nbf', 'user_id', 'sid'], (payload) => mint(payload, jwtSecret)],
  ['minted', minted, ['exp', 'iat', 'nbf', 'user_id', 'sid'], (payload) => mint(payload, jwtSecret)],
  ['of another issuer', foreign, ['exp', 'iat', 'nbf'], (payload) => tokenOf(pair, payload)],
]

for (const [title, claims, names, make] of MAKERS) {
  t.test(`A8 the numbers in a token ${title}`, async (t) => {
    for (const name of names) {
      for (const literal of LITERALS) {
        const payload = JSON.stringify({ ...claims, [name]: 0 }).replace(`"${name}":0`, `"${name}":${literal}`)
        for (const url of FAMILIES) {
          const { statusCode } = await app.inject({ url, headers: { authorization: `Bearer ${make(payload)}` } })
          t.equal(statusCode, COUNTS[name]?.includes(literal) ? 200 : 401, `${name}: ${literal.slice(0, 20)}, ${url}`)
        }
      }
    }
    t.equal((await app.inject({ url: '/api/profile/', headers: { authorization: `Bearer ${make(JSON.stringify(claims))}` } })).statusCode, 200, 'the same token without them')
  })
}

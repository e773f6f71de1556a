import { createHmac, createPublicKey } from 'node:crypto'
import t from 'tap'
import { build, signUp } from '../helper.ts'
import { claimsOf } from '../hostile/tokens.ts'
import { AUDIENCE, ISSUER, claimsFor, encode, newPair, nowS, openIssuer, tokenOf } from './issuer.ts'
import type { Alg, Json } from './issuer.ts'

const REFUSED = { code: 'token_not_valid' }
/** One's own account, in each family. */
const OWN = ['/api/v2/user/me/', '/api/users/me/', '/api/profile/']

const pairs = (['EdDSA', 'ES256', 'RS256', 'PS256'] as Alg[]).map(newPair)
const [pair, , rsa] = pairs as [ReturnType<typeof newPair>, unknown, ReturnType<typeof newPair>]
const issuer = await openIssuer(t, ...pairs)
const elsewhere = await openIssuer(t)
const built = await build(t, { jwksUrl: issuer.url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE, jwtSecret: 'the secret of this test, and long enough' })
const { app, core } = built
const ada = await signUp(built, 'ada', { isStaff: true })
await core.db.write((tx) => tx.users.update(ada.id, { extId: 'sub-of-ada' }))

const get = (url: string, token: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
const good = claimsFor('sub-of-ada')
const but = (changes: Json, header?: Json) => tokenOf(pair, { ...good, ...changes }, header)
const without = (name: string) => tokenOf(pair, Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)))
const HEADER = { alg: 'EdDSA', typ: 'JWT', kid: pair.kid }

function hmac (secret: string | Buffer, header: Json, payload: Json = good): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

t.test('good tokens', async (t) => {
  const tokens = {
    ...Object.fromEntries(pairs.map((one) => [one.alg, tokenOf(one, good)])),
    'one audience of several': but({ aud: ['another', AUDIENCE] }),
    'an access token by its type': but({}, { ...HEADER, typ: 'at+jwt' }),
    'without a type': but({}, { alg: 'EdDSA', kid: pair.kid }),
    'without the time of issue': without('iat'),
    'of an issuer whose clock is a little ahead': but({ nbf: nowS() + 2, iat: nowS() + 2 }),
    'that names keys elsewhere, which nobody asks for': but({}, { ...HEADER, jku: elsewhere.url, x5u: elsewhere.url, jwk: newPair().jwk }),
  }
  for (const [name, token] of Object.entries(tokens)) {
    for (const url of OWN) t.match(await get(url, token), { statusCode: 200, body: /"username":"ada"/ }, `${name}: ${url}`)
  }
  t.equal(elsewhere.fetches, 0)
})

t.test('hostile tokens', async (t) => {
  const [head = '', body = '', signature = ''] = tokenOf(pair, good).split('.')
  const stranger = newPair()
  const pem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString()
  const unsigned = (alg: string) => `${encode({ alg, typ: 'JWT', kid: pair.kid })}.${body}.`
  const tokens: Record<string, string> = {
    'alg none': unsigned('none'),
    'alg None': unsigned('None'),
    'alg none, some signature': unsigned('none') + signature,
    'alg missing': `${encode({ typ: 'JWT', kid: pair.kid })}.${body}.${signature}`,
    'alg list': `${encode({ alg: ['EdDSA'], kid: pair.kid })}.${body}.${signature}`,
    'HS256 with the public key as PEM': hmac(pem, { alg: 'HS256', typ: 'JWT', kid: rsa.kid }),
    'HS256 with the public key as PEM, without kid': hmac(pem, { alg: 'HS256', typ: 'JWT' }),
    'HS256 with the public key as JWK': hmac(JSON.stringify(pair.jwk), { alg: 'HS256', typ: 'JWT', kid: pair.kid }),
    'HS256 with the bytes of the public key': hmac(Buffer.from(String(pair.jwk.x), 'base64url'), { alg: 'HS256', typ: 'JWT', kid: pair.kid }),
    'HS256 with the empty secret': hmac('', { alg: 'HS256', typ: 'JWT' }),
    'HS256 with the secret of this service': hmac('the secret of this test, and long enough', { alg: 'HS256', typ: 'JWT' }),
    'RS256 in the header, EdDSA in truth': tokenOf(pair, good, { alg: 'RS256', typ: 'JWT', kid: rsa.kid }),
    'RS256 where the key is for PS256': tokenOf({ ...rsa, alg: 'PS256' }, good, { alg: 'PS256', typ: 'JWT', kid: rsa.kid }),
    'EdDSA with the kid of an RSA key': tokenOf(pair, good, { ...HEADER, kid: rsa.kid }),
    'an unknown kid': tokenOf(stranger, good),
    'a known kid, another key': tokenOf({ ...stranger, kid: pair.kid }, good),
    'no kid, another key': tokenOf(stranger, good, { alg: 'EdDSA', typ: 'JWT' }),
    'a kid that is no text': but({}, { ...HEADER, kid: [pair.kid] }),
    'jwk of the sender': tokenOf(stranger, good, { ...HEADER, kid: stranger.kid, jwk: stranger.jwk }),
    'jku of the sender': tokenOf(stranger, good, { ...HEADER, kid: stranger.kid, jku: elsewhere.url }),
    'x5u of the sender': tokenOf(stranger, good, { ...HEADER, kid: stranger.kid, x5u: elsewhere.url }),
    crit: but({}, { ...HEADER, crit: ['exp'], exp: 1 }),
    'crit empty': but({}, { ...HEADER, crit: [] }),
    'b64 false': but({}, { ...HEADER, crit: ['b64'], b64: false }),
    'a token to sign out': but({}, { ...HEADER, typ: 'logout+jwt' }),

    'another audience': but({ aud: 'another' }),
    'no audience': without('aud'),
    'audience a list of others': but({ aud: ['another', `${AUDIENCE}x`] }),
    'another issuer': but({ iss: 'https://elsewhere.example' }),
    'the issuer and a slash': but({ iss: `${ISSUER}/` }),
    'the issuer in a list': but({ iss: [ISSUER] }),
    'no issuer': without('iss'),
    expired: but({ exp: nowS() - 10 }),
    'no exp': without('exp'),
    'exp a text': but({ exp: String(good.exp) }),
    'exp null': but({ exp: null }),
    'nbf in the future': but({ nbf: nowS() + 3_600 }),
    'nbf a text': but({ nbf: 'now' }),
    'iat in the future': but({ iat: nowS() + 3_600 }),
    'iat a text': but({ iat: String(nowS()) }),
    'no sub': without('sub'),
    'sub empty': but({ sub: '' }),
    'sub a number': but({ sub: ada.id }),
    'sub a list': but({ sub: ['sub-of-ada'] }),
    'sub null': but({ sub: null }),
    'sub too long': but({ sub: 'x'.repeat(256) }),
    'sub with NUL': but({ sub: 'sub-of-ada\0' }),
    'sub ill-formed': tokenOf(pair, JSON.stringify(good).replace('sub-of-ada', 'sub-\\ud800')),
    'payload a list': tokenOf(pair, [good]),
    'payload a text': tokenOf(pair, '"ada"'),
    'payload no JSON': tokenOf(pair, `${JSON.stringify(good)}}`),
    'claims of this service, signed by the issuer': tokenOf(pair, claimsOf(ada.access)),

    'another payload': `${head}.${encode({ ...good, sub: 'sub-of-eve' })}.${signature}`,
    'no signature': `${head}.${body}.`,
    'signature padded': `${head}.${body}.${signature}==`,
    'signature cut': `${head}.${body}.${signature.slice(0, -4)}`,
    'four parts': `${head}.${body}.${signature}.${signature}`,
  }
  for (const [name, token] of Object.entries(tokens)) {
    const response = await get('/api/profile/', token)
    t.equal(response.statusCode, 401, name)
    t.match(response.json(), REFUSED, name)
    for (const url of OWN) t.equal((await get(url, token)).statusCode, 401, `${name}: ${url}`)
  }
  t.comment(`${Object.keys(tokens).length} tokens on ${OWN.length} routes`)
  t.equal(issuer.fetches, 1, 'all of them together asked the issuer for nothing')
  t.equal(elsewhere.fetches, 0)
  t.equal((await get('/api/profile/', ada.access)).statusCode, 200, 'tokens of this service count beside them')
})

t.test('without an issuer in the settings no such token counts', async (t) => {
  const plain = await build(t)
  t.match(await plain.app.inject({ url: '/api/profile/', headers: { authorization: `Bearer ${tokenOf(pair, good)}` } }), { statusCode: 401 })
})

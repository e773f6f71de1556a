import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import type { JSONWebKeySet } from 'jose'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { placeOf } from '../engines.ts'
import { PASSWORD, build, signUp } from '../helper.ts'
import type { Built } from '../helper.ts'
import { claimsOf, hostile, mint } from '../hostile/tokens.ts'

const jwtSecret = 'the secret of this test, and long enough'
const OWN = ['/api/v2/user/me/', '/api/users/me/', '/api/profile/']
const REFUSED = { code: 'token_not_valid' }

const get = ({ app }: Built, token: string, url = '/api/profile/') => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
const published = async ({ app }: Pick<Built, 'app'>) => (await app.inject('/.well-known/jwks.json')).json<JSONWebKeySet & { keys: { x: string, kid: string }[] }>()
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('with a key of its own', async (t) => {
  const built = await build(t, { jwtAlg: 'EdDSA', jwtSecret })
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada', { isStaff: true })

  await t.test('its tokens count in all families', async (t) => {
    const refreshed = (await app.inject({ method: 'POST', url: '/api/token/refresh/', payload: { refresh: ada.refresh } })).json<{ access: string }>().access
    const signedIn = (await app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: 'ada@example.com', password: PASSWORD } })).json<{ access: string }>().access
    for (const token of [ada.access, refreshed, signedIn]) {
      for (const url of OWN) t.match((await get(built, token, url)).json(), { username: 'ada' }, url)
    }
    t.equal((await get(built, ada.refresh)).statusCode, 401, 'a refresh token is no access token')
  })

  await t.test('another service verifies them by what is published', async (t) => {
    const response = await app.inject({ url: '/.well-known/jwks.json', headers: { authorization: 'Bearer nonsense' } })
    t.match(response, { statusCode: 200, headers: { 'cache-control': 'public, max-age=300', 'content-type': /^application\/json/ } })
    const { keys: [key, ...others] } = await published(built)
    t.same(others, [])
    t.same(Object.keys(key ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'], 'the public half alone')
    for (const token of [ada.access, ada.refresh]) {
      t.same(decodeProtectedHeader(token), { alg: 'EdDSA', typ: 'JWT', kid: key?.kid })
      const { payload } = await jwtVerify(token, createLocalJWKSet(await published(built)), { algorithms: ['EdDSA'] })
      t.equal(payload.user_id, ada.id)
    }
    const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, object> }>()
    t.match(paths['/.well-known/jwks.json'], { get: { tags: ['keys'], security: [] } })
  })

  await t.test('the key is a file that only its owner reads', async (t) => {
    const file = join(dataDir, 'jwt.ed25519.pem')
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(readFileSync(file, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/)
  })

  await t.test('nothing else counts', async (t) => {
    const { keys } = await published(built)
    const [key] = keys as [{ x: string, kid: string }]
    const payload = claimsOf(ada.access)
    const { sid: _, ...foreign } = payload
    const header = { alg: 'HS256', typ: 'JWT' }
    const raw = Buffer.from(key.x, 'base64url').toString('latin1')
    const pem = createPublicKey(readFileSync(join(dataDir, 'jwt.ed25519.pem'))).export({ type: 'spki', format: 'pem' }).toString()
    const [, body = '', signature = ''] = ada.access.split('.')
    const head = { alg: 'EdDSA', typ: 'JWT', kid: key.kid }
    const stranger = generateKeyPairSync('ed25519').privateKey
    const signedBy = (by: typeof stranger, withHeader: object) => {
      const signed = `${encode(withHeader)}.${body}`
      return `${signed}.${sign(null, Buffer.from(signed), by).toString('base64url')}`
    }
    const own = (withHeader: object) => signedBy(createPrivateKey(readFileSync(join(dataDir, 'jwt.ed25519.pem'))), withHeader)
    t.equal((await get(built, own(head))).statusCode, 200, 'by hand, or the rest would prove nothing')

    const tokens: Record<string, string> = {
      'HS256 with the public key as PEM': mint(payload, pem),
      'HS256 with the public key as PEM, cut': mint(payload, pem.trim()),
      'HS256 with the public key as PEM and its kid': mint(payload, pem, { ...header, kid: key.kid }),
      'HS256 with the public key as JWK': mint(payload, JSON.stringify(key)),
      'HS256 with the published document': mint(payload, JSON.stringify({ keys })),
      'HS256 with the kid for a secret': mint(payload, key.kid),
      'HS256 with x for a secret': mint(payload, key.x),
      'HS256 with the bytes of the public key': `${encode(header)}.${body}.${createHmac('sha256', Buffer.from(raw, 'latin1')).update(`${encode(header)}.${body}`).digest('base64url')}`,
      'EdDSA in the header, HS256 in truth': mint(payload, pem, head),
      'the shared secret, with a session': mint(payload, jwtSecret),
      'the shared secret, without one': mint(foreign, jwtSecret),
      'another key': signedBy(stranger, head),
      'no kid': own({ alg: 'EdDSA', typ: 'JWT' }),
      'another kid': own({ ...head, kid: `${key.kid}x` }),
      'another typ': own({ ...head, typ: 'at+jwt' }),
      'crit, with the right key': own({ ...head, crit: ['exp'] }),
      'b64 false': own({ ...head, b64: false }),
      jku: own({ ...head, jku: 'http://127.0.0.1:1/keys' }),
      jwk: signedBy(stranger, { ...head, jwk: createPublicKey(stranger).export({ format: 'jwk' }) }),
      'alg none': `${encode({ ...head, alg: 'none' })}.${body}.`,
      'alg eddsa': own({ ...head, alg: 'eddsa' }),
      'alg Ed25519': own({ ...head, alg: 'Ed25519' }),
      'signature of zeros': `${encode(head)}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      'its own signature padded': `${ada.access}==`,
      'its own payload exchanged': `${encode(head)}.${encode({ ...payload, user_id: 1 + ada.id })}.${signature}`,
      ...hostile({ payload, refresh: claimsOf(ada.refresh), secret: jwtSecret, otherSid: 99 }),
    }
    for (const [name, token] of Object.entries(tokens)) {
      t.match((await get(built, token)).json(), REFUSED, name)
      for (const url of OWN) t.equal((await get(built, token, url)).statusCode, 401, `${name}: ${url}`)
    }
    t.comment(`${Object.keys(tokens).length} tokens on ${OWN.length} routes`)
  })
})

t.test('tokens minted with the shared secret count beside the key when they may, and never for a session', async (t) => {
  const built = await build(t, { jwtAlg: 'EdDSA', jwtSecret, mintedTokens: true })
  const ada = await signUp(built, 'ada')
  const payload = claimsOf(ada.access)
  const { sid, ...foreign } = payload
  t.equal((await get(built, ada.access)).statusCode, 200)
  t.equal((await get(built, mint(foreign, jwtSecret))).statusCode, 200)
  for (const [name, token] of Object.entries({
    'with a session': mint(payload, jwtSecret),
    'with a session that is null': mint({ ...foreign, sid: null }, jwtSecret),
    'with a kid': mint(foreign, jwtSecret, { alg: 'HS256', typ: 'JWT', kid: String(sid) }),
    'with another secret': mint(foreign, 'a secret of somebody else, long enough'),
  })) t.match((await get(built, token)).json(), REFUSED, name)
  const refresh = await built.app.inject({ method: 'POST', url: '/api/token/refresh/', payload: { refresh: mint(claimsOf(ada.refresh), jwtSecret) } })
  t.equal(refresh.statusCode, 401)
})

t.test('after the switch everybody signs in again, and the key stays', async (t) => {
  const dataDir = t.testdir({})
  const options = { ...placeOf(dataDir), logLevel: 'silent' as const, rateLimit: false }
  const before = await buildApp(options)
  t.same(await published({ app: before }), { keys: [] })
  const payload = { username: 'ada', email: 'ada@example.com', password: PASSWORD }
  const old = (await before.inject({ method: 'POST', url: '/api/sign-up/', payload })).json<{ access: string, refresh: string }>()
  await before.close()

  const after = await buildApp({ ...options, jwtAlg: 'EdDSA', mintedTokens: true })
  const profile = (app: typeof after, token: string) => app.inject({ url: '/api/profile/', headers: { authorization: `Bearer ${token}` } })
  t.equal((await profile(after, old.access)).statusCode, 401)
  t.equal((await after.inject({ method: 'POST', url: '/api/token/refresh/', payload: { refresh: old.refresh } })).statusCode, 401)
  const { access } = (await after.inject({ method: 'POST', url: '/api/sign-in/', payload })).json<{ access: string }>()
  t.equal((await profile(after, access)).statusCode, 200)
  const keys = await published({ app: after })
  await after.close()

  const again = await buildApp({ ...options, jwtAlg: 'EdDSA' })
  t.teardown(() => again.close())
  t.equal((await profile(again, access)).statusCode, 200)
  t.same(await published({ app: again }), keys)
})

t.test('a file that holds no such key is said to', async (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const content of ['', 'abc', rsa]) {
    const dataDir = t.testdir({})
    writeFileSync(join(dataDir, 'jwt.ed25519.pem'), content)
    await t.rejects(buildApp({ ...placeOf(dataDir), jwtAlg: 'EdDSA', logLevel: 'silent' }), { name: 'ConfigError', message: /jwt\.ed25519\.pem: expected a private Ed25519 key/ })
  }
})

t.test('a key by variable signs, and the folder gets none; what is no such key stops the start and is not told back', async (t) => {
  const jwtPrivateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const built = await build(t, { jwtAlg: 'EdDSA', jwtPrivateKey })
  const ada = await signUp(built, 'ada')
  t.same((await published(built)).keys.map(({ x }) => x), [createPublicKey(jwtPrivateKey).export({ format: 'jwk' }).x])
  t.equal((await get(built, ada.access)).statusCode, 200)
  t.notOk(existsSync(join(built.dataDir, 'jwt.ed25519.pem')))
  await t.rejects(buildApp({ ...placeOf(t.testdir({})), jwtAlg: 'EdDSA', jwtPrivateKey: 'hunter2', logLevel: 'silent' }), { name: 'ConfigError', message: /^VISAGE_JWT_PRIVATE_KEY: expected a private Ed25519 key \(PKCS8, PEM\)$/ })
})

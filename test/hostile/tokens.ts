import { createHmac, generateKeyPairSync, sign } from 'node:crypto'

type Json = Record<string, unknown>
export interface Base { payload: Json, refresh: Json, secret: string, otherSid: number }

const HEADER = { alg: 'HS256', typ: 'JWT' }
const FAR = 4_102_444_800
const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A token made by hand; a text is taken for the JSON itself. */
export function mint (payload: unknown, secret: string, header: unknown = HEADER, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

export const claimsOf = (token: string): Json => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Json

/** Tokens that are wrong in exactly one way; all else about them is as in `payload`, which is good. */
export function hostile ({ payload, refresh, secret, otherSid }: Base): Record<string, string> {
  const now = Math.floor(Date.now() / 1000)
  const good = mint(payload, secret)
  const [head = '', body = '', signature = ''] = good.split('.')
  const but = (changes: Json, header: unknown = HEADER) => mint({ ...payload, ...changes }, secret, header)
  const without = (name: string) => mint(Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name)), secret)
  const withNumber = (name: string, literal: string) => mint(JSON.stringify({ ...payload, [name]: 0 }).replace(`"${name}":0`, `"${name}":${literal}`), secret)
  const unsigned = (header: Json) => `${encode(header)}.${body}`
  const rsSigned = unsigned({ alg: 'RS256', typ: 'JWT' })
  const esSigned = unsigned({ alg: 'ES256', typ: 'JWT' })

  return {
    'alg none, no signature': `${unsigned({ alg: 'none', typ: 'JWT' })}.`,
    'alg none, some signature': `${unsigned({ alg: 'none', typ: 'JWT' })}.${signature}`,
    'alg None': `${unsigned({ alg: 'None', typ: 'JWT' })}.`,
    'alg missing': mint(payload, secret, { typ: 'JWT' }),
    'alg null': mint(payload, secret, { alg: null, typ: 'JWT' }),
    'alg list': mint(payload, secret, { alg: ['HS256'], typ: 'JWT' }),
    'alg hs256': mint(payload, secret, { alg: 'hs256', typ: 'JWT' }),
    HS384: mint(payload, secret, { alg: 'HS384', typ: 'JWT' }, 'sha384'),
    HS512: mint(payload, secret, { alg: 'HS512', typ: 'JWT' }, 'sha512'),
    'HS512 in the header, HS256 in truth': mint(payload, secret, { alg: 'HS512', typ: 'JWT' }),
    'HS256 in the header, HS512 in truth': mint(payload, secret, HEADER, 'sha512'),
    RS256: `${rsSigned}.${sign('sha256', Buffer.from(rsSigned), rsa.privateKey).toString('base64url')}`,
    'RS256 in the header, HS256 in truth': mint(payload, secret, { alg: 'RS256', typ: 'JWT' }),
    'HS256 with a public key for the secret': mint(payload, rsa.publicKey),
    ES256: `${esSigned}.${sign('sha256', Buffer.from(esSigned), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`,
    'ES256 with a signature of zeros': `${esSigned}.${Buffer.alloc(64).toString('base64url')}`,
    'typ at+jwt': mint(payload, secret, { alg: 'HS256', typ: 'at+jwt' }),
    'typ a number': mint(payload, secret, { alg: 'HS256', typ: 1 }),
    crit: mint(payload, secret, { ...HEADER, crit: ['exp'] }),
    'crit empty': mint(payload, secret, { ...HEADER, crit: [] }),
    'kid that names a file': mint(payload, '', { ...HEADER, kid: '../../../../dev/null' }),
    'kid beside the right secret': mint(payload, secret, { ...HEADER, kid: "1' or '1'='1" }),
    'jwk of the sender': mint(payload, 'own', { ...HEADER, jwk: { kty: 'oct', k: encode('own') } }),
    'jwk beside the right secret': mint(payload, secret, { ...HEADER, jwk: { kty: 'oct', k: encode(secret) } }),
    'jku of the sender': mint(payload, secret, { ...HEADER, jku: 'http://127.0.0.1:1/keys' }),
    'b64 false': mint(payload, secret, { ...HEADER, b64: false }),
    'header a list': mint(payload, secret, [HEADER]),
    'header no JSON': mint(payload, secret, 'HS256'),

    'exp past': but({ exp: now - 1 }),
    'exp now': but({ exp: now }),
    'exp zero': but({ exp: 0 }),
    'exp negative': but({ exp: -1 }),
    'exp a string': but({ exp: String(FAR) }),
    'exp null': but({ exp: null }),
    'exp true': but({ exp: true }),
    'exp a list': but({ exp: [FAR] }),
    'exp missing': without('exp'),
    'exp 1e308': withNumber('exp', '1e308'),
    'exp 1e400': withNumber('exp', '1e400'),
    'nbf in the future': but({ nbf: now + 3_600 }),
    'nbf a string': but({ nbf: 'never' }),
    'iat in the future': but({ iat: now + 3_600, exp: now + 7_200 }),
    'iat a string': but({ iat: String(now) }),
    'iat missing': without('iat'),
    'iat negative': but({ iat: -1 }),
    'iat 1e400': withNumber('iat', '-1e400'),
    'aud of somebody else': but({ aud: 'another-service' }),
    'iss of somebody else': but({ iss: 'https://elsewhere.example' }),

    'payload a list': mint([payload], secret),
    'payload a text': mint('"user"', secret),
    'payload a number': mint('1', secret),
    'payload null': mint('null', secret),
    'payload empty': mint('{}', secret),
    'payload no JSON': mint('{"user_id":1', secret),
    'user_id a string': but({ user_id: String(payload.user_id) }),
    'user_id zero': but({ user_id: 0 }),
    'user_id negative': but({ user_id: -1 }),
    'user_id 1e400': withNumber('user_id', '1e400'),
    'user_id beyond 2^53': withNumber('user_id', '9007199254740993'),
    'user_id with a fraction': but({ user_id: Number(payload.user_id) + 0.5 }),
    'user_id a list': but({ user_id: [payload.user_id] }),
    'user_id an object': but({ user_id: { toString: 1 } }),
    'user_id true': but({ user_id: true }),
    'user_id null': but({ user_id: null }),
    'user_id missing': without('user_id'),
    'user_id of nobody': but({ user_id: 4_242 }),
    'user_id only as __proto__': mint(JSON.stringify(payload).replace('"user_id"', '"__proto__"'), secret),
    'jti missing': without('jti'),
    'jti an object': but({ jti: {} }),
    'token_type missing': without('token_type'),
    'token_type in capitals': but({ token_type: String(payload.token_type).toUpperCase() }),
    'token_type a list': but({ token_type: [payload.token_type] }),
    'the other token_type': mint(refresh, secret),
    'sid of another person': but({ sid: otherSid }),
    'sid of nobody': but({ sid: 4_242 }),
    'sid zero': but({ sid: 0 }),
    'sid a string': but({ sid: String(payload.sid) }),
    'sid null': but({ sid: null }),
    'sid a list': but({ sid: [payload.sid] }),

    'another secret': mint(payload, 'a secret of somebody else, long enough'),
    'the empty secret': mint(payload, ''),
    'the secret and more': mint(payload, `${secret}x`),
    'payload exchanged': `${head}.${encode({ ...payload, user_id: 1 + Number(payload.user_id) })}.${signature}`,
    'signature padded': `${good}=`,
    'signature of another alphabet': `${head}.${body}.+/${signature.slice(2)}`,
    'signature shortened': good.slice(0, -2),
    'signature missing': `${head}.${body}.`,
    'signature zero': `${head}.${body}.${Buffer.alloc(32).toString('base64url')}`,
    'two dots missing': good.replaceAll('.', ''),
    'one dot missing': `${head}.${body}${signature}`,
    'header alone': head,
    'truncated in the payload': good.slice(0, head.length + 20),
    'four parts': `${good}.${signature}`,
    'five parts': `${head}..${body}.${signature}.${signature}`,
    'only dots': '..',
    'no base64url': '%.%.%',
    'not ASCII': `${good}é`,
    'a huge one': `${head}.${encode('x'.repeat(40_000))}.${signature}`,
    'a huge one, signed': but({ padding: 'x'.repeat(40_000), exp: String(FAR) }),
    'nested deeply, signed': mint(`${'['.repeat(20_000)}${']'.repeat(20_000)}`, secret),
    '40 hex digits of no key': 'f4e75eab6e0f663a972d145478d6fc4b81762070',
    '40 hex digits in capitals': 'F4E75EAB6E0F663A972D145478D6FC4B81762070',
    'null': 'null',
  }
}

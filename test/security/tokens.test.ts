import t from 'tap'
import { hasher } from '../../src/hashing/index.ts'
import { OPERATOR } from '../../src/app.ts'
import { actingAs } from '../../src/core/access.ts'
import { FORBIDDEN, UNAUTHENTICATED } from '../community/world.ts'
import { build, PASSWORD, signUp } from '../helper.ts'
import { claimsOf, mint } from '../hostile/tokens.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf as foreignToken } from '../issuer/issuer.ts'
import { createWorld } from '../life/world.ts'
import type { Headers } from '../life/world.ts'
import { FAMILIES, signInToken, statusOf, tokensOf, turnOn, withoutPassword } from './world.ts'

const REQUIRED: [string, string, string] = ['password', 'required', 'This field is required.']
const WRONG: [string, string, string] = ['password', 'invalid', 'Invalid password.']
const WRONG_CODE: [string, string, string] = ['otp', 'invalid', 'Invalid code.']

const world = await createWorld(t)
const { ask, core, mailsTo } = world
const chief = await signUp(world, 'chief', { isAdmin: true })
const ada = await signUp(world, 'ada')
const make = (url: string, headers: Headers, body: object) => ask('POST', url, { name: 'a script', ...body }, headers)
const told = async (person: { username: string }) => (await mailsTo(`${person.username}@example.com`)).filter(({ subject }) => subject === 'A new API token for your account').length

t.test('C5 a thousand of somebody\'s own sessions and tokens are listed, however many there are', async (t) => {
  const many = await signUp(world, 'many')
  await core.db.write(async (tx) => {
    for (let i = 0; i <= 1_000; i++) {
      await tx.sessions.insert({ userId: many.id, refreshId: String(i), device: '', address: '', createdAt: 1, expiresAt: Math.floor(Number.MAX_SAFE_INTEGER / 2) })
      await tx.keys.insert({ userId: many.id, sessionId: null, name: '', hash: `many ${i}`, prefix: '', createdAt: 1, expiresAt: null })
    }
  })
  for (const { own } of FAMILIES) {
    for (const list of ['sessions', 'tokens']) t.equal((await ask('GET', `${own}/${list}/`, undefined, many.headers)).json<unknown[]>().length, 1_000, `${own} ${list}`)
  }
})

t.test('A2 a session and the password, a code of the authenticator or a recovery code make an API token', async (t) => {
  const grace = await signUp(world, 'grace')
  for (const { own } of FAMILIES) {
    for (const session of [ada.headers, await signInToken(world, ada)]) {
      const made = await make(`${own}/tokens/`, session, { password: PASSWORD })
      t.equal(made.statusCode, 201, `${own}: ${made.body}`)
      t.equal(await statusOf(world, { authorization: `Token ${made.json<{ token: string }>().token}` }), 200)
    }
  }
  t.equal(await told(ada), 6, 'and each is told by email')
  const { codeAt, recovery } = await turnOn(world, grace.headers)
  const proofs = [{ otp: codeAt(0) }, { otp: codeAt(1) }, ...recovery.slice(0, 3).map((otp) => ({ otp })), { password: PASSWORD, otp: recovery[3] }]
  for (const [i, proof] of proofs.entries()) {
    const url = `${FAMILIES[i % 3]?.own}/tokens/`
    t.equal((await make(url, grace.headers, proof)).statusCode, 201, JSON.stringify(proof))
    if ('otp' in proof) t.equal((await make(url, grace.headers, proof)).statusCode, 400, 'a code counts once')
  }
  t.equal(await told(grace), proofs.length)
  const [both] = recovery.slice(4)
  const statuses = await Promise.all(FAMILIES.map(async ({ own }) => (await make(`${own}/tokens/`, grace.headers, { otp: both })).statusCode))
  t.same(statuses.sort(), [201, 400, 400], 'also when it comes three times at once')
})

t.test('A2 an admin proves who they are themselves, and the owner is told', async (t) => {
  const owner = await signUp(world, 'holder')
  await core.passwordChange.recover('holder@example.com', '')
  await ask('POST', '/api/password/reset/', { code: await world.codeTo('holder@example.com'), password: 'the secret of the owner' })
  const theirs = await make(tokensOf(owner.id), chief.headers, { password: 'the secret of the owner' })
  t.same([theirs.statusCode, theirs.json()], [400, { password: ['Invalid password.'] }])
  const made = await make(tokensOf(owner.id), chief.headers, { password: PASSWORD })
  t.equal(made.statusCode, 201, made.body)
  t.match((await ask('GET', '/api/profile/', undefined, { authorization: `Token ${made.json<{ token: string }>().token}` })).json(), { username: 'holder' })
  t.same([await told(owner), await told(chief)], [1, 0])
  t.equal((await make(tokensOf(999_999), chief.headers, {})).statusCode, 404)
})

t.test('A2 what is missing, wrong or malformed is told at its key, beside everything else', async (t) => {
  const [guarded, codeOnly] = [await signUp(world, 'guarded'), await withoutPassword(world, 'mailonly')]
  const { recovery: [spare = '', spent = ''] } = await turnOn(world, guarded.headers)
  t.equal((await make('/api/profile/tokens/', guarded.headers, { otp: spent })).statusCode, 201)
  const cases: [name: string, who: Headers, body: object, ...found: [string, string, string][]][] = [
    ['nothing', ada.headers, {}, REQUIRED],
    ['an empty code', ada.headers, { otp: '' }, REQUIRED],
    ['a wrong password', ada.headers, { password: `${PASSWORD}!` }, WRONG],
    ['a number', ada.headers, { password: 12345678 }, WRONG],
    ['an empty password', ada.headers, { password: '' }, ['password', 'blank', 'This field may not be blank.']],
    ['null', ada.headers, { password: null }, ['password', 'null', 'This field may not be null.']],
    ['a list', ada.headers, { password: [PASSWORD] }, ['password', 'invalid', 'Not a valid string.']],
    ['a code that is no text', ada.headers, { otp: { otp: '123456' } }, ['otp', 'invalid', 'Not a valid string.']],
    ['a code of somebody without a second factor', ada.headers, { otp: '123456' }, WRONG_CODE],
    ['a good password and such a code', ada.headers, { password: PASSWORD, otp: '123456' }, WRONG_CODE],
    ['a wrong password and a good code', guarded.headers, { password: 'x', otp: spare }, WRONG],
    ['a good password and a wrong code', guarded.headers, { password: PASSWORD, otp: '000000' }, WRONG_CODE],
    ['a code that was spent', guarded.headers, { otp: spent }, WRONG_CODE],
    ['a password of somebody without one', codeOnly.headers, { password: PASSWORD }, WRONG],
    ['nothing of somebody without either', codeOnly.headers, {}, REQUIRED],
    ['more that is wrong', ada.headers, { name: '', expires_in: 0 }, ['name', 'blank', 'This field may not be blank.'], ['expires_in', 'min_value', 'Ensure this value is greater than or equal to 1.'], REQUIRED],
    ['more that is wrong beside a wrong password', ada.headers, { name: null, password: 'x' }, ['name', 'null', 'This field may not be null.'], WRONG],
    ['more that is wrong beside a good code', guarded.headers, { name: null, otp: spare }, ['name', 'null', 'This field may not be null.']],
  ]
  for (const { name: family, own, said } of FAMILIES) {
    for (const [name, who, body, ...found] of cases) {
      const response = await make(`${own}/tokens/`, who, body)
      t.equal(response.statusCode, 400, `${family}, ${name}`)
      t.same(response.json(), said(...found), `${family}, ${name}`)
    }
  }
  t.equal((await make('/api/profile/tokens/', guarded.headers, { otp: spare })).statusCode, 201, 'what was refused has spent no code')
  const { recovery: [own] } = await turnOn(world, codeOnly.headers, {})
  t.equal((await make('/api/profile/tokens/', codeOnly.headers, { otp: own })).statusCode, 201, 'without a password a code will do')
  t.equal((await core.keys.list(codeOnly.id)).length, 1)
})

t.test('A2 whatever is no session makes none, and is told so before its body is read', async (t) => {
  const jwtSecret = 'the secret of this test, and long enough'
  const pair = newPair()
  const { url } = await openIssuer(t, pair)
  const built = await build(t, { jwtSecret, mintedTokens: true, jwksUrl: url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE })
  const admin = await signUp(built, 'boss', { isAdmin: true })
  await built.core.users.edit(OPERATOR, admin.id, { extId: 's-1' }, { family: 'operator' })
  const { sid: _, ...claims } = claimsOf(admin.access)
  const tokens = { 'API token': (await built.core.keys.create(admin.id)).secret, minted: mint(claims, jwtSecret), foreign: foreignToken(pair, claimsFor('s-1')) }
  const said = { personal: { error: 'Not authorized' }, staff: { detail: 'You do not have permission to perform this action.' }, community: FORBIDDEN }
  const places = [...FAMILIES.map(({ name, own }) => [`${own}/tokens/`, said[name as keyof typeof said]] as const), [tokensOf(admin.id), said.staff] as const]
  for (const [place, refusal] of places) {
    for (const [kind, token] of Object.entries(tokens)) {
      const headers = { authorization: `Bearer ${token}` }
      t.equal((await built.app.inject({ url: '/api/profile/', headers })).statusCode, 200, `${kind} is good for the rest`)
      for (const payload of [{ name: 'x', password: PASSWORD }, '{']) {
        const response = await built.app.inject({ method: 'POST', url: place, headers: { ...headers, 'content-type': 'application/json' }, payload })
        t.same([response.statusCode, response.json()], [403, refusal], `${kind} at ${place}`)
      }
    }
  }
  t.same((await make('/api/v2/user/me/tokens/', {} as Headers, { password: PASSWORD })).json(), UNAUTHENTICATED)
  t.equal((await built.core.keys.list(admin.id)).length, 1)

  const shown = { password: PASSWORD, address: '' }
  const session = { kind: 'session', id: Number(claimsOf(ada.access).sid), userId: ada.id, shownAt: Date.now() } as const
  const person = actingAs(await core.users.get(ada.id))
  await t.rejects(core.keys.createBy(person, ada.id, {}, shown, []), { code: 'permission_denied' }, 'nor does the core take less')
  await t.rejects(core.keys.createBy({ ...person, credential: session }, chief.id, {}, shown, []), { code: 'permission_denied' }, 'or make one for somebody else')
})

t.test('A2 the proof holds in the transaction that makes the token', async (t) => {
  let meanwhile: (() => Promise<unknown>) | undefined
  const { verify } = hasher
  t.intercept(hasher, 'verify', { value: async (hash: string, password: string) => {
    const isMatch = await verify(hash, password)
    const act = meanwhile
    meanwhile = undefined
    await act?.()
    return isMatch
  } })
  let born = 0
  const cases: [what: string, status: number, act: (person: { id: number, headers: Headers }) => Promise<unknown>][] = [
    ['nothing', 201, async () => {}],
    ['the password changes', 400, ({ headers }) => ask('POST', '/api/password/change/', { password: PASSWORD, new_password: 'a whole new secret' }, headers)],
    ['it changes elsewhere, which ends the session', 401, ({ id }) => core.db.write((tx) => tx.sessions.revokeBeside(id, 0, Date.now()))],
    ['the person is deactivated', 401, ({ id }) => core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' })],
    ['the person is hidden', 401, ({ id }) => core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' })],
  ]
  for (const [what, status, act] of cases) {
    const person = await signUp(world, `racer-${born++}`)
    meanwhile = () => act(person)
    const response = await make('/api/profile/tokens/', person.headers, { password: PASSWORD })
    t.equal(response.statusCode, status, `${what}: ${response.body}`)
    t.equal((await core.keys.list(person.id)).length, status === 201 ? 1 : 0)
    t.equal(await told(person), status === 201 ? 1 : 0)
  }
  const [admin, other] = [await signUp(world, 'brief', { isAdmin: true }), await signUp(world, 'other')]
  meanwhile = () => core.users.edit(OPERATOR, admin.id, { isAdmin: false }, { family: 'operator' })
  t.equal((await make(tokensOf(other.id), admin.headers, { password: PASSWORD })).statusCode, 403, 'the role is taken away')
  meanwhile = () => core.deletion.hide(OPERATOR, other.id, () => {}, { family: 'operator' })
  t.equal((await make(tokensOf(other.id), chief.headers, { password: PASSWORD })).statusCode, 404, 'the owner is hidden')
  t.same(await core.keys.list(other.id), [])
})

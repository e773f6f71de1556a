import t from 'tap'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf } from '../issuer/issuer.ts'
import { createWorld } from '../life/world.ts'
import { dress, hashOf, isPicture } from '../routes/faces.ts'

const NEW = 'a whole new secret'
const pair = newPair()
const { url: jwksUrl } = await openIssuer(t, pair)
const world = await createWorld(t, { jwksUrl, jwtIssuer: ISSUER, jwtAudience: AUDIENCE, jwtProvision: true })
const { ask, core, mailsTo, codeTo } = world
const store = openStore(t, world.dataDir)
const staff = await signUp(world, 'trusted', { isStaff: true })
const chief = await signUp(world, 'chief', { isAdmin: true })

let born = 0
/** Somebody whose confirmed address was changed by somebody of the staff, and the code that takes it back. */
async function robbed (): Promise<Person & { email: string, code: string }> {
  const person = await signUp(world, `resident-${born++}`)
  const email = `${person.username}@example.com`
  store.set(person.id, { email_confirmed: 1 })
  await ask('PATCH', `/api/users/${person.id}/`, { email: `thief-${person.id}@evil.example` }, staff.headers)
  return { ...person, email, code: (await mailsTo(email)).at(-1)?.code ?? '' }
}
const revert = async (code: string) => (await ask('POST', '/api/email/revert/', { code })).statusCode

t.test('A5 nobody else takes an address while its change can be taken back', async (t) => {
  const { id, email, headers, code } = await robbed()
  const other = await signUp(world, 'other')
  const TAKEN = 'user with this email already exists.'
  const sent = email.toUpperCase()
  const tries: [name: string, answer: Promise<{ statusCode: number, body: string }>][] = [
    ['a sign-up', ask('POST', '/api/sign-up/', { username: 'new', email: sent, password: PASSWORD })],
    ['a sign-up of the staff family', ask('POST', '/api/users/auth/pwd/signup/', { username: 'new-1', email, password1: PASSWORD, password2: PASSWORD })],
    ['somebody whom staff make', ask('POST', '/api/users/', { username: 'new-2', email: sent }, staff.headers)],
    ['somebody whom an admin makes', ask('POST', '/api/v2/account/create/', { username: 'new-3', email, password: PASSWORD }, chief.headers)],
    ['a staff PATCH', ask('PATCH', `/api/users/${other.id}/`, { email: sent }, staff.headers)],
    ['an admin\'s PATCH', ask('PATCH', `/api/users/${other.id}/`, { email }, chief.headers)],
    ['a personal PUT', ask('PUT', `/api/profile/${other.id}/update/`, { email: sent }, other.headers)],
    ['a change that waits for its code', ask('POST', '/api/email/change/', { email }, other.headers)],
    ['the same in the community family', ask('PATCH', `/api/v2/user/${other.id}/change_email/`, { new_email: sent }, other.headers)],
  ]
  for (const [name, answer] of tries) {
    const { statusCode, body } = await answer
    t.equal(statusCode, 400, `${name}: ${body}`)
    t.match(body, TAKEN, name)
  }
  await t.rejects(core.users.create(null, { username: 'new-4', email }, { family: 'test' }), { code: 'invalid' })
  const bearer = { authorization: `Bearer ${tokenOf(pair, claimsFor('s-1', { email, email_verified: true }))}` }
  t.match((await ask('GET', '/api/profile/', undefined, bearer)).json(), { email: '' }, 'nor does a foreign token bring it along')

  t.equal((await ask('PUT', `/api/profile/${id}/update/`, { email }, headers)).statusCode, 200, 'its owner can')
  t.equal(await revert(code), 204)
})

t.test('A5 a code for an address that came before it was kept does not take it', async (t) => {
  const [other, person] = [await signUp(world, 'patient'), await signUp(world, 'moving')]
  // Asked for before anybody had it.
  await ask('POST', '/api/email/change/', { email: 'wanted@example.com' }, other.headers)
  const waiting = await codeTo('wanted@example.com')
  store.set(person.id, { email: 'wanted@example.com', email_confirmed: 1 })
  await ask('PATCH', `/api/users/${person.id}/`, { email: 'thief@evil.example' }, staff.headers)
  t.same((await ask('POST', '/api/email/confirm/', { code: waiting })).json(), { email: ['user with this email already exists.'] })
})

t.test('A5 an address that is kept no longer is free, and its link takes it from nobody', async (t) => {
  const { id, email, code } = await robbed()
  store.sql.prepare('update codes set expires_at = ? where user_id = ?').run(Date.now(), id)
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${id}`, email, password: PASSWORD })).statusCode, 201)
  t.equal(await revert(code), 400)
})

t.test('A5 whoever changed it cannot hide behind the account: hidden or inactive, the way back is kept', async (t) => {
  const hidden = await robbed()
  const { code } = hidden
  t.equal((await ask('DELETE', `/api/profile/${hidden.id}/delete/`, undefined, hidden.headers)).statusCode, 204)
  t.equal(await revert(code), 400, 'while it is hidden nothing changes')
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${hidden.id}`, email: hidden.email, password: PASSWORD })).statusCode, 400, 'and nobody takes the address')
  t.equal((await ask('POST', `/api/users/${hidden.id}/restore/`, undefined, chief.headers)).statusCode, 200)
  t.equal(await revert(code), 204)

  const inactive = await robbed()
  await ask('PATCH', `/api/users/${inactive.id}/`, { is_active: false }, staff.headers)
  t.equal(await revert(inactive.code), 204)
  const reset = { code: await codeTo(inactive.email), password: NEW }
  t.equal((await ask('POST', '/api/password/reset/', reset)).statusCode, 400, 'it activates nobody')
  await ask('PATCH', `/api/users/${inactive.id}/`, { is_active: true }, chief.headers)
  t.equal((await ask('POST', '/api/password/reset/', reset)).statusCode, 200)

  const gone = await robbed()
  await ask('DELETE', `/api/users/${gone.id}/?hard=1`, undefined, chief.headers)
  t.equal(await revert(gone.code), 400)
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${gone.id}`, email: gone.email, password: PASSWORD })).statusCode, 201)
})

t.test('G2 a domain in its own script: kept as typed, unique and delivered by its xn-- form', async (t) => {
  const [TYPED, ASCII] = ['Grete@B\u00fccher.example', 'Grete@xn--bcher-kva.example']
  const SPELLINGS = [TYPED, ASCII, 'grete@b\u00fccher.example', 'GRETE@B\u00dcCHER.EXAMPLE', 'grete@bu\u0308cher.example', 'grete@XN--BCHER-KVA.example', 'grete@b\u00fccher\u3002example']
  const TAKEN = 'user with this email already exists.'
  const signed = await ask('POST', '/api/sign-up/', { username: 'grete', email: TYPED, password: PASSWORD })
  t.equal(signed.statusCode, 201, signed.body)
  const { user: { id }, access } = signed.json<{ user: { id: number }, access: string }>()
  const headers = { authorization: `Bearer ${access}` }
  t.match((await ask('GET', '/api/profile/', undefined, headers)).json(), { email: TYPED }, 'as it was typed')
  t.match((await ask('GET', '/api/users/me/', undefined, headers)).json(), { email: TYPED })
  t.match((await ask('GET', '/api/v2/user/me/', undefined, headers)).json(), { email: TYPED })
  t.equal((await ask('POST', '/api/email/confirm/', { code: await codeTo(ASCII) })).statusCode, 204, 'the code went to the xn-- form')

  const other = await signUp(world, 'anton')
  for (const [i, email] of SPELLINGS.entries()) {
    for (const answer of [
      await ask('POST', '/api/sign-up/', { username: `new-${i}`, email, password: PASSWORD }),
      await ask('POST', '/api/users/auth/pwd/signup/', { username: `new-${i}`, email, password1: PASSWORD, password2: PASSWORD }),
      await ask('POST', '/api/users/', { username: `new-${i}`, email }, staff.headers),
      await ask('POST', '/api/v2/account/create/', { username: `new-${i}`, email, password: PASSWORD }, chief.headers),
      await ask('PUT', `/api/profile/${other.id}/update/`, { email }, other.headers),
      await ask('PATCH', `/api/v2/user/${other.id}/change_email/`, { new_email: email }, other.headers),
    ]) t.match({ status: answer.statusCode, body: answer.body }, { status: 400, body: TAKEN }, email)
    await t.rejects(core.users.create(null, { username: `new-${i}`, email }, { family: 'test' }), { code: 'invalid' }, email)
    t.match((await ask('POST', '/api/sign-in/', { email, password: PASSWORD })).json(), { user: { id } }, `signs in as ${email}`)
    t.equal((await ask('POST', '/oauth/token/', { grant_type: 'password', username: email, password: PASSWORD })).statusCode, 200, email)
    t.match((await ask('GET', `/api/v2/account/search/?email=${encodeURIComponent(email)}`, undefined, chief.headers)).json(), { id })
  }
  const bearer = { authorization: `Bearer ${tokenOf(pair, claimsFor('s-2', { email: ASCII, email_verified: true }))}` }
  t.match((await ask('GET', '/api/profile/', undefined, bearer)).json(), { email: '' }, 'nor does a foreign token bring it along')

  const sent = (await mailsTo(ASCII)).length
  await ask('POST', '/api/password/recover/', { email: 'GRETE@b\u00fccher.example' })
  t.equal((await mailsTo(ASCII)).length, sent + 1, 'a code to choose a new password')

  await dress(world, { id, username: 'grete', access, refresh: '', headers })
  await ask('PATCH', '/api/v2/user/me/visibility/', { avatar_by_email: true }, headers)
  t.ok(isPicture(await world.app.inject(`/avatar/${hashOf('sha256', ASCII.toLowerCase())}?d=identicon`)), 'found by the hash of the xn-- form')
  t.notOk(isPicture(await world.app.inject(`/avatar/${hashOf('sha256', TYPED.toLowerCase())}?d=identicon`)))

  await ask('PATCH', `/api/users/${id}/`, { email: 'thief-2@evil.example' }, staff.headers)
  t.match((await ask('POST', '/api/sign-up/', { username: 'heir', email: ASCII, password: PASSWORD })).body, TAKEN, 'kept while its change can be taken back')
  t.equal(await revert((await mailsTo(ASCII)).at(-1)?.code ?? ''), 204)

  const session = (await ask('POST', '/api/sign-up/', { username: 'ivan', email: 'ivan@example.com', password: PASSWORD })).json<{ user: { id: number }, access: string }>()
  const ivan = { authorization: `Bearer ${session.access}` }
  t.equal((await ask('PATCH', `/api/v2/user/${session.user.id}/change_email/`, { new_email: 'ivan@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444' }, ivan)).statusCode, 204)
  const code = await codeTo('ivan@xn--e1afmkfd.xn--p1ai')
  t.equal((await ask('POST', `/api/v2/user/${session.user.id}/confirm_email/`, { new_email: 'IVAN@xn--e1afmkfd.xn--p1ai', validation_code: code })).statusCode, 204, 'whichever form comes back')
  t.match((await ask('GET', '/api/profile/', undefined, ivan)).json(), { email: 'ivan@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444' })
  t.match((await ask('PATCH', `/api/v2/user/${session.user.id}/change_email/`, { new_email: 'ivan@xn--e1afmkfd.xn--p1ai' }, ivan)).body, 'This is the current email address.')
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { PASSWORD } from '../helper.ts'
import { createWorld, faultsOf } from './world.ts'

interface Page { items: { id: number, isCurrent: boolean }[], next: string | null, total?: number }

t.test('sessions: a page at a time; staff and admins end them within their reach', async (t) => {
  const { ada, grace, hedy, send, app } = await createWorld(t)
  const signIn = async (login: string) => {
    const { body } = await send(null, 'POST', '/sign-in', { login, password: PASSWORD })
    return { ...ada, headers: { authorization: `Bearer ${(body.tokens as { access: string }).access}` } }
  }
  const [first, second] = [await signIn('ada'), await signIn('ada')]
  const page = async (query: string) => (await send(grace, 'GET', `/people/${ada.id}/sessions${query}`)).body as unknown as Page
  const one = await page('?limit=1&count=exact')
  t.match(one, { items: [{ isCurrent: false }], next: /./, total: 3 })
  t.match((await page(`?limit=2&after=${one.next}`)), { items: { length: 2 }, next: null, total: undefined })
  const { headers } = await app.inject({ url: `/v1/people/${ada.id}/sessions?limit=1`, headers: grace.headers })
  t.match(headers.link, /^<http:\/\/127\.0\.0\.1:3000\/v1\/people\/\d+\/sessions\?limit=1&after=[\w-]+>; rel="next"$/)
  t.match((await send(second, 'GET', '/me/sessions?limit=1')).body, { items: [{ isCurrent: true }] })
  t.same(faultsOf(await send(grace, 'GET', `/people/${hedy.id}/sessions`)), [], 'out of reach')
  t.same(faultsOf(await send(ada, 'GET', '/me/sessions?limit=0&after=x&count=all&devise=y')).sort(), ['after invalid_cursor', 'count invalid_choice', 'devise unknown_field', 'limit min_value'])
  t.same(faultsOf(await send(ada, 'GET', `/me/sessions?after=${one.next}`)), ['after invalid_cursor'], 'the cursor of another question')
  t.same(faultsOf(await send(ada, 'GET', `/me/sessions?limit=101`)), ['limit max_value'])
  t.same(faultsOf(await send(ada, 'GET', `/me/sessions?limit=two`)), ['limit invalid_integer'])
  const mine = (await send(first, 'GET', '/me/sessions')).body as unknown as Page
  const { id } = mine.items.find(({ isCurrent }) => isCurrent) ?? { id: 0 }
  t.equal((await send(grace, 'DELETE', `/people/${hedy.id}/sessions/${id}`)).status, 403)
  t.equal((await send(hedy, 'DELETE', `/people/${grace.id}/sessions/${id}`)).status, 404, 'of somebody else')
  t.equal((await send(grace, 'DELETE', `/people/${ada.id}/sessions/${id}`)).status, 204)
  t.equal((await send(first, 'GET', '/me')).status, 401, 'on the next request')
  t.equal((await send(second, 'GET', '/me')).status, 200)
  t.same(faultsOf(await send(grace, 'DELETE', `/people/${ada.id}/sessions?others=true`)), ['others unknown_field'], 'none of them is the one that asks')
  t.equal((await send(grace, 'DELETE', `/people/${ada.id}/sessions?tokens=true`)).status, 403, 'the API tokens of others are for admins')
  t.equal((await send(second, 'GET', '/me')).status, 200, 'and nothing ended')
  t.equal((await send(grace, 'DELETE', `/people/${ada.id}/sessions`)).status, 204)
  t.equal((await send(second, 'GET', '/me')).status, 401)
})

t.test('API tokens: a page at a time, and an admin ends them with the sessions', async (t) => {
  const { ada, hedy, send, core } = await createWorld(t)
  const made = [await core.keys.create(ada.id), await core.keys.create(ada.id), await core.keys.create(ada.id)]
  const byToken = { ...ada, headers: { authorization: `Token ${made[0]?.secret}` } }
  const { body } = await send(ada, 'GET', '/me/tokens?limit=2&count=exact')
  t.match(body, { items: [{ id: made[2]?.key.id }, { id: made[1]?.key.id }], next: /./, total: 3 })
  t.match((await send(ada, 'GET', `/me/tokens?limit=2&after=${String(body.next)}`)).body, { items: [{ id: made[0]?.key.id }], next: null })
  t.equal((await send(byToken, 'GET', '/me')).status, 200)
  t.equal((await send(hedy, 'DELETE', `/people/${ada.id}/sessions?tokens=true`)).status, 204)
  t.equal((await send(byToken, 'GET', '/me')).status, 401)
})

t.test('a lost second factor is turned off by whoever reaches its owner and proves who they are', async (t) => {
  const { ada, grace, hedy, send, core } = await createWorld(t)
  const person = actingAs({ id: ada.id, isStaff: false, isAdmin: false })
  const turnOn = async () => {
    const codeAt = codesOf((await core.secondFactor.begin(person, { password: PASSWORD, address: '' })).secret)
    await wellWithinStep()
    await core.secondFactor.confirm(person, { otp: codeAt(-1), address: '' })
  }
  await turnOn()
  t.match((await send(grace, 'GET', `/people/${ada.id}/second-factor`)).body, { isOn: true })
  t.equal((await send(ada, 'GET', `/people/${grace.id}/second-factor`)).status, 403)
  t.match(await send(grace, 'DELETE', `/people/${ada.id}/second-factor`), { status: 403, body: { code: 'proof_required' } })
  t.match(await send(ada, 'DELETE', `/people/${ada.id}/second-factor`), { status: 403, body: { code: 'proof_required' } }, 'nor does a session alone turn off its own')
  for (const who of [grace, hedy]) t.equal((await send(who, 'POST', '/proof', { password: PASSWORD })).status, 200)
  t.equal((await send(grace, 'DELETE', `/people/${hedy.id}/second-factor`)).status, 403, 'out of reach')
  t.equal((await send(grace, 'DELETE', '/people/999999/second-factor')).status, 404)
  t.equal((await send(grace, 'DELETE', `/people/${ada.id}/second-factor`, undefined, { 'if-match': '"9-x"' })).status, 412)
  t.equal((await send(grace, 'DELETE', `/people/${ada.id}/second-factor`)).status, 204)
  t.match((await send(grace, 'GET', `/people/${ada.id}/second-factor`)).body, { isOn: false })
  t.equal((await send(null, 'POST', '/sign-in', { login: 'ada', password: PASSWORD })).status, 200, 'by the password alone')
  await turnOn()
  const former = { id: grace.id, isStaff: true, isAdmin: false, credential: null, guards: [] }
  await core.users.edit(OPERATOR, grace.id, { isStaff: false }, { family: 'operator' })
  await t.rejects(core.secondFactor.reset(former, ada.id), { code: 'permission_denied' }, 'a right that was lost on the way')
  await t.rejects(core.passwordChange.mailTo(former, ada.id), { code: 'permission_denied' })
})

t.test('a code for a new password goes to the address of the account, and nowhere else', async (t) => {
  const { ada, grace, hedy, send, core, dataDir } = await createWorld(t)
  const mails = async () => {
    await core.mail.deliver()
    while ((await core.db.read.mails.due(Number.MAX_SAFE_INTEGER, 1)).length > 0) await nextTurn()
    return readdirSync(join(dataDir, 'mail')).map((name) => readFileSync(join(dataDir, 'mail', name), 'utf8').replaceAll('=\r\n', ''))
  }
  const path = `/people/${ada.id}/password-mail`
  t.equal((await send(ada, 'POST', `/people/${grace.id}/password-mail`)).status, 403)
  t.equal((await send(grace, 'POST', `/people/${hedy.id}/password-mail`)).status, 403)
  t.match(await send(grace, 'POST', path), { status: 204, text: '' })
  const sent = (await mails()).filter((mail) => mail.includes('/reset-password'))
  t.same(sent.map((mail) => /\r\nTo: (.*)\r\n/.exec(mail)?.[1]), ['ada@example.com'])
  const code = /[A-Z2-9]{5}-[A-Z2-9]{5}/.exec(sent[0] ?? '')?.[0]
  t.match(await send(null, 'POST', '/password/reset', { code, password: 'a nanosecond of wire' }), { status: 200, body: { person: { username: 'ada' } } })

  await send(hedy, 'PATCH', `/people/${ada.id}`, { isActive: false })
  t.same(faultsOf(await send(grace, 'POST', path)), ['isActive invalid_value'])
  await send(hedy, 'PATCH', `/people/${ada.id}`, { isActive: true })
  await send(grace, 'PATCH', `/people/${ada.id}`, { email: 'other@example.com' })
  t.same(faultsOf(await send(grace, 'POST', path)), ['email code_confirms_only'], 'not to one that staff have just written')
  await send(hedy, 'PATCH', `/people/${ada.id}`, { email: null })
  t.same(faultsOf(await send(grace, 'POST', path)), ['email required'])
})

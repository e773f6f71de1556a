import t from 'tap'
import { createHash } from 'node:crypto'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import { PASSWORD } from '../helper.ts'
import { createWorld } from '../life/world.ts'

t.test('a link shows a form and spends nothing; the form does what it is for, once', async (t) => {
  const { app, ask, codeTo, core } = await createWorld(t)
  await ask('POST', '/api/sign-up/', { username: 'ada', email: 'ada@example.com', password: PASSWORD })
  const { id } = await core.users.findByUsername('ada') ?? { id: 0 }
  const post = (path: string, fields: Record<string, string>) =>
    app.inject({ method: 'POST', url: path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: new URLSearchParams(fields).toString() })

  const code = await codeTo('ada@example.com')
  const shown = await app.inject(`/confirm-email?code=${code}`)
  t.equal(shown.statusCode, 200)
  t.match(shown.body, `name="code" autocomplete="off" value="${code}"`)
  t.equal((await core.users.get(id)).emailConfirmed, false)
  const done = await post('/confirm-email', { code })
  t.equal(done.statusCode, 200)
  t.match(done.body, 'the address is confirmed')
  t.equal((await core.users.get(id)).emailConfirmed, true)
  const again = await post('/confirm-email', { code })
  t.equal(again.statusCode, 400)
  t.match(again.body, /role="alert">Invalid code\./)
  t.notMatch(again.body, '<form')

  const { access } = (await ask('POST', '/api/sign-in/', { email: 'ada@example.com', password: PASSWORD })).json<{ access: string }>()
  await ask('POST', '/api/email/change/', { email: 'ada@new.example' }, { authorization: `Bearer ${access}` })
  t.equal((await post('/change-email', { code: await codeTo('ada@new.example') })).statusCode, 200)
  t.equal((await core.users.get(id)).email, 'ada@new.example')

  await ask('POST', '/api/password/recover/', { email: 'ada@new.example' })
  const reset = await codeTo('ada@new.example')
  const short = await post('/reset-password', { code: reset, password: 'short' })
  t.equal(short.statusCode, 400)
  t.match(short.body, 'Ensure this field has at least 8 characters.')
  t.match(short.body, `value="${reset}"`, 'another try can help')
  t.equal((await post('/reset-password', { code: reset, password: 'a whole new secret' })).statusCode, 200)
  t.equal((await ask('GET', '/api/profile/', undefined, { authorization: `Bearer ${access}` })).statusCode, 401)
  t.equal((await ask('POST', '/api/token/', { username: 'ada', password: 'a whole new secret' })).statusCode, 200)

  const admin = await core.users.create(OPERATOR, { username: 'regina', isAdmin: true }, { family: 'operator' })
  await core.invitations.create(actingAs(admin), { email: 'grace@example.com' })
  const invitation = await codeTo('grace@example.com')
  t.match((await app.inject(`/accept-invitation?code=${invitation}`)).body, `value="${invitation}"`)
  const taken = await post('/accept-invitation', { code: invitation, username: 'ADA', password: PASSWORD })
  t.equal(taken.statusCode, 400)
  t.match(taken.body, /role="alert">.*already exists/)
  t.match(taken.body, `value="${invitation}"`)
  const welcome = await post('/accept-invitation', { code: invitation, username: 'grace', password: PASSWORD })
  t.match(welcome.body, 'Welcome')
  t.equal((await ask('POST', '/api/token/', { username: 'grace', password: PASSWORD })).statusCode, 200)
  const late = await post('/accept-invitation', { code: invitation, username: 'grace-2', password: PASSWORD })
  t.match(late.body, /role="alert">Invalid code\./)
  t.notMatch(late.body, '<form')
})

t.test('what came in an address is text, and the page lets nothing in or out', async (t) => {
  const { app } = await createWorld(t)
  for (const path of ['/confirm-email', '/change-email', '/revert-email', '/reset-password', '/accept-invitation']) {
    const response = await app.inject(`${path}?code=${encodeURIComponent('"><script>alert(1)</script>')}`)
    t.equal(response.statusCode, 200)
    t.match(response.body, 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    t.notMatch(response.body, '<script')
    const { 'content-security-policy': policy = '', ...headers } = response.headers
    const style = /<style>(.*)<\/style>/s.exec(response.body)?.[1] ?? ''
    t.match(String(policy), `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    t.match(String(policy), /^default-src 'none';.*form-action 'self';.*frame-ancestors 'none'$/)
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    const nothing = await app.inject({ method: 'POST', url: path })
    t.equal(nothing.statusCode, 400)
    t.match(nothing.body, 'This field is required.')
    const odd = await app.inject({ method: 'POST', url: path, headers: { 'content-type': 'text/plain' }, payload: 'x' })
    t.equal(odd.statusCode, 415)
    t.match(odd.headers['content-type'], 'text/html')
    t.equal((await app.inject(`${path}?code=a&code=b`)).statusCode, 200)
  }
})

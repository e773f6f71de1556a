import t from 'tap'
import { build, form, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'

t.test('C3 nobody learns in a row which addresses have an account', async (t) => {
  const built = await build(t, { rateLimit: true })
  const [eve, bob] = [await signUp(built, 'eve'), await signUp(built, 'bob')]
  const send = (method: 'PUT' | 'POST' | 'PATCH', url: string, payload: object, headers = eve.headers) => built.app.inject({ method, url, payload, headers })
  // A name that is refused in any case, so that nothing changes while one asks.
  const ask = (email: string) => send('PUT', `/api/profile/${eve.id}/update/`, { email, username: 'no good' })
  for (let i = 0; i < 5; i++) {
    t.same(Object.keys((await ask('bob@example.com')).json<object>()), ['username', 'email'], 'taken')
    t.same(Object.keys((await ask(`free-${i}@example.com`)).json<object>()), ['username'], 'free')
  }
  for (const email of ['bob@example.com', 'free@example.com']) {
    for (const [method, url, body] of [
      ['PUT', `/api/profile/${eve.id}/update/`, { email }],
      ['PATCH', '/api/users/me/', { email }],
      ['POST', '/api/email/change/', { email }],
      ['POST', '/api/users/auth/email/change/', { email }],
      ['PATCH', `/api/v2/user/${eve.id}/change_email/`, { new_email: email }],
    ] as const) t.equal((await send(method, url, body)).statusCode, 429, `${url} with ${email}`)
  }
  t.equal((await send('PUT', `/api/profile/${eve.id}/update/`, { email: 'eve@example.com', first_name: 'Eve' })).statusCode, 200, 'what is no new address is not asked about')
  t.equal((await send('PUT', `/api/profile/${bob.id}/update/`, { email: 'robert@example.com' }, bob.headers)).statusCode, 200, 'others may')

  const staff = await signUp(built, 'grace', { isStaff: true })
  for (let i = 0; i < 12; i++) t.equal((await send('PATCH', `/api/users/${eve.id}/`, { email: 'bob@example.com', gender: 'x' }, staff.headers)).statusCode, 400, 'staff see them all anyway')
})

t.test('C3 what fails before the code is written costs no code', async (t) => {
  const built = await build(t, { rateLimit: true })
  const ada = await signUp(built, 'ada')
  const broken = form([['email', 'ada@second.example'], ['avatar', { file: (await picture({ format: 'avif' })).subarray(0, -10) }]])
  for (let i = 0; i < 4; i++) t.equal((await built.app.inject({ method: 'PUT', url: `/api/profile/${ada.id}/update/`, ...broken, headers: { ...broken.headers, ...ada.headers } })).statusCode, 400)
  const changed = await built.app.inject({ method: 'PUT', url: `/api/profile/${ada.id}/update/`, payload: { email: 'ada@second.example' }, headers: ada.headers })
  t.equal(changed.statusCode, 200, changed.body)
})

import t from 'tap'
import { PASSWORD, form, urlencoded } from '../helper.ts'
import { createWorld } from '../life/world.ts'

/** The same routes under the names of two families. */
const FAMILIES = {
  personal: { password: '/api/password', email: '/api/email' },
  staff: { password: '/api/users/auth/pwd', email: '/api/users/auth/email' },
}
const NEW = 'a whole new secret'

for (const [family, { password, email }] of Object.entries(FAMILIES)) {
  await t.test(family, async (t) => {
    const world = await createWorld(t)
    const { ask, codeTo, core, app } = world
    const signUp = async (username: string) => (await ask('POST', '/api/sign-up/', { username, email: `${username}@example.com`, password: PASSWORD })).json<{ access: string, user: { id: number } }>()
    const ada = await signUp('ada')
    await signUp('bob')
    const headers = { authorization: `Bearer ${ada.access}` }
    const row = () => core.users.get(ada.user.id)
    const signIn = async (secret: string) => (await ask('POST', '/api/token/', { username: 'ada', password: secret })).statusCode

    await t.test('change: the old password, and a new one that may be', async (t) => {
      const before = await row()
      for (const [body, errors] of [
        [{}, { password: ['This field is required.'], new_password: ['This field is required.'] }],
        [{ password: 'wrong', new_password: 'short' }, { password: ['Invalid password.'], new_password: ['Ensure this field has at least 8 characters.'] }],
        [{ password: PASSWORD, new_password: 'password123' }, { new_password: ['This password is too common.'] }],
        [{ password: PASSWORD, new_password: 'ada@example.com' }, { new_password: ['The password is too similar to the username or the email address.'] }],
        [{ password: PASSWORD, new_password: 'x'.repeat(129) }, { new_password: ['Ensure this field has no more than 128 characters.'] }],
      ] as const) {
        const response = await ask('POST', `${password}/change/`, body, headers)
        t.equal(response.statusCode, 400)
        t.same(response.json(), errors)
      }
      t.equal((await row()).passwordHash, before.passwordHash)
      t.equal((await ask('POST', `${password}/change/`, { password: PASSWORD, new_password: NEW })).statusCode, 401)
      const changed = await ask('POST', `${password}/change/`, { password: PASSWORD, new_password: NEW }, headers)
      t.equal(changed.statusCode, 204)
      t.equal(changed.body, '')
      t.same([await signIn(PASSWORD), await signIn(NEW)], [401, 200])
      t.equal((await ask('GET', '/api/profile/', undefined, headers)).statusCode, 200, 'this session stays')
    })

    await t.test('recover and reset, in every encoding', async (t) => {
      for (const address of ['ada@example.com', 'nobody@example.com', 'ADA@example.com']) {
        const response = await ask('POST', `${password}/recover/`, { email: address })
        t.same([response.statusCode, response.body], [204, ''])
      }
      t.same((await ask('POST', `${password}/recover/`, { email: 'no address' })).json(), { email: ['Enter a valid email address.'] })
      const bodies = [
        (code: string) => ({ payload: JSON.stringify({ code, password: PASSWORD }), headers: { 'content-type': 'application/json' } }),
        (code: string) => urlencoded([['code', code], ['password', PASSWORD]]),
        (code: string) => form([['password', PASSWORD], ['code', code]]),
      ]
      for (const body of bodies) {
        await ask('POST', `${password}/recover/`, { email: 'ada@example.com' })
        const code = await codeTo('ada@example.com')
        t.same((await ask('POST', `${password}/reset/`, { code, password: 'short' })).json(), { password: ['Ensure this field has at least 8 characters.'] })
        const { payload, headers: type } = body(code)
        const response = await app.inject({ method: 'POST', url: `${password}/reset/`, payload, headers: type })
        t.equal(response.statusCode, 200, response.body)
        const found = response.json<{ access?: string, token?: string }>()
        t.equal((await ask('GET', '/api/profile/', undefined, { authorization: `Bearer ${found.access ?? found.token}` })).statusCode, 200, 'signed in')
        t.equal(await signIn(PASSWORD), 200)
        const again = await app.inject({ method: 'POST', url: `${password}/reset/`, payload, headers: type })
        t.equal(again.statusCode, 400)
        t.same(again.json(), { code: ['Invalid code.'] })
      }
      t.equal((await ask('GET', '/api/profile/', undefined, headers)).statusCode, 401, 'who was in before is out')
      t.same((await ask('POST', `${password}/reset/`, {})).json(), { code: ['This field is required.'], password: ['This field is required.'] })
      t.equal((await row()).emailConfirmed, true, 'whoever reads the mail has the address')
    })

    await t.test('an address: asked for, confirmed, once; somebody else\'s or one\'s own is refused', async (t) => {
      const { access } = (await ask('POST', '/api/token/', { username: 'ada', password: PASSWORD })).json<{ access: string }>()
      const own = { authorization: `Bearer ${access}` }
      t.same((await ask('POST', `${email}/change/`, { email: 'bob@example.com' }, own)).json(), { email: ['user with this email already exists.'] })
      t.same((await ask('POST', `${email}/change/`, { email: 'ada@example.com' }, own)).json(), { non_field_errors: ['This is the current email address.'] })
      t.same((await ask('POST', `${email}/change/`, { email: 'x' }, own)).json(), { email: ['Enter a valid email address.'] })
      t.equal((await ask('POST', `${email}/change/`, { email: 'first@example.org' }, own)).statusCode, 204)
      const first = await codeTo('first@example.org')
      t.equal((await ask('POST', `${email}/change/`, { email: 'second@example.org' }, own)).statusCode, 204)
      t.same((await ask('POST', `${email}/confirm/`, { code: first })).json(), { code: ['Invalid code.'] }, 'a newer code ends an older one')
      t.equal((await row()).email, 'ada@example.com')
      const before = await row()
      t.equal((await ask('POST', `${email}/confirm/`, { code: await codeTo('second@example.org') })).statusCode, 204)
      t.match(await row(), { email: 'second@example.org', emailConfirmed: true, version: before.version + 1 })
      t.equal((await ask('POST', `${email}/send/`, undefined, own)).statusCode, 204, 'nothing to send')
      t.equal((await ask('POST', `${email}/send/`)).statusCode, 401)
    })
  })
}

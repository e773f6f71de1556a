import t from 'tap'
import { live } from './life.ts'

t.test('a life in the staff family', async (t) => {
  await live(t, {
    async bear ({ ask, core }, { username, email, password }) {
      const response = await ask('POST', '/api/users/auth/pwd/signup/', { username, email, password1: password, password2: password })
      t.equal(response.statusCode, 200, response.body)
      return (await core.users.findByUsername(username))?.id ?? 0
    },
    confirm: ({ ask }, _person, code) => ask('POST', '/api/users/auth/email/confirm/', { code }),
    signIn: ({ ask }, { username }, password, agent, otp) => ask('POST', '/api/users/auth/pwd/signin/', { username, password, ...otp !== undefined && { otp } }, undefined, agent),
    headersOf: (response) => ({ authorization: `Token ${response.json<{ token: string }>().token}` }),
    asksForCode: { otp: ['A code of the second factor is required.'] },
    me: '/api/users/me/',
    security: '/api/users/me',
    secondFactor: 'second-factor',
    company: 'attributes.company_name',
    upload: ({ app }, _person, headers, { payload, headers: type }) => app.inject({ method: 'PATCH', url: '/api/users/me/', payload, headers: { ...headers, ...type } }),
    changePassword: ({ ask }, { password }, headers, next) => ask('POST', '/api/users/auth/pwd/change/', { password, new_password: next }, headers),
    changeEmail: ({ ask }, _person, headers, email) => ask('POST', '/api/users/auth/email/change/', { email }, headers),
    confirmChange: ({ ask }, _person, _email, code) => ask('POST', '/api/users/auth/email/confirm/', { code }),
    recover: ({ ask }, email) => ask('POST', '/api/users/auth/pwd/recover/', { email }),
    reset: ({ ask }, code, password, otp) => ask('POST', '/api/users/auth/pwd/reset/', { code, password, otp }),
    // Somebody who is no staff leaves through `me`, or is removed by an admin.
    remove: ({ ask, admin }, { id }, _headers, hard) => ask('DELETE', `/api/users/${id}/${hard ? '?hard=1' : ''}`, undefined, admin),
  })
})

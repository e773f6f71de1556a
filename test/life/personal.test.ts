import t from 'tap'
import { live } from './life.ts'

t.test('a life in the personal family', async (t) => {
  await live(t, {
    async bear ({ ask }, person) {
      const response = await ask('POST', '/api/sign-up/', person)
      t.equal(response.statusCode, 201, response.body)
      return response.json<{ user: { id: number } }>().user.id
    },
    confirm: ({ ask }, _person, code) => ask('POST', '/api/email/confirm/', { code }),
    signIn: ({ ask }, { email }, password, agent, otp) => ask('POST', '/api/sign-in/', { email, password, ...otp !== undefined && { otp } }, undefined, agent),
    headersOf: (response) => ({ authorization: `Bearer ${response.json<{ access: string }>().access}` }),
    asksForCode: { otp: ['A code of the second factor is required.'] },
    me: '/api/profile/',
    security: '/api/profile',
    secondFactor: 'second-factor',
    company: 'attributes.company_name',
    upload: ({ app }, { id }, headers, { payload, headers: type }) => app.inject({ method: 'PUT', url: `/api/profile/${id}/update/`, payload, headers: { ...headers, ...type } }),
    changePassword: ({ ask }, { password }, headers, next) => ask('POST', '/api/password/change/', { password, new_password: next }, headers),
    changeEmail: ({ ask }, _person, headers, email) => ask('POST', '/api/email/change/', { email }, headers),
    confirmChange: ({ ask }, _person, _email, code) => ask('POST', '/api/email/confirm/', { code }),
    recover: ({ ask }, email) => ask('POST', '/api/password/recover/', { email }),
    reset: ({ ask }, code, password, otp) => ask('POST', '/api/password/reset/', { code, password, otp }),
    remove: ({ ask }, { id }, headers, hard) => ask('DELETE', `/api/profile/${id}/delete/${hard ? '?hard=1' : ''}`, undefined, headers),
  })
})

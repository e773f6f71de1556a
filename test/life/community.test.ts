import t from 'tap'
import type { Test } from 'tap'
import { runTwice } from '../db/twice.ts'
import { live } from './life.ts'
import type { Words } from './life.ts'

const wordsOf = (t: Test): Words => ({
  async bear ({ ask, admin }, person) {
    const response = await ask('POST', '/api/v2/account/create/', person, admin)
    t.equal(response.statusCode, 201, response.body)
    return response.json<{ id: number }>().id
  },
  confirm: ({ ask }, _person, code) => ask('POST', '/api/v2/account/verify/', { validation_code: code }),
  signIn: ({ ask }, { username }, password, agent, otp) => ask('POST', '/oauth/token/', { grant_type: 'password', username, password, ...otp !== undefined && { otp } }, undefined, agent),
  headersOf: (response) => ({ authorization: `Bearer ${response.json<{ access_token: string }>().access_token}` }),
  asksForCode: { error: 'invalid_grant', errors: [{ field: 'otp', messages: [{ code: 'required' }] }] },
  me: '/api/v2/user/me/',
  security: '/api/v2/user/me',
  secondFactor: 'second_factor',
  company: 'company_name',
  upload: ({ app }, { id }, headers, { payload, headers: type }) => app.inject({ method: 'PATCH', url: `/api/v2/user/${id}/`, payload, headers: { ...headers, ...type } }),
  changePassword: ({ ask }, { id, password }, headers, next) => ask('PATCH', `/api/v2/user/${id}/change_password/`, { password, new_password: next }, headers),
  changeEmail: ({ ask }, { id }, headers, email) => ask('PATCH', `/api/v2/user/${id}/change_email/`, { new_email: email }, headers),
  confirmChange: ({ ask }, { id }, email, code) => ask('POST', `/api/v2/user/${id}/confirm_email/`, { new_email: email, validation_code: code }),
  recover: ({ ask }, email) => ask('POST', '/api/v2/account/recover/', { email }),
  reset: ({ ask }, code, password, otp) => ask('POST', '/api/v2/account/reset/', { validation_code: code, password, otp }),
  remove: ({ ask }, { id }, headers, hard) => ask('DELETE', `/api/v2/user/${id}/${hard ? '?hard=1' : ''}`, undefined, headers),
})

t.test('a life in the community family', (t) => live(t, wordsOf(t)))

t.test('the same over a database that runs every work twice', (t) => live(t, wordsOf(t), ({ db }) => { runTwice(db) }))

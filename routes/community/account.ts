import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireAdmin } from '../../src/core/access.ts'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { only, optionsOf, senderOf } from '../request.ts'
import { fromBody } from './convert.ts'
import { CREATE_NAMES, CreateSchema, UserSchema } from './schemas.ts'
import { show } from './shown.ts'

const KEYS = { username: 'username', email: 'email', ext_id: 'extId' } as const
const SearchQuery = Type.Object({
  username: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  ext_id: Type.Optional(Type.String()),
})

/** Accounts as admins make and find them. */
const accountRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core

  app.addHook('onRequest', only(requireAdmin))

  app.post('/account/create/', {
    config: { names: CREATE_NAMES, collectsFindings: true },
    schema: {
      summary: 'Create an account',
      description: 'Mails a code that confirms the address.',
      body: CreateSchema,
      response: { 201: UserSchema },
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const { email, password, ...profile } = request.body
    const person = { ...fromBody(profile, { gender: 'unspecified' }), email, password }
    return show(request, reply, await users.create(senderOf(request), person, { ...optionsOf(request), errors }))
  })

  app.get('/account/search/', {
    schema: {
      summary: 'Search an account',
      description: 'By exactly one of `username`, `email` and `ext_id`.',
      querystring: SearchQuery,
      response: { 200: UserSchema },
    },
  }, async (request, reply) => {
    // A name that comes twice is a list, which is more than one.
    const given = Object.entries(KEYS).flatMap(([name, key]) => [(request.query as Record<string, string | string[]>)[name] ?? []].flat().map((value) => [key, value]))
    const sent = given.filter(([, value]) => value !== '')
    if (sent.length !== 1) refuse([{ field: null, code: 'exactly_one', params: { of: Object.keys(KEYS).join(', ') } }])
    return show(request, reply, await users.search(Object.fromEntries(sent)))
  })
}

export default accountRoutes

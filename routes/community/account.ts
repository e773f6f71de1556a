import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import { refuse } from '../../src/core/errors.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { only, senderOf } from '../request.ts'
import { fromBody, toUser } from './convert.ts'
import { sendErrorIn } from './errors.ts'
import { CREATE_NAMES, CreateSchema, problems, UserSchema } from './schemas.ts'

const KEYS = { username: 'username', email: 'email', ext_id: 'extId' } as const
const SearchQuery = Type.Object({
  username: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  ext_id: Type.Optional(Type.String()),
})

/** Accounts as admins make and find them. */
const accountRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const { url } = app.media
  const tags = ['community']

  app.addHook('onRequest', only(requireAdmin))

  function show (request: FastifyRequest, reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toUser(users.viewFor(request.actor, account), url)
  }

  app.post('/account/create/', {
    schema: {
      tags,
      summary: 'Create an account',
      description: 'Mails a code that confirms the address.',
      body: CreateSchema,
      response: { 201: UserSchema, ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(CREATE_NAMES),
  }, async (request, reply) => {
    const errors = findingsOf(request, CREATE_NAMES)
    const { email, password, ...profile } = request.body
    const person = { ...fromBody(profile, { gender: 'unspecified' }), email, password }
    const account = await users.create(senderOf(request), person, { family: 'community', errors })
    return reply.code(201).send(show(request, reply, account))
  })

  app.get('/account/search/', {
    schema: {
      tags,
      summary: 'Search an account',
      description: 'By exactly one of `username`, `email` and `ext_id`.',
      querystring: SearchQuery,
      response: { 200: UserSchema, ...problems },
    },
    attachValidation: true,
  }, async (request, reply) => {
    // A name that comes twice is a list, which is more than one.
    const given = Object.entries(KEYS).flatMap(([name, key]) => [(request.query as Record<string, string | string[]>)[name] ?? []].flat().map((value) => [key, value]))
    const sent = given.filter(([, value]) => value !== '')
    if (sent.length !== 1) refuse([{ field: null, code: 'exactly_one', params: { of: Object.keys(KEYS).join(', ') } }])
    return show(request, reply, await users.search(Object.fromEntries(sent)))
  })

  app.answerOtherMethods()
}

export default accountRoutes

import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Question } from '../../src/core/directory.ts'
import type { Account } from '../../src/core/users.ts'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { askerOf } from '../request.ts'
import { toCompactUser, toUser } from './convert.ts'
import { AutocompleteQuery, CompactUserSchema, ListQuery, problems, SearchQuery, UserSchema } from './schemas.ts'
import { listQuestion, searchQuestion } from './questions.ts'

const NAMES_MAX = 100

/** People as they are found: the list, the search, names as one types them, and names that are known. */
const directoryRoutes: FastifyPluginAsyncTypebox<{ publicDirectory: boolean }> = async (app, { publicDirectory }) => {
  const { directory, users } = app.core
  const tags = ['community']
  // What others can be found by is told to whoever is signed in, unless the operator opens it to everybody.
  const config = publicDirectory ? { access: 'public' as const } : {}

  const whole = (request: FastifyRequest, account: Account) => toUser(users.viewFor(request.actor, account), app.media.url)
  const compact = (request: FastifyRequest, account: Account) => toCompactUser(users.viewFor(request.actor, account), app.media.url)

  async function answer<T> (request: FastifyRequest, question: Omit<Question, 'limit' | 'offset'>, show: (request: FastifyRequest, account: Account) => T) {
    const window = windowOf(request)
    const { count, people } = await directory.list(askerOf(request), { ...question, ...window })
    return toPage(request, window, count, people.map((account) => show(request, account)))
  }

  app.get('/user/', {
    schema: { tags, summary: 'List users', querystring: ListQuery, response: { 200: pageOf(UserSchema), ...problems } },
    attachValidation: true,
  }, async (request) => await answer(request, listQuestion(request.query), whole))

  app.get('/user/search/', {
    config,
    schema: { tags, summary: 'Search users', querystring: SearchQuery, response: { 200: pageOf(UserSchema), ...problems } },
    attachValidation: true,
  }, async (request) => await answer(request, searchQuestion(request.query, request.actor), whole))

  app.get('/user/autocomplete/', {
    config,
    schema: { tags, summary: 'Autocomplete users', querystring: AutocompleteQuery, response: { 200: pageOf(CompactUserSchema), ...problems } },
    attachValidation: true,
  }, async (request) => await answer(request, listQuestion(request.query), compact))

  app.post('/user/match/', {
    schema: {
      tags,
      summary: 'Match usernames',
      description: 'The users who are called so; names that nobody has are left out.',
      body: Type.Array(Type.String({ format: 'text' }), { title: 'CommunityUsernames', maxItems: NAMES_MAX, examples: [['ada', 'grace']] }),
      response: { 200: Type.Array(CompactUserSchema, { description: 'Those who are called so.' }), ...problems },
    },
    attachValidation: true,
  }, async (request) => {
    refuse(findingsOf(request, {}))
    return (await directory.named(request.body)).map((account) => compact(request, account))
  })

  app.answerOtherMethods()
}

export default directoryRoutes

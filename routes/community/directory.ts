import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Question } from '../../src/core/directory/index.ts'
import type { Account } from '../../src/core/people/users.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { askerOf } from '../request.ts'
import { toCompactUser } from './convert.ts'
import { AutocompleteQuery, CompactUserSchema, ListQuery, SearchQuery, UserSchema } from './schemas.ts'
import { listQuestion, searchQuestion } from './questions.ts'
import { userFor } from './shown.ts'

const NAMES_MAX = 100

/** People as they are found: the list, the search, names as one types them, and names that are known. */
const directoryRoutes: FastifyPluginAsyncTypebox<{ publicDirectory: boolean }> = async (app, { publicDirectory }) => {
  const { directory, users } = app.core
  // What others can be found by is told to whoever is signed in, unless the operator opens it to everybody.
  const config = publicDirectory ? { access: 'public' as const } : {}

  const compact = (request: FastifyRequest, account: Account) => toCompactUser(users.viewFor(request.actor, account), app.media.url)

  async function answer<T> (request: FastifyRequest, question: Omit<Question, 'limit' | 'offset'>, show: (request: FastifyRequest, account: Account) => T) {
    const window = windowOf(request)
    const { count, people } = await directory.list(askerOf(request), { ...question, ...window })
    return toPage(request, window, count, people.map((account) => show(request, account)))
  }

  app.get('/user/', {
    schema: { summary: 'List users', querystring: ListQuery, response: { 200: pageOf(UserSchema) } },
  }, async (request) => await answer(request, listQuestion(request.query), userFor))

  app.get('/user/search/', {
    config,
    schema: { summary: 'Search users', querystring: SearchQuery, response: { 200: pageOf(UserSchema) } },
  }, async (request) => await answer(request, searchQuestion(request.query, request.actor), userFor))

  app.get('/user/autocomplete/', {
    config,
    schema: { summary: 'Autocomplete users', querystring: AutocompleteQuery, response: { 200: pageOf(CompactUserSchema) } },
  }, async (request) => await answer(request, listQuestion(request.query), compact))

  app.post('/user/match/', {
    schema: {
      summary: 'Match usernames',
      description: 'The users who are called so; names that nobody has are left out.',
      body: Type.Array(Type.String({ format: 'text' }), { title: 'CommunityUsernames', maxItems: NAMES_MAX, examples: [['ada', 'grace']] }),
      response: { 200: Type.Array(CompactUserSchema, { description: 'Those who are called so.' }) },
    },
  }, async (request) => (await directory.named(request.body)).map((account) => compact(request, account)))
}

export default directoryRoutes

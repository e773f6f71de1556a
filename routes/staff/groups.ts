import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireStaff } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { idOf, only, senderOf } from '../request.ts'
import { toGroup } from './convert.ts'
import { GroupQuery } from './list-schemas.ts'
import { fromGroupQuery } from './questions.ts'
import { GROUP_NAMES, GroupBodySchema, GroupPatchSchema, GroupSchema } from './schemas.ts'

/** Groups: the list, and each of them. */
const groupRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { groups } = app.core
  const config = { names: GROUP_NAMES, collectsFindings: true } as const
  const response = { 200: GroupSchema }

  app.addHook('onRequest', only(requireStaff))

  /** Before the body is read: is there such a group? */
  const onRequest = async (request: FastifyRequest) => { await groups.requireGroup(idOf(request, 'group_id')) }

  async function edit (request: FastifyRequest) {
    const errors = findingsOf(request)
    return toGroup(await groups.edit(senderOf(request), idOf(request, 'group_id'), request.body as { name?: string }, errors))
  }

  app.get('/groups/', {
    schema: { summary: 'List groups', querystring: GroupQuery, response: { 200: pageOf(GroupSchema) } },
  }, async (request) => {
    const window = windowOf(request)
    const { count, groups: found } = await groups.list(window, fromGroupQuery(request.query))
    return toPage(request, window, count, found.map(toGroup))
  })

  app.post('/groups/', {
    config,
    schema: { summary: 'Create a group', body: GroupBodySchema, response: { 201: GroupSchema } },
  }, async (request) => {
    const errors = findingsOf(request)
    return toGroup(await groups.create(senderOf(request), request.body, errors))
  })

  app.get('/groups/:group_id/', { schema: { summary: 'Retrieve a group', response } },
    async (request) => toGroup(await groups.get(idOf(request, 'group_id'))))
  app.put('/groups/:group_id/', { config, schema: { summary: 'Update a group', body: GroupBodySchema, response }, onRequest }, edit)
  app.patch('/groups/:group_id/', { config, schema: { summary: 'Update parts of a group', body: GroupPatchSchema, response }, onRequest }, edit)

  app.delete('/groups/:group_id/', {
    schema: { summary: 'Delete a group', description: 'Whoever is in it stays, without it.', response: { 204: Type.Null() } },
    onRequest,
  }, async (request) => {
    await groups.remove(senderOf(request), idOf(request, 'group_id'))
  })
}

export default groupRoutes

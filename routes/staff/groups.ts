import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireStaff } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { PageQuery, pageOf, toPage, windowOf } from '../pages.ts'
import { toGroup } from './convert.ts'
import { GROUP_NAMES, GroupBodySchema, GroupSchema, problems } from './schemas.ts'

/** Groups: the list, and new ones. */
const groupRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { groups } = app.core
  const tags = ['staff']

  app.addHook('onRequest', async (request) => requireStaff(request.actor))

  app.get('/groups/', {
    schema: { tags, summary: 'List groups', querystring: PageQuery, response: { 200: pageOf(GroupSchema), ...problems } },
    attachValidation: true,
  }, async (request) => {
    const window = windowOf(request)
    const { count, groups: found } = await groups.list(window.limit, window.offset)
    return toPage(request, app.media.origin(), window, count, found.map(toGroup))
  })

  app.post('/groups/', {
    schema: { tags, summary: 'Create a group', body: GroupBodySchema, response: { 201: GroupSchema, ...problems } },
    attachValidation: true,
  }, async (request, reply) => {
    const errors = findingsOf(request, GROUP_NAMES)
    const group = await groups.create(request.body, errors)
    return reply.code(201).send(toGroup(group))
  })

  app.answerOtherMethods()
}

export default groupRoutes

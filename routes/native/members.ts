import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { findingsOf } from '../findings.ts'
import { askerOf, optionsOf, senderOf } from '../request.ts'
import { isDry } from './dry-run.ts'
import { FieldsQuery } from './fields-query.ts'
import { MembersChangedSchema, MembersSchema, toGroup } from './group-schemas.ts'
import { listQuery, windowOf } from './lists.ts'
import { WriteQuery } from './me.ts'
import { listPeople, PersonListSchema } from './people-list.ts'

const MembersQuery = listQuery(FieldsQuery.properties)

interface Options {
  groupId: (request: FastifyRequest) => number
  /** Looks the group up. */
  onRequest: onRequestAsyncHookHandler[]
}

/** Who is in a group. */
const memberRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { groupId, onRequest }) => {
  const { directory, groups } = app.core

  app.get('/groups/:group_id/members/', {
    schema: {
      operationId: 'listMembers',
      summary: 'Who is in a group',
      querystring: MembersQuery,
      response: { 200: PersonListSchema },
    },
    onRequest,
  }, async (request, reply) => {
    const { window, errors } = windowOf(request)
    const [asker, group] = [askerOf(request), groupId(request)]
    return await listPeople(request, reply, errors, {
      page: (all) => directory.members(asker, group, window, all),
      count: () => directory.count(asker, { where: { group } }),
    })
  })

  const verbs = [['post', 'add', 'Add members', groups.addMembers], ['delete', 'remove', 'Remove members', groups.removeMembers]] as const
  for (const [method, verb, summary, change] of verbs) {
    app[method]('/groups/:group_id/members/', {
      config: { canRehearse: true, names: { ids: 'ids' }, collectsFindings: true },
      schema: {
        operationId: `${verb}Members`,
        summary,
        description: 'All of them or nobody, within your reach.',
        querystring: WriteQuery,
        body: MembersSchema,
        response: { 200: MembersChangedSchema },
      },
      onRequest,
    }, async (request: FastifyRequest) => {
      const options = { ...optionsOf(request), errors: findingsOf(request), isDry: isDry(request) }
      const { ids = [] } = request.body as { ids?: number[] }
      const { group, changed } = await change(senderOf(request), groupId(request), ids, options)
      return { group: toGroup(group), changed, ...options.isDry && { dryRun: true } }
    })
  }
}

export default memberRoutes

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { findingsOf } from '../findings.ts'
import { askerOf, optionsOf, senderOf } from '../request.ts'
import { isDry } from './dry-run.ts'
import { FieldsQuery } from './fields-query.ts'
import { MembersPatchSchema, MembersSchema, toGroup } from './group-schemas.ts'
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

  app.patch('/groups/:group_id/members/', {
    config: { canRehearse: true, names: { add: 'add', remove: 'remove' }, collectsFindings: true },
    schema: {
      operationId: 'changeMembers',
      summary: 'Add and remove members',
      description: 'All of them or nobody, within your reach.',
      querystring: WriteQuery,
      body: MembersPatchSchema,
      response: { 200: MembersSchema },
    },
    onRequest,
  }, async (request) => {
    const options = { ...optionsOf(request), errors: findingsOf(request), isDry: isDry(request) }
    const { group, added, removed } = await groups.changeMembers(senderOf(request), groupId(request), request.body, options)
    return { group: toGroup(group), added, removed, ...options.isDry && { dryRun: true } }
  })
}

export default memberRoutes

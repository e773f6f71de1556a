import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireStaff } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { idOf, only, senderOf } from '../request.ts'
import { differences, isDry } from './dry-run.ts'
import { GroupCreateSchema, GroupPatchSchema, GroupQuery, GroupSchema, GroupWrittenSchema, toGroup } from './group-schemas.ts'
import { listOf, toList, windowOf } from './lists.ts'
import { WriteQuery } from './me.ts'
import members from './members.ts'
import { sentIn } from './parameters.ts'

/** For how many there are. */
const NONE = { limit: 0, offset: 0 }

/** Groups, for staff: the list, each of them, and who is in it. */
const groupRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { groups } = app.core
  const config = { canRehearse: true, names: { name: 'name', notes: 'notes' }, collectsFindings: true } as const

  app.addHook('onRequest', only(requireStaff))

  const groupId = (request: FastifyRequest): number => idOf(request, 'group_id')
  /** Before the body is read: is there such a group? */
  const onRequest = async (request: FastifyRequest) => { await groups.requireGroup(groupId(request)) }

  app.get('/groups/', {
    schema: { operationId: 'listGroups', summary: 'Groups', querystring: GroupQuery, response: { 200: listOf(GroupSchema) } },
  }, async (request, reply) => {
    const { window, errors } = windowOf(request)
    const filter = { search: sentIn(request, 'q') }
    const page = await groups.page(senderOf(request), { ...window, ...filter }, errors)
    return await toList(request, reply, page, toGroup, async () => (await groups.list(NONE, filter)).count)
  })

  app.post('/groups/', {
    config,
    schema: {
      operationId: 'createGroup',
      summary: 'Create a group',
      querystring: WriteQuery,
      body: GroupCreateSchema,
      response: { 200: GroupWrittenSchema, 201: GroupWrittenSchema },
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const created = toGroup(await groups.create(senderOf(request), request.body, errors, { isDry: isDry(request) }))
    if (isDry(request)) return { ...created, dryRun: true, changes: differences({}, created) }
    reply.code(201)
    return created
  })

  app.get('/groups/:group_id/', {
    schema: { operationId: 'getGroup', summary: 'A group', response: { 200: GroupSchema } },
  }, async (request) => toGroup(await groups.get(groupId(request))))

  app.patch('/groups/:group_id/', {
    config,
    schema: { operationId: 'updateGroup', summary: 'Change a group', querystring: WriteQuery, body: GroupPatchSchema, response: { 200: GroupWrittenSchema } },
    onRequest,
  }, async (request) => {
    const errors = findingsOf(request)
    const before = isDry(request) ? toGroup(await groups.get(groupId(request))) : undefined
    const after = toGroup(await groups.edit(senderOf(request), groupId(request), request.body, errors, { isDry: isDry(request) }))
    return before === undefined ? after : { ...after, dryRun: true, changes: differences(before, after) }
  })

  app.delete('/groups/:group_id/', {
    config: { canRehearse: true },
    schema: {
      operationId: 'deleteGroup',
      summary: 'Delete a group',
      description: 'Whoever is in it stays, without it.',
      querystring: WriteQuery,
      response: { 200: GroupWrittenSchema, 204: Type.Null() },
    },
    onRequest,
  }, async (request, reply) => {
    if (isDry(request)) return { ...toGroup(await groups.get(groupId(request))), dryRun: true }
    await groups.remove(senderOf(request), groupId(request))
    reply.code(204)
  })

  await app.register(members, { groupId, onRequest: [onRequest] })
}

export default groupRoutes

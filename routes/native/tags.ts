import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import { TAG_TYPES } from '../../src/core/directory/tags.ts'
import type { TagFilter } from '../../src/core/directory/tags.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { toFlag } from '../../src/core/formats.ts'
import { findingsOf } from '../findings.ts'
import { idOf, loadTarget, only, optionsOf, senderOf, targetOf } from '../request.ts'
import { differences, isDry } from './dry-run.ts'
import { listOf, toList, windowOf } from './lists.ts'
import { WriteQuery } from './me.ts'
import { sentIn } from './parameters.ts'
import { conflict } from './problems.ts'
import { PersonWrittenSchema } from './schemas.ts'
import { personFor, rehearsedPerson } from './shown.ts'
import { TAG_FLAGS, TAG_NAMES, TagCreateSchema, TagPatchSchema, TagQuery, TagSchema, TagWrittenSchema, toTag } from './tag-schemas.ts'

/** For how many there are. */
const NONE = { limit: 0, offset: 0 }

/** Tags: everybody sees the visible ones, admins see all, make them and give them. */
const tagRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { tags } = app.core
  const config = { canRehearse: true, names: TAG_NAMES, collectsFindings: true } as const
  const onlyAdmins = only(requireAdmin)
  const tagId = (request: FastifyRequest): number => idOf(request, 'tag_id')
  /** Before the body is read: is there such a tag? */
  const loadTag = async (request: FastifyRequest) => { await tags.get(tagId(request)) }

  app.get('/tags/', {
    schema: { operationId: 'listTags', summary: 'Tags', querystring: TagQuery, response: { 200: listOf(TagSchema) } },
  }, async (request, reply) => {
    const { window, errors } = windowOf(request)
    const filter = filterIn(request, errors)
    const sender = senderOf(request)
    const page = await tags.page(sender, filter, window, errors)
    return await toList(request, reply, page, toTag, async () => (await tags.list(sender, filter, [], NONE)).count)
  })

  app.post('/tags/', {
    config,
    schema: {
      operationId: 'createTag',
      summary: 'Create a tag',
      querystring: WriteQuery,
      body: TagCreateSchema,
      response: { 200: TagWrittenSchema, 201: TagWrittenSchema },
    },
    onRequest: onlyAdmins,
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const created = toTag(await tags.create(senderOf(request), request.body, errors, { isDry: isDry(request) }))
    if (isDry(request)) return { ...created, dryRun: true, changes: differences({}, created) }
    reply.code(201)
    return created
  })

  await app.register(async (ofAdmins: typeof app) => {
    ofAdmins.addHook('onRequest', onlyAdmins)

    ofAdmins.get('/tags/:tag_id/', {
      schema: { operationId: 'getTag', summary: 'A tag', response: { 200: TagSchema } },
    }, async (request) => toTag(await tags.get(tagId(request))))

    ofAdmins.patch('/tags/:tag_id/', {
      config,
      schema: { operationId: 'updateTag', summary: 'Change a tag', querystring: WriteQuery, body: TagPatchSchema, response: { 200: TagWrittenSchema } },
      onRequest: loadTag,
    }, async (request) => {
      const errors = findingsOf(request)
      const before = isDry(request) ? toTag(await tags.get(tagId(request))) : undefined
      const after = toTag(await tags.edit(senderOf(request), tagId(request), request.body, errors, { isDry: isDry(request) }))
      return before === undefined ? after : { ...after, dryRun: true, changes: differences(before, after) }
    })

    for (const [method, verb, give] of [['put', 'give', tags.give], ['delete', 'take', tags.take]] as const) {
      ofAdmins[method]('/people/:id/tags/:tag_id/', {
        config: { isConditional: true, canRehearse: true },
        schema: {
          operationId: `${verb}Tag`,
          summary: verb === 'give' ? 'Give somebody a tag' : 'Take a tag from somebody',
          querystring: WriteQuery,
          response: { 200: PersonWrittenSchema, ...conflict },
        },
        onRequest: [loadTarget, loadTag],
      }, async (request: FastifyRequest, reply: FastifyReply) => {
        const target = targetOf(request)
        const options = { ...optionsOf(request), isDry: isDry(request) }
        const account = await give(senderOf(request), { tagId: tagId(request), userId: target.id }, options)
        if (options.isDry) return await rehearsedPerson(request, target, account)
        reply.version = account.version
        return await personFor(request, account)
      })
    }
  })
}

/** What the list is asked for; what is wrong with that joins the `errors`. */
function filterIn (request: FastifyRequest, errors: FieldError[]): TagFilter {
  const [search, type] = [sentIn(request, 'q'), sentIn(request, 'type')]
  const filter: TagFilter = { search, type: TAG_TYPES.find((one) => one === type) }
  if (type !== undefined && filter.type === undefined) errors.push({ field: 'type', code: 'invalid_choice', params: { value: type } })
  for (const name of TAG_FLAGS) {
    const text = sentIn(request, name)
    filter[name] = toFlag(text)
    if (text !== undefined && filter[name] === undefined) errors.push({ field: name, code: 'invalid_boolean' })
  }
  return filter
}

export default tagRoutes

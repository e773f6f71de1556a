import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { only, senderOf } from '../request.ts'
import { fromTagBody, toTag } from './convert.ts'
import { sendErrorIn } from './errors.ts'
import { problems } from './schemas.ts'
import { tagFilterOf, tagOrderOf } from './tag-filters.ts'
import { TAG_NAMES, TagPatchSchema, TagPutSchema, TagQuery, TagSchema } from './tag-schemas.ts'
import type { TagBody } from './tag-schemas.ts'
import { idOf } from './target.ts'

/** Tags: everybody may see the visible ones, admins all of them, and admins make and change them. */
const tagRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { tags: rules } = app.core
  const tags = ['community']
  const listed = { querystring: TagQuery, response: { 200: pageOf(TagSchema), ...problems } }
  const errorHandler = sendErrorIn(TAG_NAMES)

  async function list (request: FastifyRequest) {
    const window = windowOf(request)
    const filter = tagFilterOf(request.query as object)
    const { count, tags } = filter === undefined ? { count: 0, tags: [] } : await rules.list(senderOf(request), filter, tagOrderOf(request.query as object), window)
    return toPage(request, window, count, tags.map(toTag))
  }

  app.get('/tag/', { schema: { tags, summary: 'List tags', ...listed }, attachValidation: true }, list)

  app.post('/tag/', {
    schema: { tags, summary: 'Create a tag', body: TagPutSchema, response: { 201: TagSchema, ...problems } },
    attachValidation: true,
    errorHandler,
    onRequest: only(requireAdmin),
  }, async (request, reply) => {
    const errors = findingsOf(request, TAG_NAMES)
    return reply.code(201).send(toTag(await rules.create(senderOf(request), fromTagBody(request.body), errors)))
  })

  await app.register(async (ofAdmins) => {
    const response = { 200: TagSchema, ...problems }
    ofAdmins.addHook('onRequest', only(requireAdmin))

    const tagOf = (request: FastifyRequest) => rules.get(idOf(request, 'tag_id'))
    /** Before the body is read. */
    const onRequest = async (request: FastifyRequest) => { await tagOf(request) }

    async function edit (request: FastifyRequest) {
      const errors = findingsOf(request, TAG_NAMES)
      return toTag(await rules.edit(senderOf(request), idOf(request, 'tag_id'), fromTagBody(request.body as TagBody), errors))
    }

    ofAdmins.get('/tag/search/', { schema: { tags, summary: 'Search tags', ...listed }, attachValidation: true }, list)

    ofAdmins.get('/tag/:tag_id/', { schema: { tags, summary: 'Get a tag', response } }, async (request: FastifyRequest) => toTag(await tagOf(request)))

    ofAdmins.put('/tag/:tag_id/', {
      schema: { tags, summary: 'Update a tag', body: TagPutSchema, response }, attachValidation: true, errorHandler, onRequest,
    }, edit)

    ofAdmins.patch('/tag/:tag_id/', {
      schema: { tags, summary: 'Update parts of a tag', body: TagPatchSchema, response }, attachValidation: true, errorHandler, onRequest,
    }, edit)

    ofAdmins.answerOtherMethods()
  })

  app.answerOtherMethods()
}

export default tagRoutes

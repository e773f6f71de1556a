import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { idOf, only, senderOf } from '../request.ts'
import { fromTagBody, toTag } from './convert.ts'
import { tagFilterOf, tagOrderOf } from './tag-filters.ts'
import { TAG_NAMES, TagPatchSchema, TagPutSchema, TagQuery, TagSchema } from './tag-schemas.ts'
import type { TagBody } from './tag-schemas.ts'

/** Tags: everybody may see the visible ones, admins all of them, and admins make and change them. */
const tagRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { tags: rules } = app.core
  const listed = { querystring: TagQuery, response: { 200: pageOf(TagSchema) } }
  const config = { names: TAG_NAMES, collectsFindings: true } as const

  async function list (request: FastifyRequest) {
    const window = windowOf(request)
    const filter = tagFilterOf(request.query as object)
    const { count, tags } = filter === undefined ? { count: 0, tags: [] } : await rules.list(senderOf(request), filter, tagOrderOf(request.query as object), window)
    return toPage(request, window, count, tags.map(toTag))
  }

  app.get('/tag/', { schema: { summary: 'List tags', ...listed } }, list)

  app.post('/tag/', {
    config,
    schema: { summary: 'Create a tag', body: TagPutSchema, response: { 201: TagSchema } },
    onRequest: only(requireAdmin),
  }, async (request) => {
    const errors = findingsOf(request)
    return toTag(await rules.create(senderOf(request), fromTagBody(request.body), errors))
  })

  await app.register(async (ofAdmins) => {
    const response = { 200: TagSchema }
    ofAdmins.addHook('onRequest', only(requireAdmin))

    const tagOf = (request: FastifyRequest) => rules.get(idOf(request, 'tag_id'))
    /** Before the body is read. */
    const onRequest = async (request: FastifyRequest) => { await tagOf(request) }

    async function edit (request: FastifyRequest) {
      const errors = findingsOf(request)
      return toTag(await rules.edit(senderOf(request), idOf(request, 'tag_id'), fromTagBody(request.body as TagBody), errors))
    }

    ofAdmins.get('/tag/search/', { schema: { summary: 'Search tags', ...listed } }, list)

    ofAdmins.get('/tag/:tag_id/', { schema: { summary: 'Get a tag', response } }, async (request: FastifyRequest) => toTag(await tagOf(request)))

    ofAdmins.put('/tag/:tag_id/', {
      config, schema: { summary: 'Update a tag', body: TagPutSchema, response }, onRequest,
    }, edit)

    ofAdmins.patch('/tag/:tag_id/', {
      config, schema: { summary: 'Update parts of a tag', body: TagPatchSchema, response }, onRequest,
    }, edit)
  })
}

export default tagRoutes

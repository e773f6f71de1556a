import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin, requireSelfOrAdmin } from '../../src/core/access.ts'
import { AppError, refuse } from '../../src/core/errors.ts'
import { toId } from '../../src/core/formats.ts'
import type { Tag } from '../../src/core/directory/tags.ts'
import { PageQuery, pageOf, toPage, windowOf } from '../pages.ts'
import { textOf } from '../query.ts'
import { askerOf, idOf, loadTarget, only, optionsOf, senderOf, targetOf } from '../request.ts'
import { toTag } from './convert.ts'
import { holdersQuestion } from './questions.ts'
import { UserSchema } from './schemas.ts'
import { userFor } from './shown.ts'
import { GIFT_NAMES, GiftSchema, HolderQuery, TagSchema } from './tag-schemas.ts'
import type { GiftBody } from './tag-schemas.ts'

/** Who has which tags. */
const taggingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { directory, tags: rules } = app.core

  app.get('/user/:id/tags/', {
    schema: { summary: 'List the tags of a user', querystring: PageQuery, response: { 200: pageOf(TagSchema) } },
    onRequest: [loadTarget, async (request) => requireSelfOrAdmin(request.actor, targetOf(request))],
  }, async (request) => {
    const { tags } = targetOf(request)
    const window = windowOf(request)
    return toPage(request, window, tags.length, tags.slice(window.offset, window.offset + window.limit).map(toTag))
  })

  await app.register(async (ofAdmins) => {
    ofAdmins.addHook('onRequest', only(requireAdmin))

    /** The tag that the query names, by exactly one of its id and its name. */
    async function namedTag (request: FastifyRequest): Promise<Tag> {
      const query = request.query as object
      const [id, name] = [textOf(query, 'tag_id'), textOf(query, 'tag_name')]
      if ((id === undefined) === (name === undefined)) refuse([{ field: null, code: 'exactly_one', params: { of: 'tag_id, tag_name' } }])
      if (name !== undefined) return await rules.getByName('user', name)
      const number = toId(id ?? '')
      if (number === undefined) throw new AppError('not_found')
      return await rules.get(number)
    }

    ofAdmins.get('/tag/user/', {
      schema: { summary: 'List the users with a tag', querystring: HolderQuery, response: { 200: pageOf(UserSchema) } },
    }, async (request) => {
      const window = windowOf(request)
      const { id } = await namedTag(request)
      const { count, people } = await directory.list(askerOf(request), { ...holdersQuestion(request.query as object, id), ...window })
      return toPage(request, window, count, people.map((account) => userFor(request, account)))
    })

    const verbs = [
      ['assign', 'Assign a tag', rules.give],
      ['add', 'Add a tag', rules.give],
      ['remove', 'Remove a tag', rules.take],
    ] as const
    for (const [name, summary, tagged] of verbs) {
      ofAdmins.post(`/tag/:tag_id/${name}/`, {
        config: { isConditional: true, names: GIFT_NAMES },
        schema: { summary, body: GiftSchema, response: { 204: Type.Null() } },
        onRequest: async (request) => { await rules.get(idOf(request, 'tag_id')) },
      }, async (request) => {
        const { user } = request.body as GiftBody
        await tagged(senderOf(request), { tagId: idOf(request, 'tag_id'), userId: user }, optionsOf(request))
      })
    }
  })
}

export default taggingRoutes

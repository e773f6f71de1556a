import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ImagesSchema, toImages } from '../images.ts'
import { loadTarget, targetOf } from '../request.ts'

/** The pictures of a user in all their sizes, and what stands in for them while they load. */
const imageRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core

  app.get('/user/:id/images/', {
    config: { access: 'public' },
    schema: { summary: 'Get the images of a user', response: { 200: ImagesSchema } },
    onRequest: loadTarget,
  }, async (request, reply) => {
    const account = targetOf(request)
    reply.version = account.version
    const view = users.viewFor(request.actor, account)
    return toImages(await users.picturesOf(view), (kind, size) => app.media.url(kind, view, size) ?? '')
  })
}

export default imageRoutes

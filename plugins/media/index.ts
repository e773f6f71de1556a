import type { HTTPMethods } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { AppError } from '../../src/core/errors.ts'
import { createAddresses } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import { createFiles } from './files.ts'
import { IMMUTABLE, REFUSED, shownAs } from './headers.ts'
import { namedBy } from './names.ts'
import { createObjects } from './objects.ts'
import type { Named } from './names.ts'

interface Media extends Addresses {
  /** What goes with whatever is no picture although one was asked for. */
  refused: typeof REFUSED
  /** What goes with a picture, shown under a name of ours. */
  shownAs: typeof shownAs
}

declare module 'fastify' {
  interface FastifyInstance { media: Media }
}

/** As the library that sends files makes them. */
interface HttpError extends Error { statusCode?: number, headers?: Record<string, string> }

const DAY_S = 86_400
const OTHER_METHODS: HTTPMethods[] = ['POST', 'PUT', 'PATCH', 'DELETE']

const DEFAULT_AVATAR_PATH = '/media/default-avatar.svg'
/** Head and shoulders of nobody in particular. */
const DEFAULT_AVATAR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256">' +
  '<path fill="#dfe3e8" d="M0 0h64v64H0z"/><circle cx="32" cy="25" r="12" fill="#98a2b0"/><path fill="#98a2b0" d="M8 64a24 22 0 0 1 48 0z"/></svg>'
const DEFAULT_AVATAR_HEADERS = { ...shownAs('image/svg+xml', 'avatar.svg'), 'cache-control': `public, max-age=${DAY_S}` }

/** Serves the pictures that the service has published, and says where they are. */
export default fp(async (app, { config }: { config: Config }) => {
  const { publicAddress, core: { db, images, signatures } } = app

  await app.register(async (media) => {
    media.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open', isUnlimited: true }
      route.schema = { hide: true }
    })
    media.setErrorHandler<HttpError>((error, _request, reply) => {
      reply.headers(REFUSED)
      // For the handler of the application around, unless it is a condition that does not hold, or a range that is not there.
      if (error.statusCode !== 412 && error.statusCode !== 416) throw error
      reply.code(error.statusCode).headers(error.headers ?? {}).send()
    })
    const { store } = images
    const sendFile = store.root === undefined ? createObjects(store) : await createFiles(media, store, store.root)

    media.get(DEFAULT_AVATAR_PATH, async (_request, reply) => reply.headers(DEFAULT_AVATAR_HEADERS).send(DEFAULT_AVATAR))
    media.get('/media/*', async (request, reply) => {
      const named = namedBy(publicAddress.below(request.raw.url ?? '').slice('/media'.length))
      if (named === undefined) throw new AppError('not_found')
      return await sendFile(named, await lifeOf(named), request, reply)
    })
    // Before a body is looked at.
    media.route({ method: OTHER_METHODS, url: '/media/*', onRequest: async () => { throw new AppError('not_found') }, handler: async () => undefined })
  })

  /** How long and by whom a picture may be kept. Throws `not_found` for whom it is not there: asked each time, because people go and change their minds. */
  async function lifeOf ({ kind, name, query }: Named): Promise<string> {
    const owner = await db.read.pictures.ownerOf(name)
    // A file without a row is on its way, or on its way out.
    if (owner === undefined || owner.deletedAt !== null) throw new AppError('not_found')
    const isNarrowed = owner.visibility[kind] !== undefined
    if (!isNarrowed && !config.privateMedia) return IMMUTABLE
    const left = signatures.left(name, query)
    if (left === 0) throw new AppError('not_found')
    return `${isNarrowed ? 'private' : 'public'}, max-age=${left}`
  }

  const addresses = createAddresses({ publicAddress, signatures, isPrivate: config.privateMedia, placeholderPath: DEFAULT_AVATAR_PATH })
  app.decorate('media', { ...addresses, refused: REFUSED, shownAs })
}, { name: 'media', dependencies: ['address', 'core'] })

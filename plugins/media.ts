import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { AddressInfo } from 'node:net'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'
import { AppError } from '../src/core/errors.ts'
import type { ImageKind } from '../src/images/formats.ts'

interface Media {
  /** The path of a published picture, or null. */
  path: (kind: ImageKind, name: string | null) => string | null
  /** Its absolute address, or null. Never made from anything that a request says. */
  url: (kind: ImageKind, name: string | null) => string | null
  /** The address of the service itself, without a trailing slash. */
  origin: () => string
}

declare module 'fastify' {
  interface FastifyInstance { media: Media }
}

const PUBLISHED = /^\/(?:avatars|covers)\/([0-9a-f]{32})\.webp$/
const YEAR_S = 31_536_000
const HEADERS = {
  'content-type': 'image/webp',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'content-disposition': 'inline',
}

/** Serves the pictures that the service has published, and says where they are. */
export default fp(async (app, { config }: { config: Config }) => {
  const { prefix } = app
  await app.register(async (media) => {
    media.addHook('onRoute', (route) => { route.config = { ...route.config, access: 'open', isUnlimited: true } })
    media.addHook('onRequest', async (request) => {
      const path = request.raw.url?.slice(`${prefix}/media`.length).replace(/\?.*$/s, '') ?? ''
      const name = PUBLISHED.exec(path)?.[1]
      if (name === undefined || await app.core.db.read.users.isPictureHidden(name)) throw new AppError('not_found')
    })
    await media.register(fastifyStatic, {
      root: resolve(config.dataDir, 'media'),
      prefix: '/media/',
      decorateReply: false,
      index: false,
      list: false,
      dotfiles: 'deny',
      acceptRanges: true,
      maxAge: YEAR_S * 1000,
      immutable: true,
      setHeaders: (reply) => { for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value) },
    })
  })

  let listening = addressOf(config.host, config.port)
  app.addHook('onListen', async () => {
    const { address, port } = app.server.address() as AddressInfo
    listening = addressOf(address, port)
  })
  const origin = (): string => config.publicUrl ?? listening
  const path: Media['path'] = (kind, name) => name === null ? null : `${prefix}/media/${kind}s/${name}.webp`
  const url: Media['url'] = (kind, name) => name === null ? null : `${origin()}${path(kind, name)}`
  app.decorate('media', { path, url, origin })
}, { name: 'media', dependencies: ['core'] })

/** Where a client on this machine finds the server; one that listens everywhere is found on localhost. */
function addressOf (host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

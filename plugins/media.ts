import { resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { AddressInfo } from 'node:net'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'
import { AppError } from '../src/core/errors.ts'
import { SIGNED_S } from '../src/core/signatures.ts'
import type { Account } from '../src/core/users.ts'
import type { ImageKind } from '../src/images/formats.ts'

type Owner = Pick<Account, 'avatar' | 'cover' | 'visibility'>

interface Media {
  /** The path of an account's picture, or null. Of one that not everybody may see, signed for a while. */
  path: (kind: ImageKind, owner: Owner) => string | null
  /** Its absolute address, or null. Never made from anything that a request says. */
  url: (kind: ImageKind, owner: Owner) => string | null
  /** The absolute address of what stands in for an avatar. */
  placeholder: () => string
  /** The address of the service itself, without a trailing slash. */
  origin: () => string
}

declare module 'fastify' {
  interface FastifyInstance { media: Media }
}

const PUBLISHED = /^\/(avatars|covers)\/([0-9a-f]{32})\.webp(?:\?(.*))?$/s
const YEAR_S = 31_536_000
const DAY_S = 86_400
const HEADERS = {
  'content-type': 'image/webp',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'content-disposition': 'inline',
}

const DEFAULT_AVATAR_PATH = '/media/default-avatar.svg'
/** Head and shoulders of nobody in particular. */
const DEFAULT_AVATAR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="256" height="256">' +
  '<path fill="#dfe3e8" d="M0 0h64v64H0z"/><circle cx="32" cy="25" r="12" fill="#98a2b0"/><path fill="#98a2b0" d="M8 64a24 22 0 0 1 48 0z"/></svg>'

/** Serves the pictures that the service has published, and says where they are. */
export default fp(async (app, { config }: { config: Config }) => {
  const { prefix } = app
  await app.register(async (media) => {
    const narrowed = new WeakSet<object>()
    media.addHook('onRoute', (route) => { route.config = { ...route.config, access: 'open', isUnlimited: true } })
    media.addHook('onRequest', async (request) => {
      const [, folder, name, query = ''] = PUBLISHED.exec(request.raw.url?.slice(`${prefix}/media`.length) ?? '') ?? []
      if (name === undefined) throw new AppError('not_found')
      const owner = await app.core.db.read.users.findByPicture(name)
      if (owner === undefined) return
      const isNarrowed = owner.visibility[folder === 'covers' ? 'cover' : 'avatar'] !== undefined
      if (owner.deletedAt !== null || (isNarrowed && !app.core.signatures.isValid(name, query))) throw new AppError('not_found')
      if (isNarrowed) narrowed.add(request)
    })
    // No longer than the address holds, and by nobody but whom it was told.
    media.addHook('onSend', async (request, reply) => {
      if (narrowed.has(request)) reply.header('cache-control', `private, max-age=${SIGNED_S}`)
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

  app.get(DEFAULT_AVATAR_PATH, { config: { access: 'open', isUnlimited: true }, schema: { hide: true } }, async (_request, reply) =>
    reply.headers({ ...HEADERS, 'content-type': 'image/svg+xml', 'cache-control': `public, max-age=${DAY_S}` }).send(DEFAULT_AVATAR))

  let listening = addressOf(config.host, config.port)
  app.addHook('onListen', async () => {
    const { address, port } = app.server.address() as AddressInfo
    listening = addressOf(address, port)
  })
  const origin = (): string => config.publicUrl ?? listening
  const path: Media['path'] = (kind, owner) => {
    const name = owner[kind]
    if (name === null) return null
    return `${prefix}/media/${kind}s/${name}.webp${owner.visibility[kind] === undefined ? '' : `?${app.core.signatures.of(name)}`}`
  }
  const url: Media['url'] = (kind, owner) => owner[kind] === null ? null : `${origin()}${path(kind, owner)}`
  const placeholder = (): string => `${origin()}${prefix}${DEFAULT_AVATAR_PATH}`
  app.decorate('media', { path, url, placeholder, origin })
}, { name: 'media', dependencies: ['core'] })

/** Where a client on this machine finds the server; one that listens everywhere is found on localhost. */
function addressOf (host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

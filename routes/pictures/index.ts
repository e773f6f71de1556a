import { hash } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { draw } from '../../src/faces/draw.ts'
import { wishesOf } from './wishes.ts'

type ByName = FastifyRequest<{ Params: { '*': string }, Querystring: Record<string, unknown> }>

const MAX_AGE_S = 300
const TAG_LENGTH = 22
/** How wide what is drawn in place of a main picture says it is; it can be shown in any size. */
const DRAWN_WIDTH = 960
const HASH_FILE = /^([0-9a-f]{32}|[0-9a-f]{64})\.(?:jpe?g|png|gif|webp)$/i

/**
 * Pictures by whom they show: an id, a username, or the hash of an address as Gravatar has it. Everybody may ask, and is shown
 * what everybody may see. Unlike the addresses below `/media/` these stay the same when the picture changes.
 */
const pictures: FastifyPluginAsync = async (app) => {
  const { core: { faces, images: { limits } }, media } = app
  // An avatar is shown as a square, which its main file need not be.
  const sizes = { avatar: limits.avatar.sizes, cover: [...limits.cover.sizes, 'main'] } as const

  async function show (kind: keyof typeof sizes, { params, query }: ByName, reply: FastifyReply): Promise<FastifyReply> {
    reply.headers(media.refused)
    const who = spelled(params['*'])
    const { size, style, isForced } = wishesOf(query, sizes[kind])
    const { picture, name, seed } = await faces.of({ kind, who, size, isKnown: (tag) => reply.isKnown(`"${tag}"`) })
    // Not before: what went wrong must not be kept.
    reply.header('cache-control', `public, max-age=${MAX_AGE_S}`)
    if (picture !== null && !isForced) return send(reply.headers(media.shownAs('image/webp', `${kind}.webp`)), picture.bytes, `"${picture.tag}"`)
    if (style === 'nothing') throw new AppError('not_found')
    const svg = draw(style, { name, seed, width: size === 'main' ? DRAWN_WIDTH : size, isWide: kind === 'cover' })
    return send(reply.headers(media.shownAs('image/svg+xml', `${kind}.svg`)), svg, `"${hash('sha256', svg, 'base64url').slice(0, TAG_LENGTH)}"`)
  }

  for (const kind of ['avatar', 'cover'] as const) {
    app.route({
      method: ['GET', 'HEAD'],
      // Not a parameter: those end after a hundred characters, and usernames do not.
      url: `/${kind}/*`,
      config: { access: 'open', isUnlimited: true },
      schema: { hide: true },
      handler: (request, reply) => show(kind, request as ByName, reply),
    })
  }
}

/** The end of the path, with or without a slash behind it; a hash also as the name of a file. */
function spelled (rest: string): string {
  const who = rest.replace(/\/$/, '')
  if (who === '' || who.includes('/')) throw new AppError('not_found')
  return HASH_FILE.exec(who)?.[1] ?? who
}

function send (reply: FastifyReply, body: string | Buffer | null, etag: string): FastifyReply {
  reply.header('etag', etag)
  return body === null || reply.isKnown(etag) ? reply.code(304).removeHeader('content-type').send() : reply.send(body)
}

export default pictures

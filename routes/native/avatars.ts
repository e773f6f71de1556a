import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AVATARS_MAX } from '../../src/core/fields/index.ts'
import type { Avatar } from '../../src/core/pictures/avatars.ts'
import type { UserRow } from '../../src/core/people/users.ts'
import type { PictureRow } from '../../src/core/pictures/index.ts'
import { findingsOf } from '../findings.ts'
import { idOf, optionsOf, senderOf } from '../request.ts'
import { picture, requiring, withExample } from '../shapes.ts'
import { CUTS } from './avatar-cover.ts'
import { time } from './convert.ts'
import { differences, isDry, rehearsed } from './dry-run.ts'
import { ListQuery, listOf, toList, windowOf } from './lists.ts'
import { WriteQuery } from './me.ts'
import { altsOf, cutsOf, PictureSchema, toPicture } from './pictures.ts'
import { conflict } from './problems.ts'
import type { Whose } from './whose.ts'

const avatar = {
  id: Type.Integer(),
  isShown: Type.Boolean(),
  uploadedAt: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  picture: PictureSchema,
}
const AvatarSchema = Type.Object(avatar, { title: 'Avatar', description: 'The avatar, and whether it is the one that is shown.' })
const AvatarWrittenSchema = Type.Object({ ...avatar, ...rehearsed }, { title: 'AvatarWritten', description: 'The avatar as it is now.' })
type Shown = Static<typeof AvatarSchema>
const CreateSchema = requiring('avatar', { avatar: picture('avatar'), ...CUTS.avatar }, { title: 'AvatarCreate' })
const ChoiceSchema = Type.Object({ isShown: withExample(Type.Boolean({ enum: [true] }), true) }, { title: 'AvatarChoice' })
type Sent = Parameters<typeof cutsOf>[0] & Parameters<typeof altsOf>[0] & { avatar: Static<ReturnType<typeof picture>> }

/** The avatars that somebody keeps. One of them at most is shown. */
const avatarRoutes: FastifyPluginAsyncTypebox<Whose> = async (app, { path, ownerOf, onRequest, called }) => {
  const { core: { avatars, users }, media } = app
  const config = { isConditional: true, canRehearse: true } as const
  const optionsFor = (request: FastifyRequest) => ({ ...optionsOf(request), ownerId: ownerOf(request), isDry: isDry(request) })

  async function toAvatar (owner: UserRow, { id, name, uploadedAt }: Avatar, known?: PictureRow): Promise<Shown> {
    const row = known ?? (await users.picturesOf({ avatar: name, cover: null })).avatar
    const shown = toPicture(row, (size) => media.url('avatar', { ...owner, avatar: name }, size) ?? '')
    return { id, isShown: name === owner.avatar, uploadedAt: time(uploadedAt), picture: shown }
  }

  async function find (request: FastifyRequest): Promise<Shown> {
    const { owner, avatar } = await avatars.get(ownerOf(request), idOf(request, 'avatar_id'))
    return await toAvatar(owner, avatar)
  }

  app.get(`${path}/avatars/`, {
    schema: {
      operationId: `list${called}Avatars`,
      summary: 'The collection of avatars',
      description: 'The newest first.',
      querystring: ListQuery,
      response: { 200: listOf(AvatarSchema) },
    },
    onRequest,
  }, async (request, reply) => {
    const ownerId = ownerOf(request)
    const { window, errors } = windowOf(request)
    const { owner, rows, next } = await avatars.page(senderOf(request), ownerId, window, errors)
    const shown = await Promise.all(rows.map((avatar) => toAvatar(owner, avatar)))
    return await toList(request, reply, { rows: shown, next }, (avatar) => avatar, () => avatars.count(ownerId))
  })

  app.post(`${path}/avatars/`, {
    config: { ...config, collectsFindings: true },
    schema: {
      operationId: `add${called}Avatar`,
      summary: 'Add an avatar',
      description: `Kept beside the others, ${AVATARS_MAX} at most; which of them is shown stays as it is. ` +
        'A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.',
      querystring: WriteQuery,
      body: CreateSchema,
      response: { 200: AvatarWrittenSchema, 201: AvatarWrittenSchema, ...conflict },
    },
    onRequest,
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const { avatar: image, ...said } = request.body as Sent
    const { owner, avatar, picture } = await avatars.add(senderOf(request), { avatar: image, ...cutsOf(said), ...altsOf(said) }, { ...optionsFor(request), errors })
    const added = await toAvatar(owner, avatar, picture)
    if (isDry(request)) return { ...added, dryRun: true, changes: differences({}, added) }
    reply.code(201)
    return added
  })

  const onAvatar = [...onRequest, async (request: FastifyRequest) => { await avatars.get(ownerOf(request), idOf(request, 'avatar_id')) }]
  app.get(`${path}/avatars/:avatar_id/`, {
    schema: { operationId: `get${called}Avatar`, summary: 'One avatar of the collection', response: { 200: AvatarSchema } },
    onRequest: onAvatar,
  }, find)

  app.patch(`${path}/avatars/:avatar_id/`, {
    config,
    schema: {
      operationId: `choose${called}Avatar`,
      summary: 'Show an avatar of the collection',
      description: 'The one before is kept.',
      querystring: WriteQuery,
      body: ChoiceSchema,
      response: { 200: AvatarWrittenSchema, ...conflict },
    },
    onRequest: onAvatar,
  }, async (request) => {
    await avatars.choose(senderOf(request), idOf(request, 'avatar_id'), optionsFor(request))
    const now = await find(request)
    if (!isDry(request)) return now
    const after = { ...now, isShown: true }
    return { ...after, dryRun: true, changes: differences(now, after) }
  })

  app.delete(`${path}/avatars/:avatar_id/`, {
    config,
    schema: {
      operationId: `drop${called}Avatar`,
      summary: 'Remove an avatar from the collection',
      description: 'Of the one that is shown none takes the place.',
      querystring: WriteQuery,
      response: { 200: AvatarWrittenSchema, 204: Type.Null(), ...conflict },
    },
    onRequest: onAvatar,
  }, async (request, reply) => {
    await avatars.remove(senderOf(request), idOf(request, 'avatar_id'), optionsFor(request))
    if (isDry(request)) return { ...await find(request), dryRun: true }
    reply.code(204)
  })
}

export default avatarRoutes

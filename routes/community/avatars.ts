import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Avatar } from '../../src/core/pictures/avatars.ts'
import { refuse } from '../../src/core/errors.ts'
import { AVATARS_MAX } from '../../src/core/fields/index.ts'
import { toId } from '../../src/core/formats.ts'
import type { Account } from '../../src/core/people/users.ts'
import { avatarCuts, CUT_NAMES, cutsOf } from '../cuts.ts'
import { findingsOf } from '../findings.ts'
import { PageQuery, pageOf, toPage, windowOf } from '../pages.ts'
import { optionsOf, senderOf } from '../request.ts'
import { isoTime, nullable, partial, picture, withExample } from '../shapes.ts'

const NAMES = { avatar: 'avatar', avatar_base64: 'avatar', avatar_focus: CUT_NAMES.avatar_focus, avatar_crop: CUT_NAMES.avatar_crop, avatar_id: 'avatarId' }

const AvatarSchema = Type.Object({
  id: Type.Integer(),
  primary: Type.Boolean(),
  avatar: nullable.string(),
  date_uploaded: Type.String(),
  user: Type.Integer(),
}, { title: 'CommunityAvatar', description: 'The avatar, and whether it is the one that is shown.' })

const DOT = 'image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const AddSchema = partial({
  avatar: { ...picture('avatar'), description: 'a JPEG, PNG, WebP, GIF or AVIF file in a multipart body; in any other, `avatar_base64`' },
  avatar_base64: { ...picture('avatar', { base64: true }), examples: [DOT] },
  ...avatarCuts,
}, { title: 'CommunityAvatarCreate' })
const ChoiceSchema = Type.Object({ avatar_id: withExample(Type.Integer(), 1) }, { title: 'CommunityAvatarChoice' })
const RemovalSchema = partial(ChoiceSchema.properties, { title: 'CommunityAvatarRemoval' })
const RemovalQuery = Type.Object({ avatar_id: Type.Optional(Type.String({ description: 'instead of the body' })) })

/** One's own avatars: what is kept, and which of them is shown. */
const avatarRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { avatars, users } = app.core
  const { url, placeholder } = app.media

  const toAvatar = (owner: Pick<Account, 'avatar' | 'cover' | 'visibility'>, { id, name, userId, uploadedAt }: Avatar) => ({
    id,
    primary: name === owner.avatar,
    avatar: url('avatar', { ...owner, avatar: name }),
    date_uploaded: isoTime(uploadedAt),
    user: userId,
  })

  app.get('/user/avatar/', {
    schema: { summary: 'List avatars', querystring: PageQuery, response: { 200: pageOf(AvatarSchema) } },
  }, async (request) => {
    const window = windowOf(request)
    const { owner, count, avatars: found } = await avatars.list(senderOf(request).id, window.limit, window.offset)
    return toPage(request, window, count, found.map((avatar) => toAvatar(owner, avatar)))
  })

  app.post('/user/avatar/', {
    config: { isConditional: true, names: NAMES, collectsFindings: true },
    schema: {
      summary: 'Add an avatar',
      description: `Kept beside the others, ${AVATARS_MAX} at most. Which of them is shown stays as it is.`,
      body: AddSchema,
      response: { 201: AvatarSchema },
    },
  }, async (request) => {
    const errors = findingsOf(request)
    const image = request.body.avatar_base64 ?? request.body.avatar ?? null
    const { owner, avatar } = await avatars.add(senderOf(request), { avatar: image, ...cutsOf(request.body) }, { ...optionsOf(request), errors })
    return toAvatar(owner, avatar)
  })

  app.patch('/user/avatar/', {
    config: { isConditional: true, names: NAMES },
    schema: { summary: 'Choose an avatar', description: 'It is shown from now on; the one before is kept.', body: ChoiceSchema, response: { 204: Type.Null() } },
  }, async (request) => {
    await avatars.choose(senderOf(request), request.body.avatar_id, optionsOf(request))
  })

  app.delete('/user/avatar/', {
    config: { isConditional: true, names: NAMES, collectsFindings: true },
    schema: {
      summary: 'Remove an avatar',
      description: 'Named in the body or in the address. Of the one that is shown none takes the place.',
      querystring: RemovalQuery,
      body: RemovalSchema,
      response: { 204: Type.Null() },
    },
    preValidation: nameInBody,
  }, async (request) => {
    const errors = findingsOf(request)
    const { avatar_id: id } = request.body
    if (id === undefined) refuse(errors.length > 0 ? errors : [{ field: 'avatarId', code: 'required' }])
    await avatars.remove(senderOf(request), id as number, optionsOf(request))
  })

  app.get('/user/me/avatar/', {
    schema: {
      summary: 'Get the avatar that is shown',
      description: 'Never null: of somebody without one it is a neutral picture.',
      response: { 200: Type.Object({ avatar: Type.String() }, { title: 'CommunityShownAvatar', description: 'The address of the picture.' }) },
    },
  }, async (request) => {
    const account = await users.get(senderOf(request).id)
    return { avatar: url('avatar', account) ?? placeholder() }
  })
}

/** What the address says, where the body says nothing. */
async function nameInBody (request: FastifyRequest): Promise<void> {
  const { avatar_id: spelling } = request.query as { avatar_id?: unknown }
  if (typeof spelling === 'string') request.body = { avatar_id: toId(spelling) ?? spelling, ...request.body as object }
}

export default avatarRoutes

import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ATTRIBUTE_MAX } from '../../src/core/fields/attributes.ts'
import { OPTIONS_MAX } from '../../src/core/fields/declarations.ts'
import { MEMBERS_AT_ONCE } from '../../src/core/directory/members.ts'
import { AVATARS_MAX, PASSWORD_MAX } from '../../src/core/fields/index.ts'
import type { PictureLimits } from '../../src/core/pictures/index.ts'
import { LIMITS_MAX_AGE_S, lengthsIn, numbersLike } from '../limits.ts'
import { LIMIT, LIMIT_MAX } from '../pages.ts'
import { CreateSchema } from './bodies.ts'

const largest = (description: string) => Type.Integer({ description })
const PictureSchema = Type.Object({
  maxBytes: largest('of the file'),
  formats: Type.Record(Type.String(), Type.Object({
    maxPixels: largest('width times height of one frame'),
    maxPixelsProgressive: Type.Optional(largest('the same, of a progressive one')),
    maxPixelsHeavy: Type.Optional(largest('the same, where a pixel takes more than usual')),
  })),
  maxSide: largest('pixels'),
  maxFrames: largest('of an animation that is accepted'),
  animated: Type.Object({
    formats: Type.Array(Type.String()),
    maxFrames: Type.Integer(),
    maxPixels: largest('of all frames together'),
  }, { description: 'which animations stay animated in the main file' }),
  mainSide: largest('the longer side of the picture that is made'),
  sizes: Type.Array(Type.Integer(), { description: 'the smaller pictures that are made of it, by their width' }),
}, { title: 'NativePictureLimits' })

/** What is accepted, in numbers, for a form that would rather know than be refused. */
const limitRoutes: FastifyPluginAsyncTypebox<{ passwordMin: number }> = async (app, { passwordMin }) => {
  const { avatar, cover } = app.core.images.limits
  const texts = lengthsIn(CreateSchema)
  const answer = {
    pictures: { avatar: toPicture(avatar), cover: toPicture(cover) },
    avatarsKept: AVATARS_MAX,
    texts,
    password: { min: passwordMin, max: PASSWORD_MAX },
    declaredFields: { texts: { ...ATTRIBUTE_MAX }, choices: OPTIONS_MAX },
    page: { default: LIMIT, max: LIMIT_MAX },
    members: MEMBERS_AT_ONCE,
  }
  const LimitsSchema = Type.Object({
    pictures: Type.Object({ avatar: PictureSchema, cover: PictureSchema }),
    avatarsKept: largest('how many avatars a person can keep'),
    texts: Type.Object(numbersLike(texts).properties, { description: 'the most characters of each field' }),
    password: Type.Object({ min: Type.Integer(), max: Type.Integer() }, { description: 'characters of a new password' }),
    declaredFields: Type.Object({ texts: numbersLike(ATTRIBUTE_MAX), choices: Type.Integer() }, {
      description: 'the most characters of a declared field, by its type, and how many choices one can have',
    }),
    page: Type.Object({ default: Type.Integer(), max: Type.Integer() }, { description: 'how many of a list come in one answer' }),
    members: largest('how many can be added to a group at once, and removed'),
  }, { title: 'NativeLimits', description: 'What is accepted, in numbers.' })

  app.get('/limits/', {
    config: { access: 'open', isUnlimited: true },
    schema: { operationId: 'getLimits', summary: 'What is accepted', response: { 200: LimitsSchema } },
  }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${LIMITS_MAX_AGE_S}`)
    return answer
  })
}

const toPicture = ({ formats, animated, sizes, ...limits }: PictureLimits): Static<typeof PictureSchema> => ({
  ...limits,
  formats: { ...formats },
  animated: { ...animated, formats: [...animated.formats] },
  sizes: [...sizes],
})

export default limitRoutes

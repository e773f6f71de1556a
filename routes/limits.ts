import { Type } from '@sinclair/typebox'
import type { Static, TObject } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ATTRIBUTE_MAX } from '../src/core/fields/attributes.ts'
import { OPTIONS_MAX } from '../src/core/fields/declarations.ts'
import { AVATARS_MAX, PASSWORD_MAX, PICTURES } from '../src/core/fields/index.ts'
import type { PictureLimits } from '../src/core/pictures/index.ts'
import { CUT_NAMES } from './cuts.ts'
import { LIMIT, LIMIT_MAX } from './pages.ts'
import { problem } from './shapes.ts'

/** How long what is told may be remembered. */
export const LIMITS_MAX_AGE_S = 300

type Numbers = Record<string, number>

interface Options {
  /** The fewest characters of a new password. */
  passwordMin: number
  /** The body with which each family makes an account. */
  bodies: Readonly<Record<string, TObject>>
}

const PictureSchema = Type.Object({
  max_bytes: Type.Integer({ description: 'of the file' }),
  formats: Type.Record(Type.String(), Type.Object({
    max_pixels: Type.Integer({ description: 'width times height of one frame' }),
    max_pixels_progressive: Type.Optional(Type.Integer({ description: 'the same, of a progressive one' })),
    max_pixels_heavy: Type.Optional(Type.Integer({ description: 'the same, with samples of two bytes, four inks, or as a JPEG colours that are not subsampled; of JPEG and PNG only where it is progressive' })),
  })),
  max_side: Type.Integer({ description: 'pixels' }),
  max_frames: Type.Integer({ description: 'of an animation that is accepted' }),
  animated: Type.Object({
    formats: Type.Array(Type.String(), { description: 'of the others (APNG, AVIF sequences) only the first frame is kept' }),
    max_frames: Type.Integer(),
    max_pixels: Type.Integer({ description: 'of all frames together' }),
  }, { description: 'which animations stay animated in the main file; past either number only the first frame is kept, and of one that its EXIF turns' }),
  main_side: Type.Integer({ description: 'both sides of the picture that is made are at most this long' }),
  sizes: Type.Array(Type.Integer(), { description: 'the smaller pictures that are made of it, by their width' }),
}, { title: 'PictureLimits' })

/** What is accepted, in numbers: for clients that would rather ask than be refused. */
const limits: FastifyPluginAsyncTypebox<Options> = async (app, { passwordMin, bodies }) => {
  const told = app.core.images.limits
  const texts = Object.fromEntries(Object.entries(bodies).map(([family, body]) => [family, lengthsIn(body)]))
  const answer = {
    pictures: Object.fromEntries(PICTURES.map((kind) => [kind, toPicture(told[kind])])) as Record<(typeof PICTURES)[number], Picture>,
    avatars_kept: AVATARS_MAX,
    texts,
    password: { min: passwordMin, max: PASSWORD_MAX },
    declared_fields: { texts: { ...ATTRIBUTE_MAX }, options: OPTIONS_MAX },
    page: { default: LIMIT, max: LIMIT_MAX },
  }
  const LimitsSchema = Type.Object({
    pictures: Type.Object({ avatar: PictureSchema, cover: PictureSchema }),
    avatars_kept: Type.Integer({ description: 'how many avatars a person can keep' }),
    texts: Type.Object(Object.fromEntries(Object.entries(texts).map(([family, lengths]) => [family, numbersLike(lengths)])), { description: 'the most characters of each field, as each family has it' }),
    password: Type.Object({ min: Type.Integer(), max: Type.Integer() }, { description: 'characters of a new password' }),
    declared_fields: Type.Object({
      texts: numbersLike(ATTRIBUTE_MAX),
      options: Type.Integer({ description: 'how many choices an `enum` can have' }),
    }, { description: 'the most characters of a declared field, by its type' }),
    page: Type.Object({ default: Type.Integer(), max: Type.Integer() }, { description: 'how many of a list come in one answer' }),
  }, { title: 'Limits', description: 'What is accepted, in numbers.' })

  app.get('/api/limits/', {
    config: { access: 'open', isUnlimited: true },
    schema: { tags: ['limits'], summary: 'What is accepted', response: { 200: LimitsSchema, '4xx': problem, '5xx': problem } },
  }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${LIMITS_MAX_AGE_S}`)
    return answer
  })

  app.answerOtherMethods()
}

type Picture = Static<typeof PictureSchema>

function toPicture ({ maxBytes, formats, maxSide, maxFrames, animated, mainSide, sizes }: PictureLimits): Picture {
  return {
    max_bytes: maxBytes,
    formats: Object.fromEntries(Object.entries(formats).map(([format, { maxPixels, maxPixelsProgressive, maxPixelsHeavy }]) => [format, {
      max_pixels: maxPixels,
      ...maxPixelsProgressive !== undefined && { max_pixels_progressive: maxPixelsProgressive },
      ...maxPixelsHeavy !== undefined && { max_pixels_heavy: maxPixelsHeavy },
    }])),
    max_side: maxSide,
    max_frames: maxFrames,
    animated: { formats: [...animated.formats], max_frames: animated.maxFrames, max_pixels: animated.maxPixels },
    main_side: mainSide,
    sizes: [...sizes],
  }
}

/** The longest text of each field that has a limit. How a picture is cut is none: those are numbers, told where they are asked for. */
export function lengthsIn ({ properties }: TObject): Numbers {
  const limited = Object.entries(properties).filter(([name, { maxLength }]) => maxLength !== undefined && !(name in CUT_NAMES))
  return Object.fromEntries(limited.map(([name, { maxLength }]) => [name, Number(maxLength)]))
}

export const numbersLike = (numbers: Numbers) => Type.Object(Object.fromEntries(Object.keys(numbers).map((name) => [name, Type.Integer()])))

export default limits

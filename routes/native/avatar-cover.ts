import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { PICTURES } from '../../src/core/fields/index.ts'
import { partial, picture, requiring } from '../shapes.ts'
import { edit } from './edit.ts'
import { WriteQuery } from './me.ts'
import { alts, cuts } from './pictures.ts'
import { conflict } from './problems.ts'
import { PersonWrittenSchema } from './schemas.ts'

const { avatarFocus, avatarCrop, coverFocus } = cuts
const { avatarAlt, coverAlt } = alts
export const CUTS = { avatar: { avatarFocus, avatarCrop, avatarAlt }, cover: { coverFocus, coverAlt } }

interface Options {
  path: string
  /** Looks the person up, and asks whether the sender reaches them. */
  onRequest: onRequestAsyncHookHandler[]
  /** Between the verb and the picture in what operations are called. */
  called: string
}

/** The avatar and the cover that are shown, each by itself: as an update of the person that names nothing else. */
const pictureRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { path, onRequest, called }) => {
  const config = { isConditional: true, canRehearse: true, canIgnore: true, collectsFindings: true } as const
  const response = { 200: PersonWrittenSchema, ...conflict }

  for (const kind of PICTURES) {
    const name = `${called}${kind === 'avatar' ? 'Avatar' : 'Cover'}`
    const url = `${path}/${kind}/`
    const PutSchema = requiring(kind, { [kind]: picture(kind), ...CUTS[kind] }, { title: `${name}Put` })
    const PatchSchema = partial(CUTS[kind], { title: `${name}Patch`, examples: [{ [`${kind}Focus`]: '0,0.2' }] })

    app.put(url, {
      config,
      schema: {
        operationId: `set${name}`,
        summary: `Upload the ${kind}`,
        description: 'A form with the file, or the bytes of the picture as they are, with their own `Content-Type`.',
        querystring: WriteQuery,
        body: PutSchema,
        response,
      },
      onRequest,
    }, edit)

    app.patch(url, {
      config,
      schema: { operationId: `cut${name}`, summary: `Cut the ${kind}`, querystring: WriteQuery, body: PatchSchema, response },
      onRequest,
    }, edit)

    app.delete(url, {
      config,
      schema: { operationId: `remove${name}`, summary: `Remove the ${kind}`, querystring: WriteQuery, response },
      onRequest,
      preValidation: async (request: FastifyRequest) => { request.body = { [kind]: null } },
    }, edit)
  }
}

export default pictureRoutes

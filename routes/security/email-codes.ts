import { Type } from '@sinclair/typebox'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { optionsOf } from '../request.ts'
import { code } from '../shapes.ts'

interface Options {
  /** What the paths of these routes begin with. */
  path: string
  response: Record<string, TSchema>
  /** What the operations are called, where not after their summary. */
  called?: { confirm: string, revert: string }
}

const CodeSchema = Type.Object({ code: code() }, { title: 'EmailCode' })
const config = { access: 'open', isConditional: true, names: { email: 'email', code: 'code' } } as const

/** What codes do that were mailed to an address: the new one is confirmed, or the old one put back. */
const emailCodeRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { path, response, called }) => {
  const { emails, emailReversal } = app.core

  app.post(`${path}/confirm/`, {
    config,
    schema: {
      ...called && { operationId: called.confirm },
      summary: 'Confirm an email address',
      description: 'By the code that was mailed to it, the first one or a new one.',
      body: CodeSchema,
      response,
    },
  }, async (request) => {
    await emails.prove(request.body.code, optionsOf(request))
  })

  app.post(`${path}/revert/`, {
    config,
    schema: {
      ...called && { operationId: called.revert },
      summary: 'Take back a change of the email address',
      description: 'By the code that was mailed to the old address. It is put back, all sessions and API tokens end, and a code for a new password is mailed to it.',
      body: CodeSchema,
      response,
    },
  }, async (request) => {
    await emailReversal.revert(request.body.code, optionsOf(request))
  })
}

export default emailCodeRoutes

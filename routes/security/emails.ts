import { Type } from '@sinclair/typebox'
import type { TSchema, TUnsafe } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import type { Names } from '../names.ts'
import { senderOf } from '../request.ts'
import { code } from '../shapes.ts'
import type { Voice } from './index.ts'

/** How a family speaks where people write addresses. */
export interface AddressVoice extends Voice {
  family: string
  /** What the paths of these routes begin with. */
  path: string
  email: () => TSchema & TUnsafe<string>
  sendErrorIn: (names: Names) => (error: unknown, request: FastifyRequest, reply: FastifyReply) => void
}

const NAMES = { email: 'email', code: 'code' }

/** Whose address it is, for the families whose originals have no such endpoints. */
const emailRoutes: FastifyPluginAsyncTypebox<AddressVoice> = async (app, { family, path, tags, problems, email, sendErrorIn }) => {
  const { emails, users } = app.core
  const response = { 204: Type.Null(), ...problems }

  app.setErrorHandler(sendErrorIn(NAMES))

  app.post(`${path}/change/`, {
    schema: {
      tags,
      summary: 'Change the email address',
      description: 'Mails a code to the new address. The old one stays until that code comes back.',
      body: Type.Object({ email: email() }),
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.askToChange(await users.get(senderOf(request).id), request.body.email)
    return reply.code(204).send(null)
  })

  app.post(`${path}/confirm/`, {
    config: { access: 'open' },
    schema: {
      tags,
      summary: 'Confirm an email address',
      description: 'By the code that was mailed to it, the first one or a new one.',
      body: Type.Object({ code: code() }),
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.prove(request.body.code, family)
    return reply.code(204).send(null)
  })

  app.post(`${path}/send/`, {
    schema: { tags, summary: 'Send the confirmation again', description: 'Nothing is sent when the address is confirmed already.', response },
  }, async (request, reply) => {
    await emails.sendAgain(await users.get(senderOf(request).id))
    return reply.code(204).send(null)
  })

  app.answerOtherMethods()
}

export default emailRoutes

import { Type } from '@sinclair/typebox'
import type { TSchema, TUnsafe } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import type { Names } from '../names.ts'
import { optionsOf, senderOf } from '../request.ts'
import { code, withExample } from '../shapes.ts'
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
const CodeSchema = Type.Object({ code: code() }, { title: 'EmailCode' })

/** A body that is an address, as the family has them; `use` is what it is for. */
export const withEmail = (family: string, use: string, email: ReturnType<AddressVoice['email']>) =>
  Type.Object({ email }, { title: `${family.charAt(0).toUpperCase()}${family.slice(1)}${use}` })

/** Whose address it is, for the families whose originals have no such endpoints. */
const emailRoutes: FastifyPluginAsyncTypebox<AddressVoice> = async (app, { family, path, tags, problems, email, sendErrorIn }) => {
  const { emails, emailReversal } = app.core
  const response = { 204: Type.Null(), ...problems }

  app.setErrorHandler(sendErrorIn(NAMES))

  app.post(`${path}/change/`, {
    config: { isConditional: true },
    schema: {
      tags,
      summary: 'Change the email address',
      description: 'Mails a code to the new address. The old one stays until that code comes back.',
      body: withEmail(family, 'EmailChange', withExample(email(), 'somebody@new.example')),
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.askToChange(senderOf(request), request.body.email, request.ifMatch)
    return reply.code(204).send(null)
  })

  app.post(`${path}/confirm/`, {
    config: { access: 'open', isConditional: true },
    schema: {
      tags,
      summary: 'Confirm an email address',
      description: 'By the code that was mailed to it, the first one or a new one.',
      body: CodeSchema,
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.prove(request.body.code, optionsOf(request, family))
    return reply.code(204).send(null)
  })

  app.post(`${path}/revert/`, {
    config: { access: 'open', isConditional: true },
    schema: {
      tags,
      summary: 'Take back a change of the email address',
      description: 'By the code that was mailed to the old address. It is put back, all sessions and API tokens end, and a code for a new password is mailed to it.',
      body: CodeSchema,
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emailReversal.revert(request.body.code, optionsOf(request, family))
    return reply.code(204).send(null)
  })

  app.post(`${path}/send/`, {
    config: { isConditional: true },
    schema: { tags, summary: 'Send the confirmation again', description: 'Nothing is sent when the address is confirmed already.', response },
  }, async (request, reply) => {
    await emails.sendAgain(senderOf(request), request.ifMatch)
    return reply.code(204).send(null)
  })

  app.answerOtherMethods()
}

export default emailRoutes

import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import type { Names } from '../names.ts'
import { createErrorHandler, messagesByField } from '../problem.ts'
import type { Represent } from '../problem.ts'
import { ME_NAMES, MeSchema, NAMES, UserSchema } from './schemas.ts'
import { meOf, userOf } from './shown.ts'

/** `{"<field>":["…"]}` for findings, `{"detail":"…"}` for everything else. */
function toBody (problem: AppError, names: Names, body: unknown): object {
  return problem.fields.length > 0 ? messagesByField(problem, names, body) : { detail: MESSAGES[problem.code](problem.params) }
}

const asUser: Represent = { schema: UserSchema, show: (account, { server }) => userOf(server, account) }
const asMe: Represent = { schema: MeSchema, show: (account, { server }) => meOf(server, account) }

/** The answer to anything that a route can throw whose body has these names. */
export const sendErrorIn = (names: Names, represent = asUser) =>
  createErrorHandler({ challenge: 'Token', toBody: (problem, body) => toBody(problem, names, body), represent })

/** The same where oneself is shown. */
export const sendMeError = sendErrorIn(ME_NAMES, asMe)

export const sendError = sendErrorIn(NAMES)

/** `signin/` answers a wrong password, or an unknown name, with 400 (CONTRACT §3.4). */
export const sendSignInError = (names: Names) => {
  const sendOther = sendErrorIn(names)
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (error instanceof AppError && error.code === 'bad_credentials') reply.code(400).send({ non_field_errors: ['Unable to log in with provided credentials.'] })
    else sendOther(error, request, reply)
  }
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import type { Names } from '../names.ts'
import { createErrorHandler, messagesByField } from '../problem.ts'
import type { Voice } from '../problem.ts'
import { NAMES, UserSchema } from './schemas.ts'
import { userOf } from './shown.ts'

/** `{"<field>":["…"]}` for findings, `{"detail":"…"}` for everything else. */
function toBody (problem: AppError, names: Names, body: unknown): object {
  return problem.fields.length > 0 ? messagesByField(problem, names, body) : { detail: MESSAGES[problem.code](problem.params) }
}

export const voice: Voice = {
  challenge: 'Token',
  names: NAMES,
  toBody,
  represent: { schema: UserSchema, show: (account, { server }) => userOf(server, account) },
}

export const sendError = createErrorHandler(voice)

/** `signin/` answers a wrong password, or an unknown name, with 400 (CONTRACT §3.4). */
export function sendSignInError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof AppError && error.code === 'bad_credentials') reply.code(400).send({ non_field_errors: ['Unable to log in with provided credentials.'] })
  else sendError(error, request, reply)
}

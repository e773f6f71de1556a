import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createVisage } from '../plugins/embedding/index.ts'
import { validatorOf } from '../plugins/validation.ts'
import { STATUS } from '../routes/messages.ts'
import { fromBody } from '../routes/native/convert.ts'
import { native } from '../routes/native/index.ts'
import { judgedValues } from '../routes/native/program.ts'
import { personFor } from '../routes/native/shown.ts'
import { createErrorHandler, say } from '../routes/problem.ts'
import type { Visage } from './visage.ts'

/** What the application around the service has of it, in the words of the native family. */
export function embeddedOf (app: FastifyInstance, accessTtl: number): Visage {
  const compiled = (schema: object) => {
    const now = app.withDeclared(schema)
    return { schema: now, validate: validatorOf(now) }
  }
  // Of a route of the application's, which has no family.
  const ofHere = (request: FastifyRequest) => Object.create(request, { server: { value: app } }) as FastifyRequest
  return createVisage(app, {
    words: {
      statusOf: (code) => STATUS[code],
      say,
      judge: (values, isNew) => judgedValues(values, isNew, compiled),
      toChanges: fromBody,
      toPerson: async (actor, account) => await personFor({ actor, server: app }, account),
    },
    answer: createErrorHandler({ ...native.voice, toBody: (problem, names, body, request) => native.voice.toBody(problem, names, body, ofHere(request)) }),
    accessTtl,
  })
}

import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../../src/core/errors.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { STATUS } from '../messages.ts'
import { catalogueFor } from './messages/index.ts'
import { CODES, oneOf } from './problems.ts'

const ExplanationSchema = Type.Object({
  code: oneOf(CODES),
  status: Type.Integer(),
  title: Type.String(),
}, { title: 'Explanation', description: 'What the code means.' })

/** Where the `type` of a problem leads. */
const explanationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/problems/:code/', {
    config: { access: 'open' },
    schema: { operationId: 'explainProblem', summary: 'What a code means', response: { 200: ExplanationSchema } },
  }, async (request) => {
    const { code } = request.params as { code: string }
    if (!Object.hasOwn(STATUS, code)) throw new AppError('not_found')
    const { titles } = catalogueFor(request.headers['accept-language'])
    return { code, status: STATUS[code as ErrorCode], title: titles[code as ErrorCode] }
  })
}

export default explanationRoutes

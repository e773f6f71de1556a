import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problem } from './shapes.ts'

const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health/live/', {
    config: { access: 'open', isUnlimited: true },
    schema: { tags: ['health'], summary: 'Answers while the event loop turns', response: { 200: Type.Object({ status: Type.Literal('ok') }, { title: 'Health', description: 'The service is there.' }), '4xx': problem } },
  }, async () => ({ status: 'ok' as const }))

  app.get('/health/ready/', {
    config: { access: 'open', isUnlimited: true },
    schema: {
      tags: ['health'],
      summary: 'Whether requests would be answered',
      response: {
        200: Type.Object({ status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]) }, { title: 'Ready', description: 'They would; `degraded`: something is left undone, like mails that do not leave.' }),
        503: Type.Object({ status: Type.Literal('unavailable') }, { title: 'NotReady', description: 'They would fail.' }),
        '4xx': problem,
      },
    },
  }, async (_request, reply) => {
    const { status } = await app.core.health.look()
    reply.header('cache-control', 'no-store')
    return status === 'unavailable' ? reply.code(503).send({ status }) : { status }
  })
}

export default health

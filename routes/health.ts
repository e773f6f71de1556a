import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health/live/', {
    config: { access: 'open', isUnlimited: true },
    schema: { tags: ['health'], summary: 'Answers while the event loop turns', response: { 200: Type.Object({ status: Type.Literal('ok') }), '4xx': Type.Object({ detail: Type.String() }) } },
  }, async () => ({ status: 'ok' as const }))
}

export default health

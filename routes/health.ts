import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problem } from './shapes.ts'

const health: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health/live/', {
    config: { access: 'open', isUnlimited: true },
    schema: { tags: ['health'], summary: 'Answers while the event loop turns', response: { 200: Type.Object({ status: Type.Literal('ok') }, { title: 'Health', description: 'The service is there.' }), '4xx': problem } },
  }, async () => ({ status: 'ok' as const }))
}

export default health

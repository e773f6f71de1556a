import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { senderOf } from '../request.ts'
import { otp, password } from '../shapes.ts'
import { time } from './convert.ts'

const BodySchema = Type.Object({ password: Type.Optional(password()), code: otp() }, { title: 'ProofWords' })
const ProofSchema = Type.Object({ expiresAt: Type.Unsafe<string | null>({ type: 'string' }) }, { title: 'Proof', description: 'Until when it counts.' })

/** Showing once more who one is, before what could take the account away. */
const proofRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { proof } = app.core

  app.post('/proof/', {
    config: { names: { password: 'password', code: 'otp' } },
    schema: {
      operationId: 'prove',
      summary: 'Prove who one is',
      description: 'By the password, or with a second factor on by its code. It counts for this session and ten minutes; without, what needs it is 403.',
      body: BodySchema,
      response: { 200: ProofSchema },
    },
  }, async (request) => {
    const { password, code } = request.body
    return { expiresAt: time(await proof.prove(senderOf(request), { password, otp: code || undefined, address: request.ip })) }
  })
}

export default proofRoutes

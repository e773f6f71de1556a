import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { onlyProven, senderOf } from '../request.ts'
import { withExample } from '../shapes.ts'
import { conflict } from './problems.ts'

const code = () => Type.String({ minLength: 1, format: 'text', description: 'six digits of the authenticator, or a recovery code' })
const ConfirmationSchema = Type.Object({ code: withExample(code(), '123456') }, { title: 'SecondFactorCode' })
export const StateSchema = Type.Object({ isOn: Type.Boolean() }, { title: 'SecondFactorState', description: 'Whether there is one.' })
const SecretSchema = Type.Object({ secret: Type.String(), uri: Type.String() }, {
  title: 'SecondFactorOffer',
  description: 'The secret, and the same as an address for an authenticator app.',
})
const LeftSchema = Type.Object({ left: Type.Integer() }, { title: 'RecoveryCodesLeft', description: 'How many count.' })
const RecoverySchema = Type.Object({ recoveryCodes: Type.Array(Type.String()) }, {
  title: 'RecoveryWords',
  description: 'The codes that count in place of the authenticator, once each. Shown this once.',
})

/** A code beside the password: begin, confirm with a first code, end. */
const secondFactorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { secondFactor } = app.core
  const path = '/me/second-factor'
  const config = { isConditional: true, names: { code: 'otp' } } as const
  const proven = ({ ip: address }: FastifyRequest) => ({ address })

  app.get(`${path}/`, {
    schema: { operationId: 'getMySecondFactor', summary: 'Whether a second factor is on', response: { 200: StateSchema } },
  }, async (request) => ({ isOn: await secondFactor.isOn(senderOf(request).id) }))

  app.post(`${path}/`, {
    config,
    schema: {
      operationId: 'beginMySecondFactor',
      summary: 'Begin a second factor',
      description: 'It counts once it is confirmed; until then, one that is on already does.',
      response: { 200: SecretSchema, ...conflict },
    },
    onRequest: onlyProven,
  }, async (request) => await secondFactor.begin(senderOf(request), proven(request), request.ifMatch))

  app.post(`${path}/confirm/`, {
    config,
    schema: {
      operationId: 'confirmMySecondFactor',
      summary: 'Turn the second factor on',
      body: ConfirmationSchema,
      response: { 200: RecoverySchema, ...conflict },
    },
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return { recoveryCodes: await secondFactor.confirm(senderOf(request), { otp: request.body.code, address: request.ip }, request.ifMatch) }
  })

  app.delete(`${path}/`, {
    config,
    schema: { operationId: 'endMySecondFactor', summary: 'Turn the second factor off', response: { 204: Type.Null(), ...conflict } },
    onRequest: onlyProven,
  }, async (request) => {
    await secondFactor.end(senderOf(request), proven(request), request.ifMatch)
  })

  app.get(`${path}/recovery-codes/`, {
    schema: { operationId: 'countMyRecoveryCodes', summary: 'How many recovery codes are left', response: { 200: LeftSchema } },
  }, async (request) => ({ left: await secondFactor.recoveryCodesLeft(senderOf(request).id) }))

  app.post(`${path}/recovery-codes/`, {
    config,
    schema: {
      operationId: 'renewMyRecoveryCodes',
      summary: 'New recovery codes',
      description: 'The old ones count no longer.',
      response: { 200: RecoverySchema, ...conflict },
    },
    onRequest: onlyProven,
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return { recoveryCodes: await secondFactor.renewRecoveryCodes(senderOf(request), proven(request), request.ifMatch) }
  })
}

export default secondFactorRoutes

import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { senderOf } from '../request.ts'
import { password, withExample } from '../shapes.ts'

const otp = () => Type.String({ minLength: 1, format: 'text', description: 'six digits of the authenticator, or a recovery code' })
const ProofSchema = Type.Object({ password: Type.Optional(password()), otp: Type.Optional(otp()) }, { title: 'SecondFactorProof' })
const StateSchema = Type.Object({ is_on: Type.Boolean() }, { title: 'SecondFactor', description: 'Whether there is one.' })
const SecretSchema = Type.Object({ secret: Type.String(), uri: Type.String() }, { title: 'SecondFactorSecret', description: 'The secret, and the same as an address for an authenticator app.' })
const ConfirmationSchema = Type.Object({ otp: withExample(otp(), '123456') }, { title: 'SecondFactorConfirmation' })
const RecoverySchema = Type.Object({ recovery_codes: Type.Array(Type.String()) }, { title: 'RecoveryCodes', description: 'The codes that count in place of the authenticator, once each.' })

/** A code beside the password: begin, confirm with a first code, end. */
const secondFactorRoutes: FastifyPluginAsyncTypebox<{ path: string }> = async (app, { path }) => {
  const { secondFactor } = app.core

  app.get(`${path}/`, {
    schema: { summary: 'Second factor', response: { 200: StateSchema } },
  }, async (request) => ({ is_on: await secondFactor.isOn(senderOf(request).id) }))

  app.post(`${path}/`, {
    config: { isConditional: true },
    schema: {
      summary: 'Begin a second factor',
      description: 'A secret for an authenticator app. It counts once it is confirmed; until then, one that is on already does.',
      body: ProofSchema,
      response: { 200: SecretSchema },
    },
  }, async (request) => {
    return await secondFactor.begin(senderOf(request), { ...request.body, address: request.ip }, request.ifMatch)
  })

  app.post(`${path}/confirm/`, {
    config: { isConditional: true },
    schema: {
      summary: 'Turn the second factor on',
      description: 'The recovery codes are shown this once.',
      body: ConfirmationSchema,
      response: { 200: RecoverySchema },
    },
  }, async (request) => {
    return { recovery_codes: await secondFactor.confirm(senderOf(request), { otp: request.body.otp, address: request.ip }, request.ifMatch) }
  })

  app.delete(`${path}/`, {
    config: { isConditional: true },
    schema: { summary: 'Turn the second factor off', body: ProofSchema, response: { 204: Type.Null() } },
  }, async (request) => {
    await secondFactor.end(senderOf(request), { ...request.body, address: request.ip }, request.ifMatch)
  })
}

export default secondFactorRoutes

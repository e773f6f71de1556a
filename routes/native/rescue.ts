import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { onlyProven, senderOf } from '../request.ts'
import { conflict } from './problems.ts'
import { StateSchema } from './second-factor.ts'
import { REACHED } from './whose.ts'

/** For somebody within reach who cannot get in any more. */
const rescueRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { secondFactor, passwordChange } = app.core
  const { path, ownerOf, onRequest } = REACHED

  app.get(`${path}/second-factor/`, {
    schema: { operationId: 'getSecondFactor', summary: 'Whether a second factor is on', response: { 200: StateSchema } },
    onRequest,
  }, async (request) => ({ isOn: await secondFactor.isOn(ownerOf(request)) }))

  app.delete(`${path}/second-factor/`, {
    config: { isConditional: true },
    schema: {
      operationId: 'resetSecondFactor',
      summary: 'Turn a lost second factor off',
      description: 'With fresh proof of your own. Its owner is told by email.',
      response: { 204: Type.Null(), ...conflict },
    },
    onRequest: [...onRequest, onlyProven],
  }, async (request) => {
    await secondFactor.reset(senderOf(request), ownerOf(request), request.ifMatch)
  })

  app.post(`${path}/password-mail/`, {
    config: { isConditional: true },
    schema: {
      operationId: 'mailPasswordReset',
      summary: 'Mail a code to choose a new password',
      description: 'To the address of the account, and nowhere else. The password counts on until the code is used.',
      response: { 204: Type.Null(), ...conflict },
    },
    onRequest,
  }, async (request) => {
    await passwordChange.mailTo(senderOf(request), ownerOf(request), request.ifMatch)
  })
}

export default rescueRoutes

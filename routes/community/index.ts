import type { FastifyPluginAsync } from 'fastify'
import { requireActor } from '../../src/core/access.ts'
import security from '../security/index.ts'
import account from './account.ts'
import email from './email.ts'
import { sendError } from './errors.ts'
import jwt from './jwt.ts'
import password from './password.ts'
import { problems } from './schemas.ts'
import user from './user.ts'
import verify from './verify.ts'

export { default as oauth } from './oauth.ts'

/** The community family: `/api/v2`. */
const community: FastifyPluginAsync = async (app) => {
  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })

  await app.register(user)
  await app.register(email)
  await app.register(password)
  await app.register(account)
  await app.register(verify)
  await app.register(jwt)
  await app.register(security, { prefix: '/user/me', tags: ['community'], problems, secondFactorPath: '/second_factor' })
}

export default community

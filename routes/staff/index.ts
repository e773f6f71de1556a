import type { FastifyPluginAsync } from 'fastify'
import { requireActor } from '../../src/core/access.ts'
import security from '../security/index.ts'
import email from './email.ts'
import { sendError } from './errors.ts'
import groups from './groups.ts'
import me from './me.ts'
import password from './password.ts'
import { problems } from './schemas.ts'
import signIn from './sign-in.ts'
import user from './user.ts'

/** The staff family: `/api/users`. */
const staff: FastifyPluginAsync<{ signUp: boolean }> = async (app, { signUp }) => {
  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })

  await app.register(signIn, { signUp })
  await app.register(password)
  await app.register(email)
  await app.register(me)
  await app.register(security, { prefix: '/me', tags: ['staff'], problems, secondFactorPath: '/second-factor' })
  await app.register(groups)
  await app.register(user)
}

export default staff

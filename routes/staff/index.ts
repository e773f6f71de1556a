import type { FastifyPluginAsync } from 'fastify'
import { requireActor } from '../../src/core/access.ts'
import type { Begin } from '../../src/core/sessions.ts'
import emails from '../security/emails.ts'
import security from '../security/index.ts'
import passwords from '../security/passwords.ts'
import visibility from '../security/visibility.ts'
import { sendError, sendErrorIn } from './errors.ts'
import fields from './fields.ts'
import groups from './groups.ts'
import me from './me.ts'
import { email, problems, TokenSchema } from './schemas.ts'
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

  const signInAs: Begin<{ token: string }> = async (tx, person, origin) => {
    const { secret } = await app.sessions.beginWithKey(tx, person, origin)
    return { token: secret }
  }

  await app.register(signIn, { signUp })
  const voice = { family: 'staff', tags: ['staff'], problems, email, sendErrorIn }
  await app.register(passwords, { ...voice, path: '/auth/pwd', begin: signInAs, signedIn: TokenSchema })
  await app.register(emails, { ...voice, path: '/auth/email' })
  await app.register(me)
  await app.register(visibility, { ...voice, prefix: '/me' })
  await app.register(security, { prefix: '/me', tags: ['staff'], problems, secondFactorPath: '/second-factor' })
  await app.register(groups)
  await app.register(fields)
  await app.register(user)
}

export default staff

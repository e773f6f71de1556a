import type { FastifyPluginAsync } from 'fastify'
import { requireActor } from '../../src/core/access.ts'
import security from '../security/index.ts'
import account from './account.ts'
import directory from './directory.ts'
import avatars from './avatars.ts'
import email from './email.ts'
import visibility from '../security/visibility.ts'
import { sendError, sendErrorIn } from './errors.ts'
import images from './images.ts'
import jwt from './jwt.ts'
import password from './password.ts'
import { problems } from './schemas.ts'
import settings from './settings.ts'
import taggings from './taggings.ts'
import tags from './tags.ts'
import user from './user.ts'
import verify from './verify.ts'

export { default as oauth } from './oauth.ts'

/** The community family: `/api/v2`. */
const community: FastifyPluginAsync<{ publicDirectory: boolean }> = async (app, { publicDirectory }) => {
  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })

  await app.register(directory, { publicDirectory })
  await app.register(user)
  await app.register(images)
  await app.register(avatars)
  await app.register(settings)
  await app.register(email)
  await app.register(password)
  await app.register(account)
  await app.register(verify)
  await app.register(jwt)
  await app.register(visibility, { prefix: '/user/me', family: 'community', tags: ['community'], problems, sendErrorIn })
  await app.register(tags)
  await app.register(taggings)
  await app.register(security, { prefix: '/user/me', tags: ['community'], problems, secondFactorPath: '/second_factor' })
}

export default community

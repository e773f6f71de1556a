import type { FastifyPluginAsync } from 'fastify'
import type { Family, FamilyOptions } from '../family.ts'
import security from '../security/index.ts'
import account from './account.ts'
import directory from './directory.ts'
import avatars from './avatars.ts'
import email from './email.ts'
import visibility from '../security/visibility.ts'
import { voice } from './errors.ts'
import images from './images.ts'
import jwt from './jwt.ts'
import oauth from './oauth.ts'
import password from './password.ts'
import { CreateSchema, problems, RESERVED_KEYS } from './schemas.ts'
import settings from './settings.ts'
import taggings from './taggings.ts'
import tags from './tags.ts'
import user from './user.ts'
import verify from './verify.ts'

/** The community family. */
const routes: FastifyPluginAsync<FamilyOptions> = async (app, { publicDirectory }) => {
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
  await app.register(visibility, { prefix: '/user/me' })
  await app.register(tags)
  await app.register(taggings)
  await app.register(security, { prefix: '/user/me', secondFactorPath: '/second_factor' })
}

export const community: Family = {
  name: 'community',
  description: 'For clients of the community API.',
  voice,
  problems,
  creates: CreateSchema,
  reservedKeys: RESERVED_KEYS,
  routes: { '/api/v2': routes, '/oauth': oauth },
}

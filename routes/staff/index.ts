import type { FastifyPluginAsync } from 'fastify'
import type { Begin } from '../../src/core/credentials/sessions.ts'
import type { Family, FamilyOptions } from '../family.ts'
import emails from '../security/emails.ts'
import security from '../security/index.ts'
import passwords from '../security/passwords.ts'
import visibility from '../security/visibility.ts'
import { voice } from './errors.ts'
import fields from './fields.ts'
import groups from './groups.ts'
import me from './me.ts'
import { CreateSchema, email, problems, TokenSchema } from './schemas.ts'
import signIn from './sign-in.ts'
import user from './user.ts'

/** The staff family. */
const routes: FastifyPluginAsync<FamilyOptions> = async (app, { signUp }) => {
  const signInAs: Begin<{ token: string }> = async (tx, person, origin) => {
    const { secret } = await app.sessions.beginWithKey(tx, person, origin)
    return { token: secret }
  }

  await app.register(signIn, { signUp })
  await app.register(passwords, { path: '/auth/pwd', email, begin: signInAs, signedIn: TokenSchema })
  await app.register(emails, { path: '/auth/email', email })
  await app.register(me)
  await app.register(visibility, { prefix: '/me' })
  await app.register(security, { prefix: '/me', secondFactorPath: '/second-factor' })
  await app.register(groups)
  await app.register(fields)
  await app.register(user)
}

export const staff: Family = {
  name: 'staff',
  description: 'For servers and back offices.',
  voice,
  problems,
  creates: CreateSchema,
  routes: { '/api/users': routes },
}

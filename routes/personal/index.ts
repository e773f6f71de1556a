import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireSelf, requireSelfOrAdmin } from '../../src/core/access.ts'
import type { Begin } from '../../src/core/credentials/sessions.ts'
import { DeletionQuery, isForGood } from '../deletion.ts'
import type { Family, FamilyOptions } from '../family.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf, targetOf } from '../request.ts'
import emails from '../security/emails.ts'
import security from '../security/index.ts'
import passwords from '../security/passwords.ts'
import visibility from '../security/visibility.ts'
import { fromBody } from './convert.ts'
import { voice } from './errors.ts'
import { email, problems, SignedInSchema, SignUpSchema, UpdateSchema, UserSchema } from './schemas.ts'
import type { SignedIn } from './schemas.ts'
import { show, userOf } from './shown.ts'
import signIn from './sign-in.ts'

/** The personal family: `/api/profile/`, `/api/sign-up/`, `/api/sign-in/`, `/api/token/`, `/api/password/`, `/api/email/`. */
const routes: FastifyPluginAsyncTypebox<FamilyOptions> = async (app, { signUp }) => {
  const { core: { users, deletion }, sessions } = app

  async function loadOwn (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
    requireSelf(request.actor, request.target)
  }

  async function mayDelete (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
    requireSelfOrAdmin(request.actor, request.target)
  }

  const signInAs: Begin<SignedIn> = async (tx, person, origin) => {
    const { account, ...pair } = await sessions.begin(tx, person, origin)
    return { ...pair, user: userOf(app, account) }
  }

  const showOwn = async (request: FastifyRequest, reply: FastifyReply) => show(reply, await users.get(senderOf(request).id))

  const response = { 200: UserSchema }

  await app.register(signIn, { signUp })
  await app.register(passwords, { path: '/password', email, begin: signInAs, signedIn: SignedInSchema })
  await app.register(emails, { path: '/email', email })
  await app.register(visibility, { prefix: '/profile' })
  await app.register(security, { prefix: '/profile', secondFactorPath: '/second-factor' })

  app.get('/profile/', { schema: { summary: 'Profile', response } }, showOwn)
  // The original's browser client asks by POST, with any JSON as the body (CONTRACT §1 row 4).
  app.post('/profile/', { schema: { summary: 'Profile by POST', response } }, showOwn)

  app.put('/profile/:id/update/', {
    config: { isConditional: true, collectsFindings: true },
    schema: { summary: 'Update Profile', body: UpdateSchema, response },
    onRequest: loadOwn,
  }, async (request, reply) => {
    const target = targetOf(request)
    const errors = findingsOf(request, () => userOf(app, target))
    const changes = fromBody(request.body)
    return show(reply, await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request), errors }))
  })

  app.delete('/profile/:id/delete/', {
    config: { isConditional: true },
    schema: {
      summary: 'Delete Profile',
      description: 'Hidden everywhere for thirty days, in which the staff family can restore them; with `hard=1` gone for good.',
      querystring: DeletionQuery,
      response: { 204: Type.Null() },
    },
    onRequest: mayDelete,
  }, async (request) => {
    const end = isForGood(request) ? deletion.remove : deletion.hide
    await end(senderOf(request), targetOf(request).id, requireSelfOrAdmin, optionsOf(request))
  })
}

export const personal: Family = {
  name: 'personal',
  description: 'For the browser of the person concerned.',
  voice,
  problems,
  creates: SignUpSchema,
  routes: { '/api': routes },
}

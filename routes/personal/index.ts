import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireActor, requireSelf, requireSelfOrAdmin } from '../../src/core/access.ts'
import type { Begin } from '../../src/core/sessions.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf, targetOf } from '../request.ts'
import emails from '../security/emails.ts'
import security from '../security/index.ts'
import passwords from '../security/passwords.ts'
import visibility from '../security/visibility.ts'
import { fromBody, toUser } from './convert.ts'
import { sendError, sendErrorIn } from './errors.ts'
import { email, NAMES, problems, SignedInSchema, UpdateSchema, UserSchema } from './schemas.ts'
import type { SignedIn } from './schemas.ts'
import signIn from './sign-in.ts'

const HARD: ReadonlySet<unknown> = new Set(['1', 'true'])

/** The personal family: `/api/profile/`, `/api/sign-up/`, `/api/sign-in/`, `/api/token/`, `/api/password/`, `/api/email/`. */
const personal: FastifyPluginAsyncTypebox<{ signUp: boolean }> = async (app, { signUp }) => {
  const { core: { users, deletion }, sessions } = app
  const { path } = app.media

  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })

  async function loadOwn (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
    requireSelf(request.actor, request.target)
  }

  async function mayDelete (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
    requireSelfOrAdmin(request.actor, request.target)
  }

  const toWire = (account: Account) => toUser(account, { picturePath: path, declared: users.declared() })

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  const signInAs: Begin<SignedIn> = async (tx, person, origin) => {
    const { account, ...pair } = await sessions.begin(tx, person, origin)
    return { ...pair, user: toWire(account) }
  }

  const showOwn = async (request: FastifyRequest, reply: FastifyReply) => show(reply, await users.get(senderOf(request).id))

  const tags = ['personal']
  const response = { 200: UserSchema, ...problems }

  await app.register(signIn, { signUp })
  const voice = { family: 'personal', tags, problems, email, sendErrorIn }
  await app.register(passwords, { ...voice, path: '/password', begin: signInAs, signedIn: SignedInSchema })
  await app.register(emails, { ...voice, path: '/email' })
  await app.register(visibility, { ...voice, prefix: '/profile' })
  await app.register(security, { prefix: '/profile', tags, problems, secondFactorPath: '/second-factor' })

  app.get('/profile/', { schema: { tags, summary: 'Profile', response } }, showOwn)
  // The original's browser client asks by POST, with any JSON as the body (CONTRACT §1 row 4).
  app.post('/profile/', { schema: { tags, summary: 'Profile by POST', response } }, showOwn)

  app.put('/profile/:id/update/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Update Profile', body: UpdateSchema, response },
    attachValidation: true,
    onRequest: loadOwn,
  }, async (request, reply) => {
    const target = targetOf(request)
    const errors = findingsOf(request, NAMES, () => toWire(target))
    const changes = fromBody(request.body)
    return show(reply, await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request, 'personal'), errors }))
  })

  app.delete('/profile/:id/delete/', {
    config: { isConditional: true },
    schema: {
      tags,
      summary: 'Delete Profile',
      description: 'Hidden everywhere for thirty days, in which the staff family can restore them; with `hard=1` gone for good.',
      querystring: Type.Object({ hard: Type.Optional(Type.String({ description: '`1` or `true`: for good' })) }),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    onRequest: mayDelete,
  }, async (request, reply) => {
    const end = HARD.has(request.query.hard) ? deletion.remove : deletion.hide
    await end(senderOf(request), targetOf(request).id, requireSelfOrAdmin, optionsOf(request, 'personal'))
    return reply.code(204).send(null)
  })

  app.answerOtherMethods()
}

export default personal

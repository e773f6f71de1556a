import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireAdmin, requireReach, requireSelfOrAdmin, requireStaff } from '../../src/core/access.ts'
import { AppError } from '../../src/core/errors.ts'
import { toId } from '../../src/core/formats.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { askerOf, only, optionsOf, senderOf, targetOf } from '../request.ts'
import tokens from '../security/tokens.ts'
import { fromBody } from './convert.ts'
import { sendErrorIn } from './errors.ts'
import { ListQuery } from './list-schemas.ts'
import { listQuestion } from './questions.ts'
import { CREATE_NAMES, CreateSchema, NAMES, PatchSchema, problems, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'
import { userOf, writableOf } from './shown.ts'

const HARD: ReadonlySet<unknown> = new Set(['1', 'true'])

const idOf = ({ params }: FastifyRequest): number => {
  const id = toId((params as { id: string }).id)
  if (id === undefined) throw new AppError('not_found')
  return id
}

/** People: create, read, update, delete, bring back. */
const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users, directory, deletion } = app.core
  const tags = ['staff']
  const response = { 200: UserSchema, ...problems }

  app.addHook('onRequest', only(requireStaff))

  async function loadTarget (request: FastifyRequest) {
    request.target = await users.get(idOf(request))
  }

  async function onlyReached (request: FastifyRequest) {
    requireReach(senderOf(request), targetOf(request))
  }

  const onlyAdmins = only(requireAdmin)

  /** An admin finds whoever was deleted softly as well, to remove them for good. */
  async function loadDeletable (request: FastifyRequest) {
    const { isAdmin } = senderOf(request)
    const isHard = HARD.has((request.query as { hard?: string }).hard)
    request.target = (isAdmin && isHard ? await deletion.findHidden(idOf(request)) : undefined) ?? await users.get(idOf(request))
    const mayReach = isHard ? requireSelfOrAdmin : requireReach
    mayReach(senderOf(request), request.target)
  }

  async function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return await userOf(app, account)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, NAMES, () => writableOf(app, target))
    const changes = fromBody(request.body as UserBody)
    return await show(reply, await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request, 'staff'), errors }))
  }

  app.get('/', {
    prefixTrailingSlash: 'slash',
    schema: { tags, summary: 'List users', querystring: ListQuery, response: { 200: pageOf(UserSchema), ...problems } },
    attachValidation: true,
  }, async (request) => {
    const window = windowOf(request)
    const { count, people } = await directory.list(askerOf(request), { ...listQuestion(request.query), ...window })
    return toPage(request, window, count, await Promise.all(people.map((account) => userOf(app, account))))
  })

  app.post('/', {
    prefixTrailingSlash: 'slash',
    schema: { tags, summary: 'Create a user', body: CreateSchema, response: { 201: UserSchema, ...problems } },
    attachValidation: true,
    errorHandler: sendErrorIn(CREATE_NAMES),
  }, async (request, reply) => {
    const errors = findingsOf(request, CREATE_NAMES)
    const { password, ...profile } = request.body as UserBody & { password?: string }
    const person = { attributes: {}, ...fromBody(profile), ...password !== undefined && { password } }
    return reply.code(201).send(await show(reply, await users.create(senderOf(request), person, { family: 'staff', errors })))
  })

  app.get('/:id/', {
    schema: { tags, summary: 'Retrieve a user', response },
    onRequest: loadTarget,
  }, async (request, reply) => await show(reply, targetOf(request)))

  app.put('/:id/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Update a user', body: PutSchema, response },
    attachValidation: true,
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.patch('/:id/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Update parts of a user', body: PatchSchema, response },
    attachValidation: true,
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.delete('/:id/', {
    config: { isConditional: true },
    schema: {
      tags,
      summary: 'Delete a user',
      description: 'Hidden everywhere for thirty days, in which an admin can restore them; with `hard=1`, for admins and oneself, gone for good.',
      querystring: Type.Object({ hard: Type.Optional(Type.String({ description: '`1` or `true`: for good' })) }),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    onRequest: loadDeletable,
  }, async (request, reply) => {
    const isHard = HARD.has(request.query.hard)
    if (isHard) await deletion.remove(senderOf(request), targetOf(request).id, requireSelfOrAdmin, optionsOf(request, 'staff'))
    else await deletion.hide(senderOf(request), targetOf(request).id, requireReach, optionsOf(request, 'staff'))
    return reply.code(204).send(null)
  })

  app.post('/:id/restore/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Restore a user', description: 'Brings back somebody who was deleted less than thirty days ago. For admins.', response },
    onRequest: onlyAdmins,
  }, async (request, reply) => await show(reply, await deletion.restore(senderOf(request), idOf(request), optionsOf(request, 'staff'))))

  await app.register(async (ofOthers) => {
    ofOthers.addHook('onRequest', onlyAdmins)
    await ofOthers.register(tokens, { prefix: '/:id', tags, problems, ownerOf: (request) => targetOf(request).id, load: loadTarget, whose: ' of somebody' })
  })

  app.answerOtherMethods()
}

export default userRoutes

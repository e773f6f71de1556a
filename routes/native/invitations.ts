import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { requireStaff } from '../../src/core/access.ts'
import { refuse } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import type { Invitation } from '../../src/core/people/invitations.ts'
import { findingsOf } from '../findings.ts'
import { idOf, only, optionsOf, originOf, senderOf } from '../request.ts'
import { attributes, clearable, code, ids, nullable, password, text, withExample } from '../shapes.ts'
import { fromBody, time } from './convert.ts'
import { address } from './bodies.ts'
import { ListQuery, listOf, toList, windowOf } from './lists.ts'
import { personFor } from './shown.ts'
import { SignedInSchema, toTokens } from './tokens-schemas.ts'

const InvitationSchema = Type.Object({
  id: Type.Integer(),
  email: Type.String(),
  groups: Type.Array(Type.Integer()),
  isStaff: Type.Boolean(),
  inviterId: Type.Integer(),
  createdAt: nullable.string(),
  expiresAt: nullable.string(),
}, { title: 'Invitation', description: 'The invitation. Its code goes by mail, and nowhere else.' })
const CreateSchema = Type.Object({
  email: address('grace@new.example'),
  groups: Type.Optional(ids()),
  isStaff: Type.Optional(Type.Boolean()),
}, { title: 'InvitationCreate' })
const AcceptSchema = Type.Object({
  code: code(),
  username: withExample(text('username', { required: true, format: 'username' }), 'grace'),
  password: password(),
  realName: Type.Optional(clearable('realName')),
  firstName: Type.Optional(clearable('firstName')),
  lastName: Type.Optional(clearable('lastName')),
  attributes: Type.Optional(attributes('given')),
}, { title: 'InvitationAcceptance' })

const toWire = ({ id, email, groups, isStaff, inviterId, createdAt, expiresAt }: Invitation) =>
  ({ id, email, groups, isStaff, inviterId, createdAt: time(createdAt), expiresAt: time(expiresAt) })

/** People who are asked to come. */
const invitationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { core: { invitations }, sessions } = app

  await app.register(async (ofStaff: typeof app) => {
    ofStaff.addHook('onRequest', only(requireStaff))

    ofStaff.get('/invitations/', {
      schema: {
        operationId: 'listInvitations',
        summary: 'Invitations that nobody has accepted',
        description: 'The oldest first.',
        querystring: ListQuery,
        response: { 200: listOf(InvitationSchema) },
      },
    }, async (request, reply) => {
      const { window, errors } = windowOf(request)
      const page = await invitations.page(senderOf(request), window, errors)
      return await toList(request, reply, page, toWire, () => invitations.count())
    })

    ofStaff.post('/invitations/', {
      config: { collectsFindings: true },
      schema: {
        operationId: 'invite',
        summary: 'Invite somebody',
        description: 'Mails a code that counts for seven days, as long as you may invite. Staff are invited by admins alone.',
        body: CreateSchema,
        response: { 201: InvitationSchema },
      },
    }, async (request) => {
      const sender = senderOf(request)
      const isBeyond = request.body.isStaff === true && !sender.isAdmin
      const forbidden: FieldError[] = isBeyond ? [{ field: 'isStaff', code: 'field_forbidden', params: { rule: 'admin' } }] : []
      const invited = { ...request.body, ...isBeyond && { isStaff: false } }
      return toWire(await invitations.create(sender, invited, [...findingsOf(request), ...forbidden]))
    })

    ofStaff.delete('/invitations/:id/', {
      schema: { operationId: 'withdrawInvitation', summary: 'Withdraw an invitation', response: { 204: Type.Null() } },
    }, async (request) => {
      await invitations.withdraw(senderOf(request), idOf(request))
    })
  })

  app.post('/invitations/accept/', {
    config: { access: 'open', collectsFindings: true },
    schema: {
      operationId: 'acceptInvitation',
      summary: 'Accept an invitation',
      description: 'By the code that was mailed. Makes the account, with a confirmed address, and signs in.',
      body: AcceptSchema,
      response: { 201: SignedInSchema },
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    // Without a code there is nothing to look up.
    if (errors.some(({ field }) => field === 'code')) refuse(errors)
    const { code, password, ...profile } = request.body
    const person = { attributes: {}, ...fromBody(profile), password }
    const options = { ...optionsOf(request), errors, address: request.ip }
    const { account, ...pair } = await invitations.accept({ code, person }, options, (tx, { id }) => sessions.begin(tx, { id }, originOf(request)))
    reply.header('cache-control', 'no-store')
    return { person: await personFor(request, account, { as: 'self' }), tokens: toTokens(pair, sessions.accessTtl) }
  })
}

export default invitationRoutes

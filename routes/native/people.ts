import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin, requireStaff } from '../../src/core/access.ts'
import { rowsOf } from '../../src/core/people/edits.ts'
import type { Account } from '../../src/core/people/users.ts'
import { deleteTarget, DeletionQuery, loadDeletable } from '../deletion.ts'
import { idOf, loadTarget, only, onlyProven, onlyReached, optionsOf, senderOf, targetOf } from '../request.ts'
import { fromBody } from './convert.ts'
import { differences, isDry as isDryRun } from './dry-run.ts'
import { edit } from './edit.ts'
import { judgedNew } from './judgement.ts'
import { ignored, isLenient } from './preferences.ts'
import { FieldsQuery } from './fields-query.ts'
import { WriteQuery } from './me.ts'
import { findPeople, PersonListSchema } from './people-list.ts'
import { PeopleQuery } from './people-query.ts'
import { conflict } from './problems.ts'
import { CreateSchema, PatchSchema } from './bodies.ts'
import { PersonSchema, PersonWrittenSchema } from './schemas.ts'
import type { PersonPatch } from './bodies.ts'
import { personFor } from './shown.ts'
import { written } from './written.ts'

/** Leaving takes fresh proof, by whichever path. */
async function onlyOthersOrProven (request: FastifyRequest): Promise<void> {
  if (targetOf(request).id === senderOf(request).id) await onlyProven(request)
}

const withRows = async (tx: Parameters<typeof rowsOf>[0], account: Account) => ({ account, pictures: await rowsOf(tx, account) })

/** Other people: everybody who is signed in sees them, staff change those within their reach. */
const peopleRoutes: FastifyPluginAsyncTypebox<{ publicDirectory: boolean }> = async (app, { publicDirectory }) => {
  const { users, deletion } = app.core
  const onlyStaff = only(requireStaff)

  app.get('/people/', {
    // What others can be found by is told to whoever is signed in, unless the operator opens it to everybody.
    config: publicDirectory ? { access: 'public' } : {},
    schema: {
      operationId: 'listPeople',
      summary: 'Find people',
      description: 'By any of their fields; nobody is found by what you may not see of them.',
      querystring: PeopleQuery,
      response: { 200: PersonListSchema },
    },
  }, findPeople)

  app.post('/people/', {
    config: { canRehearse: true, canIgnore: true, collectsFindings: true },
    schema: {
      operationId: 'createPerson',
      summary: 'Create a person',
      querystring: WriteQuery,
      body: CreateSchema,
      response: { 200: PersonWrittenSchema, 201: PersonWrittenSchema },
    },
    onRequest: onlyStaff,
  }, async (request, reply) => {
    const { body: sent, findings, refused } = judgedNew(request)
    const { password, ...body } = sent as PersonPatch & { password?: string }
    const errors = [...findings, ...isLenient(request) ? [] : refused]
    const person = { attributes: {}, ...fromBody(body), ...password !== undefined && { password } }
    const isDry = isDryRun(request)
    const options = { ...optionsOf(request), errors, isDry }
    const { account, pictures } = await users.create(senderOf(request), person, options, withRows)
    const created = await personFor(request, account, { pictures })
    const told = ignored(request, reply, refused)
    if (isDry) return { ...created, dryRun: true, changes: differences({}, created), ...told }
    reply.code(201).version = account.version
    return { ...created, ...told }
  })

  await app.register(async (ofStaff: typeof app) => {
    ofStaff.addHook('onRequest', onlyStaff)

    ofStaff.post('/people/:id/restore/', {
      config: { isConditional: true },
      schema: {
        operationId: 'restorePerson',
        summary: 'Bring a person back',
        description: 'Brings back somebody who was deleted less than thirty days ago. For admins.',
        response: { 200: PersonSchema, ...conflict },
      },
      onRequest: only(requireAdmin),
    }, async (request, reply) => {
      const account = await deletion.restore(senderOf(request), idOf(request), optionsOf(request))
      reply.version = account.version
      return await personFor(request, account)
    })
  })

  app.get('/people/:id/', {
    config: { access: 'public' },
    schema: { operationId: 'getPerson', summary: 'A person', querystring: FieldsQuery, response: { 200: PersonSchema } },
    onRequest: loadTarget,
  }, async (request, reply) => await written(request, reply, targetOf(request)))

  app.patch('/people/:id/', {
    config: { isConditional: true, canRehearse: true, canIgnore: true, collectsFindings: true },
    schema: {
      operationId: 'updatePerson',
      summary: 'Change a person',
      querystring: WriteQuery,
      body: PatchSchema,
      response: { 200: PersonWrittenSchema, ...conflict },
    },
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.delete('/people/:id/', {
    config: { isConditional: true },
    schema: {
      operationId: 'deletePerson',
      summary: 'Delete a person',
      description: 'Hidden everywhere for thirty days, in which an admin can restore them; with `hard=1`, for admins and oneself, gone for good.',
      querystring: DeletionQuery,
      response: { 204: Type.Null(), ...conflict },
    },
    onRequest: [loadDeletable, onlyOthersOrProven],
  }, deleteTarget)
}

export default peopleRoutes

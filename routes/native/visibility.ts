import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { keyOf, wordOf } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { AUDIENCES, audiencesOf, NARROWABLE } from '../../src/core/fields/visibility.ts'
import type { VisibilityChanges } from '../../src/core/fields/visibility.ts'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf } from '../request.ts'
import { attributes, choice, exampleOf, partial, withExample } from '../shapes.ts'
import { conflict } from './problems.ts'

const FINDINGS = { ...Object.fromEntries(NARROWABLE.map((name) => [name, name])), avatarByEmail: 'isFoundByEmail' }

const audiences = Object.fromEntries(NARROWABLE.map((name) => [name, withExample(choice(...AUDIENCES, null), 'member')]))
const PatchSchema = partial({
  ...audiences,
  avatarByEmail: Type.Boolean(),
  attributes: attributes('narrowed'),
}, { title: 'MyVisibilityPatch', ...exampleOf(audiences, 'bio', 'location') })
const VisibilitySchema = Type.Object({
  ...Object.fromEntries(NARROWABLE.map((name) => [name, choice(...AUDIENCES)])),
  avatarByEmail: Type.Boolean(),
  attributes: attributes('narrowed'),
}, { title: 'MyVisibility', description: 'Who sees what.' })

/** Who sees which field of oneself: `public`, `member` (whoever is signed in) or `self` (oneself and staff). */
const visibilityRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core

  const toWire = (account: Account) => toVisibility(account, users.declared())

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  app.get('/me/visibility/', {
    schema: { operationId: 'getMyVisibility', summary: 'Who sees what', response: { 200: VisibilitySchema } },
  }, async (request, reply) => show(reply, await users.get(senderOf(request).id)))

  app.patch('/me/visibility/', {
    config: { isConditional: true, names: FINDINGS, represent: { schema: VisibilitySchema, show: toWire }, collectsFindings: true },
    schema: {
      operationId: 'updateMyVisibility',
      summary: 'Change who sees what',
      description: 'A field can be shown to fewer people than its rule says, never to more; `null` goes back to the rule. Staff always see it.',
      body: PatchSchema,
      response: { 200: VisibilitySchema, ...conflict },
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const sender = senderOf(request)
    const { attributes = {}, avatarByEmail: isFoundByEmail, ...body } = request.body as { attributes?: object, avatarByEmail?: boolean }
    const visibility = { ...body, ...Object.fromEntries(Object.entries(attributes).map(([key, who]) => [wordOf(key), who as unknown])) } as VisibilityChanges
    return show(reply, await users.edit(sender, sender.id, {
      visibility,
      ...isFoundByEmail !== undefined && { isFoundByEmail },
    }, { ...optionsOf(request), errors }))
  })
}

function toVisibility (account: Account, declared: readonly ProfileField[]) {
  const seen = audiencesOf(account, declared)
  return {
    ...Object.fromEntries(Object.entries(seen).filter(([word]) => keyOf(word) === undefined)),
    avatarByEmail: account.isFoundByEmail,
    attributes: Object.fromEntries(declared.map(({ key }) => [key, seen[wordOf(key)] as string])),
  }
}

export default visibilityRoutes

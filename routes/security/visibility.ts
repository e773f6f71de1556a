import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { wordOf } from '../../src/core/attributes.ts'
import type { ProfileField } from '../../src/core/attributes.ts'
import type { Account } from '../../src/core/users.ts'
import { AUDIENCES, audiencesOf } from '../../src/core/visibility.ts'
import type { VisibilityChanges } from '../../src/core/visibility.ts'
import { findingsOf } from '../findings.ts'
import { rename } from '../names.ts'
import type { Names } from '../names.ts'
import type { Represent } from '../problem.ts'
import { senderOf } from '../request.ts'
import { attributes, choice, partial } from '../shapes.ts'
import type { Voice } from './index.ts'

/** How a family speaks of who sees what. */
interface VisibilityVoice extends Voice {
  family: string
  sendErrorIn: (names: Names, represent: Represent) => (error: unknown, request: FastifyRequest, reply: FastifyReply) => void
}

const NAMES = {
  real_name: 'realName', avatar: 'avatar', cover: 'cover', bio: 'bio', location: 'location', description: 'description', gender: 'gender', website: 'website',
} as const

const audience = () => choice(...AUDIENCES, null)
const BodySchema = partial({ ...Object.fromEntries(Object.keys(NAMES).map((name) => [name, audience()])), attributes: attributes('narrowed') })
const VisibilitySchema = Type.Object({ ...Object.fromEntries(Object.keys(NAMES).map((name) => [name, choice(...AUDIENCES)])), attributes: attributes('narrowed') }, { title: 'Visibility' })

/** Who sees which field of oneself: `public`, `member` (whoever is signed in) or `self` (oneself and staff). */
const visibilityRoutes: FastifyPluginAsyncTypebox<VisibilityVoice> = async (app, { family, tags, problems, sendErrorIn }) => {
  const { users } = app.core
  const response = { 200: VisibilitySchema, ...problems }

  app.setErrorHandler(sendErrorIn(NAMES, (account) => toVisibility(account, users.declared())))

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toVisibility(account, users.declared())
  }

  app.get('/visibility/', { schema: { tags, summary: 'Who sees what', response } },
    async (request, reply) => show(reply, await users.get(senderOf(request).id)))

  app.patch('/visibility/', {
    schema: {
      tags,
      summary: 'Change who sees what',
      description: 'A field can be shown to fewer people than its rule says, never to more; `null` goes back to the rule. Staff always see it.',
      body: BodySchema,
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    const errors = findingsOf(request, NAMES)
    const sender = senderOf(request)
    return show(reply, await users.edit(sender, sender.id, { visibility: changesOf(request.body) }, { family, ifMatch: request.ifMatch, errors }))
  })

  app.answerOtherMethods()
}

function toVisibility (account: Account, declared: readonly ProfileField[]) {
  const audiences = audiencesOf(account, declared)
  return {
    ...Object.fromEntries(Object.entries(NAMES).map(([wire, word]) => [wire, audiences[word]])),
    attributes: Object.fromEntries(declared.map(({ key }) => [key, audiences[wordOf(key)] as string])),
  }
}

function changesOf ({ attributes = {}, ...body }: { attributes?: object }): VisibilityChanges {
  return { ...rename(body, NAMES), ...Object.fromEntries(Object.entries(attributes).map(([key, who]) => [wordOf(key), who as unknown])) } as VisibilityChanges
}

export default visibilityRoutes

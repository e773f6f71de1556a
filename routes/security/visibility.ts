import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { wordOf } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Account } from '../../src/core/people/users.ts'
import { AUDIENCES, audiencesOf } from '../../src/core/fields/visibility.ts'
import type { VisibilityChanges } from '../../src/core/fields/visibility.ts'
import { findingsOf } from '../findings.ts'
import { rename } from '../names.ts'
import { optionsOf, senderOf } from '../request.ts'
import { attributes, choice, exampleOf, partial, withExample } from '../shapes.ts'

const NAMES = {
  real_name: 'realName', avatar: 'avatar', cover: 'cover', bio: 'bio', location: 'location', description: 'description', gender: 'gender', website: 'website',
} as const

/** Where findings of a body are told; the one wish that is no audience is a field of its own. */
const FINDINGS = { ...NAMES, avatar_by_email: 'isFoundByEmail' } as const

const audience = () => withExample(choice(...AUDIENCES, null), 'member')
const audiences = Object.fromEntries(Object.keys(NAMES).map((name) => [name, audience()]))
const BodySchema = partial({ ...audiences, avatar_by_email: Type.Boolean(), attributes: attributes('narrowed') }, { title: 'VisibilityPatch', ...exampleOf(audiences, 'bio', 'location') })
const VisibilitySchema = Type.Object({ ...Object.fromEntries(Object.keys(NAMES).map((name) => [name, choice(...AUDIENCES)])), avatar_by_email: Type.Boolean(), attributes: attributes('narrowed') }, { title: 'Visibility', description: 'Who sees what.' })

/** Who sees which field of oneself: `public`, `member` (whoever is signed in) or `self` (oneself and staff). */
const visibilityRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const response = { 200: VisibilitySchema }

  const toWire = (account: Account) => toVisibility(account, users.declared())

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  app.get('/visibility/', { schema: { summary: 'Who sees what', response } },
    async (request, reply) => show(reply, await users.get(senderOf(request).id)))

  app.patch('/visibility/', {
    config: { isConditional: true, names: FINDINGS, represent: { schema: VisibilitySchema, show: toWire }, collectsFindings: true },
    schema: {
      summary: 'Change who sees what',
      description: 'A field can be shown to fewer people than its rule says, never to more; `null` goes back to the rule. Staff always see it. `avatar_by_email` shows the avatar, where everybody may see it, to whoever knows the confirmed mail address.',
      body: BodySchema,
      response,
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const sender = senderOf(request)
    return show(reply, await users.edit(sender, sender.id, changesOf(request.body), { ...optionsOf(request), errors }))
  })
}

function toVisibility (account: Account, declared: readonly ProfileField[]) {
  const audiences = audiencesOf(account, declared)
  return {
    ...Object.fromEntries(Object.entries(NAMES).map(([wire, word]) => [wire, audiences[word]])),
    avatar_by_email: account.isFoundByEmail,
    attributes: Object.fromEntries(declared.map(({ key }) => [key, audiences[wordOf(key)] as string])),
  }
}

function changesOf ({ attributes = {}, avatar_by_email: isFoundByEmail, ...body }: { attributes?: object, avatar_by_email?: boolean }): Changes {
  const visibility = { ...rename(body, NAMES), ...Object.fromEntries(Object.entries(attributes).map(([key, who]) => [wordOf(key), who as unknown])) } as VisibilityChanges
  return { visibility, ...isFoundByEmail !== undefined && { isFoundByEmail } }
}

export default visibilityRoutes

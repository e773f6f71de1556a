import type { TObject } from '@sinclair/typebox'
import type { FastifyPluginAsync, FastifyRequest, RouteOptions } from 'fastify'
import { requireActor } from '../src/core/access.ts'
import { refuse } from '../src/core/errors.ts'
import type { FieldError } from '../src/core/errors.ts'
import { findingsOf } from './findings.ts'
import type { Names } from './names.ts'
import { createErrorHandler } from './problem.ts'
import type { Represent, Voice } from './problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whose routes these are; undefined for those of no family. */
    family: Family
  }
  interface FastifyContextConfig {
    /** The wire's words for the body, in the order of its schema. Absent: the family's for an account. */
    names?: Names
    /** The account as the route shows it. Absent: as the family does. */
    represent?: Represent
    /** The handler hands on what validation found, and the core tells it together with its own findings. Absent: refused before the handler. */
    collectsFindings?: true
  }
}

/** What the operator decides about all families. */
export interface FamilyOptions {
  signUp: boolean
  publicDirectory: boolean
  /** The fewest characters of a new password. */
  passwordMin: number
}

/** All that a family says of itself; what a route says stands with the route. */
export interface Family {
  /** What the log of changes calls it, and the tag of its routes in the API document. */
  name: string
  /** For whom it is, in a sentence. */
  description: string
  voice: Voice
  /** The schemas of error bodies by status. */
  problems: Record<string, object>
  /** The body with which it makes an account: what its texts may be is read from here. */
  creates: TObject
  /** What no declared field may be called, where those stand beside its own. */
  reservedKeys?: ReadonlySet<string>
  /** What a body names and the route does not know is a finding. */
  isStrict?: true
  /** What it finds in a request beyond what validation does. */
  findings?: (request: FastifyRequest) => FieldError[]
  /** Its routes by the prefix below which it answers everything; of two prefixes that fit a path, the first of all families. */
  routes: Record<string, FastifyPluginAsync<FamilyOptions>>
}

/** A family as a plugin: below each of its prefixes its own errors, credentials, and what all its routes have in common. */
export const pluginOf = (family: Family): FastifyPluginAsync<FamilyOptions> => async (app, options) => {
  for (const [prefix, routes] of Object.entries(family.routes)) await app.register(scopeOf(family, routes), { prefix, ...options })
}

const scopeOf = (family: Family, routes: FastifyPluginAsync<FamilyOptions>): FastifyPluginAsync<FamilyOptions> => async (app, options) => {
  app.decorate('family', family)
  app.setErrorHandler(createErrorHandler(family.voice))
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })
  app.addHook('onRoute', (route) => complete(route, family))
  await routes(app, options)
  app.answerOtherMethods({ ownsPrefix: true })
}

const SUCCESS = /^2\d\d$/

/** Fills in what no route need say: its tag, its error bodies, who judges its body, and the status when it can succeed in one way only. */
function complete (route: RouteOptions, { name, problems, isStrict }: Family): void {
  const { schema, config, preHandler = [] } = route
  const response = schema?.response as Record<string, object> | undefined
  // Those that answer other methods show nothing.
  if (schema === undefined || response === undefined) return
  const [status, ...others] = Object.keys(response).filter((key) => SUCCESS.test(key)).map(Number)
  const hooks = [preHandler].flat()
  if (schema.body !== undefined && config?.collectsFindings === undefined) hooks.push(refuseFindings)
  if (status !== undefined && status !== 200 && others.length === 0) hooks.push(async (_request, reply) => { reply.code(status) })
  route.schema = { tags: [name], ...schema, response: { ...response, ...problems } }
  route.attachValidation = true
  if (isStrict) route.config = { ...config, isStrict }
  route.preHandler = hooks
}

const refuseFindings: Exclude<NonNullable<RouteOptions['preHandler']>, unknown[]> = async (request) => { refuse(findingsOf(request)) }

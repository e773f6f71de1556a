import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { flagOf } from '../query.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `?dryRun=true` is understood. */
    canRehearse?: true
  }
}

/** The parameter, which is judged on every route. */
export const DRY_RUN = 'dryRun'

const ChangeSchema = Type.Object({ from: Type.Unknown(), to: Type.Unknown() })
export const ChangesSchema = Type.Record(Type.String(), ChangeSchema, { description: 'what would change, by field' })
type Changed = Record<string, { from: unknown, to: unknown }>

/** Whether the request only asks what it would do. */
export const isDry = ({ query }: FastifyRequest): boolean => flagOf(query as object, DRY_RUN) === true

/** Before anything is done: in doubt nothing is to be written, and without a value it is in doubt. */
export function requireKnownDryRun (request: FastifyRequest): void {
  const query = request.query as object
  if (!Object.hasOwn(query, DRY_RUN)) return
  const { config, schema } = request.routeOptions
  const isUnderstood = config.canRehearse === true && flagOf(query, DRY_RUN) !== undefined
  // What answers other methods, or for no route at all, has a refusal of its own.
  if (!isUnderstood && schema?.response !== undefined) refuse([{ field: DRY_RUN, code: 'invalid_value' }])
}

/** What a write answers beside the thing itself, when it is only asked what it would do. */
export const rehearsed = {
  dryRun: Type.Optional(Type.Boolean({ description: 'nothing was written: this is what would be' })),
  changes: Type.Optional(ChangesSchema),
}

/** What moves by itself, or with every write. */
const KEPT: ReadonlySet<string> = new Set(['id', 'version', 'createdAt', 'updatedAt', 'hidden', 'isOnline', 'lastSeenAt'])

/** Declared fields stand beside the others. */
function valuesOf (thing: { attributes?: object }): [name: string, value: unknown][] {
  const { attributes = {}, ...own } = thing
  const declared = Object.entries(attributes as Record<string, unknown>).map(([key, value]) => [`attributes.${key}`, value] as [string, unknown])
  return [...Object.entries(own), ...declared].filter(([name]) => !KEPT.has(name))
}

/** What a write would change, as its sender may read it, by field; of something new all that there is. What was not there is null. */
export function differences<T extends object> (before: Partial<T>, after: T): Changed {
  const was = new Map(valuesOf(before))
  const told = valuesOf(after).map(([name, to]) => [name, { from: was.get(name) ?? null, to: to ?? null }] as const)
  return Object.fromEntries(told.filter(([, { from, to }]) => !isDeepStrictEqual(from, to)))
}

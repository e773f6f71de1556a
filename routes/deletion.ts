import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'

export const DeletionQuery = Type.Object({ hard: Type.Optional(Type.String({ description: '`1` or `true`: for good' })) })

const HARD: ReadonlySet<unknown> = new Set(['1', 'true'])

/** Whether the account is to go for good, and not to be hidden for thirty days. */
export const isForGood = ({ query }: FastifyRequest): boolean => HARD.has((query as { hard?: unknown }).hard)

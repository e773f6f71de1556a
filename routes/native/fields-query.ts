import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { textOf } from '../query.ts'

export const FieldsQuery = Type.Object({
  fields: Type.Optional(Type.String({ description: 'the fields to answer with, with commas between them; all of them when it is absent' })),
})

/** The answer with the fields alone that the query asks for. Throws `invalid` for one that there is not. */
export function narrowed<T extends object> ({ query }: FastifyRequest, reply: FastifyReply, answer: T): T {
  const asked = textOf(query as object, 'fields')?.split(',').map((name) => name.trim())
  if (asked === undefined) return answer
  refuse(asked.filter((name) => !(name in answer)).map((value) => ({ field: 'fields', code: 'invalid_choice', params: { value } })))
  // What the schema requires is left out, so it is not the schema that writes.
  reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
  return Object.fromEntries(Object.entries(answer).filter(([name]) => asked.includes(name))) as T
}

import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { sentIn } from './parameters.ts'

export const FieldsQuery = Type.Object({
  fields: Type.Optional(Type.String({ description: 'the fields to answer with, with commas between them; all of them when it is absent' })),
})

/** The fields that the query asks for, and what is wrong with them where `known` has all that there are; undefined: all of them. */
export function wishedOf (request: FastifyRequest, known: object): { wished: string[] | undefined, errors: FieldError[] } {
  const wished = sentIn(request, 'fields')?.split(',').map((name) => name.trim())
  const unknown = wished?.filter((name) => !Object.hasOwn(known, name)) ?? []
  return { wished, errors: unknown.map((value) => ({ field: 'fields', code: 'invalid_choice', params: { value } })) }
}

/** The answer with the fields alone that the query asks for. Throws `invalid` for one that there is not. */
export function narrowed<T extends object> (request: FastifyRequest, reply: FastifyReply, answer: T): T {
  const { wished, errors } = wishedOf(request, answer)
  refuse(errors)
  return wished === undefined ? answer : only(reply, wished)(answer)
}

/** Leaves the wished fields of each. */
export function only (reply: FastifyReply, wished: readonly string[]): <T extends object>(answer: T) => T {
  // What the schema requires is left out, so it is not the schema that writes.
  reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
  return <T extends object>(answer: T) => Object.fromEntries(Object.entries(answer).filter(([name]) => wished.includes(name))) as T
}

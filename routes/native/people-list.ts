import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FieldError } from '../../src/core/errors.ts'
import type { Account } from '../../src/core/people/users.ts'
import { askerOf } from '../request.ts'
import { only, wishedOf } from './fields-query.ts'
import { listOf, toList } from './lists.ts'
import { peopleQuestion } from './people-query.ts'
import type { Person } from './schemas.ts'
import { PersonSchema } from './schemas.ts'
import { personFor } from './shown.ts'

export const PersonListSchema = listOf(PersonSchema)

interface Find {
  /** Is told what is wrong with the query. */
  page: (errors: readonly FieldError[]) => Promise<{ people: Account[], next: string | null }>
  count: () => Promise<number>
}

/** A page of people, each as the sender may see them, and of each what the query asks for. */
export async function listPeople (request: FastifyRequest, reply: FastifyReply, errors: readonly FieldError[], { page, count }: Find) {
  const { wished, errors: unknown } = wishedOf(request, PersonSchema.properties)
  const { people, next } = await page([...errors, ...unknown])
  const rows = await Promise.all(people.map((account) => personFor(request, account)))
  return await toList(request, reply, { rows, next }, wished === undefined ? (person: Person) => person : only(reply, wished), count)
}

/** Those whom the query asks for. */
export async function findPeople (request: FastifyRequest, reply: FastifyReply) {
  const { directory } = request.server.core
  const { question, errors } = peopleQuestion(request)
  return await listPeople(request, reply, errors, {
    page: (all) => directory.page(askerOf(request), question, all),
    count: () => directory.count(askerOf(request), question),
  })
}

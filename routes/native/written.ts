import type { FastifyReply, FastifyRequest } from 'fastify'
import { AUDIENCES, readerOf } from '../../src/core/fields/visibility.ts'
import type { Reader } from '../../src/core/fields/visibility.ts'
import type { Account } from '../../src/core/people/users.ts'
import { narrowed } from './fields-query.ts'
import { sentIn } from './parameters.ts'
import type { Person } from './schemas.ts'
import { besideOf, personOf } from './shown.ts'

/** An answer, and what it was made of beside the row. */
interface Written { made: readonly unknown[], text: string, etag: string }

/** By row: whoever asks for a person gets the same object until it changes, and what was written of it goes with it. */
const known = Object.fromEntries(AUDIENCES.map((reader) => [reader, new WeakMap()])) as Record<Reader, WeakMap<Account, Written>>

/** Answers with an account as the sender may see it, or as somebody else would; written once, for as long as nothing of it changes. */
export async function written (request: FastifyRequest, reply: FastifyReply, read: Account, as?: Reader): Promise<Person> {
  const { media } = request.server
  const reader = as ?? readerOf(request.actor, read)
  const beside = await besideOf(request, read, { as: reader })
  const { account } = beside
  reply.version = account.version
  if (sentIn(request, 'fields') !== undefined) return narrowed(request, reply, personOf(request, beside))

  const { declared, isOnline, pendingEmail, rows: { avatar, cover } } = beside
  // A signed address is another one after a while.
  const made = [declared, isOnline, pendingEmail, avatar, cover, avatar && media.url('avatar', account), cover && media.url('cover', account)]
  let answer = known[reader].get(account)
  if (answer === undefined || made.some((part, i) => part !== answer?.made[i])) {
    const text = reply.serialize(personOf(request, beside)) as string
    answer = { made, text, etag: reply.etagOf(account.version, text) }
    known[reader].set(account, answer)
  }
  reply.etag = answer.etag
  reply.type('application/json; charset=utf-8')
  // A text is sent as it is.
  return answer.text as Person & string
}

import type { FastifyRequest } from 'fastify'
import type { Rights } from '../../src/core/access.ts'
import { hiddenFrom, readerOf } from '../../src/core/fields/visibility.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import type { Reader } from '../../src/core/fields/visibility.ts'
import type { PictureRows } from '../../src/core/people/edits.ts'
import type { Account } from '../../src/core/people/users.ts'
import { toPerson } from './convert.ts'
import { differences } from './dry-run.ts'
import { toPicture } from './pictures.ts'
import type { Person, PersonWritten } from './schemas.ts'

export interface Seen {
  /** Instead of the sender, who else would look. */
  as?: Reader | undefined
  /** What is known of the pictures, where that is not in the rows. */
  pictures?: PictureRows
}

/** Who looks, and where. */
export interface Reading extends Pick<FastifyRequest, 'server'> { actor: Rights | null }

/** An account, and what is shown of it and is not in its row. */
export interface Beside { account: Account, hidden: ReadonlySet<string>, declared: readonly ProfileField[], isOnline: boolean, pendingEmail: string | null, rows: PictureRows }

export async function besideOf ({ actor, server }: Reading, account: Account, { as, pictures }: Seen = {}): Promise<Beside> {
  const { emails, users, presence } = server.core
  const declared = users.declared()
  const hidden = hiddenFrom(as ?? readerOf(actor, account), account, declared)
  const shown = (kind: 'avatar' | 'cover') => hidden.has(kind) ? null : account[kind]
  const names = { avatar: shown('avatar'), cover: shown('cover') }
  const rows = pictures ?? await users.picturesOf(names)
  const now = pictures ? undefined : await users.replaced(account.id, names, rows)
  if (now !== undefined) return await besideOf({ actor, server }, now, { as })
  const pendingEmail = hidden.has('email') ? null : await emails.pending(account.id)
  return { account, hidden, declared, isOnline: presence.isOnline(account), pendingEmail, rows }
}

export function personOf ({ server: { media } }: Reading, { account, rows, ...beside }: Beside): Person {
  const picture = (kind: 'avatar' | 'cover') => toPicture(rows[kind], (size) => media.url(kind, account, size) ?? '')
  return toPerson(account, { ...beside, pictures: { avatar: picture('avatar'), cover: picture('cover') } })
}

/** An account as the sender of the request may see it. */
export const personFor = async (reading: Reading, account: Account, seen: Seen = {}): Promise<Person> =>
  personOf(reading, await besideOf(reading, account, seen))

/** An account as it would be, and what a write would change of it. */
export async function rehearsedPerson (request: FastifyRequest, target: Account, account: Account, pictures?: PictureRows): Promise<PersonWritten> {
  const before = await personFor(request, target)
  const after = await personFor(request, account, pictures && { pictures })
  return { ...after, dryRun: true, changes: differences(before, after) }
}

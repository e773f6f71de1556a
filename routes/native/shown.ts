import type { FastifyRequest } from 'fastify'
import type { Rights } from '../../src/core/access.ts'
import { hiddenFrom, readerOf } from '../../src/core/fields/visibility.ts'
import type { Reader } from '../../src/core/fields/visibility.ts'
import type { PictureRows } from '../../src/core/people/edits.ts'
import type { Account } from '../../src/core/people/users.ts'
import { toPerson } from './convert.ts'
import { differences } from './dry-run.ts'
import { toPicture } from './pictures.ts'
import type { Person, PersonWritten } from './schemas.ts'

interface Seen {
  /** Instead of the sender, who else would look. */
  as?: Reader | undefined
  /** What is known of the pictures, where that is not in the rows. */
  pictures?: PictureRows
}

/** Who looks, and where. */
export interface Reading extends Pick<FastifyRequest, 'server'> { actor: Rights | null }

/** An account as the sender of the request may see it. */
export async function personFor ({ actor, server }: Reading, account: Account, { as, pictures }: Seen = {}): Promise<Person> {
  const { core: { emails, users, presence }, media } = server
  const declared = users.declared()
  const hidden = hiddenFrom(as ?? readerOf(actor, account), account, declared)
  const shown = (kind: 'avatar' | 'cover') => hidden.has(kind) ? null : account[kind]
  const rows = pictures ?? await users.picturesOf({ avatar: shown('avatar'), cover: shown('cover') })
  const pendingEmail = hidden.has('email') ? null : await emails.pending(account.id)
  const picture = (kind: 'avatar' | 'cover') => toPicture(rows[kind], (size) => media.url(kind, account, size) ?? '')
  return toPerson(account, {
    hidden,
    declared,
    isOnline: presence.isOnline(account),
    pendingEmail,
    pictures: { avatar: picture('avatar'), cover: picture('cover') },
  })
}

/** An account as it would be, and what a write would change of it. */
export async function rehearsedPerson (request: FastifyRequest, target: Account, account: Account, pictures?: PictureRows): Promise<PersonWritten> {
  const before = await personFor(request, target)
  const after = await personFor(request, account, pictures && { pictures })
  return { ...after, dryRun: true, changes: differences(before, after) }
}

import type { Service } from '../app.ts'
import { UsageError } from './command.ts'
import type { Flags } from './command.ts'

/** The flags that name a person: one of the two. */
export const who = {
  username: { type: 'string', says: 'whose' },
  id: { type: 'string', says: 'the same by id' },
} as const

/** The id of the person whom the flags name, hidden or not. Throws a UsageError for nobody. */
export async function idOf ({ db }: Service, { username, id }: Flags): Promise<number> {
  if ((username === undefined) === (id === undefined)) throw new UsageError('--username or --id is needed, and one of them')
  if (typeof username === 'string') {
    const person = await db.read.users.holderOf({ username })
    if (person === undefined) throw new UsageError(`there is no account called ${username}`)
    return person.id
  }
  const isId = /^[1-9]\d{0,14}$/.test(String(id))
  if (!isId || (await db.read.users.gone([Number(id)])).length > 0) throw new UsageError(`there is no account ${String(id)}`)
  return Number(id)
}

/** Throws a UsageError unless the operator says that it is meant. */
export function requireYes ({ yes }: Flags, says: string): void {
  if (yes !== true) throw new UsageError(`${says}; --yes does it`)
}
export const yes = { type: 'boolean', says: 'does it; otherwise it only tells what it would do' } as const

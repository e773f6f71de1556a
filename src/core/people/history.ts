import type { Account, Change, ChangeFilter, Database } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import { requireAdmin, requireReach } from '../access.ts'
import type { Rights } from '../access.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { FIELDS } from '../fields/index.ts'
import { OPERATORS } from '../limits/places.ts'
import type { Places } from '../limits/places.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'

export type { ChangeFilter } from '../../db/index.ts'

/** What was done in one act, as it is told: to what, which fields, never what they held. */
export type Told = Omit<Change, 'dropped'>

interface Needs { db: Database, cursors: Cursors, places: Places }

/** Fields that nobody may read are not told of either. */
const isTold = (name: string): boolean => !Object.hasOwn(FIELDS, name) || FIELDS[name as keyof Account].read !== 'never'

/** From where something was done is for admins, for whoever did it, and for whoever somebody tried to be. */
function told (reader: Rights, { dropped: _, fields, address, ...change }: Change): Told {
  const isOwn = change.actorId === reader.id || (change.noun === 'sign-in' && change.userId === reader.id)
  return { ...change, fields: fields.filter(isTold), address: reader.isAdmin || isOwn ? address : null }
}

const isAskable = ({ field = '', family = '' }: ChangeFilter): boolean => isTold(field) && isStorable(field) && isStorable(family)

/** What was done to accounts, as the log of changes has it. */
export function createHistory ({ db, cursors, places }: Needs) {
  /** The whole log is for admins; of one account for its owner, and for staff within their reach. */
  async function requireReader (actor: Rights, person: number | undefined): Promise<void> {
    if (person === undefined) return requireAdmin(actor)
    if (actor.isAdmin || actor.id === person) return
    const account = await db.read.users.find(person) ?? await db.read.users.findDeleted(person)
    if (account === undefined) throw new AppError('not_found')
    requireReach(actor, account)
  }

  return {
    /**
     * The log, the newest first, a page at a time. Throws `permission_denied`, `not_found`, `unavailable` when too many ask at
     * once, and what `cursors.page` throws.
     */
    async page (actor: Rights, { limit, after, ...filter }: ChangeFilter & Window, errors?: readonly FieldError[]): Promise<Page<Told>> {
      await requireReader(actor, filter.person)
      const { rows, next } = await cursors.pageById(['changes', actor.id, filter], { limit, after }, async (part) =>
        isAskable(filter) ? await places.hold(actor.id ?? OPERATORS, () => db.listChanges(filter, part)) : [], errors)
      return { rows: rows.map((change) => told(actor, change)), next }
    },

    /** How many changes `page` would tell of in all. Throws `permission_denied`, `not_found` and `unavailable` as that does. */
    async count (actor: Rights, filter: ChangeFilter): Promise<number> {
      await requireReader(actor, filter.person)
      return isAskable(filter) ? await places.hold(actor.id ?? OPERATORS, () => db.countChanges(filter)) : 0
    },

    /** The fields that changed since the account had this version, in the core's words; null when the log does not reach back so far. */
    async changedSince ({ id, version }: Pick<Account, 'id' | 'version'>, before: number): Promise<string[] | null> {
      const rows = (await db.read.changes.since(id, before)).filter((row) => row.version <= version)
      const isWhole = before <= version && new Set(rows.map((row) => row.version)).size === version - before
      return isWhole ? [...new Set(rows.flatMap(({ fields }) => fields))] : null
    },
  }
}

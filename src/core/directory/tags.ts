import { isDeepStrictEqual } from 'node:util'
import type { Account, Database, Queries, Tag, TagFilter, TagOrder, TagRules } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import { asOfNow, requireAdmin } from '../access.ts'
import type { Actor, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { writer } from '../people/rehearsal.ts'
import { requireVersion, revise } from '../people/revision.ts'
import type { WriteOptions } from '../people/revision.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import { isText } from '../texts.ts'

export type { Tag, TagFilter, TagOrder } from '../../db/index.ts'

/** One edit: a present key sets or clears, an absent key keeps. */
export type TagChanges = Partial<TagRules>

export const TAG_TYPES = ['user', 'category', 'contribution'] as const
/** What a tag is that nothing more is said of than its name. */
const BLANK: Omit<TagRules, 'name'> = { type: 'user', description: null, color: '#808080', isActive: true, isVisible: true, visibilityBoost: false }
const NEWEST_FIRST: readonly TagOrder[] = [{ by: 'createdAt', isDescending: true }]

export interface Gift { tagId: number, userId: number }
/** `isDry`: throws and resolves as it would, and leaves nothing. */
export interface Writing { isDry?: boolean }

/** What admins mark people with. Tags of the types `category` and `contribution` are kept for other systems: nobody here can be given one. */
export function createTags ({ db, cursors }: { db: Database, cursors: Cursors }) {
  async function get (id: number): Promise<Tag> {
    return found(await db.read.tags.find(id))
  }

  /** What is wrong with a tag as it would be stored, as far as the rows can tell. */
  async function findingsOf (rows: Queries, { id, type, name }: Partial<Tag>): Promise<FieldError[]> {
    const findings: FieldError[] = []
    const holder = type === undefined || name === undefined ? undefined : await rows.tags.findByName(type, name)
    if (holder !== undefined && holder.id !== id) findings.push({ field: 'name', code: 'tag_taken' })
    if (id !== undefined && type !== 'user' && await rows.tags.isHeld(id)) findings.push({ field: 'type', code: 'tag_type' })
    return findings
  }

  /** Gives a tag to a person or takes it from them, in one write with the person's version; what is so already stays untouched. */
  async function tagged (actor: Actor, { tagId, userId }: Gift, isGiven: boolean, { family, ifMatch, address, isDry = false }: WriteOptions & Writing): Promise<Account> {
    return await writer(db, isDry)(async (tx) => {
      const before = await tx.users.find(userId)
      requireAdmin(await asOfNow(tx, actor, before))
      const tag = found(await tx.tags.find(tagId))
      if (before === undefined) throw new AppError('invalid', { fields: [{ field: 'user', code: 'does_not_exist', params: { id: userId } }] })
      if (isGiven && tag.type !== 'user') refuse([{ field: 'user', code: 'tag_type' }])
      requireVersion(before, ifMatch)
      if (before.tags.some(({ id }) => id === tagId) === isGiven) return before
      if (isGiven) await tx.tags.assign(userId, tagId)
      else await tx.tags.unassign(userId, tagId)
      const { account } = await revise(tx, before, {}, { actorId: actor.id, family, address, beside: ['tags'] })
      return account
    })
  }

  return {
    get,

    /** The tag of this type with this name, whatever its case; `not_found`. */
    getByName: async (type: Tag['type'], name: string): Promise<Tag> => found(isStorable(name) ? await db.read.tags.findByName(type, name) : undefined),

    /** The newest first, unless told otherwise. Whoever is no admin sees what is active and visible. */
    async list (actor: Rights, filter: TagFilter, order: readonly TagOrder[], { limit, offset }: { limit: number, offset: number }): Promise<{ count: number, tags: Tag[] }> {
      const shown = shownTo(actor, filter)
      return shown === undefined ? { count: 0, tags: [] } : await db.read.tags.list(shown, order.length === 0 ? NEWEST_FIRST : order, limit, offset)
    },

    /** The same by id, a page at a time. Throws what `cursors.page` throws. */
    async page (actor: Rights, filter: TagFilter, window: Window, errors?: readonly FieldError[]): Promise<Page<Tag>> {
      const shown = shownTo(actor, filter)
      return await cursors.pageById(['tags', actor.id, actor.isAdmin, filter], window, async (part) => shown === undefined ? [] : await db.read.tags.page(shown, part), errors)
    },

    /** Throws `invalid` with all `errors` and `tag_taken`, when there is one of that type and name; `permission_denied`. */
    async create (actor: Actor, given: TagChanges, errors: readonly FieldError[] = [], { isDry = false }: Writing = {}): Promise<Tag> {
      const tag = { ...BLANK, ...given }
      refuse([...errors, ...await findingsOf(db.read, tag)])
      return await writer(db, isDry)(async (tx) => {
        requireAdmin(await asOfNow(tx, actor))
        refuse(await findingsOf(tx, tag))
        const made = await tx.tags.insert({ ...tag as TagRules, createdAt: Date.now() })
        await audit(tx, actor, { noun: 'tag', verb: 'created', subject: made.id, fields: Object.keys(given) })
        return made
      })
    },

    /** Throws as `create` does, `not_found`, and `tag_type` when a tag that somebody has would no longer be one for people. */
    async edit (actor: Actor, id: number, changes: TagChanges, errors: readonly FieldError[] = [], { isDry = false }: Writing = {}): Promise<Tag> {
      refuse([...errors, ...await findingsOf(db.read, { ...await get(id), ...changes })])
      return await writer(db, isDry)(async (tx) => {
        requireAdmin(await asOfNow(tx, actor))
        const before = found(await tx.tags.find(id))
        const after = { ...before, ...changes }
        refuse(await findingsOf(tx, after))
        if (isDeepStrictEqual(before, after)) return before
        await audit(tx, actor, { noun: 'tag', verb: 'changed', subject: id, fields: Object.keys(changes) })
        return await tx.tags.update(id, after)
      })
    },

    /** Resolves to the person. Throws `not_found`, `permission_denied`, `precondition_failed` (of the person), and `invalid`: there is no such person, or the tag is none for people. */
    give: (actor: Actor, gift: Gift, options: WriteOptions & Writing): Promise<Account> => tagged(actor, gift, true, options),

    /** Throws as `give` does, but for the tag's type. */
    take: (actor: Actor, gift: Gift, options: WriteOptions & Writing): Promise<Account> => tagged(actor, gift, false, options),
  }
}

/** What such a list is of that this actor may see; undefined when it can hold nothing. */
function shownTo ({ isAdmin }: Rights, filter: TagFilter): TagFilter | undefined {
  if (!isText(filter.search ?? '')) return undefined
  if (isAdmin) return filter
  return filter.isActive === false || filter.isVisible === false ? undefined : { ...filter, isActive: true, isVisible: true }
}

function found (tag: Tag | undefined): Tag {
  if (tag === undefined) throw new AppError('not_found')
  return tag
}

import type { Database, InvitationRow, Queries } from '../../db/index.ts'
import { asOfNow, requireAdmin, requireStaff } from '../access.ts'
import type { Actor, Person, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { FIELDS } from '../fields/index.ts'
import { isEmail } from '../formats.ts'
import type { Limits } from '../limits/index.ts'
import type { Mail } from '../mail/index.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import type { Codes } from '../sign-in/codes.ts'
import { createAcceptance } from './acceptance.ts'
import { audit } from './audit.ts'
import type { Users } from './users.ts'

export type Invitation = Omit<InvitationRow, 'address' | 'hash'>

/** How long an invitation counts, in seconds. */
export const INVITATION_TTL = 7 * 86_400
/** How many are removed in one write: more would block the event loop. */
const AT_ONCE = 500
/** Whom somebody invites, and as what. */
export interface Invited { email: string, groups?: number[], isStaff?: boolean }

/** Staff invite ordinary people into any group; staff are made by admins. */
function requireInviter (rights: Rights, { isStaff }: { isStaff: boolean }): void {
  requireStaff(rights)
  if (isStaff) requireAdmin(rights)
}

interface Needs { db: Database, users: Pick<Users, 'create'>, codes: Codes, mail: Mail, limits: Limits, cursors: Cursors, log?: { warn: (details: object, message: string) => void } | undefined }

/** Accounts for people who are asked to come: by a code that is mailed to them and told to nobody else. */
export function createInvitations ({ db, users, codes, mail, limits, cursors, log }: Needs) {
  async function missingGroups (rows: Queries, groups: readonly number[]): Promise<FieldError[]> {
    const id = await rows.groups.firstMissing(groups)
    return id === undefined ? [] : [{ field: 'groups', code: 'does_not_exist', params: { id } }]
  }

  function findingsOf (email: string): FieldError[] {
    const [{ max: limit }, found] = [FIELDS.email, [...email].length]
    if (found > limit) return [{ field: 'email', code: 'max_length', params: { limit, found } }]
    return isEmail(email) ? [] : [{ field: 'email', code: 'invalid_email' }]
  }

  /** Those that nobody has accepted yet, the oldest first: up to `limit` after the id `after`. For staff. Throws `permission_denied`, and what `asOfNow` throws. */
  async function list (actor: Actor, { after = 0, limit }: { after?: number, limit: number }): Promise<Invitation[]> {
    requireStaff(await asOfNow(db.read, actor))
    return (await db.read.invitations.list(after, limit, Date.now())).map(shown)
  }

  /** After the commit; what stays behind goes at the next start. */
  async function forgetMails (ids: readonly number[]): Promise<void> {
    await mail.forgetInvitations(ids).catch((error: unknown) => { log?.warn({ err: error, invitations: ids }, 'mails of invitations that are gone were not removed') })
  }

  return {
    /**
     * Invites an address for seven days; the same person's earlier invitation of it ends. Whether somebody has the address shows
     * nowhere: then no mail is sent. Throws `invalid` (`email`, `groups`) with all `errors`, `permission_denied`, `throttled`, and what
     * `asOfNow` throws.
     */
    async create (person: Person, { email, groups = [], isStaff = false }: Invited, errors: readonly FieldError[] = []): Promise<Invitation> {
      requireInviter(await asOfNow(db.read, person), { isStaff })
      const isJudged = (field: string) => errors.some((error) => error.field === field)
      refuse([...errors, ...isJudged('email') ? [] : findingsOf(email), ...isJudged('groups') ? [] : await missingGroups(db.read, groups)])
      const { invitation, replaced } = await limits.invitation({ email, person: person.id })(() => db.write(async (tx) => {
        requireInviter(await asOfNow(tx, person), { isStaff })
        refuse(await missingGroups(tx, groups))
        const replaced = await tx.invitations.removeTo(email, person.id)
        const createdAt = Date.now()
        const invitation = await tx.invitations.insert({ inviterId: person.id, email, groups: [...new Set(groups)], isStaff, createdAt, expiresAt: createdAt + INVITATION_TTL * 1_000 })
        await mail.enquire(tx, { enquiry: 'invitation', of: String(invitation.id) })
        await audit(tx, person, { noun: 'invitation', verb: 'created', subject: invitation.id })
        return { invitation, replaced }
      }))
      await forgetMails(replaced)
      return shown(invitation)
    },

    list,

    /** The same a page at a time. Throws what `list` and `cursors.page` throw. */
    page: (actor: Actor, window: Window, errors?: readonly FieldError[]): Promise<Page<Invitation>> =>
      cursors.pageById(['invitations', actor.id], window, ({ after, limit }) => list(actor, { limit, ...after !== undefined && { after } }), errors),

    /** How many there are. */
    count: (): Promise<number> => db.read.invitations.count(Date.now()),

    /** Its code counts no longer. For whoever may invite so. Throws `not_found`, `permission_denied`, and what `asOfNow` throws. */
    async withdraw (actor: Actor, id: number): Promise<void> {
      await db.write(async (tx) => {
        const now = await asOfNow(tx, actor)
        requireStaff(now)
        const invitation = await tx.invitations.find(id)
        if (invitation === undefined || invitation.expiresAt <= Date.now()) throw new AppError('not_found')
        requireInviter(now, invitation)
        await tx.invitations.remove(id)
        await audit(tx, actor, { noun: 'invitation', verb: 'removed', subject: id })
      })
      await forgetMails([id])
    },

    ...createAcceptance({ db, users, codes, spent: forgetMails }),

    /** Removes those that have expired, in pieces. Resolves to how many. */
    async removeExpired (now = Date.now()): Promise<number> {
      let removed = 0
      for (let last = AT_ONCE; last === AT_ONCE; removed += last) {
        const ids = await db.write((tx) => tx.invitations.removeExpired(now, AT_ONCE))
        if (ids.length > 0) await forgetMails(ids)
        last = ids.length
      }
      return removed
    },
  }
}

const shown = ({ address: _, hash: __, ...invitation }: InvitationRow): Invitation => invitation

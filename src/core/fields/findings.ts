import type { Account, Database, Queries } from '../../db/index.ts'
import type { Images } from '../../images/open.ts'
import type { Rights } from '../access.ts'
import type { FieldError } from '../errors.ts'
import { isEmail, isUsername, toLanguage } from '../formats.ts'
import { holderOfEmail } from '../mail/emails.ts'
import * as alts from '../pictures/alts.ts'
import { fieldErrorOf } from '../pictures/index.ts'
import * as attributes from './attributes.ts'
import type { ProfileField } from './attributes.ts'
import { ALTS, FIELDS, PICTURES } from './index.ts'
import type { Changes } from './index.ts'
import type { IsReserved } from './reserved.ts'
import * as settings from './settings.ts'
import * as visibility from './visibility.ts'

type Person = Pick<Changes, 'username' | 'email' | 'extId'>

/** What only one account may have. */
const UNIQUE = { username: 'username_taken', email: 'email_taken', extId: 'ext_id_taken' } as const

interface Needs { db: Database, images: Images, isReserved: IsReserved }

/** What is wrong with an edit that only stored data, or the bytes of a picture, can tell. */
export function createFindings ({ db, images, isReserved }: Needs) {
  /** Uniqueness; `self` is the account that may keep its own name. */
  async function taken (rows: Queries, person: Person, self?: { id: number }): Promise<FieldError[]> {
    const found: FieldError[] = []
    for (const field of ['username', 'email', 'extId'] as const) {
      const value = person[field]
      const holder = !value ? undefined : field === 'email' ? await holderOfEmail(rows, value) : await rows.users.holderOf({ [field]: value })
      if (holder !== undefined && holder.id !== self?.id) found.push({ field, code: UNIQUE[field] })
    }
    return found
  }

  async function missing (rows: Queries, { groups }: Changes): Promise<FieldError[]> {
    const id = groups && await rows.groups.firstMissing(groups)
    return id === undefined ? [] : [{ field: 'groups', code: 'does_not_exist', params: { id } }]
  }

  /** Names that mean something else are not for ordinary people; whoever has one keeps it. `by` is null for somebody who signs up. */
  function reserved (by: Rights | null, { username }: Changes, before?: Account): FieldError[] {
    const isGiven = by !== null && (by.isStaff || by.isAdmin)
    const isKept = username?.toLowerCase() === before?.username.toLowerCase()
    return username === undefined || isGiven || isKept || !isReserved(username) ? [] : [{ field: 'username', code: 'invalid_username' }]
  }

  async function ofCommit (rows: Queries, by: Rights, before: Account, wanted: Changes, declared: readonly ProfileField[]): Promise<FieldError[]> {
    const ofNames = notTwice([...reserved(by, wanted, before), ...await taken(rows, wanted, before)])
    const found = [...ofNames, ...ofLanguage(wanted, before), ...await missing(rows, wanted), ...alts.missing(wanted, before), ...ofDeclared(before, wanted, declared)]
    const ending = endOfAdmin(before, wanted)
    if (ending !== undefined && !await rows.users.hasActiveAdminBeside(before.id)) found.push({ field: ending, code: 'last_admin' })
    return found
  }

  function ofDeclared (before: Account, wanted: Changes, declared: readonly ProfileField[]): FieldError[] {
    return [...attributes.findingsOf(declared, before.attributes, wanted.attributes), ...visibility.findingsOf(declared, wanted.visibility), ...settings.findingsOf(wanted.settings)]
  }

  /** Each picture judged by its header, and what is said of it. */
  async function ofPictures (wanted: Changes): Promise<FieldError[]> {
    const found = alts.findingsOf(wanted)
    for (const kind of PICTURES) {
      const image = wanted[kind]
      const crop = wanted.cuts?.[kind]?.crop
      const finding = image && await images.judge(image, crop)
      if (finding) found.push(fieldErrorOf(kind, finding, crop))
    }
    return found
  }

  /** A part that is asked for of the picture that is there; of one that comes, its own measures count. */
  async function ofShown (before: Account, wanted: Changes): Promise<FieldError[]> {
    const crop = wanted.cuts?.avatar?.crop
    const shown = crop && wanted.avatar === undefined && before.avatar !== null ? await db.read.pictures.find(before.avatar) : undefined
    if (!crop || shown === undefined) return []
    const { sourceWidth: width, sourceHeight: height } = shown
    const [x, y, w, h] = crop
    return x + w <= width && y + h <= height ? [] : [fieldErrorOf('avatar', { code: 'image_crop', params: { width, height } }, crop)]
  }

  /** Of a person to be created, as far as the rows can tell. */
  async function ofInsert (rows: Queries, person: Changes, declared: readonly ProfileField[]): Promise<FieldError[]> {
    const given = person.attributes
    const ofAttributes = given === undefined ? [] : [...attributes.findingsOf(declared, {}, given), ...attributes.missing(declared, given)]
    return [...await taken(rows, person), ...ofLanguage(person), ...await missing(rows, person), ...alts.missing(person), ...ofAttributes]
  }

  return {
    ofInsert,
    ofCommit,
    ofPictures,

    /** The same, and of the pictures; `errors` is what the family has found already. */
    ofEdit: async (by: Rights, before: Account, wanted: Changes, declared: readonly ProfileField[], errors: readonly FieldError[]): Promise<FieldError[]> =>
      [...await ofCommit(db.read, by, before, wanted, declared), ...await ofPictures(wanted), ...await ofShown(before, wanted)].filter((finding) => !isOfRefused(finding, errors)),

    /** Of a person to be created; what `errors` names already is not found twice. */
    async ofNew (by: Rights | null, person: Changes, errors: readonly FieldError[], declared: readonly ProfileField[]): Promise<FieldError[]> {
      const { username, email } = person
      const found = [...await ofInsert(db.read, person, declared), ...await ofPictures(person)]
      if (username !== undefined && !isUsername(username)) found.push({ field: 'username', code: 'invalid_username' })
      else found.push(...reserved(by, person))
      if (email && !isEmail(email)) found.push({ field: 'email', code: 'invalid_email' })
      for (const field of ['username', 'email'] as const) {
        const { max: limit } = FIELDS[field]
        const { length } = [...person[field] ?? '']
        if (length > limit) found.push({ field, code: 'max_length', params: { limit, found: length } })
      }
      return notTwice(found).filter((finding) => !errors.some(({ field }) => field === finding.field) && !isOfRefused(finding, errors))
    },
  }
}

/** Whoever has something else already, from before it was judged, keeps it. */
function ofLanguage ({ language }: Changes, before?: Account): FieldError[] {
  const isFine = language === undefined || language === before?.language || toLanguage(language, FIELDS.language.max) !== undefined
  return isFine ? [] : [{ field: 'language', code: 'invalid_language' }]
}

/** Whether a picture is missed only because it was refused itself. */
const isOfRefused = ({ field, code }: FieldError, errors: readonly FieldError[]): boolean =>
  code === 'no_picture' && PICTURES.some((kind) => ALTS[kind] === field && errors.some((error) => error.field === kind))

/** A name that cannot be had: whether somebody has it is nobody's business. */
function notTwice (found: FieldError[]): FieldError[] {
  const isInvalid = found.some(({ code }) => code === 'invalid_username')
  return found.filter(({ code }) => !isInvalid || code !== 'username_taken')
}

/** The field by which an active admin would stop being one. */
function endOfAdmin (before: Account, wanted: Changes): 'isAdmin' | 'isActive' | undefined {
  if (!before.isAdmin || !before.isActive) return undefined
  if (wanted.isAdmin === false) return 'isAdmin'
  return wanted.isActive === false ? 'isActive' : undefined
}

export type Findings = ReturnType<typeof createFindings>

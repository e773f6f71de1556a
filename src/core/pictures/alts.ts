import type { Account, Queries } from '../../db/index.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { ALT_MAX, ALTS, PICTURES } from '../fields/index.ts'
import type { Changes } from '../fields/index.ts'
import { faultOf } from '../texts.ts'
import type { Kind, Published } from './picture-records.ts'

type Shown = Pick<Account, Kind>

/** What is wrong with the texts themselves. */
export function findingsOf ({ alts = {} }: Changes): FieldError[] {
  return PICTURES.flatMap((kind): FieldError[] => {
    const [field, alt] = [ALTS[kind], alts[kind] ?? '']
    const fault = faultOf(alt)
    if (fault !== undefined) return [{ field, code: fault }]
    const { length: found } = [...alt]
    return found > ALT_MAX ? [{ field, code: 'max_length', params: { limit: ALT_MAX, found } }] : []
  })
}

/** What is said of pictures that are not there; `before` is absent for somebody new. */
export function missing ({ alts = {}, ...changes }: Changes, before?: Shown): FieldError[] {
  const isThere = (kind: Kind) => Boolean(changes[kind] === undefined ? before?.[kind] : changes[kind])
  return PICTURES.flatMap((kind): FieldError[] => alts[kind] && !isThere(kind) ? [{ field: ALTS[kind], code: 'no_picture' }] : [])
}

/** Throws `precondition_failed` when the picture that is described is not the one that was meant any more. */
export function requireMeant (now: Account, meant: Shown | undefined, { alts = {}, ...changes }: Changes): void {
  const isAnother = PICTURES.some((kind) => alts[kind] !== undefined && changes[kind] === undefined && now[kind] !== meant?.[kind])
  if (isAnother) throw new AppError('precondition_failed', { current: now })
}

/**
 * Stores what pictures show, in the transaction that shows them and after `note`. Resolves to the fields that changed. Throws
 * `unavailable` for a picture from before there were sizes, whose turn to be upgraded has not come.
 */
export async function describe (tx: Queries, shown: Shown, { alts = {} }: Changes, published: Published): Promise<string[]> {
  const fields: string[] = []
  for (const kind of PICTURES) {
    const picture = published[kind]
    const name = picture === undefined ? shown[kind] : picture?.name
    if (alts[kind] === undefined || !name) continue
    const alt = alts[kind] || null
    const known = await tx.pictures.find(name)
    if (alt === (known?.alt ?? null)) continue
    if (known === undefined) throw new AppError('unavailable')
    await tx.pictures.describe(name, alt)
    fields.push(ALTS[kind])
  }
  return fields
}

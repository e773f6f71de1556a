import { isDeepStrictEqual } from 'node:util'
import type { Account, Queries, UserRow } from '../../db/index.ts'
import { toLanguage } from '../formats.ts'
import { namesOf } from '../pictures/index.ts'
import type { Published } from '../pictures/index.ts'
import * as attributes from './attributes.ts'
import type { ProfileField } from './attributes.ts'
import { FIELDS } from './index.ts'
import type { Changes } from './index.ts'
import * as settings from './settings.ts'
import * as visibility from './visibility.ts'

/** The columns that an edit sets: what is stored already is none, and what a column holds beside the edit stays in it. */
export function columnsOf (before: Pick<UserRow, 'attributes' | 'visibility' | 'settings'>, changes: Changes, published: Published, declared: readonly ProfileField[]): Partial<UserRow> {
  const { avatar: _, cover: __, groups: ___, cuts: ____, alts: _____, attributes: given, visibility: audiences, settings: wishes, ...values } = changes
  const set: Partial<UserRow> = {
    ...values,
    ...values.language !== undefined && { language: toLanguage(values.language, FIELDS.language.max) ?? values.language },
    ...namesOf(published),
    ...given && { attributes: attributes.merged(before.attributes, given, declared) },
    ...audiences && { visibility: visibility.merged(before.visibility, audiences, declared) },
    ...wishes && { settings: settings.merged(before.settings, wishes) },
  }
  return Object.fromEntries(Object.entries(set).filter(([name, value]) => !isDeepStrictEqual(before[name as keyof typeof before], value)))
}

/** What an account holds before anything was said of it. */
export const BLANK: Pick<Account, 'attributes' | 'visibility' | 'settings'> = { attributes: {}, visibility: {}, settings: {} }

/** The declared fields as the transaction sees them: one may have been dropped since the request came. */
export const declaredNow = async (tx: Queries, { attributes = {}, visibility }: Changes): Promise<readonly ProfileField[]> =>
  Object.keys(attributes).length === 0 && visibility === undefined ? [] : (await tx.profileFields.list()).filter(({ droppedAt }) => droppedAt === null)

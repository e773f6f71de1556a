import { community } from '../routes/community/index.ts'
import { native } from '../routes/native/index.ts'
import { personal } from '../routes/personal/index.ts'
import { say } from '../routes/problem.ts'
import { staff } from '../routes/staff/index.ts'
import { ConfigError } from './config.ts'
import { AppError } from './core/errors.ts'
import { FolderError } from './db/index.ts'
import { openService as open } from './service.ts'
import type { Service } from './service.ts'

/** Each answers at paths of its own. A fifth is one more name here. */
export const FAMILIES = [native, community, staff, personal]

export const reservedKeys: ReadonlySet<string> = new Set(FAMILIES.flatMap((family) => [...family.reservedKeys ?? []]))

/** Everything below the routes, as the families need it. Throws a FolderError. */
export const openService = (options: Omit<Parameters<typeof open>[0], 'reservedKeys'>): Promise<Service> => open({ ...options, reservedKeys })

/** What went wrong in one sentence, when it is for the operator to mend; undefined when it is for us. */
export function sentenceOf (error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof FolderError) return error.message
  if (!(error instanceof AppError) || error.fields.length === 0) return undefined
  return error.fields.map((finding) => `${finding.field ?? 'input'}: ${say(finding).message}`).join(' ')
}

import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import type { Command } from './command.ts'
import { completionOf } from './completion.ts'
import { disk } from './disk.ts'
import { fields } from './fields.ts'
import { fsck } from './fsck.ts'
import { groups } from './groups.ts'
import { keys } from './keys.ts'
import { mail } from './mail.ts'
import { migrate } from './migrate.ts'
import { move } from './move.ts'
import { restore } from './restore.ts'
import { secondFactor, sessions } from './sessions.ts'
import { settings } from './settings.ts'
import { standing } from './standing.ts'
import { tags } from './tags.ts'
import { tokens } from './tokens.ts'
import { transfer } from './transfer.ts'
import { users } from './users.ts'

export { UsageError } from './command.ts'
export type { Command, Flags, Output, Said } from './command.ts'

const commands: Record<string, Command> = {
  ...users,
  ...standing,
  ...sessions,
  ...secondFactor,
  ...tokens,
  ...groups,
  ...tags,
  ...fields,
  ...mail,
  ...audit,
  ...settings,
  ...check,
  ...disk,
  ...migrate,
  ...backup,
  ...restore,
  ...transfer,
  ...move,
  ...keys,
  ...fsck,
}

const json = { type: 'boolean', says: 'for programs: one JSON object a line' } as const
const withJson = Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, { ...command, flags: { ...command.flags, json } }]))

/** Every operator command, in the order of `--help`. */
export const COMMANDS: Record<string, Command> = { ...withJson, ...completionOf(withJson) }

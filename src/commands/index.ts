import type { Command } from './command.ts'
import { fields } from './fields.ts'
import { fsck } from './fsck.ts'
import { keys } from './keys.ts'
import { tokens } from './tokens.ts'
import { users } from './users.ts'

export { UsageError } from './command.ts'
export type { Command, Flags } from './command.ts'

/** Every operator command, in the order of `--help`. */
export const COMMANDS: Record<string, Command> = { ...users, ...tokens, ...fields, ...keys, ...fsck }

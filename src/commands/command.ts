import type { Core } from '../app.ts'

export type Flags = Record<string, string | boolean | undefined>

/** One operator command, by which `--help` is written and flags are read. */
export interface Command {
  says: string
  flags: Record<string, { type: 'string' | 'boolean', says: string, required?: boolean }>
  /** Begins with a new seal key, in place of the one that the folder should have. */
  hasNewSeal?: boolean
  /** Resolves to what is printed, and to the exit code when that says something; `note` tells how long work goes on. */
  run: (core: Core, flags: Flags, note: (line: string) => void) => Promise<string | { says: string, exitCode: number }>
}

/** Bad input: one sentence on stderr, exit 2. */
export class UsageError extends Error {}

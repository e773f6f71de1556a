import type { Service } from '../app.ts'
import { loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import type { Answer } from '../operator.ts'
import { unknownSettings } from '../unknown-settings.ts'

export type Flags = Record<string, string | boolean | undefined>

/** Where words go. */
export interface Output {
  /** A line of what was asked for, ahead of the rest. */
  print: (line: string) => void
  /** How long work goes on, and what else the operator should know. */
  note: (line: string) => void
  /** Whether a person reads along. */
  isTerminal: boolean
}

/** What there is to work with beside the core. */
export interface Means extends Output {
  /** What stands beside the flags. */
  operands: string[]
  env: Record<string, string | undefined>
  /** A request to the native family as the operator, resolving to its body; a problem is thrown as a UsageError. */
  ask: (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object | URLSearchParams) => Promise<Answer['body']>
}

/** What is printed at the end; what is instead with `--json`, an object or one a line, in the native family's words; the exit code when that says something. */
export interface Said { says: string, json: unknown, exitCode?: number }

/** A document, for whoever reads it and for programs. */
export const document = (json: unknown): Said => ({ says: JSON.stringify(json, null, 2), json })

/** One operator command, by which `--help` is written and flags are read. */
export interface Command {
  says: string
  flags: Record<string, { type: 'string' | 'boolean', says: string, required?: boolean }>
  /** What it takes beside flags, as `--help` shows it. */
  operands?: string
  /** Begins with a new seal key, in place of the one that the folder should have. */
  hasNewSeal?: boolean
  /** What to do instead where the database is PostgreSQL, as the end of a sentence: of what is for a database in the data folder alone. */
  overPostgres?: string
  /** The same where the pictures are in a bucket. */
  overBucket?: string
  /** Asks how the service is: see `openService`. */
  isThorough?: boolean
  /** What can be done before the data folder is opened; undefined when the rest is for `run`. */
  tell?: (flags: Flags, means: Omit<Means, 'ask'>) => Promise<Said | undefined>
  run?: (core: Service, flags: Flags, means: Means) => Promise<Said>
}

/** A command that takes one word, and opens what it needs by itself. */
export const takingOne = (what: string, work: (word: string, flags: Flags, means: Omit<Means, 'ask'> & { config: Config }) => Promise<Said>): Pick<Command, 'operands' | 'tell'> => ({
  operands: what,
  async tell (flags, means) {
    const [word, ...rest] = means.operands
    if (word === undefined || rest.length > 0) throw new UsageError(`this takes one ${what}; --help tells more`)
    const config = loadConfig(means.env)
    for (const says of unknownSettings(means.env)) means.note(says)
    return await work(word, flags, { ...means, config })
  },
})

/** Bad input: one sentence on stderr, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

import { parseArgs } from 'node:util'
import { loadConfig } from '../config.ts'
import type { Config } from '../config.ts'
import { breakageOf, isFull } from '../disk.ts'
import { unknownSettings } from '../unknown-settings.ts'
import { VERSION } from '../version.ts'
import { asOperator } from './ask.ts'
import { help } from './help.ts'
import { COMMANDS, UsageError } from './index.ts'
import type { Command, Flags, Output, Said } from './index.ts'

/** What is printed already, or does not need a word. */
const NOTHING: Said = { says: '', json: [] }

/** What is to be printed, and where: errors go beside what was asked for. */
export interface Outcome { says: string, exitCode: number, isError?: boolean }

/** The command that the first one or two words name. */
function named (args: string[]): { name: string, rest: string[] } {
  const flag = args.findIndex((word) => word.startsWith('-'))
  const words = flag < 0 ? args : args.slice(0, flag)
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ')
    if (words.length >= count && Object.hasOwn(COMMANDS, name)) return { name, rest: args.slice(count) }
  }
  throw new UsageError(`there is no command ${JSON.stringify(words.slice(0, 2).join(' '))}; --help lists them all`)
}

async function carryOut (args: string[], env: Record<string, string | undefined>, output: Output): Promise<Outcome> {
  if (args[0] === '--version') return { says: VERSION, exitCode: 0 }
  if (args[0] === 'help') return help(args.slice(1).join(' '))
  const isAsked = args.some((word) => word === '--help' || word === '-h')
  const words = args.filter((word) => !word.startsWith('-')).slice(0, 2).join(' ')
  const isNoun = args.every((word) => !word.startsWith('-')) && !Object.hasOwn(COMMANDS, words) && Object.keys(COMMANDS).some((name) => name.startsWith(words && `${words} `))
  if (isAsked || isNoun) return help(words)

  const { name, rest } = named(args)
  const command = COMMANDS[name] as Command
  const { flags, operands } = read(rest, command)
  if (command.overPostgres !== undefined && loadConfig(env).databaseUrl !== undefined) throw new UsageError(`${name} is for a database in the data folder, and VISAGE_DATABASE_URL names another: ${command.overPostgres}`)
  if (command.overBucket !== undefined && loadConfig(env).storeUrl !== undefined) throw new UsageError(`${name} is for pictures in the data folder, and VISAGE_STORE_URL names a bucket: ${command.overBucket}`)
  const { says, json, exitCode = 0 } = await command.tell?.(flags, { ...output, operands, env }) ?? await inFolder(command, { flags, operands, env, output })
  return { says: flags.json === true ? [json].flat().map((line) => JSON.stringify(line)).join('\n') : says, exitCode }
}

interface Task { flags: Flags, operands: string[], env: Record<string, string | undefined>, output: Output }

async function inFolder (command: Command, task: Task): Promise<Said> {
  // Nobody has to wait for the limits of strangers.
  const config: Config = { ...loadConfig(task.env), rateLimit: false }
  try {
    return await withCore(command, config, task)
  } catch (error) {
    const broken = breakageOf(config.dataDir, error)
    if (broken !== undefined) throw new UsageError(broken, { cause: error })
    if (!isFull(config.dataDir, error)) throw error
    throw new UsageError(`there is no room left on the disk of ${config.dataDir}`, { cause: error })
  }
}

async function withCore ({ run, hasNewSeal, isThorough }: Command, config: Config, { flags, operands, env, output }: Task): Promise<Said> {
  for (const says of unknownSettings(env)) output.note(says)
  const { openService, sentenceOf } = await import('../app.ts')
  let core
  try {
    core = await openService({ config, exclusive: false, ...hasNewSeal && { hasNewSeal }, ...isThorough && { isThorough } })
  } catch (error) {
    // Whoever asks what is wrong has the answer.
    if (isThorough && sentenceOf(error) === undefined) return { says: `unavailable: ${(error as Error).message}`, json: { status: 'unavailable', detail: (error as Error).message }, exitCode: 1 }
    throw error
  }
  const operator = asOperator(core, config)
  try {
    return await run?.(core, flags, { ...output, operands, env, ask: operator.ask }) ?? NOTHING
  } finally {
    await operator.close()
    await core.close()
  }
}

function read (args: string[], { flags, operands }: Command): { flags: Flags, operands: string[] } {
  let found: { values: Flags, positionals: string[] }
  try {
    found = parseArgs({ args, allowPositionals: operands !== undefined, options: Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }])) })
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/)[0])
  }
  const missing = Object.keys(flags).find((name) => flags[name]?.required && found.values[name] === undefined)
  if (missing !== undefined) throw new UsageError(`--${missing} is needed`)
  return { flags: found.values, operands: found.positionals }
}

/** Runs an operator's command. Bad input is one sentence and 2; rejects with anything that is not the input's fault. */
export async function run (args: string[], env: Record<string, string | undefined>, output: Output): Promise<Outcome> {
  try {
    return await carryOut(args, env, output)
  } catch (error) {
    const says = error instanceof UsageError ? error.message : (await import('../app.ts')).sentenceOf(error)
    if (says === undefined) throw error
    return { says, exitCode: 2, isError: true }
  }
}

import { parseArgs } from 'node:util'
import { openCore, sentenceOf } from '../app.ts'
import { loadConfig } from '../config.ts'
import { COMMANDS, UsageError } from './index.ts'
import type { Command, Flags } from './index.ts'

/** What is to be printed, and where: errors go beside what was asked for. */
export interface Outcome { says: string, exitCode: number, isError?: boolean }

/** All commands, or those that begin with the given word. */
function help (start = ''): string {
  const shown = Object.entries(COMMANDS).filter(([name]) => name.startsWith(start))
  const lines = shown.map(([name, { says, flags }]) => [
    `  ${name.padEnd(16)}${says}`,
    ...Object.entries(flags).map(([flag, { type, says, required }]) =>
      `    --${`${flag}${type === 'string' ? ' …' : ''}`.padEnd(14)}${says}${required ? ' (needed)' : ''}`),
  ].join('\n'))
  return ['Usage: npm run -s visage -- <command> [flags]', '', ...lines, '', 'Works beside a running server and without one; VISAGE_DATA_DIR says where the data is.'].join('\n')
}

async function carryOut (args: string[], env: Record<string, string | undefined>, note: (line: string) => void): Promise<Outcome> {
  const words = args.slice(0, 2).filter((word) => !word.startsWith('-'))
  const name = words.join(' ')
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (args.includes('--help') || args.includes('-h') || args.length === 0) return { says: help(name), exitCode: 0 }
  if (command === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}; --help lists them all`)

  const flags = read(args.slice(words.length), command)
  const core = await openCore({ config: loadConfig(env), exclusive: false })
  try {
    const said = await command.run(core, flags, note)
    return typeof said === 'string' ? { says: said, exitCode: 0 } : said
  } finally {
    await core.close()
  }
}

function read (args: string[], { flags }: Command): Flags {
  let values: Flags
  try {
    ({ values } = parseArgs({ args, options: Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }])) }))
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/)[0])
  }
  const missing = Object.keys(flags).find((name) => flags[name]?.required && values[name] === undefined)
  if (missing !== undefined) throw new UsageError(`--${missing} is needed`)
  return values
}

/** Runs an operator's command. Bad input is one sentence and 2; rejects with anything that is not the input's fault. `note` tells how long work goes on. */
export async function run (args: string[], env: Record<string, string | undefined>, note: (line: string) => void): Promise<Outcome> {
  try {
    return await carryOut(args, env, note)
  } catch (error) {
    const says = error instanceof UsageError ? error.message : sentenceOf(error)
    if (says === undefined) throw error
    return { says, exitCode: 2, isError: true }
  }
}

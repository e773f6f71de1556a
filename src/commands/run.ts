import { parseArgs } from 'node:util'
import { openCore, sentenceOf } from '../app.ts'
import { loadConfig } from '../config.ts'
import { unknownSettings } from '../unknown-settings.ts'
import { VERSION } from '../version.ts'
import { COMMANDS, UsageError } from './index.ts'
import type { Command, Flags } from './index.ts'

/** What is to be printed, and where: errors go beside what was asked for. */
export interface Outcome { says: string, exitCode: number, isError?: boolean }

const isOf = (name: string, start: string) => start === '' || name === start || name.startsWith(`${start} `)

/** All commands, or those of a noun, or one. */
function help (start: string): Outcome {
  const shown = Object.entries(COMMANDS).filter(([name]) => isOf(name, start))
  if (shown.length === 0) throw new UsageError(`there is no command ${JSON.stringify(start)}; --help lists them all`)
  const lines = shown.map(([name, { says, flags }]) => [
    `  ${name.padEnd(16)}${says}`,
    ...Object.entries(flags).map(([flag, { type, says, required }]) =>
      `    --${`${flag}${type === 'string' ? ' …' : ''}`.padEnd(14)}${says}${required ? ' (needed)' : ''}`),
  ].join('\n'))
  return { says: ['Usage: npm run -s visage -- <command> [flags]', '', ...lines, '', 'Works beside a running server and without one; VISAGE_DATA_DIR says where the data is. --version tells the version.'].join('\n'), exitCode: 0 }
}

async function carryOut (args: string[], env: Record<string, string | undefined>, note: (line: string) => void): Promise<Outcome> {
  const words = args.filter((word, at) => at < 2 && args.slice(0, at + 1).every((before) => !before.startsWith('-')))
  const name = words.join(' ')
  if (args[0] === '--version') return { says: VERSION, exitCode: 0 }
  if (words[0] === 'help') return help(args.slice(1).join(' '))
  const isNoun = args.length === words.length && Object.keys(COMMANDS).some((command) => command !== name && isOf(command, name))
  if (isNoun || args.some((word) => word === '--help' || word === '-h')) return help(name)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}; --help lists them all`)

  const flags = read(args.slice(words.length), command)
  const config = loadConfig(env)
  for (const says of unknownSettings(env)) note(says)
  const core = await openCore({ config, exclusive: false, ...command.hasNewSeal && { hasNewSeal: true } })
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

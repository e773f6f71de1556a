import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import type { Service } from '../../src/app.ts'
import { asOperator } from '../../src/commands/ask.ts'
import { COMMANDS } from '../../src/commands/index.ts'
import type { Flags } from '../../src/commands/index.ts'
import { run } from '../../src/commands/run.ts'
import { loadConfig } from '../../src/config.ts'
import { placeOf, settingsOf } from '../engines.ts'
import { folderFor } from '../helper.ts'

export interface Outcome { code: number, stdout: string, stderr: string }

/** Runs a command as the program does, without a process of its own. */
export async function visage (dataDir: string, args: string[], env: Record<string, string> = {}, { isTerminal = false } = {}): Promise<Outcome> {
  const printed: string[] = []
  const notes: string[] = []
  const output = { print: (line: string) => { printed.push(line) }, note: (line: string) => { notes.push(line) }, isTerminal }
  const { says, exitCode: code, isError } = await run(args, { ...settingsOf(dataDir), ...env }, output)
  if (says !== '') (isError ? notes : printed).push(says)
  const text = (lines: string[]) => lines.map((line) => `${line}\n`).join('')
  return { code, stdout: text(printed), stderr: text(notes) }
}

/** Runs a command on a service that is open already; resolves to what it printed. */
export async function carryOut (core: Service, name: string, flags: Flags, dataDir = '') {
  const { ask, close } = asOperator(core, { ...loadConfig(), ...placeOf(dataDir) })
  try {
    const printed: string[] = []
    const said = await COMMANDS[name]?.run?.(core, flags, { ask, env: {}, operands: [], isTerminal: false, print (line) { printed.push(line) }, note () {} })
    return [...printed, typeof said === 'string' ? said : said?.says].filter((line) => line !== '').join('\n')
  } finally {
    await close()
  }
}

/** A data folder as the first start of the service leaves it. */
export async function newFolder (t: Test): Promise<string> {
  const dataDir = folderFor(t)
  await (await openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive: true })).close()
  return dataDir
}

import type { Test } from 'tap'
import { openCore } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { run } from '../../src/commands/run.ts'

export interface Outcome { code: number, stdout: string, stderr: string }

/** Runs a command as the program does, without a process of its own. */
export async function visage (dataDir: string, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const notes: string[] = []
  const { says, exitCode: code, isError = false } = await run(args, { VISAGE_DATA_DIR: dataDir, ...env }, (line) => notes.push(`${line}\n`))
  return { code, stdout: isError ? '' : `${says}\n`, stderr: [...notes, ...isError ? [`${says}\n`] : []].join('') }
}

/** A data folder as the first start of the service leaves it. */
export async function newFolder (t: Test): Promise<string> {
  const dataDir = t.testdir({})
  await (await openCore({ config: { ...loadConfig(), dataDir }, exclusive: true })).close()
  return dataDir
}

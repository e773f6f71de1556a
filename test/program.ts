import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

const PROGRAM = join(import.meta.dirname, '../src/server.ts')

export interface Program {
  child: ChildProcess
  /** Resolves to how it ended, when its last line has been read. */
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>
  lines: string[]
  /** Resolves to the first line of its log that matches. */
  said: (pattern: RegExp) => Promise<string>
}

/** The program as `npm start` runs it, on a free port; where `first` names a file, with that one loaded before it. */
export function startProgram (t: Test, env: Record<string, string | undefined>, first?: string): Program {
  const child = spawn(process.execPath, [...first === undefined ? [] : ['-r', first], PROGRAM], { env: { ...process.env, VISAGE_HOST: '127.0.0.1', VISAGE_PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Program['ended']
  t.teardown(() => { child.kill('SIGKILL') })
  const lines: string[] = []
  const waiting: { pattern: RegExp, resolve: (line: string) => void }[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line)
    })
  }
  const said = (pattern: RegExp) => new Promise<string>((resolve, reject) => {
    const known = lines.find((line) => pattern.test(line))
    if (known !== undefined) resolve(known)
    waiting.push({ pattern, resolve })
    void ended.then(() => reject(new Error(`it ended without saying ${String(pattern)}:\n${lines.join('\n')}`)))
  })
  return { child, ended, lines, said }
}

// What the slower checks share: a real server in a process of its own, and people who may write to it.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { OPERATOR } from '../src/core/access.ts'

const BOOT_MS = 20_000

export interface Service {
  url: string
  pid: number
  /** How it ended, whoever ended it. */
  ended: Promise<Exit>
  /** Ends it and resolves to how it ended. */
  end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<Exit>
}

/** The code of a process that is gone, or the signal that it died of. */
export interface Exit { code: number | null, signal: NodeJS.Signals | null }

interface Options {
  dataDir: string
  /** The folder of the program. */
  root?: string
  /** A command that runs the server as its child and hands signals on to it. */
  under?: string[]
  /** Variables beside those that all checks want, or instead of them. */
  settings?: Record<string, string>
  /** Told of every line of the log; without it, nothing is read once the server listens. */
  onLine?: (line: string) => void
}

/** Starts the server on a free port and resolves when it listens. */
export async function startService ({ dataDir, root = join(import.meta.dirname, '..'), under = [], settings = {}, onLine }: Options): Promise<Service> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VISAGE_'))
  const env = { ...Object.fromEntries(inherited), VISAGE_DATA_DIR: dataDir, VISAGE_PORT: '0', VISAGE_LOG_LEVEL: 'info', VISAGE_RATE_LIMIT: 'off', ...settings }
  const [command = '', ...args] = [...under, process.execPath, join(root, 'src', 'server.ts')]
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  createInterface(child.stderr).on('line', (line) => log.push(line))
  const lines = createInterface(child.stdout)
  const listening = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      log.push(line)
      onLine?.(line)
      const url = /Visage listens on (http:[^" ]+)/.exec(line)?.[1]
      if (url === undefined) return
      resolve(url)
      if (onLine !== undefined) return
      // A line for each request would be read for nothing, at the cost of whoever measures.
      lines.close()
      child.stdout.resume()
    })
  })
  const ended = Promise.all([once(child, 'exit'), onLine && once(lines, 'close')]).then(() => ({ code: child.exitCode, signal: child.signalCode }))
  const url = await Promise.race([listening, ended.then(() => undefined), sleep(BOOT_MS, undefined, { ref: false })])
  if (url === undefined) {
    child.kill('SIGKILL')
    throw new Error(`the server did not listen:\n${log.slice(-20).join('\n')}`)
  }
  return { url, pid: child.pid ?? 0, ended, end: (signal) => end(child, ended, signal) }
}

async function end (child: ChildProcess, ended: Promise<Exit>, signal: NodeJS.Signals): Promise<Exit> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  return await ended
}

export interface Person { id: number, key: string }

/** People with an API token each, who may use all three families. To be called before the server starts. */
export async function createPeople (dataDir: string, count: number, prefix = 'w', settings: Record<string, string> = {}): Promise<Person[]> {
  const core = await openService({ config: { ...loadConfig(settings), dataDir }, exclusive: true })
  try {
    const people: Person[] = []
    for (let i = 0; i < count; i++) {
      const { id } = await core.users.create(OPERATOR, { username: `${prefix}${i}-0`, email: `${prefix}${i}@example.com`, isStaff: true }, { family: 'operator' })
      people.push({ id, key: (await core.keys.create(id)).secret })
    }
    return people
  } finally {
    await core.close()
  }
}

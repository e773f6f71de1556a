import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Running {
  /** Milliseconds from the start to the first 200. */
  ms: number
  /** Resident memory, in megabytes. */
  megabytes: () => number
  end: () => Promise<void>
}

const GIVE_UP_MS = 20_000
const PAUSE_MS = 2

/** Starts a program on one core and resolves at its first 200. */
export async function start (core: number, args: string[], { url, env = {} }: { url: string, env?: Record<string, string> }): Promise<Running> {
  const begin = performance.now()
  const child = spawn('taskset', ['-c', String(core), process.execPath, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  while (await statusOf(url) !== 200) {
    if (child.exitCode !== null || performance.now() - begin > GIVE_UP_MS) throw new Error(`${args.join(' ')} did not start`)
    await sleep(PAUSE_MS)
  }
  return {
    ms: performance.now() - begin,
    megabytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
    async end () {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function statusOf (url: string): Promise<number> {
  return new Promise((resolve) => {
    request(url, { agent: false }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0))).on('error', () => resolve(0)).end()
  })
}

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const [SERVER_CORE, LOAD_CORE] = [0, 1]

export interface Running {
  url: string
  pid: number
  /** Milliseconds from the start to the first answer that was wanted. */
  ms: number
  /** Resident memory of this one process, in megabytes. */
  megabytes: () => number
  /** Microseconds of the processor that it alone has used, in the kernel and outside of it. */
  cpuMicros: () => number
  end: () => Promise<void>
}

interface Start {
  command: readonly string[]
  url: string
  /** The path that is asked until it answers so. */
  until?: { path: string, status: number }
  env?: Record<string, string>
  /** Where its standard output goes; nowhere unless told. */
  log?: string
  /** Kept to one core unless told. */
  cores?: 'one' | 'all'
}

const GIVE_UP_MS = 60_000
const PAUSE_MS = 2
/** In which Linux counts the time of processes. */
const TICK_MICROS = 10_000
const PATIENCE_MS = 10_000

/** Everything that this process has started and that has not ended. */
const children = new Set<ChildProcess>()

/** Without the settings of whoever measures. */
const environment = (env: Record<string, string> = {}) => ({ ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VISAGE|NODE|BENCH|DJANGO)_/.test(name))), ...env })

function launch (cores: string, [...command]: readonly string[], { env, log, isHeard = false }: { env?: Record<string, string> | undefined, log?: string | undefined, isHeard?: boolean }): ChildProcess {
  const out = isHeard ? 'pipe' : log === undefined ? 'ignore' : openSync(log, 'a')
  const child = spawn('taskset', ['-c', cores, ...command], { env: environment(env), stdio: ['ignore', out, 'inherit'] })
  if (typeof out === 'number') closeSync(out)
  children.add(child)
  child.on('close', () => children.delete(child))
  return child
}

/** Where a program is: in one of these folders, or on the path. */
export const find = (program: string, ...folders: string[]): string | undefined =>
  [...folders, ...(process.env.PATH ?? '').split(delimiter)].map((folder) => join(folder, program)).find((file) => existsSync(file))

/** Starts a server and resolves at its first answer. */
export async function start ({ command, url, until = { path: '/', status: 200 }, env, log, cores = 'one' }: Start): Promise<Running> {
  const begin = performance.now()
  const child = launch(cores === 'one' ? String(SERVER_CORE) : `0-${availableParallelism() - 1}`, command, { env, log })
  while (await statusOf(url + until.path) !== until.status) {
    if (child.exitCode !== null || performance.now() - begin > GIVE_UP_MS) throw new Error(`${command.join(' ')} did not start`)
    await sleep(PAUSE_MS)
  }
  return {
    url,
    pid: child.pid ?? 0,
    ms: performance.now() - begin,
    megabytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
    cpuMicros () {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
    },
    end: () => end(child),
  }
}

/** Runs a program to its end and resolves to what it said. Throws where it fails. */
export async function run (core: number, command: readonly string[], env?: Record<string, string>): Promise<string> {
  const child = launch(String(core), command, { env, isHeard: true })
  let said = ''
  child.stdout?.on('data', (part) => { said += String(part) })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${said}`)
  return said
}

/** Ends what is still running. */
export async function endAll (): Promise<void> {
  await Promise.all([...children].map(end))
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await ended
  clearTimeout(late)
}

/** A port that is free now. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function statusOf (url: string): Promise<number> {
  return new Promise((resolve) => {
    request(url, { agent: false }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0))).on('error', () => resolve(0)).end()
  })
}

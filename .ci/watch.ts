// Watches a service from a thread of its own, so that what else is going on here does not count: how quickly it says that
// it lives, and how much memory it and its children have.
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const HEALTH_MS = 20
const MEMORY_MS = 50
const MEGA = 1024

export interface Watched {
  /** Of all processes at one time, in MB. What they share counts once, as it does in a control group. */
  peakMB: number
  /** Of the server alone, and of its largest child: what each had at its worst, which nothing slips through. With all that is shared. */
  serverMB: number
  childMB: number
  /** Milliseconds. */
  healthP99: number
  healthMax: number
  healths: number
  /** How often it did not say so at all. */
  unhealthy: number
}

interface Watch { peakMB: () => number, end: () => Promise<Watched> }

/** From now until it is ended. */
export function watch ({ url, pid }: { url: string, pid: number }): Watch {
  const worker = new Worker(import.meta.filename, { workerData: { url, pid } })
  let peakMB = 0
  const ended = new Promise<Watched>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', (message: number | Watched) => {
      if (typeof message === 'number') peakMB = message
      else resolve(message)
    })
  })
  return {
    peakMB: () => peakMB,
    end () {
      worker.postMessage('end')
      return ended
    },
  }
}

async function run ({ url, pid }: { url: string, pid: number }, port: NonNullable<typeof parentPort>): Promise<void> {
  let isOver = false
  port.once('message', () => { isOver = true })
  const agent = new Agent({ keepAlive: true })
  const times: number[] = []
  const worst = new Map<number, number>()
  let unhealthy = 0
  let peak = 0

  async function healths (): Promise<void> {
    while (!isOver) {
      const start = performance.now()
      await new Promise<void>((resolve) => {
        get(`${url}/health/live`, { agent }, (response) => {
          if (response.statusCode !== 200) unhealthy++
          response.resume().on('end', resolve)
        }).on('error', () => { unhealthy++; resolve() })
      })
      times.push(performance.now() - start)
      await sleep(HEALTH_MS)
    }
  }

  async function memory (): Promise<void> {
    while (!isOver) {
      const tree = treeOf(pid)
      let most = 0
      for (const each of tree) {
        most += memoryOf(each, 'status', 'VmRSS')
        worst.set(each, Math.max(memoryOf(each, 'status', 'VmHWM'), worst.get(each) ?? 0))
      }
      // Telling what is shared holds the process up, so it is only asked where it may matter.
      const sum = most > peak ? tree.reduce((sum, each) => sum + memoryOf(each, 'smaps_rollup', 'Pss'), 0) : 0
      if (sum > peak) port.postMessage(Math.round((peak = sum) / MEGA))
      await sleep(MEMORY_MS)
    }
  }

  await Promise.all([healths(), memory()])
  agent.destroy()
  times.sort((a, b) => a - b)
  const { [pid]: server = 0, ...children } = Object.fromEntries(worst)
  const watched: Watched = {
    peakMB: Math.round(peak / MEGA),
    serverMB: Math.round(server / MEGA),
    childMB: Math.round(Math.max(0, ...Object.values(children)) / MEGA),
    healthP99: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
    healthMax: Math.round(times.at(-1) ?? 0),
    healths: times.length,
    unhealthy,
  }
  port.postMessage(watched)
}

/** A process and all that it has started, and those that these have. */
function treeOf (pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
    return [pid, ...children.flatMap((child) => treeOf(Number(child)))]
  } catch {
    return []
  }
}

/** In KB; nothing once the process is gone. */
function memoryOf (pid: number, file: string, name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

if (!isMainThread && parentPort) await run(workerData as { url: string, pid: number }, parentPort)

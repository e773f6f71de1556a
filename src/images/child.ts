import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { STOP } from '../stop.ts'
import { unavailable } from './errors.ts'
import { PING } from './jobs.ts'
import type { Job, PONG, Reply } from './jobs.ts'
import type { Log } from './staging.ts'

/** The parent's side of the process that decodes pictures. */
export interface Child {
  /** Of the process at work or in wait, if there is one. */
  readonly pid: number | undefined
  /** Resolves to what is wrong with the picture, or to what was made of it. */
  run (job: Job): Promise<Pick<Reply, 'finding' | 'made'>>
  /** Resolves when pictures can be worked on: a process that is there has answered, or one that has died has a successor. None is started that was not needed yet, unless `isNeeded`. */
  probe (isNeeded?: boolean): Promise<void>
  /** How many jobs wait for the one at work. */
  waiting (): number
  close (): Promise<void>
}

interface Task {
  job: Job
  resolve (reply: Pick<Reply, 'finding' | 'made'>): void
  reject (error: Error): void
}

interface Options {
  log: Log
  /** Milliseconds for one job, the start of the process included. */
  timeout?: number
  /** How many jobs may wait for the one at work. */
  maxWaiting?: number
}

// The extension is our own one, so that a compiled tree finds its compiled neighbour.
const PROGRAM = join(import.meta.dirname, `process${extname(import.meta.filename)}`)

/** For glibc: the memory of a picture goes back at once, or each large one would leave the process larger. */
const ALLOCATION = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }

/** Decodes one picture at a time: that is what bounds the memory. The process starts with the first job. */
export function openChild ({ log, timeout = 10_000, maxWaiting = 64 }: Options): Child {
  const waiting: Task[] = []
  let child: ChildProcess | undefined
  let running: Task | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let hasDied = false
  let probing: { promise: Promise<void>, resolve: () => void, reject: (error: Error) => void } | undefined

  function start (): ChildProcess {
    // oxlint-disable-next-line node/no-process-env -- nothing is read of it: it is handed on, as it would be without a word
    const env = { ...process.env, ...ALLOCATION }
    // None of our own execArgv: a debugger's port, for one, cannot be had twice.
    const started = fork(PROGRAM, { execArgv: ['--expose-gc'], env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    started.on('message', (reply: Reply | typeof PONG) => {
      if ('type' in reply) {
        hasDied = false
        probing?.resolve()
        probing = undefined
        return
      }
      settle((task) => reply.error ? task.reject(Object.assign(new Error(reply.error.message), reply.error)) : task.resolve(reply))
    })
    const ended = (reason: unknown, signal?: string): void => {
      child = undefined
      hasDied = true
      probing?.reject(unavailable('the image process has ended'))
      probing = undefined
      if (!isClosed) log.warn({ reason, signal }, 'the image process has ended')
      settle((task) => task.reject(unavailable('the image process has ended')))
    }
    // Of the two only one comes: an error means that it never started.
    started.on('exit', ended)
    started.on('error', ended)
    // A job's timer keeps the parent alive; an idle child must not.
    started.unref()
    started.channel?.unref()
    return started
  }

  function next (): void {
    if (running || isClosed) return
    running = waiting.shift()
    if (!running) return
    try {
      child ??= start()
    } catch (error) {
      log.warn({ err: error }, 'the image process cannot start')
      settle((task) => task.reject(unavailable('the image process cannot start')))
      return
    }
    // Without a pid the start has failed, and the error event is on its way.
    if (child.pid === undefined) return
    const current = child
    timer = setTimeout(() => {
      current.removeAllListeners('message')
      current.ref()
      current.kill('SIGKILL')
    }, timeout)
    // What cannot be sent fails with the exit that follows. No job fails earlier: it could still write its output.
    current.send(running.job, () => {})
  }

  function settle (how: (task: Task) => void): void {
    clearTimeout(timer)
    if (running) how(running)
    running = undefined
    next()
  }

  return {
    get pid () {
      return child?.pid
    },
    run (job) {
      if (isClosed) return Promise.reject(unavailable('the image process is closed'))
      if (waiting.length >= maxWaiting) return Promise.reject(unavailable('too many pictures are waiting'))
      return new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject })
        next()
      })
    },
    async probe (isNeeded = false) {
      if (isClosed || (child === undefined && !hasDied && !isNeeded)) return
      if (probing === undefined) {
        child ??= start()
        probing = Promise.withResolvers<void>()
        child.send(PING, () => {})
      }
      await probing.promise
    },
    waiting: () => waiting.length,
    async close () {
      isClosed = true
      for (const task of waiting.splice(0)) task.reject(unavailable('the image process is closed'))
      if (child?.pid === undefined) return
      child.ref()
      const ended = once(child, 'exit')
      if (running || !child.connected) child.kill('SIGKILL')
      else child.disconnect()
      // One that was frozen does not hear that nobody is there any more.
      const giveUp = setTimeout(() => child?.kill('SIGKILL'), STOP.core - STOP.connections)
      await ended
      clearTimeout(giveUp)
    }
  }
}

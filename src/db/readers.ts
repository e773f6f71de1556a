import { once } from 'node:events'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Found, PeopleQuery } from './directory.ts'

/** The parent's side of the threads that run what may take long. */
export interface Readers {
  /** Rejects with DATABASE_BUSY when too many wait. */
  find: (query: PeopleQuery) => Promise<Found>
  close: () => Promise<void>
}

interface Task {
  query: PeopleQuery
  resolve: (found: Found) => void
  reject: (error: unknown) => void
}

interface Reader { worker: Worker, running: Task | undefined }

// Two, so that a short query need not wait for one long one.
const THREADS = 2
const MAX_WAITING = 256
// The extension is our own one, so that a compiled tree finds its compiled neighbour.
const PROGRAM = join(import.meta.dirname, `reader${extname(import.meta.filename)}`)

/** Threads with read-only connections: what they do holds up nobody on the event loop. Each starts when it is first needed. */
export function createReaders (file: string): Readers {
  const waiting: Task[] = []
  const readers = new Set<Reader>()
  let isClosed = false

  function start (): Reader {
    const reader: Reader = { worker: new Worker(PROGRAM, { workerData: { file }, execArgv: [] }), running: undefined }
    readers.add(reader)
    reader.worker.on('message', ({ found, error }: { found?: Found, error?: unknown }) => {
      if (found === undefined) reader.running?.reject(error)
      else reader.running?.resolve(found)
      reader.running = undefined
      // An idle thread must not keep the process alive; one that is being ended must, until it has.
      if (!isClosed) reader.worker.unref()
      next()
    })
    let reason: unknown
    reader.worker.on('error', (error) => { reason = error })
    reader.worker.on('exit', () => {
      readers.delete(reader)
      reader.running?.reject(new Error('a reader of the database has ended', { cause: reason }))
      next()
    })
    return reader
  }

  function next (): void {
    while (waiting.length > 0 && !isClosed) {
      const reader = [...readers].find(({ running }) => running === undefined) ?? (readers.size < THREADS ? start() : undefined)
      if (reader === undefined) return
      reader.running = waiting.shift() as Task
      reader.worker.ref()
      reader.worker.postMessage(reader.running.query)
    }
  }

  return {
    find (query) {
      if (isClosed || waiting.length >= MAX_WAITING) return Promise.reject(Object.assign(new Error('too many queries are waiting'), { code: 'DATABASE_BUSY' }))
      return new Promise((resolve, reject) => {
        waiting.push({ query, resolve, reject })
        next()
      })
    },

    async close () {
      isClosed = true
      for (const task of waiting.splice(0)) task.reject(new Error('the database is closed'))
      await Promise.all([...readers].map(async ({ worker }) => {
        const ended = once(worker, 'exit')
        worker.ref()
        worker.postMessage('close')
        await ended
      }))
    },
  }
}

import { once } from 'node:events'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { atMost } from '../../stop.ts'
import { translated } from '../errors.ts'
import type { Answer, Question, Questions, Reply } from '../questions.ts'

/** The parent's side of the threads that run what may take long. Questions reject with DATABASE_BUSY when too many wait. */
export interface Readers extends Questions {
  /** How many questions wait for a thread. */
  waiting: () => number
  /** Fails what waits or runs, and whatever is asked from now on. A query that runs cannot be interrupted, but nobody waits for it. */
  refuse: () => void
  /** Ends the threads; resolves when they have ended, or after so many milliseconds without those that are at work. */
  close: (patience: number) => Promise<void>
}

interface Task {
  question: Question
  resolve: (answer: Answer) => void
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
    reader.worker.on('message', (reply: Reply) => {
      if ('error' in reply) reader.running?.reject(Object.assign(new Error(reply.error.message), reply.error))
      else reader.running?.resolve(reply.answer)
      reader.running = undefined
      // An idle thread must not keep the process alive; one that is being ended must, until it has.
      if (!isClosed) reader.worker.unref()
      next()
    })
    let reason: unknown
    reader.worker.on('error', (error) => { reason = error })
    reader.worker.on('exit', () => {
      readers.delete(reader)
      reader.running?.reject(endedBy(reason))
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
      reader.worker.postMessage(reader.running.question)
    }
  }

  function refuse (): void {
    isClosed = true
    for (const { reject } of [...waiting.splice(0), ...[...readers].flatMap(({ running }) => running ?? [])]) reject(busy('the database is closed'))
    for (const reader of readers) reader.running = undefined
  }

  function put<A extends Answer> (question: Question): Promise<A> {
    if (isClosed || waiting.length >= MAX_WAITING) return Promise.reject(busy(isClosed ? 'the database is closed' : 'too many queries are waiting'))
    return new Promise((resolve, reject) => {
      waiting.push({ question, resolve: resolve as Task['resolve'], reject })
      next()
    })
  }

  return {
    find: (...about) => put({ ask: 'find', about }),
    findPage: (...about) => put({ ask: 'findPage', about }),
    countPeople: (...about) => put({ ask: 'countPeople', about }),
    listGroups: (...about) => put({ ask: 'listGroups', about }),
    listGroupsBehind: (...about) => put({ ask: 'listGroupsBehind', about }),
    countMembers: (...about) => put({ ask: 'countMembers', about }),
    listChanges: (...about) => put({ ask: 'listChanges', about }),
    countChanges: (...about) => put({ ask: 'countChanges', about }),

    waiting: () => waiting.length,
    refuse,

    async close (patience) {
      isClosed = true
      for (const task of waiting.splice(0)) task.reject(busy('the database is closed'))
      await atMost(patience, Promise.all([...readers].map(async ({ worker }) => {
        const ended = once(worker, 'exit')
        worker.ref()
        worker.postMessage('close')
        await ended
      })))
      refuse()
      for (const { worker } of readers) {
        worker.unref()
        void worker.terminate()
      }
    },
  }
}

const busy = (message: string): Error => Object.assign(new Error(message), { code: 'DATABASE_BUSY' })

/** Keeps the engine's own word if there is one; otherwise the thread has ended for a reason that only the log needs. */
function endedBy (reason: unknown): unknown {
  const word = translated(reason)
  return word === reason ? new Error('a reader of the database has ended', { cause: reason }) : word
}

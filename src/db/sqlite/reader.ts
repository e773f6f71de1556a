import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { FUNCTIONS } from '../directory/index.ts'
import { dbOf } from '../drizzle.ts'
import { translated } from '../errors.ts'
import { questionsTo } from '../questions.ts'
import type { Answer, Question, Questions, Reply } from '../questions.ts'
import { readingOn } from './reading.ts'

// The program of a reader thread (see readers.ts): one question after the other on a connection of its own.

/** In WAL mode a reader waits only if another program has locked the whole file. The client is then told to try again. */
const BUSY_TIMEOUT_MS = 100

giveWay()
const { file } = workerData as { file: string }
const connection = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
for (const [name, call] of Object.entries(FUNCTIONS)) connection.function(name, { deterministic: true }, call as (...args: unknown[]) => unknown)
// Prepared with the first question: preparing reads the file, so it can fail in the same ways.
let questions: Questions | undefined

parentPort?.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    connection.close()
    parentPort?.close()
    return
  }
  void answer(question)
})

async function answer (question: Question): Promise<void> {
  parentPort?.postMessage(await replyTo(question))
}

async function replyTo ({ ask, about }: Question): Promise<Reply> {
  try {
    questions ??= questionsTo(dbOf(connection), readingOn(connection))
    return { answer: await (questions[ask] as (...of: typeof about) => Promise<Answer>)(...about) }
  } catch (error) {
    const { message, code } = translated(error) as Error & { code?: string }
    return { error: { message, ...code !== undefined && { code } } }
  }
}

/** Where there is one core for both, the event loop comes first. Linux gives each thread a priority of its own. */
function giveWay (): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_LOW)
  } catch {
    // Elsewhere all threads are equal.
  }
}

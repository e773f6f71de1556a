import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import { FUNCTIONS, peopleQueries } from './directory.ts'
import type { PeopleQuery } from './directory.ts'
import { drizzle } from './drizzle.ts'

// The program of a reader thread (see readers.ts): one query after the other on a connection of its own.

giveWay()
const { file } = workerData as { file: string }
const connection = new Sqlite(file, { readonly: true, fileMustExist: true })
for (const [name, call] of Object.entries(FUNCTIONS)) connection.function(name, { deterministic: true }, call as (...args: unknown[]) => unknown)
const find = peopleQueries(drizzle(connection))

parentPort?.on('message', (query: PeopleQuery | 'close') => {
  if (query === 'close') {
    connection.close()
    parentPort?.close()
    return
  }
  try {
    parentPort?.postMessage({ found: find(query) })
  } catch (error) {
    parentPort?.postMessage({ error })
  }
})

/** Where there is one core for both, the event loop comes first. Linux gives each thread a priority of its own. */
function giveWay (): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_LOW)
  } catch {
    // Elsewhere all threads are equal.
  }
}

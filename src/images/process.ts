// The program of the image process: takes one job at a time from its parent and answers each with one message.
import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { run } from './encode.ts'
import type { Job, PING, PONG, Reply } from './jobs.ts'

// Where there is no core to spare, whoever waits for an answer comes first. Linux gives each thread a priority of its own.
function giveWay (): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Elsewhere the pictures are as urgent as everything else.
  }
}

// An idle process ends by itself without its parent. A busy one would first finish, with nobody left to stop it.
const die = process.kill.bind(process, process.pid, 'SIGKILL')

/** Bytes that are not worth a collection. */
const LEFT_OVER = 4_000_000
const { external: idle } = process.memoryUsage()

/** The pixels of one picture would lie beside the next one's: so little else happens here that the collector seldom runs by itself. */
function collect (): void {
  if (process.memoryUsage().external > idle + LEFT_OVER) globalThis.gc?.()
}

async function answer (job: Job): Promise<void> {
  process.on('disconnect', die)
  let reply: Reply
  try {
    reply = await run(job)
  } catch (error) {
    const { message, code, errno, syscall } = error as NodeJS.ErrnoException
    reply = { error: { message, code, errno, syscall } }
  }
  process.off('disconnect', die)
  process.send!(reply)
  // Not before all that held on to the picture has returned.
  setImmediate(collect)
}

giveWay()
const pong: typeof PONG = { type: 'pong' }
process.on('message', (job: Job | typeof PING) => {
  if (job.type === 'ping') process.send!(pong)
  else void answer(job)
})

// Ctrl-C and service managers signal the whole group; the parent decides when the last picture is done.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})

import { constants, fstatSync, openSync, writeSync } from 'node:fs'

/** How much waits for a reader who is behind; what comes on top of it is lost. */
const WAITING_MAX_BYTES = 1_024 * 1_024
const RETRY_MS = 20
/** How long the end of the process waits for that reader. */
const LAST_MS = 200

/**
 * Lines to a file descriptor, each written when it comes. A log on a full disk, a reader who is gone or who stands still must neither
 * end the service nor keep it from answering and stopping: what cannot be written waits a while or is lost, and how many lines were
 * lost is said as soon as there is room again.
 */
export function linesTo (descriptor: number): { write: (line: string) => void } {
  const target = unblocked(descriptor)
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  /** Whether what stands last is a line without its end. */
  let isTorn = false

  /** Returns what is still to be written of it: all of it or a part while nobody reads, nothing when it is written or lost. */
  function put (bytes: Buffer): Buffer | undefined {
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(target, bytes, written)
      isTorn = false
      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return bytes.subarray(written)
      lost++
      isTorn ||= written > 0
      return undefined
    }
  }

  function drain (): void {
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const rest = put(first)
      waitingBytes -= first.length - (rest?.length ?? 0)
      if (rest === undefined) waiting.shift()
      else {
        waiting[0] = rest
        timer ??= setTimeout(() => {
          timer = undefined
          drain()
        }, RETRY_MS).unref()
        return
      }
    }
  }

  process.on('exit', () => {
    const clock = new Int32Array(new SharedArrayBuffer(4))
    for (const giveUp = performance.now() + LAST_MS; waiting.length > 0 && performance.now() < giveUp; drain()) Atomics.wait(clock, 0, 0, RETRY_MS)
  })

  function add (line: string): void {
    const bytes = Buffer.from(line)
    if (waitingBytes + bytes.length > WAITING_MAX_BYTES) {
      lost++
      return
    }
    waiting.push(bytes)
    waitingBytes += bytes.length
    if (timer === undefined) drain()
  }

  return {
    write (line) {
      const before = lost
      add(isTorn && waiting.length === 0 ? `\n${line}` : line)
      if (before === 0 || lost > before || waiting.length > 0) return
      lost = 0
      add(`${JSON.stringify({ level: 40, time: Date.now(), msg: `${before} lines of the log were lost` })}\n`)
    },
  }
}

/** A pipe as one that does not stop the process while nobody reads; whoever has the other end of the descriptor notices nothing. */
function unblocked (descriptor: number): number {
  if (!fstatSync(descriptor).isFIFO()) return descriptor
  try {
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return descriptor
  }
}

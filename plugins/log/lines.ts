import { writeSync } from 'node:fs'
import { unblocked } from './descriptor.ts'

/** How much waits for a reader who is behind; what comes on top of it is lost. */
const WAITING_MAX_BYTES = 1_024 * 1_024
/** A reader who takes what is there is soon asked again, and one who stands still less and less often. */
const RETRY_MS = { first: 1, last: 32 }
/** How long the end of the process waits for that reader. */
const LAST_MS = 500

const NEWLINE = Buffer.from('\n')

export interface Lines { write: (line: string) => void }

/** What waits; lost with it is a line, or are those of which it tells. */
interface Waiting { bytes: Buffer, lines: number }

/**
 * Lines to a file descriptor, each written when it comes. A log on a full disk, a reader who is gone or who stands still must neither
 * end the service nor keep it from answering and stopping: what cannot be written waits a while or is lost, and how many lines were
 * lost is said as soon as there is room again.
 */
export function linesTo (descriptor: number): Lines {
  const target = unblocked(descriptor)
  const waiting: Waiting[] = []
  let waitingBytes = 0
  /** How many bytes of what waits first are written. */
  let begun = 0
  /** Whether what was written last is a line without its end, of which the rest is lost. */
  let isTorn = false
  let lost = 0
  let pause = RETRY_MS.first
  let timer: NodeJS.Timeout | undefined

  function put ({ bytes, lines }: Waiting): 'written' | 'lost' | 'not yet' {
    const before = begun
    try {
      if (isTorn) writeSync(target, NEWLINE)
      isTorn = false
      while (begun < bytes.length) begun += writeSync(target, bytes, begun)
    } catch (error) {
      if (begun > before) pause = RETRY_MS.first
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'not yet'
      lost += lines
      isTorn ||= begun > 0
      begun = 0
      return 'lost'
    }
    pause = RETRY_MS.first
    begun = 0
    return 'written'
  }

  /** Writes what waits, for as long as somebody takes it, and behind it how much was lost. */
  function drain (): void {
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const outcome = put(first)
      if (outcome === 'not yet') return
      waiting.shift()
      waitingBytes -= first.bytes.length
      if (outcome === 'written' && waiting.length === 0) tellLost()
    }
  }

  function tellLost (): void {
    if (lost > 0) add(`${JSON.stringify({ level: 40, time: Date.now(), msg: `${lost} lines of the log were lost` })}\n`, lost)
    lost = 0
  }

  function add (line: string, lines: number): void {
    const bytes = Buffer.from(line)
    waiting.push({ bytes, lines })
    waitingBytes += bytes.length
  }

  function retry (): void {
    if (waiting.length === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      pause = Math.min(2 * pause, RETRY_MS.last)
      drain()
      retry()
    }, pause).unref()
  }

  process.on('exit', () => {
    if (waiting.length === 0) tellLost()
    const clock = new Int32Array(new SharedArrayBuffer(4))
    drain()
    for (const giveUp = performance.now() + LAST_MS; waiting.length > 0 && performance.now() < giveUp; drain()) Atomics.wait(clock, 0, 0, RETRY_MS.first)
  })

  return {
    write (line) {
      if (waitingBytes + Buffer.byteLength(line) > WAITING_MAX_BYTES) {
        lost++
        return
      }
      add(line, 1)
      if (timer !== undefined) return
      drain()
      retry()
    },
  }
}

import { writeSync } from 'node:fs'

const RETRIES = 10
const RETRY_MS = 10
const clock = new Int32Array(new SharedArrayBuffer(4))

/**
 * Lines to a file descriptor, each written when it comes. One that cannot be written is lost, and nothing else: a log on a full
 * disk or a reader who is gone must neither end the service nor keep it from answering and stopping.
 */
export function linesTo (descriptor: number): { write: (line: string) => void } {
  /** Whether what stands last is a line without its end. */
  let isTorn = false

  function put (text: string): void {
    const bytes = Buffer.from(text)
    let written = 0
    for (let tries = 0; written < bytes.length && tries <= RETRIES;) {
      try {
        written += writeSync(descriptor, bytes, written)
      } catch (error) {
        if ((error as { code?: string }).code !== 'EAGAIN') break
        // A pipe whose reader is behind: it gets a moment, and no more.
        tries++
        Atomics.wait(clock, 0, 0, RETRY_MS)
      }
    }
    if (written > 0) isTorn = written < bytes.length
  }

  return { write (line) { put(isTorn ? `\n${line}` : line) } }
}

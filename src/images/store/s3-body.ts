import { Readable } from 'node:stream'
import { lost } from './s3-bucket.ts'
import type { Answer } from './s3-bucket.ts'

/** The bytes of an answer. A connection that gives none while they are waited for is ended, and so is one whose bytes nobody wants. */
export function bodyOf (path: string, { response, connection, patience }: Answer): Readable {
  const reader = (response.body ?? new Blob([]).stream()).getReader()
  async function next (body: Readable): Promise<void> {
    try {
      body.push((await reader.read()).value ?? null)
    } catch (error) {
      body.destroy(lost(path, error) as Error)
    }
  }

  return new Readable({
    read () {
      const timer = setTimeout(() => { connection.abort() }, patience)
      void next(this).finally(() => { clearTimeout(timer) })
    },
    destroy (error, done) {
      if (!this.readableEnded) connection.abort()
      done(error)
    },
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import { damaged, full, unavailable } from '../errors.ts'
import type { S3Address } from './address.ts'

const ANSWER_MS = 10_000
const TRIES = 2
const BETWEEN_MS = 200

/** `patience`: how many milliseconds it may say nothing. */
export interface Answer { response: Response, connection: AbortController, patience: number }

/** Speaks to a bucket; everything that is asked may be asked twice. Only an address that was used loads what signs it. */
export async function openBucket ({ bucketUrl, ...who }: S3Address, patience = ANSWER_MS) {
  const { AwsClient } = await import('aws4fetch')
  const client = new AwsClient({ ...who, service: 's3', retries: 0 })

  async function ask (path: string, init: RequestInit): Promise<Answer | undefined> {
    const connection = new AbortController()
    const timer = setTimeout(() => { connection.abort() }, patience)
    try {
      const request = await client.sign(`${bucketUrl}${path}`, init)
      // Another place would have to be signed for anew, and would be told what is for this one.
      const response = await fetch(request, { redirect: 'manual', signal: connection.signal })
      if (response.ok) return { response, connection, patience }
      const said = await response.text()
      const code = /<Code>([^<]{1,100})<\/Code>/.exec(said)?.[1] ?? ''
      if (response.status === 404 && (code === 'NoSuchKey' || code === '')) return undefined
      throw refusal(path, response.status, code)
    } catch (error) {
      throw lost(path, error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when the answer begins; undefined of what is not there. */
  async function begin (path: string, init: RequestInit = {}): Promise<Answer | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask(path, init)
      } catch (error) {
        if (tries === TRIES || (error as { code?: unknown }).code !== 'IMAGE_UNAVAILABLE') throw error
        await sleep(BETWEEN_MS * (1 + Math.random()))
      }
    }
  }

  /** The whole of an answer that has to be there. */
  async function text (path: string, init: RequestInit = {}): Promise<string> {
    const found = await begin(path, init)
    if (found === undefined) throw new Error(`the store of pictures has no ${path}`)
    const timer = setTimeout(() => { found.connection.abort() }, patience)
    try {
      return await found.response.text()
    } catch (error) {
      throw lost(path, error)
    } finally {
      clearTimeout(timer)
    }
  }

  return { begin, text }
}

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull'])

function refusal (path: string, status: number, code: string): Error {
  const said = `the store of pictures answered ${path.split('?', 1)[0] || 'for its bucket'} with ${status}${code && ` ${code}`}`
  if (status === 507 || FULL.has(code)) return full(said)
  if (code === 'InvalidObjectState') return damaged(said)
  const isPassing = (status >= 500 && status !== 501) || status === 429 || status === 408 || code === 'RequestTimeout' || code === 'ConditionalRequestConflict'
  return Object.assign(isPassing ? unavailable(said) : new Error(said), { status, reason: code })
}

/** What fetch throws of a connection that failed or was ended, as one that may be tried again. */
export function lost (path: string, error: unknown): unknown {
  const isOfFetch = error instanceof TypeError || (error as { name?: unknown }).name === 'AbortError'
  if (!isOfFetch) return error
  const { cause } = error as { cause?: { code?: string, message?: string } }
  return unavailable(`the store of pictures did not answer ${path.split('?', 1)[0] || 'for its bucket'}: ${cause?.code ?? cause?.message ?? (error as Error).message}`)
}

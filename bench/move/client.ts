import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from '../../.ci/service.ts'

const PAUSE_MS = 20

/** What somebody was told who reads, and somebody who writes, one request after the other. */
export interface Told { reads: number, badReads: number, writes: number, refused: number, others: number, lastWriteAt: number, firstWriteAt: number }

/** Reads and writes until it is told to stop. Times are those of this process's clock. */
export function goOn (url: string, { id, key }: Person): () => Promise<Told> {
  const told: Told = { reads: 0, badReads: 0, writes: 0, refused: 0, others: 0, lastWriteAt: 0, firstWriteAt: 0 }
  let isOver = false
  const headers = { authorization: `Token ${key}`, 'content-type': 'application/json' }
  const until = async (work: () => Promise<void>): Promise<void> => {
    while (!isOver) {
      await work()
      await sleep(PAUSE_MS)
    }
  }
  const both = Promise.all([
    until(async () => {
      const { status } = await fetch(`${url}/v1/people/${id}`, { headers })
      told.reads++
      if (status !== 200) told.badReads++
    }),
    until(async () => {
      const { status } = await fetch(`${url}/v1/people/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ bio: `${Date.now()}` }) })
      if (status === 503) told.refused++
      else if (status !== 200) told.others++
      else {
        told.writes++
        told.lastWriteAt = performance.now()
        told.firstWriteAt ||= told.lastWriteAt
      }
    }),
  ])
  return async () => {
    isOver = true
    await both
    return told
  }
}

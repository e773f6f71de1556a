import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

/** A person's id, or the network of a request without a credential that counts. */
export type Sender = number | string

/** What a sender may go on sending in so much time, whatever others do: more than any body that is allowed. */
const SHARE = { bytes: 16 * 1_024 ** 2, ms: 2_000 }

/** Bytes of each sender that were dropped in this time. */
const dropped = new Map<Sender, number>()
/** Those that wait until nobody else does. */
const held = new Set<Readable>()
let underWay = 0

/** Counts a request until its answer is out, or its client gone. */
export function noteUnderWay (response: ServerResponse): void {
  underWay++
  response.on('close', onAnswered)
}

function onAnswered (): void {
  if (--underWay === 0) goOn()
}

function goOn (): void {
  for (const coming of held) coming.resume()
  held.clear()
}

/**
 * Reads and drops what still comes: a piece in each turn of the event loop, and past its sender's share only while nobody
 * waits for an answer. It takes the processor from whoever does, and from the pictures that they wait for.
 */
export function drain (coming: Readable, sender: Sender): void {
  coming.on('data', ({ length }: Buffer) => {
    // Not unreferenced: it is all that keeps the process, while nothing is read.
    if (dropped.size === 0) setTimeout(renew, SHARE.ms)
    dropped.set(sender, (dropped.get(sender) ?? 0) + length)
    coming.pause()
    setImmediate(next, coming, sender)
  })
  coming.once('close', () => held.delete(coming)).resume()
}

function next (coming: Readable, sender: Sender): void {
  if (underWay > 0 && (dropped.get(sender) ?? 0) > SHARE.bytes) held.add(coming)
  else coming.resume()
}

function renew (): void {
  dropped.clear()
  goOn()
}

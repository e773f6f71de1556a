import { timingSafeEqual } from 'node:crypto'
import type { Seal } from './seal.ts'

const SIGNATURE_LENGTH = 32
const WINDOW_MS = 15 * 60_000
/** How long an address holds at least, in seconds. */
export const SIGNED_S = WINDOW_MS / 1000

/**
 * Addresses that only who was told them may use, and only for a while: `until` says how long in seconds since 1970. Everybody
 * who asks within a quarter of an hour is told the same one, good for the rest of it and for the next.
 */
export function createSignatures ({ seal, now = Date.now }: { seal: Seal, now?: () => number }) {
  const sign = (name: string, until: string): string => seal.hash(`media ${until} ${name}`).slice(0, SIGNATURE_LENGTH)

  return {
    /** What is put behind the `?` of an address. */
    of (name: string): string {
      const until = String((Math.floor(now() / WINDOW_MS) + 2) * WINDOW_MS / 1000)
      return `until=${until}&signature=${sign(name, until)}`
    },

    isValid (name: string, query: string): boolean {
      const { until = '', signature = '' } = Object.fromEntries(new URLSearchParams(query))
      return /^\d{1,12}$/.test(until) && Number(until) * 1000 > now() && timingSafeEqual(Buffer.from(sign(name, until)), Buffer.from(signature.padEnd(SIGNATURE_LENGTH).slice(0, SIGNATURE_LENGTH)))
    },
  }
}

export type Signatures = ReturnType<typeof createSignatures>

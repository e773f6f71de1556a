import { timingSafeEqual } from 'node:crypto'
import type { Seal } from './index.ts'

const SIGNATURE_LENGTH = 32
const WINDOW_MS = 15 * 60_000

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

    /** For how many seconds more an address with this behind its `?` holds; 0: it does not. */
    left (name: string, query: string): number {
      const { until = '', signature = '' } = Object.fromEntries(new URLSearchParams(query))
      if (!/^\d{1,12}$/.test(until) || signature.length !== SIGNATURE_LENGTH) return 0
      const [told, found] = [Buffer.from(sign(name, until)), Buffer.from(signature)]
      if (told.length !== found.length || !timingSafeEqual(told, found)) return 0
      return Math.max(0, Math.floor(Number(until) - now() / 1000))
    },
  }
}

export type Signatures = ReturnType<typeof createSignatures>

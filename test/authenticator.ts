import { setTimeout as pause } from 'node:timers/promises'
import { TOTP } from 'otpauth'

const STEP_MS = 30_000
/** How long the way of a code to the service may take. */
const WAY_MS = 2_000

/** Codes of an authenticator with this secret; of the steps before, now and after, each is taken once. */
export function codesOf (secret: string): (step: -1 | 0 | 1) => string {
  const totp = new TOTP({ secret })
  return (step) => totp.generate({ timestamp: Date.now() + step * STEP_MS })
}

/** Before a code of the step before is sent: where the step is nearly over, it would be two steps old when it arrives. */
export async function wellWithinStep (): Promise<void> {
  const left = STEP_MS - Date.now() % STEP_MS
  // A timer may be early by a hair.
  if (left < WAY_MS) await pause(left + 5)
}

import { fstatSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Where the log goes: for people who look at it as it comes, otherwise (undefined) one JSON object a line. */
export async function logStream (descriptor = 1): Promise<Writable | undefined> {
  // Asked first, because a file or a pipe needs nothing of the library for terminals, which a start would pay for.
  if (!fstatSync(descriptor).isCharacterDevice()) return undefined
  const { isatty } = await import('node:tty')
  if (!isatty(descriptor)) return undefined
  const { default: pretty } = await import('pino-pretty')
  return pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true })
}

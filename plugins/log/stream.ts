import { fstatSync } from 'node:fs'
import { linesTo } from './lines.ts'
import type { Lines } from './lines.ts'

/** Where the log goes: for people who look at it as it comes readable, otherwise one JSON object a line. */
export async function logStream (descriptor = 1): Promise<Lines> {
  const lines = linesTo(descriptor)
  // Asked first, because a file or a pipe needs nothing of the library for terminals, which a start would pay for.
  if (!fstatSync(descriptor).isCharacterDevice()) return lines
  const { isatty } = await import('node:tty')
  if (!isatty(descriptor)) return lines
  const { prettyFactory } = await import('pino-pretty')
  const readable = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true })
  return { write: (line) => { lines.write(readable(line)) } }
}

import type { Writable } from 'node:stream'

/** Where the log goes: for people who look at it as it comes, otherwise one JSON object a line (undefined). */
export async function logStream (isTerminal: boolean): Promise<Writable | undefined> {
  if (!isTerminal) return undefined
  const { default: pretty } = await import('pino-pretty')
  return pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true })
}

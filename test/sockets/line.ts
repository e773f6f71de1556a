import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { settled } from './listening.ts'

/** One answer as it came over a connection. */
export interface Said { status: number, headers: Record<string, string>, body: string }

/** A connection by hand, over which nothing happens that is not asked for: the client's half stays open until it is ended. */
export interface Line {
  socket: Socket
  send: (...bytes: (string | Uint8Array)[]) => void
  /** Resolves when so many answers are there or the connection is over, to those that are whole. */
  answers: (count: number) => Promise<Said[]>
  /** Resolves to how the server ended it: `end` in good order, or the code of the error. */
  over: Promise<string>
}

export async function openLine (t: Test, port: number): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
  t.teardown(() => { socket.destroy() })
  let said = ''
  let end: string | undefined
  const over = new Promise<string>((resolve) => {
    const settle = (how: string) => { resolve(end ??= how) }
    socket.on('end', () => settle('end')).on('error', (error: Error & { code?: string }) => settle(error.code ?? error.message)).on('close', () => settle('destroyed'))
  })
  socket.on('data', (data) => { said += data.toString('latin1') })
  await once(socket, 'connect')
  return {
    socket,
    over,
    send (...bytes) { for (const part of bytes) socket.write(part) },
    async answers (count) { return await settled(() => whole(said), (found) => found.length >= count || end !== undefined) },
  }
}

/** The answers of a connection, interim ones included; each of the others announces its length. */
function whole (said: string): Said[] {
  const found: Said[] = []
  for (let at = 0; ;) {
    const end = said.indexOf('\r\n\r\n', at)
    if (end < 0) return found
    const [first = '', ...lines] = said.slice(at, end).split('\r\n')
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    const next = end + 4 + Number(headers['content-length'] ?? 0)
    if (said.length < next) return found
    found.push({ status: Number(first.split(' ')[1]), headers, body: said.slice(end + 4, next) })
    at = next
  }
}

/** A request as bytes, with what it announces of its body. */
export function requestOf (line: string, headers: Record<string, string>, body: string | Uint8Array = ''): [string, string | Uint8Array] {
  const framing: Record<string, string> = body.length > 0 || !line.startsWith('GET') ? { 'content-length': String(Buffer.byteLength(body)) } : {}
  const lines = Object.entries({ host: 'localhost', ...framing, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return [`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, body]
}

/** Resolves when nobody new gets in: the server has begun to close. */
export async function untilRefused (port: number): Promise<void> {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port })
    const [isIn] = await Promise.race([once(socket, 'connect').then(() => [true]), once(socket, 'close').then(() => [false])]).catch(() => [false])
    socket.destroy()
    if (isIn === false) return
  }
}

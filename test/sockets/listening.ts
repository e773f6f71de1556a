import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { build, signUp, tokenOf } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import type { Answer, Order } from './client.ts'

const DEADLINE_MS = 10_000
const CLIENT = join(import.meta.dirname, 'client.ts')

export interface Listening extends Built {
  port: number
  /** The three ways to one person's account. */
  ada: Person
  families: { name: 'community' | 'staff' | 'personal', method: 'PATCH' | 'PUT', path: (id: number | string) => string, headers: { authorization: string } }[]
}

/** A Visage on a socket of its own, with one person who is staff. */
export async function listen (t: Test, options: Options = {}): Promise<Listening> {
  const built = await build(t, options)
  const ada = await signUp(built, 'ada', { isStaff: true })
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const families: Listening['families'] = [
    { name: 'community', method: 'PATCH', path: (id) => `/api/v2/user/${id}/`, headers: ada.headers },
    { name: 'staff', method: 'PATCH', path: (id) => `/api/users/${id}/`, headers: await tokenOf(built, ada) },
    { name: 'personal', method: 'PUT', path: (id) => `/api/profile/${id}/update/`, headers: ada.headers },
  ]
  return { ...built, port: (built.app.server.address() as AddressInfo).port, ada, families }
}

/** Resolves when the condition holds; after the deadline it returns what was found instead, for the test to show. */
export async function settled<T> (look: () => T | Promise<T>, isRight: (found: T) => boolean, deadline = DEADLINE_MS): Promise<T> {
  const giveUp = performance.now() + deadline
  for (;;) {
    const found = await look()
    if (isRight(found) || performance.now() > giveUp) return found
    await pause(5)
  }
}

export const stagedIn = ({ dataDir }: { dataDir: string }): string[] => readdirSync(join(dataDir, 'staging'))
export const descriptors = (): number => readdirSync('/dev/fd').length

/** Nothing is left in staging, and no more descriptors are open than before. */
export async function tidy (t: Test, built: { dataDir: string }, before: number): Promise<void> {
  t.same(await settled(() => stagedIn(built), (files) => files.length === 0), [], 'staging is empty')
  const now = await settled(descriptors, (count) => count <= before)
  t.ok(now <= before, `${now} descriptors are open, ${before} were before`)
}

/** Carries the orders out in another process. */
export async function send (orders: Order[]): Promise<Answer[]> {
  const client = spawn(process.execPath, [CLIENT], { stdio: ['pipe', 'pipe', 'inherit'] })
  client.stdin.end(JSON.stringify(orders))
  return JSON.parse(await text(client.stdout)) as Answer[]
}

/** A machine of one's own may be without curl; where everything has to be shown, it is an error. */
export const hasCurl = process.env.CI !== undefined || spawnSync('curl', ['--version']).status === 0

/** curl with these arguments: the status, the body and its own exit code. */
export async function curl (...args: string[]): Promise<{ exit: number, status: number, body: string }> {
  const client = spawn('curl', ['--silent', '--show-error', '--max-time', '20', '--write-out', '\n%{http_code}', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(client, 'close').catch((error: unknown) => {
    throw new Error('curl could not be started: install it, these tests need it', { cause: error })
  })
  const [said, [exit]] = await Promise.all([text(client.stdout), ended]) as [string, [number]]
  const at = said.lastIndexOf('\n')
  return { exit, status: Number(said.slice(at + 1)), body: said.slice(0, at) }
}

/** Writes raw bytes, then `leave` ends the client's part in its own way; resolves to everything that came back. */
export async function say (port: number, bytes: (string | Uint8Array)[], leave: (socket: Socket) => unknown = () => {}): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  let said = ''
  // A reset is one of the answers; what had come before it is what counts.
  socket.on('error', () => {}).on('data', (data) => { said += data.toString() }).on('end', () => socket.end())
  await once(socket, 'connect')
  for (const part of bytes) socket.write(part)
  await leave(socket)
  await closed(socket)
  return said
}

/** By hand, because `once` would reject at an error. */
export const closed = (socket: Socket): Promise<void> => new Promise((resolve) => {
  if (socket.closed) resolve()
  else socket.once('close', () => resolve())
})

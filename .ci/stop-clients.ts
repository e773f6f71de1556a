// The clients of the stops: six that keep their connections, by three ways, two that open one for each request, and one
// whose body never ends. What became of a request is told the same way for all of them.
import { Agent, request as ask } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from './service.ts'

const DRIP_MS = 50

/**
 * `answered`: the whole answer came. `refused`: nobody listened, so nothing was sent. `closed`: the connection was ended
 * in good order and not a byte of an answer came, which is when HTTP clients try again on a new one. `reset`: bytes of a
 * request had been written, and ECONNRESET or EPIPE came instead of the whole answer. `cut`: the answer began and did not end.
 */
export type Fate = 'answered' | 'refused' | 'closed' | 'reset' | 'cut'

export interface Order { method: string, path: string, headers: Record<string, string>, body: Buffer }
interface Told { fate: Fate, status?: number, isLast?: boolean }
/** One connection that is kept. */
interface Line { send: (order: Order) => Promise<Told>, end: () => void }

/** The kernel names the call in which it told of a reset; what a library makes up when a connection ends has none. */
function fateOf (error: unknown, hasBegun: boolean): Fate {
  const { code = '', errno, syscall, cause } = error as { code?: string, errno?: number, syscall?: string, cause?: unknown }
  if (cause !== undefined) return fateOf(cause, hasBegun)
  if (syscall === 'connect') return 'refused'
  if (errno !== undefined && ['ECONNRESET', 'EPIPE'].includes(code)) return 'reset'
  return hasBegun ? 'cut' : 'closed'
}

function byAgent (url: string): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    end: () => agent.destroy(),
    send: ({ method, path, headers, body }) => new Promise((resolve) => {
      const asked = ask(url + path, { agent, method, headers: { ...headers, 'content-length': body.length } })
      asked.on('error', (error) => resolve({ fate: fateOf(error, false) }))
      asked.on('response', (response) => {
        buffer(response).then(() => resolve({ fate: 'answered', status: response.statusCode ?? 0 }), (error: unknown) => resolve({ fate: fateOf(error, true) }))
      })
      asked.end(body)
    }),
  }
}

function byFetch (url: string): Line {
  return {
    end () {},
    async send ({ method, path, headers, body }) {
      let hasBegun = false
      try {
        const response = await fetch(url + path, { method, headers, ...body.length > 0 && { body: new Uint8Array(body) } })
        hasBegun = true
        await response.arrayBuffer()
        return { fate: 'answered', status: response.status }
      } catch (error) {
        return { fate: fateOf(error, hasBegun) }
      }
    },
  }
}

/** By hand, because libraries hide what happens to a connection that lies idle. */
function byHand (url: string): Line {
  const { hostname: host, port } = new URL(url)
  let socket: Socket | undefined

  async function line (): Promise<Socket> {
    if (socket !== undefined && !socket.destroyed && !socket.readableEnded) return socket
    const fresh = connect({ host, port: Number(port), noDelay: true })
    fresh.on('error', () => {})
    await once(fresh, 'connect')
    return socket = fresh
  }

  return {
    end: () => socket?.destroy(),
    async send (order) {
      try {
        const told = await over(await line(), order, host)
        if (told.isLast === true) socket = undefined
        return told
      } catch (error) {
        return { fate: fateOf(error, false) }
      }
    },
  }
}

async function over (socket: Socket, { method, path, headers, body }: Order, host: string): Promise<Told> {
  const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]))
  return await answerOf(socket)
}

/** Resolves to the next answer over a connection, or to how it ended without one. */
function answerOf (socket: Socket): Promise<Told> {
  return new Promise((resolve) => {
    let said = Buffer.alloc(0)
    const done = (told: Told) => {
      socket.off('data', onData).off('end', onEnd).off('error', onError)
      resolve(told)
    }
    const onData = (data: Buffer) => {
      said = Buffer.concat([said, data])
      const answer = wholeAnswer(said)
      if (answer !== undefined) done(answer)
    }
    const onEnd = () => done({ fate: said.length > 0 ? 'cut' : 'closed' })
    const onError = (error: Error) => done({ fate: fateOf(error, said.length > 0) })
    socket.on('data', onData).on('end', onEnd).on('error', onError)
  })
}

/** What an answer of the service says, once all of it is there; each announces its length. */
function wholeAnswer (said: Buffer): { fate: 'answered', status: number, isLast: boolean } | undefined {
  const at = said.indexOf('\r\n\r\n')
  if (at < 0) return undefined
  const head = said.subarray(0, at).toString('latin1')
  const length = Number(/^content-length: (\d+)/mi.exec(head)?.[1] ?? 0)
  if (said.length < at + 4 + length) return undefined
  return { fate: 'answered', status: Number(head.split(' ')[1]), isLast: /^connection: close/mi.test(head) }
}

/** The ways of the six that keep their connections, and of the two others. */
export const LINES = { kept: [byAgent, byFetch, byHand, byAgent, byFetch, byHand], fresh: [byHand, byHand] }

/** A person's requests, one after the other. */
export interface Client extends Person {
  /** The next request, by its number. */
  order: (number: number) => Order
  pause: () => number
  /** The last number that was answered with 200, and the last that was sent. */
  acknowledged: number
  sent: number
}

/** Asks in one way, until nobody listens any more. */
export async function keepAsking (client: Client, url: string, open: (url: string) => Line, tell: (told: Told) => void): Promise<void> {
  const line = open(url)
  for (;;) {
    const told = await line.send(client.order(++client.sent))
    if (told.status === 200) client.acknowledged = client.sent
    tell(told)
    if (told.fate === 'refused') break
    await sleep(client.pause())
  }
  line.end()
}

/** Sends the beginning of an upload and then a byte at a time, until there is an answer; resolves to what became of it. */
export async function dribble (url: string, { id, key }: Person, picture: Buffer): Promise<Told> {
  const { hostname: host, port } = new URL(url)
  const socket = connect({ host, port: Number(port) })
  socket.on('error', () => {})
  await once(socket, 'connect')
  const lines = [`host: ${host}`, `authorization: Token ${key}`, 'content-type: multipart/form-data; boundary=b', 'content-length: 1000000', '', '']
  socket.write(`PATCH /api/v2/user/${id}/ HTTP/1.1\r\n${lines.join('\r\n')}--b\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\n\r\n`)
  socket.write(picture)
  const dripping = setInterval(() => socket.write('x'), DRIP_MS)
  const told = await answerOf(socket)
  clearInterval(dripping)
  socket.end()
  return told
}

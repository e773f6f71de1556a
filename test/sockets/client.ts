// A client in a process of its own. Takes a list of orders as JSON on standard input, carries them out one after the
// other and prints the list of what came back.
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Order {
  port: number
  method: string
  path: string
  headers: Record<string, string>
  /** The body: a text, so many zero bytes, a text. */
  body: [string, number, string]
  isChunked: boolean
  /**
   * `agent`: one kept connection, the answer is read as soon as it comes. `stubborn`: a connection of its own, and nothing
   * is read before everything is sent, which is when a reset takes the answer away.
   */
  manner: 'agent' | 'stubborn'
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
  /** Bytes of the body that were handed to the connection. */
  sent: number
  /** The client's own port: the same one for the same connection. */
  from: number
  error?: string
}

const BLOCK = Buffer.alloc(65_536)
const PATIENCE_MS = 20_000

function * blocks ([head, bulk, tail]: Order['body']): Generator<Buffer> {
  yield Buffer.from(head)
  for (let left = bulk; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, left)
  yield Buffer.from(tail)
}

/** Writes at the pace of the connection, until the end or until somebody says it is over. */
async function pour (order: Order, into: Writable, frame: (block: Buffer) => Buffer, isOver: () => boolean): Promise<number> {
  let sent = 0
  for (const block of blocks(order.body)) {
    if (isOver()) break
    if (block.length === 0) continue
    sent += block.length
    if (!into.write(frame(block))) await room(into)
  }
  return sent
}

/** Resolves when there is room for more, or never will be. */
async function room (into: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  into.on('drain', resolve).on('close', resolve)
  if (into.destroyed) resolve()
  await promise
  into.off('drain', resolve).off('close', resolve)
}

const lengthOf = ([head, bulk, tail]: Order['body']): number => Buffer.byteLength(head) + bulk + Buffer.byteLength(tail)
const framing = ({ isChunked, body }: Order): Record<string, string> => isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(lengthOf(body)) }

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function byAgent (order: Order): Promise<Answer> {
  const { port, method, path, headers } = order
  const asked = request({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...framing(order) }, timeout: PATIENCE_MS })
  asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
  let isOver = false
  const answered = new Promise<Omit<Answer, 'sent'>>((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (response) => {
      const from = response.socket.localPort ?? 0
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, body, from }), reject)
    })
  }).finally(() => { isOver = true })
  const pouring = pour(order, asked, (block) => block, () => isOver || asked.destroyed)
  const answer = await answered
  const sent = await pouring
  if (!asked.destroyed) asked.end()
  return { ...answer, sent }
}

async function byHand (order: Order): Promise<Answer> {
  const socket = connect({ host: '127.0.0.1', port: order.port })
  // Before it is connected, so that not even the first bytes of an answer are taken from the kernel.
  socket.pause()
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer in time')))
  let error: Error | undefined
  socket.on('error', (found) => { error = found })
  await once(socket, 'connect')
  const from = socket.localPort ?? 0
  const lines = Object.entries({ host: `127.0.0.1:${order.port}`, ...order.headers, ...framing(order) }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${order.method} ${order.path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const chunk = (block: Buffer) => Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from('\r\n')])
  const sent = await pour(order, socket, order.isChunked ? chunk : (block) => block, () => socket.destroyed)
  if (order.isChunked && !socket.destroyed) socket.write('0\r\n\r\n')
  const said = await everything(socket)
  if (error) throw error
  return { ...parse(said), sent, from }
}

async function everything (socket: Socket): Promise<string> {
  let said = ''
  socket.on('data', (data) => { said += data.toString() }).resume()
  if (!socket.closed) await once(socket, 'close')
  return said
}

function parse (said: string): Omit<Answer, 'sent' | 'from'> {
  const [head = '', ...body] = said.split('\r\n\r\n')
  const [line = '', ...rest] = head.split('\r\n')
  const headers = Object.fromEntries(rest.map((header) => [header.split(': ')[0]?.toLowerCase() ?? '', header.slice(header.indexOf(': ') + 2)]))
  return { status: Number(line.split(' ')[1] ?? 0), headers, body: body.join('\r\n\r\n') }
}

const answers: Answer[] = []
for (const order of JSON.parse(await text(process.stdin)) as Order[]) {
  try {
    answers.push(await (order.manner === 'agent' ? byAgent : byHand)(order))
  } catch (error) {
    answers.push({ status: 0, headers: {}, body: '', sent: 0, from: 0, error: String(error) })
  }
}
agent.destroy()
process.stdout.write(JSON.stringify(answers))

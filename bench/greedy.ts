// Those who take all they can of what is shared: an address without a credential, and a person. In a thread of their own,
// which does not slow whoever measures.
import { Agent, request } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { form } from '../test/helper.ts'
import { noise } from '../test/images/pictures.ts'

export interface Order {
  thing: string
  url: string
  /** The address of their own that each of them asks from, and what the person shows. */
  anonymous: string
  person: { address: string, id: number, key: string }
}
interface Asked { method: string, path: string, headers?: OutgoingHttpHeaders, body?: Buffer }
/** Whoever asks, and from where. */
interface Greedy { url: string, from: string, headers: OutgoingHttpHeaders }

const REOPEN_MS = 500
const MIB = 1_024 ** 2
const JSON_TYPE = { 'content-type': 'application/json' }

/** How often each status came, and how often a connection ended without one. */
const counts: Record<string, number> = {}
const count = (what: string | number): void => { counts[what] = (counts[what] ?? 0) + 1 }

/** So many connections that each ask again as soon as they are answered. */
function flood (many: number, { url, from, headers }: Greedy, ask: (number: number) => Asked): void {
  const agent = new Agent({ keepAlive: true, maxSockets: many })
  let sent = 0
  const next = (): void => {
    const { method, path, headers: own, body = Buffer.alloc(0) } = ask(sent++)
    const asked = request(url + path, { agent, localAddress: from, method, headers: { ...headers, ...own, 'content-length': body.length } }, (answer) => {
      count(answer.statusCode ?? 0)
      answer.resume().on('close', next)
    })
    asked.on('error', () => { count('lost'); setTimeout(next, REOPEN_MS) }).end(body)
  }
  for (let i = 0; i < many; i++) next()
}

/** So many requests that never end, each begun anew when the service ends it. */
function hold (many: number, { url, from, headers }: Greedy, { method, path, headers: own, body = Buffer.alloc(0) }: Asked): void {
  const { hostname: host, port } = new URL(url)
  const lines = Object.entries({ host, ...headers, 'content-length': body.length + 1, ...own }).map(([name, value]) => `${name}: ${String(value)}\r\n`)
  const open = (): void => {
    let status = 'closed'
    connect({ host, port: Number(port), localAddress: from })
      .on('error', () => {})
      .on('data', (said) => { status = said.toString('latin1', 9, 12) })
      .on('close', () => { count(status); setTimeout(open, REOPEN_MS) })
      .write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${body.length > 0 ? '\r\n' : ''}`), body]))
  }
  for (let i = 0; i < many; i++) open()
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))
const signIn = (i: number): Asked => ({ method: 'POST', path: '/api/sign-in/', headers: JSON_TYPE, body: json({ email: `nobody${i}@example.com`, password: 'correct horse battery' }) })
const search = (i: number): Asked => ({ method: 'GET', path: `/api/v2/user/search/?user=${'abcdefghij'[i % 10]}` })

/** What is shared, and how each of the two takes of it. */
export const THINGS: Record<string, (nobody: Greedy, somebody: Greedy, own: string) => void | Promise<void>> = {
  'memory for bodies' (nobody, somebody, own) {
    hold(120, nobody, { ...signIn(0), body: Buffer.from(`{"email":"${'x'.repeat(95_000)}`) })
    hold(8, somebody, { method: 'PATCH', path: own, headers: JSON_TYPE, body: Buffer.from(`{"avatar_base64":"${'A'.repeat(10 * MIB)}`) })
  },
  'threads that hash' (nobody, somebody) {
    flood(40, nobody, signIn)
    flood(40, somebody, signIn)
  },
  'threads that read' (nobody, somebody) {
    flood(40, nobody, search)
    flood(40, somebody, search)
  },
  async 'the line of pictures' (nobody, somebody, own) {
    const { payload: body, headers } = form([['avatar', { file: await noise('jpeg', 2_400, 2_400) }]])
    flood(20, nobody, (i) => ({ method: 'GET', path: `/avatar/name${i}?s=${i % 500 + 12}` }))
    flood(20, somebody, () => ({ method: 'PATCH', path: own, headers, body }))
  },
  'windows' (nobody, somebody, own) {
    flood(30, nobody, () => ({ method: 'GET', path: '/api/v2/user/1/' }))
    flood(30, somebody, () => ({ method: 'GET', path: own }))
  },
  'connections' (nobody, somebody, own) {
    hold(800, nobody, { method: 'GET', path: '/api/limits' })
    hold(800, somebody, { method: 'GET', path: own })
  },
  async 'the disk' (nobody, somebody, own) {
    const { payload, headers } = form([['avatar', { file: await noise('png', 600, 600) }]])
    hold(10, somebody, { method: 'PATCH', path: own, headers, body: payload.subarray(0, -10) })
    flood(20, somebody, (i) => ({ method: 'PATCH', path: own, headers: JSON_TYPE, body: json({ bio: `${i} `.repeat(900).slice(0, 5_000) }) }))
    flood(20, nobody, (i) => ({ method: 'POST', path: '/api/sign-up/', headers: JSON_TYPE, body: json({ username: `g${i}-${Date.now()}`, email: `g${i}-${Date.now()}@example.com`, password: 'correct horse battery' }) }))
  },
}

if (workerData !== null) {
  const { thing, url, anonymous, person } = workerData as Order
  const nobody = { url, from: anonymous, headers: {} }
  const somebody = { url, from: person.address, headers: { authorization: `Token ${person.key}` } }
  // Of this thread: whoever is elsewhere takes nothing of this machine's processors.
  setPriority(constants.priority.PRIORITY_LOW)
  parentPort?.on('message', () => parentPort?.postMessage(counts))
  await THINGS[thing]?.(nobody, somebody, `/api/v2/user/${person.id}/`)
}

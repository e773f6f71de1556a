// Those who write to accounts, with a picture, and those who read: whatever they send and are told is written down,
// for a judge who knows nothing of the service.
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from '../service.ts'
import { numberOf, pictureOf } from '../kill-writers.ts'
import type { Operation } from './history.ts'

/** A request that is not answered by then is given up, and nobody knows of it. */
const PATIENCE_MS = 15_000
const PAUSE_MS = 20

/** An account to which several write: every request carries its number in the name, in a text and in the picture. */
export interface Account extends Person {
  index: number
  history: Operation[]
}

/** An answer that was not 200, or none (0), and of when: milliseconds of the clock of the histories. */
export interface Trouble { status: number, sent: number, answered: number, what: string, says: string }

/** What was seen of all: the trouble, and pairs of a text and a picture that were never written together. */
export interface Seen {
  troubles: Trouble[]
  torn: string[]
  /** How often somebody was answered with 200. */
  writes: number
  reads: number
}

const FAMILIES = [
  { method: 'PATCH', path: (id: number) => `/api/v2/user/${id}/`, text: 'bio' },
  { method: 'PATCH', path: (id: number) => `/api/users/${id}/`, text: 'last_name' },
  { method: 'PUT', path: (id: number) => `/api/profile/${id}/update/`, text: 'first_name' },
  { method: 'PATCH', path: (id: number) => `/v1/people/${id}/`, text: 'bio' },
] as const

/** Where an account is read, and where its picture is in that. */
const READS = [
  { path: (id: number) => `/api/v2/user/${id}/`, pictureIn: (account: Shown) => account.avatar as string | null },
  { path: (id: number) => `/api/users/${id}/`, pictureIn: (account: Shown) => account.avatar as string | null },
  { path: (id: number) => `/v1/people/${id}/`, pictureIn: (account: Shown) => (account.avatar as { url: string } | null)?.url },
] as const
interface Shown { username: string, avatar: unknown }

/** An answer, or nothing where none came: nobody knows then what was done. */
async function ask (agent: Agent, url: string, init: { method?: string, headers?: Record<string, string>, body?: Buffer } = {}): Promise<{ status: number, body: Buffer }> {
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { agent, method: init.method ?? 'GET', headers: { ...init.headers, 'content-length': init.body?.length ?? 0 }, timeout: PATIENCE_MS }, resolve)
        .on('timeout', function (this: { destroy: (error: Error) => void }) { this.destroy(new Error('no answer')) })
        .on('error', reject).end(init.body)
    })
    return { status: answer.statusCode ?? 0, body: await buffer(answer) }
  } catch {
    return { status: 0, body: Buffer.alloc(0) }
  }
}

const numberIn = (username: string): number => Number(username.split('-')[1])

/** Nothing was done where the answer is one of these; of every other that is not 200 nobody knows. */
const REFUSED = new Set([400, 409, 412, 429])

/** Writes every `step`th number until it is over, each time by the next family. */
export async function write (account: Account, { first, step }: { first: number, step: number }, url: string, seen: Seen, over: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let [number, turn] = [first, 0]; !over.aborted; number += step, turn++) {
    const { method, path, text } = FAMILIES[turn % FAMILIES.length] as (typeof FAMILIES)[number]
    const form = new FormData()
    form.set('username', `c${account.index}-${number}`)
    form.set(text, String(number))
    form.set('avatar', await pictureOf(number), 'avatar.png')
    const encoded = new Response(form)
    const body = Buffer.from(await encoded.arrayBuffer())
    const sent = performance.now()
    const answer = await ask(agent, url + path(account.id), { method, body, headers: { 'authorization': `Token ${account.key}`, 'content-type': encoded.headers.get('content-type') ?? '' } })
    const { status } = answer
    const answered = performance.now()
    if (status === 200) seen.writes++
    else seen.troubles.push({ status, sent, answered, what: `${method} ${path(account.id)}`, says: answer.body.toString().slice(0, 200) })
    if (!REFUSED.has(status)) account.history.push({ verb: 'write', value: number, sent, answered: status === 200 ? answered : Infinity })
    if (status !== 200) await sleep(PAUSE_MS)
  }
  agent.destroy()
}

/** Reads one after the other until it is over, and looks at the picture that it is told of. */
export async function read (accounts: readonly Account[], first: number, url: string, seen: Seen, over: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let turn = first; !over.aborted; turn++) await readOnce(agent, accounts[turn % accounts.length] as Account, turn, url, seen)
  agent.destroy()
}

/** Reads an account by one of the families. Resolves to whether it was told. */
export async function readOnce (agent: Agent, { id, key, history }: Account, turn: number, url: string, seen: Seen): Promise<boolean> {
  const { path, pictureIn } = READS[turn % READS.length] as (typeof READS)[number]
  const sent = performance.now()
  const { status, body } = await ask(agent, url + path(id), { headers: { authorization: `Token ${key}` } })
  const answered = performance.now()
  if (status !== 200) {
    seen.troubles.push({ status, sent, answered, what: `GET ${path(id)}`, says: body.toString().slice(0, 200) })
    await sleep(PAUSE_MS)
    return false
  }
  seen.reads++
  const account = JSON.parse(body.toString()) as Shown
  const value = numberIn(account.username)
  history.push({ verb: 'read', value, sent, answered })
  if (value === 0) return true
  const address = pictureIn(account) ?? ''
  if (address === '') {
    seen.torn.push(`account ${id} was called ${value}, and had no picture`)
    return true
  }
  const { pathname } = new URL(address, url)
  const asked = performance.now()
  const picture = await ask(agent, url + pathname)
  // Another one may have taken its place meanwhile; whether it did the next read tells.
  if (picture.status === 404) return true
  if (picture.status !== 200) seen.troubles.push({ status: picture.status, sent: asked, answered: performance.now(), what: `GET ${pathname}`, says: picture.body.toString().slice(0, 200) })
  else if (await numberOf(picture.body) !== value) seen.torn.push(`account ${id} was called ${value}, and its picture showed ${await numberOf(picture.body)}`)
  return true
}

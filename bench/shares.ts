// Whether somebody who takes all they can of what is shared slows twelve ordinary people: see README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { OPERATOR } from '../src/core/access.ts'
import { form } from '../test/helper.ts'
import { noise } from '../test/images/pictures.ts'
import { THINGS } from './greedy.ts'
import type { Order } from './greedy.ts'
import { startService } from '../.ci/service.ts'
import type { Person } from '../.ci/service.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: 'string', default: '60' } } })
const seconds = Number(values.seconds)
/** Those that are named, or all. */
const things = positionals.length > 0 ? positionals : Object.keys(THINGS)
const ORDINARY = 12
const OTHERS = 500
const PASSWORD = 'correct horse battery'
const PAUSE_MS = 150
/** Of a hundred requests, so many are sign-ins and uploads; the limits allow no more of these. */
const EVERY = { signIn: 20, upload: 50, search: 4, write: 3 }
const TIMES = 3
/** Seconds that are not counted, after a start. */
const WARM_UP = 3

const address = (i: number): string => `127.0.1.${i + 1}`
const email = (i: number): string => `o${i}@example.com`

async function createOrdinary (dataDir: string): Promise<Person[]> {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  const person = async (i: number): Promise<Person> => {
    const { id } = await core.users.create(OPERATOR, { username: `o${i}-0`, email: email(i), password: PASSWORD }, { family: 'operator' })
    return { id, key: (await core.keys.create(id)).secret }
  }
  try {
    const people: Person[] = []
    for (let i = 0; i <= ORDINARY; i++) people.push(await person(i))
    for (let i = 0; i < OTHERS; i++) await core.users.create(OPERATOR, { username: `other${i}-0`, email: `other${i}@example.com` }, { family: 'operator' })
    return people
  } finally {
    await core.close()
  }
}

interface Ordinary extends Person { number: number, agent: Agent, upload: { payload: Buffer, headers: OutgoingHttpHeaders } }
type Kind = 'upload' | 'signIn' | 'search' | 'write' | 'read'
interface Told { ms: number, status: number }
interface Done extends Told { kind: Kind }

function ask ({ key, number, agent }: Ordinary, url: string, method: string, path: string, body: Buffer | string = '', type: OutgoingHttpHeaders = { 'content-type': 'application/json' }): Promise<Told> {
  const start = performance.now()
  const headers = { authorization: `Token ${key}`, ...body.length > 0 && type, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    request(url + path, { agent, localAddress: address(number), method, headers }, (answer) => {
      answer.resume().on('end', () => resolve({ ms: performance.now() - start, status: answer.statusCode ?? 0 }))
    }).on('error', reject).end(body)
  })
}

const kindOf = (turn: number): Kind => (['upload', 'signIn', 'search', 'write'] as const).find((kind) => turn % EVERY[kind] === 0) ?? 'read'

async function next (person: Ordinary, url: string, turn: number): Promise<Done> {
  const { id, number, upload } = person
  const own = `/api/v2/user/${id}/`
  const kind = kindOf(turn)
  const asked = {
    upload: () => ask(person, url, 'PATCH', own, upload.payload, upload.headers),
    signIn: () => ask(person, url, 'POST', '/api/sign-in/', JSON.stringify({ email: email(number), password: PASSWORD })),
    search: () => ask(person, url, 'GET', '/api/v2/user/search/?user=other1'),
    write: () => ask(person, url, 'PATCH', own, JSON.stringify({ bio: `${turn}` })),
    read: () => ask(person, url, 'GET', own),
  }
  return { kind, ...await asked[kind]() }
}

/** What twelve ordinary people are told in that time. */
async function goOn (people: readonly Ordinary[], url: string, lasting = seconds): Promise<Done[]> {
  const over = performance.now() + lasting * 1_000
  const told: Done[] = []
  await Promise.all(people.map(async (person, i) => {
    await sleep(i * PAUSE_MS / people.length)
    // From different places of the round, or everybody uploads at once.
    for (let turn = 1 + i * 7; performance.now() < over; turn++) {
      told.push(await next(person, url, turn))
      await sleep(PAUSE_MS)
    }
  }))
  return told
}

/** The median of each kind, in milliseconds: with few uploads and sign-ins among many reads, p99 says little of the reads. */
const medians = (told: readonly Done[]): Partial<Record<Kind, number>> => Object.fromEntries(Object.entries(Object.groupBy(told, ({ kind }) => kind))
  .map(([kind, some]) => [kind, Math.round(some.map(({ ms }) => ms).sort((a, b) => a - b)[some.length >> 1] ?? 0)]))

const p99 = (told: readonly Told[]): number => told.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(told.length * 0.99)] ?? 0

const root = mkdtempSync(join(tmpdir(), 'visage-bench-'))
try {
  const dataDir = join(root, 'data')
  const [greedy, ...ordinary] = await createOrdinary(dataDir)
  const upload = form([['avatar', { file: await noise('jpeg', 300, 300) }]])
  const people = ordinary.map((person, i) => ({ ...person, number: i + 1, agent: new Agent({ keepAlive: true, maxSockets: 1 }), upload }))
  let failed = 0
  for (const thing of things) {
    const { url, end } = await startService({ dataDir, settings: { VISAGE_RATE_LIMIT: 'on', VISAGE_DIRECTORY: 'public' } })
    await goOn(people, url, WARM_UP)
    const quiet = await goOn(people, url)
    const order: Order = { thing, url, anonymous: '127.0.2.1', person: { address: '127.0.2.2', id: greedy?.id ?? 0, key: greedy?.key ?? '' } }
    const worker = new Worker(new URL('greedy.ts', import.meta.url), { workerData: order })
    await once(worker, 'online')
    const beside = await goOn(people, url)
    worker.postMessage('enough')
    const [took] = await once(worker, 'message')
    await worker.terminate()
    await end('SIGTERM')
    const refused = beside.filter(({ status }) => status !== 200).length
    const times = p99(beside) / p99(quiet)
    if (refused > 0 || times > TIMES) failed++
    console.log(JSON.stringify({ thing, asked: beside.length, refused, quietMs: Math.round(p99(quiet)), besideMs: Math.round(p99(beside)), times: Number(times.toFixed(2)), medians: { quiet: medians(quiet), beside: medians(beside) }, took }))
  }
  process.exitCode = failed > 0 ? 1 : 0
} finally {
  rmSync(root, { recursive: true, force: true })
}

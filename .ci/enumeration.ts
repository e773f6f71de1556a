// Whether the service tells who has an account: sign-in, sign-up and recovery for people who are known, unknown and
// inactive must answer with the same bytes, and a rank test on the times must not tell them apart. Prints a line for each
// comparison. A comparison fails when two sets of samples in a row give p ≤ 0.01; a twin that is five milliseconds faster
// for the unknown must fail, or the test sees nothing.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import visage, { openCore, OPERATOR } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'

const SAMPLES = 400
const P_LIMIT = 0.01
const HEAD_START_MS = 5
const PASSWORD = 'correct horse battery'
const SEED = Number(process.env.VISAGE_SEED ?? Date.now() % 2 ** 31)

type Kind = 'known' | 'unknown' | 'inactive'
interface Place { name: string, url: string, status: number, body: (email: string, username: string) => object, kinds: Kind[] }

const ALL: Kind[] = ['known', 'unknown', 'inactive']
const PLACES: Place[] = [
  { name: 'personal sign-in', url: '/api/sign-in/', status: 400, body: (email) => ({ email, password: 'a wrong password' }), kinds: ALL },
  { name: 'personal token', url: '/api/token/', status: 401, body: (_, username) => ({ username, password: 'a wrong password' }), kinds: ALL },
  { name: 'staff sign-in', url: '/api/users/auth/pwd/signin/', status: 400, body: (_, username) => ({ username, password: 'a wrong password' }), kinds: ALL },
  { name: 'community sign-in', url: '/oauth/token/', status: 400, body: (_, username) => ({ grant_type: 'password', username, password: 'a wrong password' }), kinds: ALL },
  { name: 'personal recover', url: '/api/password/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  { name: 'staff recover', url: '/api/users/auth/pwd/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  { name: 'community recover', url: '/api/v2/account/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  // That an address is taken is told; whose it is, is not.
  { name: 'personal sign-up', url: '/api/sign-up/', status: 400, body: (email) => ({ email, username: 'somebody-new', password: PASSWORD }), kinds: ['known', 'inactive'] },
]

/** xorshift32: the order of the samples can be had again by its seed. */
function random (seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Mann–Whitney: how likely it is that two samples from one distribution differ by so much in their ranks (two-sided). */
function rankTest (a: number[], b: number[]): number {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))].sort((x, y) => x.value - y.value)
  const ranks = all.reduce((sum, { isA }, i) => sum + (isA ? i + 1 : 0), 0)
  const u = ranks - a.length * (a.length + 1) / 2
  const mean = a.length * b.length / 2
  const deviation = Math.sqrt(a.length * b.length * (a.length + b.length + 1) / 12)
  return 2 * (1 - normal(Math.abs(u - mean) / deviation))
}

/** The standard normal distribution (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function normal (z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * tail
}

const next = random(SEED)
const median = (values: number[]): number => values.toSorted((x, y) => x - y)[values.length >> 1] ?? 0

interface Samples { times: Map<Kind, number[]>, answers: Set<string> }

async function sample (app: FastifyInstance, { url, status, body, kinds }: Place): Promise<Samples> {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  const answers = new Set<string>()
  const order = Array.from({ length: SAMPLES }, (_, i) => kinds[i % kinds.length] as Kind)
    .map((kind) => ({ kind, at: next() })).sort((x, y) => x.at - y.at)
  for (const { kind } of order) {
    const payload = body(`${kind}@example.com`, kind)
    const began = performance.now()
    const response = await app.inject({ method: 'POST', url, payload })
    times.get(kind)?.push(performance.now() - began)
    if (response.statusCode !== status) throw new Error(`${url}: ${response.statusCode} ${response.body}`)
    const { date: _, ...headers } = response.headers
    answers.add(JSON.stringify([response.statusCode, headers, response.body]))
  }
  return { times, answers }
}

/** The least p of all pairs of kinds, and what was said. */
function judged ({ times, answers }: Samples): { p: number, medians: Record<string, number>, answers: string[] } {
  const [first, ...others] = [...times.values()] as [number[], ...number[][]]
  return {
    p: Math.min(...others.map((other) => rankTest(first, other))),
    medians: Object.fromEntries([...times].map(([kind, values]) => [kind, Number(median(values).toFixed(3))])),
    answers: [...answers],
  }
}

async function start (folder: string, isHasty: boolean): Promise<FastifyInstance> {
  const app = Fastify()
  // The twin: somebody unknown is answered a little sooner than everybody else.
  if (isHasty) {
    app.addHook('preHandler', async ({ body }) => {
      if (JSON.stringify(body).includes('unknown')) return
      const until = performance.now() + HEAD_START_MS
      while (performance.now() < until);
    })
  }
  await app.register(visage, { dataDir: folder, rateLimit: false })
  for (const username of ['known', 'inactive']) {
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username, email: `${username}@example.com`, password: PASSWORD } })
    if (statusCode !== 201) throw new Error(body)
  }
  return app
}

let failed = 0
for (const isHasty of [false, true]) {
  const folder = await mkdtemp(join(tmpdir(), 'visage-enumeration-'))
  const app = await start(folder, isHasty)
  const core = await openCore({ config: { ...loadConfig(), dataDir: folder }, exclusive: false })
  const inactive = await core.users.findByUsername('inactive')
  await core.users.edit(OPERATOR, inactive?.id ?? 0, { isActive: false }, { family: 'operator' })
  await core.close()

  for (const place of isHasty ? PLACES.slice(0, 1) : PLACES) {
    let found = judged(await sample(app, place))
    const first = found.p
    if (found.p <= P_LIMIT) found = judged(await sample(app, place))
    const isTold = found.p <= P_LIMIT || found.answers.length > 1
    const isRight = isTold === isHasty
    if (!isRight) failed++
    console.log(JSON.stringify({ place: isHasty ? `the hasty twin: ${place.name}` : place.name, samples: SAMPLES, p: Number(found.p.toFixed(4)), ...first !== found.p && { firstP: Number(first.toFixed(4)) }, medians: found.medians, answers: found.answers.length, seed: SEED, ...!isRight && { WRONG: found.answers.slice(0, 3) } }))
  }
  await app.close()
  await rm(folder, { recursive: true })
}
process.exitCode = failed > 0 ? 1 : 0

// Whether the service tells who has an account: sign-in, sign-up and recovery for people who are known, unknown and
// inactive must answer with the same bytes, and a rank test on the times must not tell them apart. Nor does the hash of an
// address tell whether anybody has it, unless they want to be found by it and everybody may see them. Prints a line for each
// comparison. A comparison fails when a set of samples gives p ≤ 0.01 and another, four times as large, p ≤ 1e-6: a difference
// that shows in the first shows in the second as surely, and chance does not. A twin that is a little faster for the unknown
// must fail, or the test sees nothing.
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { FastifyInstance, InjectOptions } from 'fastify'
import visage, { openService, OPERATOR } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'

const SAMPLES = 400
/** Of what is answered in no time: the less there is to see, the more often one has to look. */
const SAMPLES_OF_FACES = 3_000
const P_LIMIT = 0.01
/** Four times the samples double the distance in standard deviations: from 2.6 to 5.2. */
const SURELY = { times: 4, p: 1e-6 }
const PASSWORD = 'correct horse battery'
const SEED = Number(process.env.VISAGE_SEED ?? Date.now() % 2 ** 31)

/** `known` and `hidden` have a picture and a confirmed address: the one was never asked, the other wants to be found, but not to be seen. */
type Kind = 'known' | 'unknown' | 'inactive' | 'hidden'
/** What is asked without a body is asked by GET, of the hash of an address. */
interface Place {
  name: string
  url: string
  status: number
  body?: (email: string, username: string) => object
  kinds: Kind[]
  samples?: number
  /** By how many milliseconds its twin is faster for the unknown; without it there is no twin. */
  headStart?: number
}

const ALL: Kind[] = ['known', 'unknown', 'inactive']
const FACES: Kind[] = ['unknown', 'known', 'hidden']
const PLACES: Place[] = [
  { name: 'personal sign-in', url: '/api/sign-in/', status: 400, body: (email) => ({ email, password: 'a wrong password' }), kinds: ALL, headStart: 5 },
  { name: 'personal token', url: '/api/token/', status: 401, body: (_, username) => ({ username, password: 'a wrong password' }), kinds: ALL },
  { name: 'staff sign-in', url: '/api/users/auth/pwd/signin/', status: 400, body: (_, username) => ({ username, password: 'a wrong password' }), kinds: ALL },
  { name: 'community sign-in', url: '/oauth/token/', status: 400, body: (_, username) => ({ grant_type: 'password', username, password: 'a wrong password' }), kinds: ALL },
  { name: 'personal recover', url: '/api/password/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  { name: 'staff recover', url: '/api/users/auth/pwd/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  { name: 'community recover', url: '/api/v2/account/recover/', status: 204, body: (email) => ({ email }), kinds: ALL },
  // That an address is taken is told; whose it is, is not.
  { name: 'personal sign-up', url: '/api/sign-up/', status: 400, body: (email) => ({ email, username: 'somebody-new', password: PASSWORD }), kinds: ['known', 'inactive'] },
  // Drawn in a colour of its own, each hash would have its own bytes.
  { name: 'avatar by address', url: '/avatar/{hash}?s=80&d=blank', status: 200, kinds: FACES, samples: SAMPLES_OF_FACES, headStart: 0.02 },
  { name: 'avatar by address, or none', url: '/avatar/{hash}?d=404', status: 404, kinds: FACES, samples: SAMPLES_OF_FACES },
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

const hashOf = (email: string): string => hash('sha256', email)
const UNKNOWN = ['unknown', hashOf('unknown@example.com')]

interface Samples { times: Map<Kind, number[]>, answers: Set<string> }

async function sample (app: FastifyInstance, { url, status, body, kinds, samples = SAMPLES }: Place): Promise<Samples> {
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  const answers = new Set<string>()
  const order = Array.from({ length: samples }, (_, i) => kinds[i % kinds.length] as Kind)
    .map((kind) => ({ kind, at: next() })).sort((x, y) => x.at - y.at)
  for (const { kind } of order) {
    const email = `${kind}@example.com`
    const request: InjectOptions = body === undefined ? { url: url.replace('{hash}', hashOf(email)) } : { method: 'POST', url, payload: body(email, kind) }
    const began = performance.now()
    const response = await app.inject(request)
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

async function start (folder: string, headStart: number | undefined): Promise<FastifyInstance> {
  const app = Fastify()
  // The twin: somebody unknown is answered a little sooner than everybody else.
  if (headStart !== undefined) {
    app.addHook('preHandler', async ({ url, body }) => {
      const asked = `${url} ${JSON.stringify(body)}`
      if (UNKNOWN.some((word) => asked.includes(word))) return
      const until = performance.now() + headStart
      while (performance.now() < until);
    })
  }
  await app.register(visage, { dataDir: folder, rateLimit: false })
  for (const username of ['known', 'inactive', 'hidden']) {
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username, email: `${username}@example.com`, password: PASSWORD } })
    if (statusCode !== 201) throw new Error(body)
  }
  return app
}

let failed = 0
for (const twin of [undefined, ...PLACES.filter(({ headStart }) => headStart !== undefined)]) {
  const folder = await mkdtemp(join(tmpdir(), 'visage-enumeration-'))
  const app = await start(folder, twin?.headStart)
  const core = await openService({ config: { ...loadConfig(), dataDir: folder }, exclusive: false })
  const inactive = await core.users.findByUsername('inactive')
  await core.users.edit(OPERATOR, inactive?.id ?? 0, { isActive: false }, { family: 'operator' })
  for (const username of ['known', 'hidden']) {
    const person = await core.users.findByUsername(username)
    const wishes = username === 'hidden' && { isFoundByEmail: true, visibility: { avatar: 'self' as const } }
    await core.db.write((tx) => tx.users.update(person?.id ?? 0, { emailConfirmed: true, avatar: 'a'.repeat(32), ...wishes }))
  }
  await core.close()

  for (const place of twin === undefined ? PLACES : [twin]) {
    let found = judged(await sample(app, place))
    const first = found.p
    const isSuspect = first <= P_LIMIT
    const [samples, limit] = isSuspect ? [(place.samples ?? SAMPLES) * SURELY.times, SURELY.p] : [place.samples ?? SAMPLES, P_LIMIT]
    if (isSuspect) found = judged(await sample(app, { ...place, samples }))
    const isTold = found.p <= limit || found.answers.length > 1
    const isRight = isTold === (twin !== undefined)
    if (!isRight) failed++
    console.log(JSON.stringify({ place: twin === undefined ? place.name : `the hasty twin: ${place.name}`, samples, p: Number(found.p.toPrecision(2)), ...isSuspect && { firstP: Number(first.toFixed(4)) }, medians: found.medians, answers: found.answers.length, seed: SEED, ...!isRight && { WRONG: found.answers.slice(0, 3) } }))
  }
  await app.close()
  await rm(folder, { recursive: true })
}
process.exitCode = failed > 0 ? 1 : 0

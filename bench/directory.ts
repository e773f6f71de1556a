// What lists and searches cost beside everything else, as ratios within one run: see README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createPeople, startService } from '../.ci/service.ts'
import { openDatabase } from '../src/db/index.ts'
import { addPeople } from './people.ts'

const { values: { people, rounds } } = parseArgs({ options: { people: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '5' } } })
const MANY = Number(people)
const FEW = 2_000
const BLOCK_MS = 5_000
const GETS_PER_S = 200
const SEARCHES_PER_S = 20
const PAIRS = 400
/** Common words and rare ones, short ones, orderings without an index, deep offsets. */
const SEARCHES = [
  'search/?user=quetzal', 'search/?user=grace%20lin', 'autocomplete/?search=maja%20ko', 'search/?user=ba', 'search/?user=vel', 'autocomplete/?search=petr',
  'search/?real_name=Grace&location=zuri', `?offset=${MANY - 20}`, 'search/?user=quetz&ordering=-real_name', '?ordering=location',
]

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const folder = mkdtempSync(join(tmpdir(), 'visage-bench-'))
const services: Awaited<ReturnType<typeof startFilled>>[] = []
try {
  for (const count of [FEW, MANY]) services.push(await startFilled(count))
  const [few, many] = services as [typeof services[0], typeof services[0]]

  const quiet: number[] = []
  const busy: number[] = []
  await gets(many, BLOCK_MS)
  await searchFor(many, BLOCK_MS)
  for (let round = 0; round < Number(rounds); round++) {
    quiet.push(...await gets(many, BLOCK_MS))
    const searching = searchFor(many, BLOCK_MS)
    busy.push(...await gets(many, BLOCK_MS))
    const searches = await searching
    console.log(`round ${round + 1}: GET p99 quiet ${p(0.99, quiet)} ms, with searches ${p(0.99, busy)} ms; searches: ${searches.length}, p50 ${p(0.5, searches)} ms, p99 ${p(0.99, searches)} ms`)
  }
  const p99 = Number(p(0.99, busy)) / Number(p(0.99, quiet))

  const times = { few: [] as number[], many: [] as number[] }
  for (let i = 0; i < PAIRS; i++) {
    times.few.push(await timed(few, '/api/v2/user/search/?user=quetzalcoatl'))
    times.many.push(await timed(many, '/api/v2/user/search/?user=quetzalcoatl'))
  }
  const growth = Number(p(0.5, times.many)) / Number(p(0.5, times.few))
  console.log(`a search that finds ten: ${p(0.5, times.few)} ms of ${FEW} accounts, ${p(0.5, times.many)} ms of ${MANY}`)
  console.log(JSON.stringify({ accounts: MANY, getP99Ratio: round(p99), searchRatio: round(growth) }))
} finally {
  agent.destroy()
  await Promise.all(services.map(({ end }) => end('SIGTERM')))
  rmSync(folder, { recursive: true })
}

/** A service on the first core with so many people, and the headers of one of them. */
async function startFilled (count: number) {
  const dataDir = join(folder, String(count))
  const db = await openDatabase({ dataDir, exclusive: true })
  await addPeople(db, count)
  await db.close()
  const [person] = await createPeople(dataDir, 1)
  const service = await startService({ dataDir, under: ['taskset', '-c', '0'] })
  return { ...service, headers: { authorization: `Token ${person?.key}` } }
}

/** Milliseconds of `GET` profile at a steady rate, however long the answers take. */
async function gets (service: typeof services[0], ms: number): Promise<number[]> {
  return await steadily(GETS_PER_S, ms, (i) => timed(service, `/api/v2/user/${1 + i * 7919 % MANY}/`))
}

async function searchFor (service: typeof services[0], ms: number): Promise<number[]> {
  return await steadily(SEARCHES_PER_S, ms, (i) => timed(service, `/api/v2/user/${SEARCHES[i % SEARCHES.length]}`))
}

async function steadily (perSecond: number, ms: number, ask: (i: number) => Promise<number>): Promise<number[]> {
  const began = performance.now()
  const answers: Promise<number>[] = []
  for (let i = 0; i < perSecond * ms / 1000; i++) {
    const wait = began + i * 1000 / perSecond - performance.now()
    if (wait > 0) await sleep(wait)
    answers.push(ask(i))
  }
  return await Promise.all(answers)
}

function timed ({ url, headers }: typeof services[0], path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    request(`${url}${path}`, { headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`))
      response.resume().on('end', () => resolve(performance.now() - began))
    }).on('error', reject).end()
  })
}

function p (quantile: number, times: number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(quantile * times.length)] ?? NaN).toFixed(2)
}

function round (ratio: number): number {
  return Math.round(ratio * 100) / 100
}

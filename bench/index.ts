// How fast the service is beside the limit of what its machine and its statements allow, in one run: see README.md.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createPeople } from '../.ci/service.ts'
import { syncTimes } from './disk.ts'
import { start } from './process.ts'
import type { Running } from './process.ts'
import { ratioOf, write } from './report.ts'
import type { Row } from './report.ts'
import { createLoad } from './wrk.ts'
import type { Asked } from './wrk.ts'

const USAGE = `npm run bench [-- --quick] [-- --rounds N] [-- --seconds S] [-- --accounts N]

Measures the service beside bare node:http over the same statements and the same durable commit, and its start and memory beside
an empty Fastify application, interleaved, and writes docs/BENCH.md and docs/bench.svg.

  --quick       what matters most, in two minutes
  --rounds N    how often each is measured (3)
  --seconds S   how long (4)
  --accounts N  among how many people (10000)`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '4' }, accounts: { type: 'string', default: '10000' },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit()
}
const [rounds, seconds, accounts] = [Number(values.rounds), Number(values.seconds), Number(values.accounts)]
const [SERVER_CORE, LOAD_CORE] = [0, 1]
const PORTS = { service: 18_201, limit: 18_202, empty: 18_203 }
const STARTS = 5
/** Until a start has done what it puts off. */
const SETTLED_MS = 1_000
/** A load that is busier than this measures itself. */
const BUSY_MAX = 0.9

interface Work { name: string, asked: Omit<Asked, 'seconds'>, measure: 'perSecond' | 'medianMs', bar: number }

const WORKS: Work[] = [
  { name: 'PATCH, JSON, 64 connections', asked: { method: 'PATCH', connections: 64 }, measure: 'perSecond', bar: 0.65 },
  { name: 'GET of an account, 64 connections', asked: { method: 'GET', connections: 64 }, measure: 'perSecond', bar: 0.45 },
  ...values.quick ? [] : [
    { name: 'PATCH, JSON, one connection, median', asked: { method: 'PATCH', connections: 1 }, measure: 'medianMs', bar: 1.6 } as const,
    { name: 'GET of an account, one connection, median', asked: { method: 'GET', connections: 1 }, measure: 'medianMs', bar: 1.6 } as const,
  ],
]

const at = (port: number): string => `http://127.0.0.1:${port}`
const folder = mkdtempSync(join(tmpdir(), 'visage-bench-'))
const dataDir = join(folder, 'service')
const root = join(import.meta.dirname, '..')

const startService = (): Promise<Running> => start(SERVER_CORE, ['-r', join(root, 'src/needs-node.cjs'), join(root, 'src/server.ts')], {
  url: `${at(PORTS.service)}/health/live`,
  env: { VISAGE_DATA_DIR: dataDir, VISAGE_PORT: String(PORTS.service), VISAGE_LOG_LEVEL: 'warn', VISAGE_RATE_LIMIT: 'off' },
})

/** Starts and idle memory, one after the other. */
async function measureStarts (): Promise<Row[]> {
  const seen = { service: [] as [ms: number, megabytes: number][], empty: [] as [ms: number, megabytes: number][] }
  for (let i = 0; i < STARTS; i++) {
    for (const name of ['empty', 'service'] as const) {
      const running = name === 'service' ? await startService() : await start(SERVER_CORE, [join(import.meta.dirname, 'empty.mjs'), String(PORTS.empty)], { url: at(PORTS.empty) })
      await sleep(SETTLED_MS)
      seen[name].push([running.ms, running.megabytes()])
      await running.end()
    }
  }
  const column = (name: keyof typeof seen, i: 0 | 1) => seen[name].map((pair) => pair[i])
  return [
    ratioOf({ name: 'start to the first 200, from a clone', unit: 'ms', bar: { most: 5 }, beside: 'empty Fastify' }, column('service', 0), column('empty', 0)),
    ratioOf({ name: 'memory, idle, from a clone', unit: 'MB', bar: { most: 2.1 }, beside: 'empty Fastify' }, column('service', 1), column('empty', 1)),
  ]
}

/** Every work in every round, the service right after the limit. */
async function measureWorks (people: Awaited<ReturnType<typeof createPeople>>): Promise<{ rows: Row[], doubts: string[] }> {
  const ask = createLoad(folder, LOAD_CORE, people)
  const seen = new Map(WORKS.map(({ name }) => [name, { service: [] as number[], limit: [] as number[] }]))
  const hellos: number[] = []
  let busiest = 0
  const programs = [await start(SERVER_CORE, [join(import.meta.dirname, 'limit.ts'), String(PORTS.limit), join(folder, 'limit')], { url: at(PORTS.limit) }), await startService()]
  try {
    for (let round = -1; round < rounds; round++) {
      for (const { name, asked, measure } of WORKS) {
        for (const program of ['limit', 'service'] as const) {
          const load = await ask(at(PORTS[program]), { ...asked, seconds: round < 0 ? 1 : seconds })
          // The first round warms up.
          if (round < 0) continue
          seen.get(name)?.[program].push(load[measure])
          busiest = Math.max(busiest, load.busy)
          process.stderr.write(`${name}: ${program} ${load[measure]}\n`)
        }
      }
      if (round >= 0) hellos.push((await ask(`${at(PORTS.limit)}/hello`, { method: 'GET', connections: 64, seconds: 1 })).perSecond)
    }
  } finally {
    for (const program of programs) await program.end()
  }
  const rows = WORKS.map(({ name, measure, bar }) => {
    const { service = [], limit = [] } = seen.get(name) ?? {}
    const isRate = measure === 'perSecond'
    return ratioOf({ name, unit: isRate ? '/s' : 'ms', bar: isRate ? { least: bar } : { most: bar }, beside: 'limit' }, service, limit)
  })
  const reads = rows.find(({ name }) => name.startsWith('GET'))?.other ?? 0
  const hello = Math.max(...hellos)
  const doubts = [
    ...busiest > BUSY_MAX ? [`the core of the load was busy ${Math.round(busiest * 100)} % of a round: the run is void`] : [],
    ...reads < hello / 2 ? [`the limit reads ${Math.round(reads)} accounts a second where it says ${Math.round(hello)} hellos: the run is void`] : [],
  ]
  return { rows, doubts }
}

try {
  const sync = syncTimes(folder)
  const people = await createPeople(dataDir, accounts, 'b')
  cpSync(dataDir, join(folder, 'limit'), { recursive: true })
  const { rows, doubts } = await measureWorks(people)
  rows.push(...await measureStarts())
  const machine = `${cpus()[0]?.model.trim()}, one core for the server and one for the load; Node ${process.version}; a sync of 4 KiB takes ${sync.p50.toFixed(2)} ms, p99 ${sync.p99.toFixed(2)} ms; ${accounts} accounts, ${rounds} rounds of ${seconds} s`
  write(join(root, 'docs'), { machine, rows, doubts })
  process.exitCode = doubts.length > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}

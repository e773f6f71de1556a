// How fast the service is beside the limit of what its machine and its statements allow, and beside others, in one run: see README.md.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chosen } from './chosen.ts'
import { syncTimes } from './disk.ts'
import { doubtsOf } from './doubts.ts'
import { options } from './options.ts'
import { PEERS } from './peers/index.ts'
import type { Name, Peer } from './peers/index.ts'
import { endAll } from './process.ts'
import { linesOf, write } from './report.ts'
import { median } from './row.ts'
import type { Figures, Work } from './row.ts'
import { WORKS } from './rows/index.ts'
import { createWorld } from './world.ts'
import { WRK } from './wrk.ts'

const works = chosen(options)
if (options.list || works.length === 0) {
  console.log(WORKS.flatMap(({ when, rows }) => rows.map(({ name }) => `${when.padEnd(6)} ${name}`)).join('\n'))
  process.exit(options.list ? 0 : 1)
}
if (!WRK.isThere()) throw new Error(`wrk is missing: ${WRK.install}`)

const begin = performance.now()
const say = (text: string): void => { process.stderr.write(`${String(Math.round((performance.now() - begin) / 1_000)).padStart(5)} s  ${text}\n`) }
const folder = mkdtempSync(join(tmpdir(), 'visage-bench-'))
const seen = new Map<string, Figures[]>()
const world = createWorld({ folder, ...options, say })

async function clear (): Promise<void> {
  await endAll()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void clear().finally(() => process.exit(1)))
// Whoever reads what is printed may have gone.
process.once('uncaughtException', async (reason) => {
  await clear()
  throw reason
})

/** What is measured, where it comes from a repository. */
function commit (): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

/** The programs that the rows are compared with. */
const besideOf = ({ rows }: Work): Name[] => [...new Set(rows.flatMap(({ bars }) => Object.keys(bars)))].filter((name): name is Name => name in PEERS)

/** One round of some rows. */
async function measure (work: Work): Promise<void> {
  const seenOf = (row: string): number => {
    const value = median(seen.get(row)?.flatMap(({ Visage }) => Visage ?? []) ?? [])
    if (Number.isNaN(value)) throw new Error(`needs the row ${row}, which has not been measured`)
    return value
  }
  const figures = await work.measure({ world, beside: besideOf(work), seen: seenOf })
  for (const [i, { name }] of work.rows.entries()) {
    seen.set(name, [...seen.get(name) ?? [], figures[i] ?? {}])
    say(`${name}: ${Object.entries(figures[i] ?? {}).map(([who, value = NaN]) => `${who} ${value.toFixed(2)}`).join(', ')}`)
  }
}

try {
  const sync = syncTimes(folder)
  const versions = await Promise.all(Object.entries<Peer>(PEERS).map(async ([name, peer]) => ({ name, install: peer.install, version: await peer.version() })))
  const others = versions.filter(({ install }) => install !== '')
  const notes = others.map(({ name, install, version }) => version === undefined ? `${name} is missing: ${install}` : `${name}: ${version}.`)
  for (const note of notes) say(note)
  // Rows that want their own number of rounds have what they need of the others by then.
  for (let round = 0; round < options.rounds; round++) for (const work of works) if (work.rounds === undefined) await measure(work)
  for (const work of works) for (let round = 0; round < (work.rounds ?? 0); round++) await measure(work)
  const doubts = await doubtsOf(world, seen)
  const lines = works.flatMap(({ rows }) => rows.flatMap((row) => linesOf(row, seen)))
  const [day] = new Date().toISOString().split('T')
  const code = commit()
  const machine = `${day}${code === undefined ? '' : `, commit ${code}`}; ${cpus()[0]?.model.trim()}, one core for the server and one for the load; Node ${process.version}; a sync of 4 KiB takes ${sync.p50.toFixed(2)} ms, p99 ${sync.p99.toFixed(2)} ms; ${options.accounts} accounts, ${options.rounds} rounds of ${options.seconds} s`
  write(options.quick || options.only ? undefined : join(import.meta.dirname, '../docs'), { machine, lines, notes, doubts })
  process.exitCode = doubts.length > 0 ? 1 : 0
} finally {
  await clear()
}

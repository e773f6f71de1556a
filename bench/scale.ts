// Whether a process more does more: one, two and three of them behind nginx over one PostgreSQL and one bucket, each held to a
// quarter of a core. `node bench/scale.ts [seconds]`; needs root, Linux's control groups, nginx, wrk and Ceph.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBalancer } from '../.ci/balancer.ts'
import { startEngines } from '../.ci/cluster/engines.ts'
import { site, startProcesses } from '../.ci/cluster/processes.ts'
import { createPeople } from '../.ci/service.ts'
import { KINDS } from './requests.ts'
import { load } from './wrk.ts'

const SECONDS = Number(process.argv[2] ?? 10)
const GROUPS = '/sys/fs/cgroup/cpu'
const [PERIOD_MICROS, QUOTA_MICROS] = [20_000, 5_000]
const PROCESSES = 3
const PEOPLE = 1_000
const CONNECTIONS = 48
const ROUNDS = 3
const WARM_UP_S = 8
/** What a process more must add, of what one does. */
const BAR = 0.8
const DIALECT = { own: '/api/v2/user/{id}/', authorization: 'Token {key}' }

const home = mkdtempSync(join(tmpdir(), 'visage-scale-'))
const ends: (() => unknown)[] = []

/** A control group for a process: free until it is held to its quarter. */
function createGroup (name: string) {
  const folder = join(GROUPS, `visage-${process.pid}-${name}`)
  mkdirSync(folder)
  const stat = () => Object.fromEntries(readFileSync(join(folder, 'cpu.stat'), 'utf8').trim().split('\n').map((line) => line.split(' '))) as { nr_periods: string, nr_throttled: string }
  return {
    /** Whatever is started by it is in the group, with its children. */
    under: ['sh', '-c', `echo $$ > ${join(folder, 'cgroup.procs')} && exec "$@"`, 'sh'],
    hold (): void {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_MICROS))
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(QUOTA_MICROS))
    },
    /** In how many periods it ran, and in how many of these it wanted more. */
    periods: () => ({ all: Number(stat().nr_periods), short: Number(stat().nr_throttled) }),
    remove (): void { rmdirSync(folder) },
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

try {
  const groups = Array.from({ length: PROCESSES }, (_, i) => createGroup(String(i)))
  ends.push(async () => {
    // A process that has ended may still be on its way out of its group.
    await sleep(500)
    for (const group of groups) group.remove()
  })
  const engines = await startEngines()
  ends.push(engines.end)
  const settings = await engines.newPlace()
  const dataDir = join(home, 'data-0')
  mkdirSync(dataDir)
  const people = await createPeople(dataDir, PEOPLE, 's', settings)
  const who = join(home, 'who')
  // Lines of one width.
  const lines = people.filter(({ id }) => id >= 100 && id < 1_000).map(({ id, key }) => `${id} ${key}`)
  writeFileSync(who, `${lines.join('\n')}\n`)

  const processes = await startProcesses({ home, count: PROCESSES, settings, under: groups.map((group) => group.under) })
  ends.push(processes.end)
  const ports = processes.urls.map((url) => Number(new URL(url).port))
  const balancers: string[] = []
  for (let count = 1; count <= PROCESSES; count++) {
    const { url, end } = await startBalancer(join(home, `nginx-${count}`), (port) => site(port, ports.slice(0, count)))
    ends.push(end)
    balancers.push(url)
  }

  const ask = (kind: 'patch' | 'get', url: string, seconds: number) => load(home, { url, who, requests: [KINDS[kind](DIALECT)], connections: CONNECTIONS, seconds })
  for (const kind of ['patch', 'get'] as const) await ask(kind, balancers.at(-1) ?? '', WARM_UP_S)
  for (const group of groups) group.hold()

  let isEnough = true
  for (const kind of ['patch', 'get'] as const) {
    const seen: number[][] = balancers.map(() => [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, url] of balancers.entries()) {
        const before = groups.map(({ periods }) => periods())
        const { perSecond, medianMs, busy } = await ask(kind, url, SECONDS)
        const short = groups.slice(0, index + 1).map(({ periods }, i) => {
          const [now, then] = [periods(), before[i] ?? { all: 0, short: 0 }]
          return `${Math.round(100 * (now.short - then.short) / (now.all - then.all))} %`
        })
        seen[index]?.push(perSecond)
        console.log(`${kind}, ${index + 1}: ${Math.round(perSecond)}/s, median ${medianMs} ms; held back in ${short.join(', ')} of their periods; the load's core was busy for ${Math.round(busy * 100)} %`)
      }
    }
    const [one = NaN, ...more] = seen.map(median)
    const gains = more.map((many, i) => (many / one - 1) / (i + 1))
    if (!gains.every((gain) => gain >= BAR)) isEnough = false
    console.log(JSON.stringify({ kind, perSecond: [one, ...more].map(Math.round), perProcessMore: gains.map((gain) => Math.round(gain * 100) / 100) }))
  }
  if (!isEnough) {
    console.log(`FAILURE: a process more does less than ${BAR} of one`)
    process.exitCode = 1
  }
} finally {
  for (const end of ends.toReversed()) await end()
  rmSync(home, { recursive: true, force: true })
}

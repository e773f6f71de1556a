// Backups beside a loaded server and at size, and what a kill -9 in the middle of them leaves. `node .ci/backup.ts [seed]`
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { form } from '../test/helper.ts'
import { seeded } from '../test/seeded.ts'
import { picture } from '../test/images/pictures.ts'
import { fillPictures } from './backup-volume.ts'
import { createPeople, startService } from './service.ts'
import type { Person, Service } from './service.ts'

const CLI = join(import.meta.dirname, '../src/cli.ts')
const KILLS = 20
const ACCOUNTS = 20_000
const CHANGED = 100
const RATE = 500
const WRITERS = 40
/** One in so many brings a picture, which is as many as one encoder keeps up with beside everything else. */
const PICTURED = 100
const ROUNDS = 20
const QUIET_MS = 700
const BETWEEN_MS = 300

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31))
const random = seeded(seed)
const began = performance.now()
let failed = false

function check (is: boolean, says: string): void {
  if (is) return
  console.error(`FAILURE: ${says}`)
  failed = true
}

/** How long something takes says as much of the machine as of the program: told, and not a fault. */
function aim (is: boolean, says: string): void {
  if (!is) console.log(`short of its aim: ${says}`)
}

function cli (dataDir: string, args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, VISAGE_DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  return { child, ended: once(child, 'close').then(([code]: (number | null)[]) => ({ code, said: Buffer.concat(said).toString() })) }
}

async function done (dataDir: string, ...args: string[]): Promise<{ said: string, seconds: number }> {
  const start = performance.now()
  const { code, said } = await cli(dataDir, args).ended
  check(code === 0, `${args.slice(0, 2).join(' ')} ended with ${code}: ${said}`)
  return { said, seconds: (performance.now() - start) / 1_000 }
}

/** Nothing of what was there is damaged, and the next run succeeds. */
async function killed (dataDir: string, dir: string, home: string): Promise<void> {
  const target = join(home, 'target')
  await done(target, 'restore', dir)
  const lengths = { backup: (await done(dataDir, 'backup', dir, '--keep', '3')).seconds, restore: (await done(target, 'restore', dir)).seconds }
  for (const verb of ['backup', 'restore'] as const) {
    let cut = 0
    for (let i = 0; i < KILLS; i++) {
      const { child, ended } = cli(verb === 'backup' ? dataDir : target, verb === 'backup' ? [verb, dir, '--keep', '3'] : [verb, dir])
      // Most of it is the start of the program, where nothing can be broken.
      await sleep((0.4 + 0.6 * random()) * lengths[verb] * 1_000)
      child.kill('SIGKILL')
      if ((await ended).code === null) cut++
      if (verb === 'restore') check(await isWhole(target), `a restore that was killed left something else than what was there or what comes (${i})`)
      else if (i % 5 === 4) await done(dataDir, 'backup', 'verify', dir)
    }
    await done(dataDir, 'backup', dir, '--keep', '3')
    await done(dataDir, 'backup', 'verify', dir)
    await done(target, 'restore', dir)
    check(await isWhole(target), `the ${verb} after the kills is not whole`)
    console.log(JSON.stringify({ step: `kill -9 of ${verb}`, kills: KILLS, under_way: cut, seconds: lengths[verb] }))
    check(cut >= KILLS / 2, `of ${KILLS} kills only ${cut} found a ${verb} under way`)
  }
}

/** By fsck, with what a crash may leave swept as the start of the service does it. */
async function isWhole (dataDir: string): Promise<boolean> {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  let found = 0
  try {
    // A file of the other state is one that no row knows.
    await core.fsck.run({ onFinding: ({ code }) => { if (code !== 'file_unknown') found++ } })
    return found === 0 && (await core.db.read.users.find(1)) !== undefined
  } finally {
    await core.close()
  }
}

const percentile = (times: number[], part: number): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? 0

interface Sample { began: number, took: number }
type Span = [from: number, to: number]

/** So many writes a second by several people, each the next number; some with pictures, evenly. What was answered is known by its person. */
function load (service: Service, people: Person[], avatar: Buffer) {
  const samples: Sample[] = []
  const acknowledged = new Map<number, number>()
  let [isOver, next] = [false, 1]
  const writing = people.map(async (person, at) => {
    let due = performance.now() + at * 1_000 / RATE
    while (!isOver) {
      await sleep(Math.max(0, due - performance.now()))
      due += 1_000 * WRITERS / RATE
      const number = next++
      const body = number % PICTURED === 0 ? form([['bio', String(number)], ['avatar', { file: avatar }]]) : { payload: JSON.stringify({ bio: String(number) }), headers: { 'content-type': 'application/json' } }
      const began = performance.now()
      const { status } = await fetch(`${service.url}/api/v2/user/${person.id}/`, { method: 'PATCH', headers: { ...body.headers, authorization: `Token ${person.key}` }, body: body.payload })
      if (status !== 200) continue
      samples.push({ began, took: performance.now() - began })
      acknowledged.set(person.id, number)
    }
  })
  return {
    acknowledged,
    /** Of the writes that were under way in any of these. */
    p99: (spans: readonly Span[]): number => percentile(samples.filter(({ began, took }) => spans.some(([from, to]) => began <= to && began + took >= from)).map(({ took }) => took), 0.99),
    count: (spans: readonly Span[]): number => samples.filter(({ began }) => spans.some(([from, to]) => began >= from && began <= to)).length,
    async end () { isOver = true; await Promise.all(writing) },
  }
}

/** The same load without a backup and beside one, in turn, so that whatever else the machine does disturbs both. */
async function besideLoad (home: string): Promise<void> {
  const [dataDir, dir, target] = [join(home, 'loaded'), join(home, 'loaded-backups'), join(home, 'loaded-target')]
  const people = await createPeople(dataDir, WRITERS)
  const service = await startService({ dataDir })
  const avatar = await picture({ width: 300, height: 300 })
  try {
    const work = load(service, people, avatar)
    await sleep(2_000)
    await done(dataDir, 'backup', dir, '--with-secrets')
    const without: Span[] = []
    const beside: Span[] = []
    let before = new Map<number, number>()
    let last = ''
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(BETWEEN_MS)
      const start = performance.now()
      await sleep(QUIET_MS)
      without.push([start, performance.now()])
      before = new Map(work.acknowledged)
      last = (await done(dataDir, 'backup', dir, '--with-secrets', '--keep', '5')).said
      beside.push([without.at(-1)?.[1] ?? 0, performance.now()])
    }
    await work.end()
    const [p99, p99Beside] = [work.p99(without), work.p99(beside)]
    await done(target, 'restore', dir)
    check(await isWhole(target), 'what was restored does not pass fsck')
    const restored = new Sqlite(join(target, 'visage.db'), { readonly: true })
    const bio = restored.prepare('select bio from users where id = ?').pluck()
    const lost = [...before].filter(([id, number]) => Number(bio.get(id)) < number)
    restored.close()
    check(lost.length === 0, `${lost.length} writes that were answered before the backup are not in it`)
    console.log(JSON.stringify({ step: 'beside load', backups: ROUNDS, writes_per_second: Math.round(work.count(without) / (ROUNDS * QUIET_MS / 1_000)), writes_beside: work.count(beside), p99_ms: Math.round(p99 * 10) / 10, p99_beside_ms: Math.round(p99Beside * 10) / 10, ratio: Math.round(p99Beside / p99 * 100) / 100, last: last.split('\n')[0] }))
    aim(p99Beside <= 2 * p99, `p99 beside a backup is ${(p99Beside / p99).toFixed(2)} times that without`)
  } finally {
    await service.end('SIGTERM')
  }
}

async function atSize (home: string): Promise<void> {
  const [dataDir, dir] = [join(home, 'large'), join(home, 'large-backups')]
  const change = await fillPictures(dataDir, ACCOUNTS)
  const files = readdirSync(join(dataDir, 'media/avatars')).length
  const first = await done(dataDir, 'backup', dir)
  change(CHANGED)
  const second = await done(dataDir, 'backup', dir)
  const copied = Number(/of which (\d+) are new/.exec(second.said)?.[1])
  const kept = await done(dataDir, 'backup', dir, '--keep', '1')
  const pool = readdirSync(join(dir, 'pool'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
  console.log(JSON.stringify({ step: 'at size', accounts: ACCOUNTS, files, first: first.seconds, second: second.seconds, copied, keeping_one: kept.seconds, pool }))
  check(files >= 100_000, `there were only ${files} files`)
  check(copied === CHANGED * 5, `the second backup copied ${copied} files for ${CHANGED} changes`)
  aim(second.seconds <= first.seconds / 10, `the second backup took ${second.seconds.toFixed(1)} s, the first ${first.seconds.toFixed(1)} s`)
  check(pool === files, `the pool holds ${pool} files after all but one backup went, which needs ${files}`)
}

const home = mkdtempSync(join(tmpdir(), 'visage-backup-'))
try {
  await besideLoad(home)
  await killed(join(home, 'loaded'), join(home, 'loaded-backups'), home)
  await atSize(home)
  console.log(JSON.stringify({ seed, seconds: Math.round((performance.now() - began) / 100) / 10, version: (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }).version }))
} finally {
  rmSync(home, { recursive: true, force: true })
}
if (failed) process.exitCode = 1

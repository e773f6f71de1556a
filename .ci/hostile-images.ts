// Sends pictures that mean harm, as avatars and as covers through the three families, four at a time, to a service that is
// held to 512 MB (SECURITY.md §7), and looks at what it kept of them. Then does the same to a program without limits, which
// has to show. `node .ci/hostile-images.ts [seed]`
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostileFile } from './hostile-files.ts'
import { judgeStored, send } from './hostile-uploads.ts'
import { boundMemory } from './memory-bound.ts'
import { createPeople, startService } from './service.ts'
import { twin } from './twin.ts'
import { watch } from './watch.ts'
import type { Watched } from './watch.ts'

const PARALLEL = 4
const HELD_TO_MB = 512
const PEAK_MB = 400
const HEALTH_MS = 100
const TWIN_MS = 60_000
/** How long the service is watched before anything is sent, which tells what the machine itself is worth at that time. */
const QUIET_MS = 3_000
/** What Node makes of a control group of this size by itself: half of it for the heap, and little for what is young. */
const AS_IF_HELD = ['env', 'NODE_OPTIONS=--max-old-space-size=256 --max-semi-space-size=2']

const NO_LIMITS = [
  { file: 'src/images/header.ts', from: 'export function excess (header: Header): ImageFinding | undefined {\n', to: 'export function excess (header: Header): ImageFinding | undefined {\n  if (header) return undefined\n' },
  { file: 'src/images/decode.ts', from: 'limitInputPixels: maxPixels(header)', to: 'limitInputPixels: false' },
]

interface Result extends Watched { quietHealthP99: number, accepted: number, refused: number, unavailable: number, wrong: string[] }

interface Run {
  folder: string
  files: readonly (HostileFile & { at: number })[]
  dataDir: string
  root?: string
  under?: string[]
  /** Ends the run early. */
  isEnough?: (peakMB: number) => boolean
}

/** Sends every file as an avatar and as a cover. */
async function run ({ folder, files, dataDir, root, under, isEnough = () => false }: Run): Promise<Result> {
  const people = await createPeople(dataDir, PARALLEL)
  const service = await startService({ dataDir, ...root !== undefined && { root }, ...under && { under } })
  const result = { accepted: 0, refused: 0, unavailable: 0, wrong: [] as string[] }
  const jobs = files.flatMap((file) => (['avatar', 'cover'] as const).map((kind) => ({ file, kind })))
  try {
    const quiet = watch(service)
    await sleep(QUIET_MS)
    const { healthP99: quietHealthP99 } = await quiet.end()
    const watched = watch(service)
    await Promise.all(people.map(async (person) => {
      for (let job = jobs.shift(); job !== undefined && !isEnough(watched.peakMB()); job = jobs.shift()) {
        const { file: { name, must, at, payload }, kind } = job
        const { status, unavailable } = await send(service.url, person, { kind, bytes: readFileSync(join(folder, String(at))), turn: at })
        result.unavailable += unavailable
        const verdict = status === 200 ? 'accepted' : status === 400 || status === 413 ? 'refused' : undefined
        if (verdict) result[verdict]++
        if (verdict === undefined) result.wrong.push(`${name} as ${kind}: ${status}`)
        else if (must !== 'either' && must !== verdict) result.wrong.push(`${name} as ${kind}: ${verdict}`)
        if (verdict === 'accepted') result.wrong.push(...(await judgeStored({ dataDir, person, kind, payload })).map((what) => `${name} as ${kind}: ${what}`))
      }
    }))
    return { ...result, quietHealthP99, ...await watched.end() }
  } finally {
    await service.end('SIGKILL')
  }
}

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31))
const began = performance.now()
const seconds = (): number => Math.round((performance.now() - began) / 100) / 10
const home = mkdtempSync(join(tmpdir(), 'visage-hostile-'))
const fail = (what: string): void => {
  console.error(`FAILURE: ${what}`)
  process.exitCode = 1
}
try {
  const folder = join(home, 'images')
  mkdirSync(folder)
  execFileSync(process.execPath, [join(import.meta.dirname, 'hostile-files.ts'), folder, String(seed)], { stdio: 'inherit' })
  const files = (JSON.parse(readFileSync(join(folder, 'list.json'), 'utf8')) as HostileFile[]).map((file, at) => ({ ...file, at }))
  const made = seconds()
  const bound = boundMemory(HELD_TO_MB)
  if (!bound) console.log(`SKIPPED: no control group can be made here, so that nothing holds the service to ${HELD_TO_MB} MB; what it takes is measured all the same`)
  const { wrong, ...result } = await run({ folder, files, dataDir: join(home, 'data'), under: bound?.under ?? AS_IF_HELD })
  const kills = bound?.kills() ?? 0
  await bound?.remove()
  console.log(JSON.stringify({ run: 'the service', files: files.length, ...result, wrong: wrong.length, seconds: seconds(), making: made, seed }))
  for (const what of wrong) fail(what)
  if (kills > 0) fail(`killed ${kills} times for its memory`)
  if (result.unhealthy > 0) fail(`not alive ${result.unhealthy} times`)
  if (result.peakMB >= PEAK_MB) fail(`${result.peakMB} MB`)
  if (result.healthP99 >= HEALTH_MS) fail(`${result.healthP99} ms until it says that it lives`)

  const bombs = files.filter(({ name }) => name.includes('-bomb'))
  const until = performance.now() + TWIN_MS
  const isEnough = (peakMB: number): boolean => peakMB >= PEAK_MB || performance.now() > until
  const { peakMB } = await run({ folder, files: bombs, dataDir: join(home, 'twin-data'), root: twin(join(home, 'twin'), NO_LIMITS), under: AS_IF_HELD, isEnough })
  console.log(JSON.stringify({ run: 'twin: no limits', peakMB, seconds: seconds() }))
  if (peakMB < PEAK_MB) fail('not caught: no limits')
} finally {
  rmSync(home, { recursive: true, force: true })
}

// Kills the server in the middle of its work, again and again, and looks whether anything that it had promised is gone
// (SECURITY.md §2). Then does the same to two programs that keep their promises in the wrong order, which has to show.
// `node .ci/kill-loop.ts [seed]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { seeded } from '../test/seeded.ts'
import { createPeople, startService } from './service.ts'
import { leftovers, verify, write } from './kill-writers.ts'
import type { Findings, Writer } from './kill-writers.ts'
import { twin } from './twin.ts'
import type { Patch } from './twin.ts'

const ROOT = join(import.meta.dirname, '..')
const CYCLES = 20
const TWIN_CYCLES = 40
const WRITERS = 8
const FIRST_KILL_MS = 60
const LAST_KILL_MS = 1_500
/** How long a twin stays in the state that it should never be in. */
const GAP_MS = 200

const gap = `await new Promise((resolve) => { setTimeout(resolve, ${GAP_MS}) })`

const TWINS: Record<string, Patch[]> = {
  'the old file goes before the row': [{
    file: 'src/core/people/edits.ts',
    from: 'const published = await pictures.publish(wanted, before)\n    const written',
    to: `const published = await pictures.publish(wanted, before)\n    if (published.avatar) await pictures.remove([{ kind: 'avatar', name: before.avatar }])\n    ${gap}\n    const written`,
  }],
  'the row comes before the file': [{
    file: 'src/images/publish.ts',
    from: 'await store.put(picture, files, { isNew: true })\n',
    to: `void (async () => { ${gap}; await store.put(picture, files, { isNew: true }) })().catch(() => {})\n`,
  }],
}

interface Result extends Findings { loop: string, unsound: number, cycles: number, acknowledged: number, kept: number, sweptStaged: number, sweptPublished: number, refused: number }

const wrong = ({ lost, missing, broken, torn, astray, orphans, staged, refused, unsound }: Result): number => lost + missing + broken + torn + astray + orphans + staged + refused + unsound

/** What the operator's examination finds, beside the server. */
async function unsound (dataDir: string): Promise<number> {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: false })
  let found = 0
  try {
    await core.fsck.run({ onFinding: () => { found++ } })
  } finally {
    await core.close()
  }
  return found
}

/** So many rounds of writing, killing and looking; a twin's end with the first that shows something. */
async function loop (name: string, { root, dataDir, seed, cycles, untilCaught }: { root: string, dataDir: string, seed: number, cycles: number, untilCaught: boolean }): Promise<Result> {
  const began = performance.now()
  const random = seeded(seed)
  const people = await createPeople(dataDir, WRITERS)
  const writers: Writer[] = people.map((person, index) => ({ ...person, index, acknowledged: 0, sent: 0, covered: 0 }))
  const result: Result = { loop: name, cycles: 0, acknowledged: 0, kept: 0, sweptStaged: 0, sweptPublished: 0, refused: 0, unsound: 0, lost: 0, missing: 0, broken: 0, torn: 0, astray: 0, orphans: 0, staged: 0 }
  let service = await startService({ root, dataDir })
  try {
    while (result.cycles < cycles && !(untilCaught && result.missing > 0)) {
      const before = writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
      const writing = writers.map((writer) => write(writer, service.url, () => { result.refused++ }))
      await sleep(FIRST_KILL_MS + random() * (LAST_KILL_MS - FIRST_KILL_MS))
      await service.end('SIGKILL')
      await Promise.all(writing)
      result.acknowledged += writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0) - before
      const left = leftovers(dataDir)
      const next = await startService({ root, dataDir }).catch((error: unknown) => {
        if (!untilCaught || !String(error).includes('none of the pictures')) throw error
        return undefined
      })
      // Where all that there were are gone, the start itself finds it.
      if (next === undefined) {
        result.missing++
        break
      }
      service = next
      const { kept, ...found } = await verify(dataDir, writers)
      result.cycles++
      result.unsound += await unsound(dataDir)
      result.kept += kept
      result.sweptStaged += left.staged.length
      result.sweptPublished += left.published.length - leftovers(dataDir).published.length
      for (const [what, count] of Object.entries(found)) result[what as keyof Findings] += count
    }
  } finally {
    await service.end('SIGKILL')
  }
  console.log(JSON.stringify({ ...result, writers: WRITERS, seed, seconds: Math.round((performance.now() - began) / 100) / 10 }))
  return result
}

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31))
const home = mkdtempSync(join(tmpdir(), 'visage-kill-'))
try {
  const result = await loop('the service', { root: ROOT, dataDir: join(home, 'data'), seed, cycles: CYCLES, untilCaught: false })
  if (wrong(result) > 0 || result.acknowledged < CYCLES * WRITERS) {
    console.error('FAILURE: the service broke a promise, or hardly wrote')
    process.exitCode = 1
  }
  for (const [i, [name, patches]] of Object.entries(TWINS).entries()) {
    const root = twin(join(home, `twin-${i}`), patches)
    const { missing } = await loop(`twin: ${name}`, { root, dataDir: join(home, `data-${i}`), seed, cycles: TWIN_CYCLES, untilCaught: true })
    if (missing > 0) continue
    console.error(`FAILURE: not caught: ${name}`)
    process.exitCode = 1
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}

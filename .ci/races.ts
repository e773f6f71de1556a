// Races through two processes over one PostgreSQL and one bucket end as they do in one of them: `node .ci/races.ts [rounds]`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { startEngines } from './cluster/engines.ts'
import { startProcesses } from './cluster/processes.ts'
import { RACES } from './cluster/races.ts'
import type { Field } from './cluster/races.ts'
import { stateOf } from './cluster/state.ts'

const ROUNDS = Number(process.argv[2] ?? 3)
/** So many rounds show how a race ends in one process. */
const ALONE = 10

const home = mkdtempSync(join(tmpdir(), 'visage-races-'))
const ends: (() => unknown)[] = []
const failures: string[] = []
try {
  const engines = await startEngines()
  ends.push(engines.end)
  const settings = await engines.newPlace()
  const processes = await startProcesses({ home, count: 2, settings })
  ends.push(processes.end)
  mkdirSync(join(home, 'operator'))
  const core = await openService({ config: { ...loadConfig(settings), dataDir: join(home, 'operator') }, exclusive: false })
  ends.push(() => core.close())

  let [names, turns] = [0, 0]
  const field: Field = { core, next: () => '', newName: () => `racer-${names++}` }
  const one = () => processes.urls[0] ?? ''
  const both = () => processes.urls[turns++ % processes.urls.length] ?? ''
  for (const [name, race] of Object.entries(RACES)) {
    const known = new Set<string>()
    const seen = new Map<string, number>()
    const began = performance.now()
    // The judge: how the same race ends where all of it goes through one process.
    for (let round = 0; round < ROUNDS; round++) {
      for (const next of round < ALONE ? [one, both] : [both]) {
        const ended = await race(Object.assign(field, { next }), round).then((ends) => JSON.stringify(ends), (error: unknown) => String(error))
        if (next === one) known.add(ended)
        else seen.set(ended, (seen.get(ended) ?? 0) + 1)
      }
    }
    console.log(`${name}: ${[...seen].map(([ended, times]) => `${times} × ${ended}`).join(', ')} (${Math.round(performance.now() - began)} ms; in one process ${[...known].join(', ')})`)
    if (known.size !== 1) failures.push(`${name}: in one process it ends in ${known.size} ways`)
    for (const ended of seen.keys()) if (!known.has(ended) || ended.startsWith('Error')) failures.push(`${name}: ${ended}`)
  }
  const { looked, wrong } = await stateOf({ settings, processes, core })
  console.log(JSON.stringify(looked))
  failures.push(...wrong, ...processes.deaths)
} finally {
  for (const end of ends.toReversed()) await end()
  rmSync(home, { recursive: true, force: true })
}
for (const failure of failures) console.log(`FAILURE: ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

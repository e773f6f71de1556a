import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startService } from '../peers/ours.ts'
import { KINDS } from '../requests.ts'
import type { Kind } from '../requests.ts'
import type { Figures, Work } from '../row.ts'
import { steadily } from '../steady.ts'
import { MIXED } from './rates.ts'

export const [FEW, MANY, MOST] = [10_000, 100_000, 1_000_000]
const WORKS: Kind[] = ['patch', 'get', 'list', 'search']
const TWO_MINUTES_S = 120
const PER_S = 2_000

/** What each work does among so many people and among ten thousand, and how long a start takes. */
export const growth = (accounts: number): Work['measure'] => async ({ world }) => {
  const [few, many] = [world.sized(FEW), world.sized(accounts)]
  const figures: Figures[] = []
  for (const kind of WORKS) {
    const [other, own] = [await few.load(await few.own('Visage'), { kinds: [kind], connections: 64 }), await many.load(await many.own('Visage'), { kinds: [kind], connections: 64 })]
    figures.push({ 'Visage': own.perSecond, '10 thousand': other.perSecond })
  }
  const start: Figures = {}
  for (const [name, each] of Object.entries({ '10 thousand': few, 'Visage': many })) {
    const { dataDir } = await each.copyData(mkdtempSync(join(each.folder, 'start-')))
    const running = await startService({ dataDir })
    start[name] = running.ms
    await running.end()
    rmSync(dataDir, { recursive: true })
  }
  return [...figures, start]
}

/** Two minutes of mixed load among a million people, all processes of the service in little memory. */
export const bounded: Work['measure'] = async ({ world }) => {
  const large = world.sized(MOST)
  const [p99, errors]: [Figures, Figures] = [{}, {}]
  for (const [name, figure] of [['limit', 'limit'], ['Visage in 512 MB', 'Visage']] as const) {
    const program = await large.program(name)
    if (program === undefined) continue
    const seen = await steadily({ url: program.url, who: program.tokens, requests: MIXED.map((kind) => KINDS[kind](program.dialect)), perSecond: PER_S, warmUpS: 10, seconds: TWO_MINUTES_S })
    p99[figure] = seen.p99
    errors[figure] = seen.errors
    await large.end(name)
  }
  return [p99, errors]
}

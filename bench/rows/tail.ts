import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startService } from '../peers/ours.ts'
import { KINDS } from '../requests.ts'
import type { Kind } from '../requests.ts'
import type { Figures, Work } from '../row.ts'
import { steadily } from '../steady.ts'

/** Until what a start has put off is done, and as long as presence and collections need to come by. */
const [WARM_UP_S, SECONDS] = [10, 30]
const REQUESTS = 10

/** p99 and longest at half of what the service did at most, of both at the same rate. */
export const tail = (kind: Kind, row: string): Work['measure'] => async ({ world, seen }) => {
  const [p99, longest]: [Figures, Figures] = [{}, {}]
  for (const name of ['limit', 'Visage'] as const) {
    const { url, tokens, dialect } = await world.own(name)
    const { errors, ...times } = await steadily({ url, who: tokens, requests: [KINDS[kind](dialect)], perSecond: seen(row) / 2, warmUpS: WARM_UP_S, seconds: SECONDS })
    if (errors > 0) throw new Error(`${errors} requests to ${name} failed`)
    p99[name] = times.p99
    longest[name] = times.longest
  }
  return [p99, longest]
}

/** How much longer the first request after a start takes than the tenth. */
export const first = (kind: 'get' | 'patch'): Work['measure'] => async ({ world }) => {
  const { dataDir, tokens } = await world.copyData(mkdtempSync(join(world.folder, 'first-')))
  const service = await startService({ dataDir })
  const [id, key] = readFileSync(tokens, 'latin1').split('\n', 1)[0]?.split(/ +/) ?? []
  const times: number[] = []
  for (let i = 0; i < REQUESTS; i++) {
    const begin = performance.now()
    const answer = await fetch(`${service.url}/api/v2/user/${id}/`, {
      headers: { 'authorization': `Token ${key}`, 'content-type': 'application/json' },
      ...kind === 'patch' && { method: 'PATCH', body: JSON.stringify({ bio: `${i}`, location: `${i}`, real_name: `${i}` }) },
    })
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}`)
    times.push(performance.now() - begin)
  }
  await service.end()
  return [{ Visage: (times[0] ?? NaN) - (times.at(-1) ?? NaN) }]
}

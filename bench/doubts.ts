import type { Figures } from './row.ts'
import { median } from './row.ts'
import { GET, PATCH } from './rows/index.ts'
import type { World } from './world.ts'

/** A load that is busier than this measures itself. */
const BUSY_MAX = 0.9
/** How much faster than PocketBase a limit has to write. */
const TIMES = 8

/** Why a run says nothing. */
export async function doubtsOf (world: World, seen: ReadonlyMap<string, readonly Figures[]>): Promise<string[]> {
  const of = (row: string, name: string) => median(seen.get(row)?.flatMap((figures) => figures[name] ?? []) ?? [])
  const doubts: string[] = []
  if (world.busiest() > BUSY_MAX) doubts.push(`The core of the load was busy ${Math.round(world.busiest() * 100)} % of a round: the run is void.`)
  const reads = of(GET, 'limit')
  if (reads > 0) {
    const { perSecond } = await world.load(await world.own('limit'), { kinds: ['hello'], connections: 64 })
    if (reads < perSecond / 2) doubts.push(`The limit reads ${Math.round(reads)} accounts a second where it says ${Math.round(perSecond)} hellos: the run is void.`)
  }
  const [writes, theirs] = [of(PATCH, 'limit'), of(PATCH, 'PocketBase')]
  if (writes < theirs * TIMES) doubts.push(`The limit writes ${(writes / theirs).toFixed(1)} × what PocketBase does, less than ${TIMES}: the run is void.`)
  return doubts
}

import { KIB, PICTURE } from '../fill.ts'
import { http } from '../requests.ts'
import type { Figures, Work } from '../row.ts'

/** Requests a second of each size, and then microseconds of the processor for one of them. */
export const pictures: Work['measure'] = async ({ world, beside }) => {
  const [rates, costs]: [Figures[], Figures[]] = [[], []]
  for (const size of Object.keys(KIB)) {
    const [rate, cost]: [Figures, Figures] = [{}, {}]
    for (const name of [...beside, 'Visage'] as const) {
      const program = await world.program(name)
      if (program === undefined) continue
      const request = http({ method: 'GET', path: `/media/avatars/${PICTURE}-${size}.webp` })
      const { perSecond, cpuMicros } = await world.load(program, { kinds: [{ request }], connections: 32 })
      rate[name] = perSecond
      cost[name] = cpuMicros
    }
    rates.push(rate)
    costs.push(cost)
  }
  return [...rates, ...costs]
}

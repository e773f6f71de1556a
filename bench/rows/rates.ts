import type { Name } from '../peers/index.ts'
import type { Kind } from '../requests.ts'
import type { Context, Figures, Work } from '../row.ts'
import type { Measured } from '../world.ts'

export const MIXED: Kind[] = ['patch', ...Array<Kind>(9).fill('get')]

/** The same load on each program, ours last; `own` is which of ours. */
const beside = (figure: keyof Measured, kinds: Kind[], connections: number, own: Name): Work['measure'] => async ({ world, beside }: Context) => {
  const figures: Figures = {}
  for (const name of [...beside, own]) {
    const program = await world.program(name)
    if (program !== undefined) figures[name === own ? 'Visage' : name] = (await world.load(program, { kinds, connections }))[figure]
  }
  return [figures]
}

/** Requests a second, and the median of a request in milliseconds. */
export const rates = (kinds: Kind[], own: Name = 'Visage') => beside('perSecond', kinds, 64, own)
export const latencies = (kinds: Kind[]) => beside('medianMs', kinds, 1, 'Visage')

import { AppError } from '../../src/core/errors.ts'
import type { Allowance } from './allowance.ts'

export type Room = ReturnType<typeof createRoom>

/**
 * What is left of an allowance while a body is read. A picture has room of its own, which nothing else can fill: texts as
 * long as pictures would take seconds to judge.
 */
export function createRoom ({ texts, pictures }: Pick<Allowance, 'texts' | 'pictures'>) {
  const own = new Map(pictures)
  let left = texts

  function take (bytes: number, name?: string): void {
    const room = own.get(name ?? '') ?? 0
    if (room > 0) own.set(name ?? '', Math.max(0, room - bytes))
    left -= Math.max(0, bytes - room)
    if (left < 0) throw new AppError('too_large', { params: { max: texts, unit: 'bytes of text', least: texts - left } })
  }

  return {
    /** The names of pictures. */
    pictures: [...pictures.keys()],
    /** What texts can have together. */
    texts,
    /** Counts what came under a name. Throws `too_large` when there is no room left. */
    take,
  }
}

import { constants, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants

/** For as long as the process lives: what lets go of one closes its descriptor. */
const held: Socket[] = []

/**
 * Where to write what goes to a descriptor, so that whoever has its other end cannot stop the process by not reading. A pipe or a
 * terminal is opened once more, of which nobody who shares the descriptor notices anything. What cannot be opened again (a socket,
 * as systemd gives its services; what belongs to somebody else) is made so for all who share it, as Node does to its own
 * standard output.
 */
export function unblocked (descriptor: number): number {
  const kind = fstatSync(descriptor)
  if (!kind.isFIFO() && !kind.isSocket() && !kind.isCharacterDevice()) return descriptor
  try {
    return openSync(`/dev/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return kind.isCharacterDevice() ? descriptor : madeUnblocked(descriptor)
  }
}

function madeUnblocked (descriptor: number): number {
  try {
    // Nothing goes through it: it is the one way in Node to have the flag set.
    held.push(new Socket({ fd: descriptor, readable: false, writable: true }).unref())
  } catch {
    // Neither a pipe nor a stream, and nothing that anybody could stand still at.
  }
  return descriptor
}

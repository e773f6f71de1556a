import { FolderError } from './errors.ts'
import type { Fact } from './facts.ts'

/** What a database notes of a move: where its rows went and when, or from where it is being filled. Places as they may be shown. */
export interface Moves { movedTo?: { place: string, at: number }, movingFrom?: string }

type Notes = { readonly [name in Fact]?: string | undefined }

export const movesOf = ({ moved_to: to, moving_from: movingFrom }: Notes): Moves =>
  ({ ...to !== undefined && { movedTo: JSON.parse(to) as { place: string, at: number } }, ...movingFrom !== undefined && { movingFrom } })

/** Throws MOVED where the service lives elsewhere by now, and MOVE_UNFINISHED where it does not live yet. */
export function refuseMoved (place: string, { movedTo, movingFrom }: Moves): void {
  if (movedTo !== undefined) {
    throw new FolderError('MOVED', `${place} was moved to ${movedTo.place} at ${new Date(movedTo.at).toISOString()}: set the service to that place. This goes on here instead, without what was written there since: npm run -s visage -- move --reopen`)
  }
  if (movingFrom !== undefined) {
    throw new FolderError('MOVE_UNFINISHED', `${place} is being filled from ${movingFrom}, and that was not finished: repeat the move there`)
  }
}

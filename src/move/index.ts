import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { openService } from '../app.ts'
import type { Service } from '../app.ts'
import type { Config } from '../config.ts'
import { FolderError, openBare, refuseMoved } from '../db/index.ts'
import type { Bare } from '../db/index.ts'
import { storePlaceOf } from '../images/store/address.ts'
import { createPictures, stayingPictures } from './pictures.ts'
import type { OnProgress, Step } from './progress.ts'
import { copyRows, differing, readSums } from './rows.ts'
import { takeOwnFiles } from './secrets.ts'
import { inWords } from './trouble.ts'

interface Options {
  /** The service as its settings say, and as they will say. */
  from: Config
  to: Config
  onProgress?: OnProgress
  /** Is told what is done, each step once. */
  onStep?: (step: Step) => void
}

/** What a move did. */
export interface Moved {
  from: string
  to: string
  rows: number
  pictures: number
  /** For how many milliseconds nobody could write before the new place was there. */
  stoppedMs: number
}

/** Both ends of a move, as rows. */
interface Ends { source: Bare, target: Bare }

/**
 * Moves a service: pictures beside it, then rows while nobody writes, which are proved row by row; then the old place takes no
 * more writes, and the new one is there. Killed at any moment it is repeated, and only one of both places ever takes writes.
 * Throws a FolderError, and then the service goes on where it is.
 */
export async function move ({ from, to, onProgress = () => {}, onStep = () => {} }: Options): Promise<Moved> {
  const source = await openBare(placed(from))
  let target: Bare | undefined
  try {
    target = await openBare(placed(to))
    refuseOverlap(source.place, target.place)
    const counts = await isAllButOpen({ source, target }) ? { rows: 0, pictures: 0, stoppedMs: 0 } : await carry({ source, target }, { from, to, onProgress, onStep })
    // Whoever is killed before this repeats it: neither place takes writes.
    await target.hold()
    await target.note({ moving_from: null })
    await target.commit()
    onStep('opened')
    return { from: source.place, to: target.place, ...counts }
  } catch (error) {
    throw inWords(target?.place ?? source.place, error)
  } finally {
    await source.close()
    await target?.close()
  }
}

/** Where rows lie. */
const placed = ({ dataDir, databaseUrl: url }: Config): Parameters<typeof openBare>[0] => ({ dataDir, ...url !== undefined && { url } })

/** Keys stay where they are, and pictures where it is the same store. */
const isSameFolder = (from: Config, to: Config): boolean => resolve(from.dataDir) === resolve(to.dataDir)
const isSameStore = (from: Config, to: Config): boolean => storePlaceOf(from) === storePlaceOf(to) && (to.storeUrl !== undefined || isSameFolder(from, to))

/** What lies in a folder of the service is the service's own to clear. */
function refuseOverlap (from: string, to: string): void {
  if (from === to) throw new FolderError('MOVE_REFUSED', `the service is at ${from} already`)
  if (`${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`)) throw new FolderError('MOVE_REFUSED', `${from} and ${to} lie in each other: choose another folder`)
}

/** Whether a move has been here that was killed before its last step. Throws MOVED and MOVE_UNFINISHED where the service is not here. */
async function isAllButOpen ({ source, target }: Ends): Promise<boolean> {
  const moves = await source.moves()
  if (moves.movedTo?.place === target.place && (await target.moves()).movingFrom === source.place) return true
  refuseMoved(source.place, moves)
  return false
}

async function carry ({ source, target }: Ends, { from, to, onProgress, onStep }: Required<Options>): Promise<Pick<Moved, 'rows' | 'pictures' | 'stoppedMs'>> {
  const here = await openService({ config: from, exclusive: false })
  let there: Service | undefined
  try {
    await target.claim(source.place)
    onStep('claimed')
    if (!isSameFolder(from, to)) await takeOwnFiles(from.dataDir, to.dataDir)
    // A folder that the running server has is nobody else's; what is being filled no server opens.
    there = await openService({ config: to, exclusive: to.databaseUrl === undefined, isMoving: true })
    const pictures = isSameStore(from, to) ? stayingPictures(source) : createPictures({ rows: source, from: here, to: there, onProgress })
    await pictures.look()
    await pictures.bring()
    onStep('pictures')

    await source.hold()
    const began = performance.now()
    // Somebody else may have been faster.
    refuseMoved(source.place, await source.moves())
    onStep('stopped')
    const brought = await pictures.bring()
    const rows = await moveRows({ source, target }, { there, store: storePlaceOf(to), onProgress, onStep })
    await source.note({ moved_to: JSON.stringify({ place: target.place, at: Date.now() }) })
    await source.shut(true)
    await source.commit()
    onStep('shut')
    return { rows, pictures: brought, stoppedMs: performance.now() - began }
  } finally {
    await source.rollback()
    await there?.close()
    await here.close()
  }
}

/** `store`: where the pictures are from now on. */
interface Services extends Pick<Required<Options>, 'onProgress' | 'onStep'> { there: Service, store: string }

/** Resolves to how many there are. Throws MOVE_FAILED where one is not at the new place as it was at the old one. */
async function moveRows ({ source, target }: Ends, { there, store, onProgress, onStep }: Services): Promise<number> {
  const numbers = await source.numbers()
  await target.hold()
  const sums = await copyRows(source, target, onProgress)
  await target.countFrom(numbers)
  const { service = null, seal_probe: probe = null } = await source.facts('service', 'seal_probe')
  await target.note({ service, seal_probe: probe, store: store === '' ? null : store })
  await target.commit()
  await there.db.write((tx) => tx.search.makeAnew())
  onStep('rows')

  const wrong = differing(sums, await readSums(target, onProgress))
  if (!isDeepStrictEqual(await target.numbers(), numbers)) wrong.push('the highest numbers')
  if (wrong.length > 0) throw new FolderError('MOVE_FAILED', `what is at ${target.place} is not what is at ${source.place} (${wrong.join(', ')}): nothing was moved`)
  return [...sums.values()].reduce((sum, { rows }) => sum + rows, 0)
}

/** Takes the place that the settings name into use again, as it was when it was moved. */
export async function reopen (config: Config): Promise<string> {
  const bare = await openBare(placed(config))
  try {
    const { movedTo } = await bare.moves()
    if (movedTo === undefined) throw new FolderError('MOVE_REFUSED', `${bare.place} was not moved`)
    await bare.hold()
    await bare.shut(false)
    await bare.note({ moved_to: null })
    await bare.commit()
    return movedTo.place
  } finally {
    await bare.close()
  }
}

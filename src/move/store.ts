import { openService } from '../app.ts'
import type { Config } from '../config.ts'
import { FolderError, openBare } from '../db/index.ts'
import { storePlaceOf } from '../images/store/address.ts'
import { createPictures } from './pictures.ts'
import type { OnProgress } from './progress.ts'
import { inWords } from './trouble.ts'

interface Options {
  /** The service as its settings say, and with its pictures where they are to be. */
  from: Config
  to: Config
  onProgress?: OnProgress
}

/** What a move of pictures did; one beside a server brings them, and is not over. */
export interface StoreMoved { from: string, to: string, pictures: number, isOver: boolean }

/**
 * Moves the pictures of a service, whose rows stay: beside the server that runs, and to its end when none does. Then the rows say where
 * they are. The old place keeps what it has. Killed at any moment it is repeated. Throws a FolderError.
 */
export async function moveStore ({ from, to, onProgress = () => {} }: Options): Promise<StoreMoved> {
  const [old, place] = [storePlaceOf(from), storePlaceOf(to)]
  const told = (where: string): string => where || 'the data folder'
  if (old === place) throw new FolderError('MOVE_REFUSED', `the pictures are in ${told(place)} already`)
  try {
    const here = await openService({ config: from, exclusive: false })
    const rows = await openBare({ dataDir: from.dataDir, ...from.databaseUrl !== undefined && { url: from.databaseUrl } })
    try {
      const there = await openService({ config: to, exclusive: false, isMoving: true })
      try {
        const { look, bring } = createPictures({ rows, from: here, to: there, onProgress })
        await look()
        const brought = await bring()
        const lock = await here.db.lock()
        if (lock === undefined) return { from: told(old), to: told(place), pictures: brought, isOver: false }
        try {
          await rows.hold()
          const pictures = await bring()
          await rows.note({ store: place === '' ? null : place })
          await rows.commit()
          return { from: told(old), to: told(place), pictures, isOver: true }
        } finally {
          await rows.rollback()
          await lock.release()
        }
      } finally {
        await there.close()
      }
    } finally {
      await rows.close()
      await here.close()
    }
  } catch (error) {
    throw inWords(told(place), error)
  }
}

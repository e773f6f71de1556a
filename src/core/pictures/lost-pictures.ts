import type { Database } from '../../db/index.ts'
import type { Images } from '../../images/open.ts'
import { PICTURES } from '../fields/index.ts'

/** How many of a kind are looked for: more than damage here and there takes away, and quickly done. */
const LOOKED_FOR = 10

/** What keeps a repair from taking all of them from their accounts. */
export class PicturesLostError extends Error {
  override readonly name = 'PicturesLostError'

  constructor () {
    super('none of the pictures that accounts have is there')
  }
}

/** Whether the database names pictures and none of them is in the store, which is then another service's, or was emptied. */
export async function areLost ({ db: { read }, images: { inspection } }: { db: Pick<Database, 'read'>, images: Pick<Images, 'inspection'> }): Promise<boolean> {
  let isAny = false
  for (const kind of PICTURES) {
    for (const { name } of await read.pictures.after(kind, '', LOOKED_FOR)) {
      isAny = true
      // What cannot be looked at may be there.
      for (const size of inspection.sizes(kind)) if (await inspection.has(kind, name, size).catch(() => true)) return false
    }
  }
  return isAny
}

import type { Database } from '../db/open.ts'
import type { Images } from '../images/open.ts'
import { note } from './pictures.ts'

interface Needs { db: Database, images: Images, log?: { warn: (details: object, message: string) => void } | undefined }

/** Makes the sizes of pictures that were published before there were any, one at a time. */
export function createPictureUpgrade ({ db, images, log }: Needs) {
  return {
    /** Resolves to how many were upgraded. What cannot be read is logged and left as it is. */
    async run (): Promise<number> {
      const failed = new Set<string>()
      let upgraded = 0
      for (;;) {
        const old = (await db.read.pictures.unknown()).filter(({ name }) => !failed.has(name))
        if (old.length === 0) return upgraded
        for (const { kind, name, userId } of old) {
          try {
            const made = await images.complete(kind, name)
            await db.write(async (tx) => {
              const isStillThere = (await tx.pictures.unknown()).some((picture) => picture.name === name)
              if (isStillThere) await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...made, name, cut: {} } }, Date.now())
            })
            upgraded++
          } catch (error) {
            failed.add(name)
            log?.warn({ err: error, kind, name }, 'a picture from before there were sizes could not be upgraded')
          }
        }
      }
    },
  }
}

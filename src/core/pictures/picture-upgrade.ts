import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../db/index.ts'
import type { Images } from '../../images/open.ts'
import { PICTURES } from '../fields/index.ts'
import { upgrade } from './picture-records.ts'

interface Needs { db: Database, images: Images, log?: { warn: (details: object, message: string) => void } | undefined }

/** Makes the sizes of pictures that were published before there were any, one at a time. */
export function createPictureUpgrade ({ db, images, log }: Needs) {
  let isStopped = false
  let running: Promise<unknown> = Promise.resolve()

  async function upgradeAll (): Promise<number> {
    let upgraded = 0
    for (const kind of PICTURES) {
      let page: Awaited<ReturnType<typeof db.read.pictures.unknown>>
      for (let last: string | undefined = ''; last !== undefined && !isStopped; last = page.last) {
        page = await db.read.pictures.unknown(kind, last)
        for (const { name, userId } of page.unknown) {
          if (isStopped) return upgraded
          try {
            if (await upgrade({ db, images }, { kind, name }, userId)) upgraded++
          } catch (error) {
            if (!isStopped) log?.warn({ err: error, kind, name }, 'a picture from before there were sizes could not be upgraded')
          }
        }
        await nextTurn()
      }
    }
    return upgraded
  }

  return {
    /** Resolves to how many were upgraded. What cannot be read is logged and left as it is. */
    run (): Promise<number> {
      const all = upgradeAll()
      running = all
      return all
    },

    /** Resolves when nothing is at work any more; what is left is done after the next start. */
    async stop (): Promise<void> {
      isStopped = true
      await running
    },
  }
}

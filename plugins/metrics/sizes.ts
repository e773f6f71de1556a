import type { Service } from '../../src/service.ts'

/** Looking at every file takes seconds where there are many. */
const KEPT_MS = 10 * 60_000

/** What lies on the disk, by kind, in bytes; of pictures that lie elsewhere nothing, because looking at them may take minutes. Folders are looked through in the background, so that nobody waits for them: the first answers do without. */
export function createSizes ({ db, images }: Pick<Service, 'db' | 'images'>): () => Promise<Record<string, number>> {
  let folders: Partial<Awaited<ReturnType<typeof images.bytes>>> = {}
  let lookedAt = -Infinity
  const look = async () => { folders = await images.bytes().catch(() => folders) }

  return async () => {
    if (images.store.root !== undefined && performance.now() - lookedAt >= KEPT_MS) {
      lookedAt = performance.now()
      void look()
    }
    const { bytes: database, logBytes: log } = db.figures()
    return { database, log, ...folders }
  }
}

import type { Database } from '../../db/index.ts'
import type { Store } from '../../images/store/index.ts'

/** A store that is tracked, with each picture noted before the first of its files is there. Whoever gives it to an account, or takes it back, ends that. */
export const trackedStore = (store: Store, db: Database): Store => ({
  ...store,
  async put (picture, files, options) {
    await db.write((tx) => tx.coming.begin({ ...picture, at: Date.now() }))
    await store.put(picture, files, options)
  },
})

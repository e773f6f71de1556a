import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Queries } from '../../src/db/index.ts'

const undone = new Error('undone')
const working = new AsyncLocalStorage<true>()

/**
 * From now on this database runs every work twice, and takes the first run back: as an engine does that finds out at the end of a
 * work that another one was before it. Whoever is answered must not notice. A work that asks for anything past its `tx` fails: it
 * would see something else than it does, and where connections are lent it would wait for one while it keeps another.
 */
export function runTwice (db: Database): void {
  const { write, writeAll, read } = db
  const alone = <T>(work: (tx: Queries) => Promise<T>) => (tx: Queries) => working.run(true, () => work(tx))
  Object.assign(db, {
    read: guarded(read),
    async write (work) {
      // What it throws, it throws again.
      await write(alone(async (tx) => {
        await work(tx)
        throw undone
      })).catch(() => {})
      return await write(alone(work))
    },
    async writeAll (works, keep) {
      await writeAll(works.map(alone), 'none')
      return await writeAll(works.map(alone), keep)
    },
  } satisfies Pick<Database, 'write' | 'writeAll' | 'read'>)
}

/** The same statements, which fail inside of a work. */
function guarded (read: Queries): Queries {
  return new Proxy(read, {
    get: (all, noun) => new Proxy(Reflect.get(all, noun) as object, {
      get (statements, verb) {
        if (working.getStore()) throw new Error(`a work reads ${String(noun)}.${String(verb)} past its transaction`)
        return Reflect.get(statements, verb) as unknown
      },
    }),
  })
}

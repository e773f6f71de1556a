import type { Notes } from './works.ts'

/** Something that was done to an account, in the core's words: names of fields and never a value. */
export interface Deed {
  what: 'created' | 'changed' | 'removed' | 'signedIn'
  userId: number
  /** Who did it; null is the operator, or somebody who proved to read an address. */
  actorId: number | null
  family: string | null
  fields: readonly string[]
  version: number | null
  /** Milliseconds. */
  at: number
}

export interface Deeds extends Notes {
  /** In a transaction. */
  note: (deed: Deed) => void
  /** After the commit of all that is noted. */
  committed: () => void
  /** Is told of each commit, once and in the order of the commits, before anybody is answered. Must not throw. */
  listen: (listener: (deeds: readonly Deed[]) => void) => void
}

/** What the works of a group did: told when their commit is on the disk, and forgotten with a work that is undone. */
export function createDeeds (): Deeds {
  const listeners: ((deeds: readonly Deed[]) => void)[] = []
  let noted: Deed[] = []
  return {
    note: (deed) => { noted.push(deed) },
    mark: () => noted.length,
    undo: (mark) => { noted.length = mark },
    committed () {
      if (noted.length === 0) return
      const told = noted
      noted = []
      for (const listener of listeners) listener(told)
    },
    listen: (listener) => { listeners.push(listener) },
  }
}

import type { OwnChecks, Renewal, SearchIndex } from '../engine.ts'

// What SQLite's own engine has, and PostgreSQL needs nothing of.

/** Its files are for its own tools to check, and its foreign keys leave no strays. */
export const ownChecks: OwnChecks = {
  ofEngine: async () => ({ file: [], index: [] }),
  strays: async () => [],
  removeStray: async () => {},
}

/** A search looks at the accounts themselves, so there is nothing to keep in step. */
export const renewal: Renewal = { look: () => undefined, note: () => {} }

export const searchIndex: SearchIndex = {
  damage: async () => [],
  isInStep: async () => true,
  differing: async () => ({ ids: [], looked: 0, last: undefined }),
  strays: async () => [],
  state: async () => ({ indexedTo: Number.MAX_SAFE_INTEGER, openHalf: 0, hasLeftovers: false, passesLeft: 0, layout: 0, lastId: 0, isWhole: true, isGivenUp: false }),
  makeAnew: async () => {},
  move: async () => {},
  renew: async () => {},
  compact: async () => {},
  sweep: async () => false,
}

import type { OwnChecks } from '../engine.ts'

/** Its files are for its own tools to check, and its foreign keys leave no strays. */
export const ownChecks: OwnChecks = {
  ofEngine: async () => ({ file: [], index: [] }),
  strays: async () => [],
  removeStray: async () => {},
}

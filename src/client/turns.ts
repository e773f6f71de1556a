/** Runs `work` after all that was given under the same name before, whatever became of that. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function createTurns (): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work)
    last.set(name, mine)
    try {
      return await mine
    } finally {
      // What it came to would be held for as long as the program runs.
      if (last.get(name) === mine) last.delete(name)
    }
  }
}

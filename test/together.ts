import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'

/**
 * Runs the test files of a folder one after the other in this process, because a process costs more than most of them.
 * Where they take long together, several processes take turns: this one runs every `of`th file from the `part`th on.
 */
export async function together (folder: string, { part, of } = { part: 1, of: 1 }): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts')).sort()
  for (const name of names.filter((_, i) => i % of === part - 1)) {
    const after: (() => unknown)[] = []
    // What a file makes for all of its tests goes with its last one, and not with the process.
    t.teardown = (handler) => {
      after.unshift(handler)
      return t
    }
    await import(join(folder, name))
    await t.test(`${basename(name, '.test.ts')} is over`, async (t) => {
      for (const handler of after) await handler()
      t.pass()
    })
  }
}

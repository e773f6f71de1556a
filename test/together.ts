import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'

/** This process runs every `of`th file from the `part`th on. */
interface Turn { part: number, of: number }

/**
 * Runs the test files of a folder one after the other in this process, because a process costs more than most of them.
 * Where they take long together, several processes take turns.
 */
export const together = (folder: string, turn?: Turn): Promise<void> => inTurn(globSync(join(folder, '*.test.ts')), turn)

/** Runs in the same way what lies beside this file, and in the folders that have no `run.ts` of their own. */
export async function others (turn: Turn): Promise<void> {
  const own = new Set(globSync(join(import.meta.dirname, '*', 'run*.ts')).map((file) => dirname(file)))
  await inTurn(globSync(join(import.meta.dirname, '{,*/}*.test.ts')).filter((file) => !own.has(dirname(file))), turn)
}

async function inTurn (files: string[], { part, of }: Turn = { part: 1, of: 1 }): Promise<void> {
  for (const file of files.sort().filter((_, i) => i % of === part - 1)) {
    const after: (() => unknown)[] = []
    // What a file makes for all of its tests goes with its last one, and not with the process.
    t.teardown = (handler) => {
      after.unshift(handler)
      return t
    }
    await import(file)
    // When nothing runs any more, also where a file lets its tests run side by side.
    await t.test(`${basename(file, '.test.ts')} is over`, { buffered: false }, async (t) => {
      for (const handler of after) await handler()
      t.pass()
    })
    t.jobs = 1
  }
}

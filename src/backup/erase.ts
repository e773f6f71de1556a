import { bury, erase as eraseMore } from '../core/people/burial.ts'
import type { Database } from '../db/index.ts'

const AT_ONCE = 10

/** Removes people from a database that no server has, as they were removed before. Resolves to how many were there. */
export async function erase (db: Database, people: readonly number[]): Promise<number> {
  let erased = 0
  for (let at = 0; at < people.length; at += AT_ONCE) {
    erased += await db.write(async (tx) => {
      let found = 0
      for (const id of people.slice(at, at + AT_ONCE)) {
        const account = await tx.users.find(id) ?? await tx.users.findDeleted(id)
        if (account === undefined) continue
        let buried = await bury(tx, account, { actorId: null, family: 'service' })
        // Nobody waits for the loop here.
        while (buried === undefined) buried = await eraseMore(tx, account)
        found++
      }
      return found
    })
  }
  await db.truncateLog()
  return erased
}

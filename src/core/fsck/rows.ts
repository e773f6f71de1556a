import type { Named } from '../../db/index.ts'
import { makeAnew } from '../directory/search-index.ts'
import type { Mending } from './mending.ts'
import { pages } from './round.ts'
import type { Round } from './round.ts'

/** What the engine says. Resolves to whether rows can be worked with. */
export async function checkEngine (round: Round): Promise<boolean> {
  const { db, found } = round
  const { file, index } = await db.read.checks.ofEngine()
  for (const detail of file) await found({ code: 'database_broken', detail }, async () => 'restore a backup')
  if (file.length > 0) return false
  for (const stray of await db.read.checks.strays()) {
    await found({ code: 'row_stray', detail: `${stray.table} ${stray.rowid}` }, () => db.write((tx) => tx.checks.removeStray(stray)))
  }
  let renewed: Promise<void> | undefined
  for (const detail of [...index, ...await db.read.search.damage()]) await found({ code: 'index_broken', detail }, () => renewed ??= makeAnew({ db }))
  return true
}

/** Rows that say different things of a picture. */
export async function checkRecords ({ db: { read: { checks } }, found }: Round, mending: Mending): Promise<void> {
  for await (const rows of pages(checks.uncollected, ({ at }) => at, 0)) {
    for (const { at: _, ...avatar } of rows) await found({ code: 'avatar_uncollected', ...avatar }, () => mending.collect(avatar))
  }
  for await (const rows of pages(checks.unused, ({ name }) => name, '')) {
    for (const row of rows) await found({ code: 'record_unused', kind: row.kind, name: row.name, userId: row.userId }, () => mending.forget(row))
  }
}

/** Pictures that are somebody's, and of which nothing is known. */
export async function checkUnrecorded ({ db: { read: { checks } }, images, found }: Round, mending: Mending): Promise<void> {
  const isStill = async ({ kind, at, name }: Named) => (await checks.unrecorded(kind, at - 1, 1)).some((now) => now.at === at && now.name === name)
  for (const kind of ['avatar', 'cover'] as const) {
    for await (const rows of pages((after: number, most) => checks.unrecorded(kind, after, most), ({ at }) => at, 0)) {
      for (const row of rows) {
        const { name, userId } = row
        const isThere = await images.inspection.has(kind, name)
        // A server upgrades pictures from before there were records.
        if (!await isStill(row)) continue
        const fault = isThere ? { code: 'picture_unrecorded' } as const : { code: 'file_missing', size: 'main' } as const
        await found({ ...fault, kind, name, userId }, () => mending.record({ kind, name, userId }))
      }
    }
  }
}

/** By which hashes of addresses people are shown: asked after their pictures, of which some may have had to go. */
export async function checkFaces ({ db, found }: Round): Promise<void> {
  for await (const rows of pages(db.read.faces.check, ({ userId }) => userId, 0)) {
    const wrong = rows.filter(({ isRight }) => !isRight)
    await Promise.all(wrong.map(({ userId }) => found({ code: 'face_row', userId }, () => db.write((tx) => tx.faces.renew(userId)))))
  }
}

/** By which address and number people are looked up. */
export async function checkContacts ({ db, found }: Round): Promise<void> {
  for await (const rows of pages(db.read.contacts.check, ({ userId }) => userId, 0)) {
    const wrong = rows.filter(({ isRight }) => !isRight)
    await Promise.all(wrong.map(({ userId }) => found({ code: 'contact_row', userId }, () => db.write((tx) => tx.contacts.renew(userId)))))
  }
}

/** How many people lists say that there are. */
export async function checkCount ({ db, found }: Round): Promise<void> {
  const wrong = await db.read.checks.miscount()
  if (wrong !== undefined) await found({ code: 'count_wrong', detail: `${wrong.kept} instead of ${wrong.counted}` }, () => db.write((tx) => tx.checks.recount()))
}

/** What people are found by; of a damaged index nothing is asked. */
export async function checkSearch ({ db, looked, found }: Round, isIndexWhole: boolean): Promise<void> {
  const { search } = db.read
  const renew = (userId: number) => found({ code: 'index_row', userId }, () => db.write((tx) => tx.search.renew(userId)))
  const isAstray = isIndexWhole && !await search.isInStep()
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof search.differing>> = await search.differing(after, SEARCHED_AT_ONCE, isAstray)
    looked.accounts += page.looked
    // Together, so that they share commits.
    await Promise.all(page.ids.map(renew))
    after = page.last
  }
  if (isAstray) for await (const ids of pages(search.strays, (id) => id, 0)) await Promise.all(ids.map(renew))
}

const SEARCHED_AT_ONCE = 100

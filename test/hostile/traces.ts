import { readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openSql } from '../engines.ts'

type Row = Record<string, unknown>

/** What the file holds, past every layer that could hide a change. */
export function openRows (dataDir: string) {
  const db = openSql(dataDir, { readonly: true })
  const ofUser = db.prepare<[number], Row>('select * from users where id = ?').safeIntegers()
  const ofUsers = db.prepare<[], Row>('select * from users order by id').safeIntegers()
  const others = ['groups', 'memberships', 'keys', 'sessions', 'profile_fields', 'avatars', 'pictures', 'taggings'].map((table) => db.prepare<[], Row>(`select * from ${table} order by 1, 2`).safeIntegers())

  return {
    user: (id: number): Row => withoutPresence(ofUser.get(id) as Row),
    /** Every row but those that record what happened. */
    all: (): Row[] => [ofUsers, ...others].flatMap((statement) => statement.all()).map(withoutPresence),
    close: () => db.close(),
  }
}

/** When somebody or a key was last seen is written by the clock, not by a request. */
function withoutPresence ({ last_seen_at: _, last_used_at: __, ...row }: Row): Row {
  return row
}

/** The columns in which two rows differ. */
export function changed (before: Row, after: Row): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]).sort()
}

/** Every file below a folder, but those of the database, whose side files come and go. */
export function filesBelow (dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('visage.db')).sort()
}

/** The names left in staging once what is being tidied is gone: the last files go right after the answer. */
export async function staged (dataDir: string): Promise<string[]> {
  let names: string[] = []
  for (let turn = 0; turn < 200; turn++) {
    names = await readdir(join(dataDir, 'staging'))
    if (names.length === 0) break
  }
  return names
}

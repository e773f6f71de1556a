import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/** A folder with the first so many migrations of ours, and others after them. */
export function migrationsIn (folder: string, count: number, ...others: string[]): string {
  mkdirSync(join(folder, 'meta'), { recursive: true })
  const journal = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string, when: number }[] }
  const entries = journal.entries.slice(0, count)
  for (const { tag } of entries) cpSync(join(MIGRATIONS, `${tag}.sql`), join(folder, `${tag}.sql`))
  for (const [i, sql] of others.entries()) {
    entries.push({ ...entries[0], tag: `other-${i}`, when: Date.UTC(2100, 0, 1) + i })
    writeFileSync(join(folder, `other-${i}.sql`), sql)
  }
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
  return folder
}

import { rmSync } from 'node:fs'
import type { Database as Connection } from 'better-sqlite3'
import { backUp } from './backup.ts'
import { readMigrationFiles } from '../drizzle.ts'
import type { MigrationMeta } from '../drizzle.ts'
import { FolderError } from '../errors.ts'
import { MAKE_FACTS } from '../facts.ts'

interface Options {
  dataDir: string
  /** Where the migrations lie. */
  folder: string
  /** Of this program. */
  version: string
}

export interface Migrations {
  /** Whether the database is what this program works with. Throws DATABASE_NEWER when a newer one has been at it. */
  isDone: () => boolean
  /** How many steps are missing, and whether one of them takes something away, so that a copy is made first. Throws DATABASE_NEWER. */
  missing: () => { steps: number, makesCopy: boolean }
  /** Makes it so. Returns the copy from before, where one was made. Throws DATABASE_NEWER; UPDATE_FAILED, and then nothing was changed. */
  run: () => string | undefined
}

/** A row that points to one that is not there: of which table, to which. */
interface Violation { table: string, parent: string }

// The library's own table, so that what older programs have applied counts.
const MAKE_APPLIED = 'create table if not exists __drizzle_migrations (id serial primary key, hash text not null, created_at numeric)'
/** What takes a table or a column away. Making a table anew ends so as well: drizzle-kit fills `__new_x`, drops `x` and renames. */
const DROPS = /\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?[`"[]?(\w+)|\bALTER\s+TABLE\s+[`"[]?(\w+)[`"\]]?\s+DROP\b/gi

/**
 * The library's `migrate` leaves foreign keys on, so that dropping a table removes all rows that point into it: a PRAGMA in a
 * transaction does nothing. So its files are read by the library, and applied here.
 */
export function createMigrations (connection: Connection, { dataDir, folder, version }: Options): Migrations {
  const known = readMigrationFiles({ migrationsFolder: folder })

  function pending (): MigrationMeta[] {
    const applied = has('__drizzle_migrations') ? connection.prepare('select created_at from __drizzle_migrations').pluck().all().map(Number) : []
    if (applied.some((at) => !known.some(({ folderMillis }) => folderMillis === at))) {
      const writer = writtenBy()
      throw new FolderError('DATABASE_NEWER', `the database was written by ${writer === undefined || writer === version ? 'a newer version' : `version ${writer}`}, and this is ${version}, which would damage it: install that version, or restore a backup from before it`)
    }
    return known.filter(({ folderMillis }) => !applied.includes(folderMillis))
  }

  const has = (table: string): boolean => connection.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table) !== undefined
  const writtenBy = (): string | undefined => has('__visage') ? connection.prepare("select value from __visage where name = 'version'").pluck().get() as string | undefined : undefined

  /** Whether something that people wrote would be gone; an index of the search can be made again. */
  function takesAway ({ sql }: MigrationMeta): boolean {
    const kept = connection.prepare("select 1 from pragma_table_list where schema = 'main' and type = 'table' and name = ?")
    return sql.flatMap((statement) => [...statement.matchAll(DROPS)]).some(([, dropped, altered]) => kept.get(dropped ?? altered) !== undefined)
  }

  function apply (migrations: readonly MigrationMeta[]): void {
    // Those that there are already are for fsck to tell.
    const before = violations()
    const sequences = has('sqlite_sequence') ? connection.prepare('select name, seq from sqlite_sequence').all() : []
    connection.exec(MAKE_APPLIED)
    const note = connection.prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)')
    for (const { sql, hash, folderMillis } of migrations) {
      for (const statement of sql) connection.exec(statement)
      note.run(hash, folderMillis)
    }
    // A table that was made anew counts on from its last row: the number of somebody who was removed would be given again.
    const keep = connection.prepare('update sqlite_sequence set seq = @seq where name = @name and seq < @seq')
    const add = connection.prepare('insert into sqlite_sequence (name, seq) select @name, @seq where not exists (select 1 from sqlite_sequence where name = @name) and exists (select 1 from sqlite_master where name = @name)')
    for (const sequence of sequences) {
      keep.run(sequence)
      add.run(sequence)
    }
    const broken = [...violations()].find(([way, count]) => count > (before.get(way) ?? 0))
    if (broken !== undefined) throw new Error(`${broken[1]} rows of ${broken[0]}`)
    noteVersion()
  }

  function violations (): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { table, parent } of connection.pragma('foreign_key_check') as Violation[]) {
      const way = `${table} would belong to no row of ${parent}`
      counts.set(way, (counts.get(way) ?? 0) + 1)
    }
    return counts
  }

  function noteVersion (): void {
    connection.exec(MAKE_FACTS)
    connection.prepare("insert into __visage values ('version', ?) on conflict (name) do update set value = excluded.value").run(version)
  }

  /** Does all of it or nothing. */
  function whole (work: () => void): void {
    try {
      connection.transaction(work).immediate()
    } catch (error) {
      throw new FolderError('UPDATE_FAILED', `the update of the database to ${version} failed, and nothing was changed: ${(error as Error).message}`, { cause: error })
    }
  }

  return {
    isDone: () => pending().length === 0 && has('__visage'),

    missing () {
      const migrations = pending()
      return { steps: migrations.length, makesCopy: migrations.some(takesAway) }
    },

    run () {
      const migrations = pending()
      if (migrations.length === 0) {
        if (writtenBy() !== version) whole(noteVersion)
        return undefined
      }
      const backup = migrations.some(takesAway) ? backUp(connection, { dataDir, version }) : undefined
      connection.pragma('foreign_keys = OFF')
      try {
        whole(() => apply(migrations))
        return backup
      } catch (error) {
        // Not needed, and a service manager that tries again and again must not fill the disk.
        if (backup !== undefined) rmSync(backup, { force: true })
        throw error
      } finally {
        connection.pragma('foreign_keys = ON')
      }
    },
  }
}

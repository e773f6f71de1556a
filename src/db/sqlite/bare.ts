import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type Sqlite from 'better-sqlite3'
import type { Bare, Row, Value } from '../bare.ts'
import { FolderError, MOVED, translated } from '../errors.ts'
import { MAKE_FACTS } from '../facts.ts'
import { movesOf } from '../moves.ts'
import { tables } from '../tables.ts'
import type { Table } from '../tables.ts'
import { connectTo } from './connection.ts'
import { factsIn } from './facts.ts'
import { databaseOf, hasDatabase, syncFolder } from './folder.ts'

/** A server commits group after group: the turn of somebody else comes, though not at once. */
const PATIENCE_MS = 30_000
const AT_ONCE = 1_000
/** What a start that did not come far leaves, or the claim of a move. */
const BEGUN = /^(visage\.db(-wal|-shm)?|instance\.lock)$/
const VERBS = ['insert', 'update', 'delete'] as const

const quoted = (name: string): string => `"${name}"`
const list = (names: readonly string[]): string => names.map(quoted).join(', ')
const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

/** The database of a data folder, beside a server or without one. A folder that is not there is made when it is claimed. */
export function openBareFolder (dataDir: string): Bare {
  const place = resolve(dataDir)
  let opened: Sqlite.Database | undefined
  const connection = (): Sqlite.Database => opened ??= connected(place)

  function insertInto ({ name, columns }: Table, rows: readonly Row[]): void {
    const insert = connection().prepare(`insert into ${quoted(name)} (${list(columns)}) values (${marks(columns.length)})`)
    for (const row of rows) insert.run(row)
  }

  return {
    place,
    moves: async () => hasDatabase(place) ? movesOf(factsIn(connection())) : {},

    async claim (from) {
      const { movingFrom } = hasDatabase(place) ? movesOf(factsIn(connection())) : {}
      if (movingFrom === from) return
      if (movingFrom !== undefined) throw new FolderError('MOVE_REFUSED', `${place} is being filled from ${movingFrom}, and that was not finished: choose another folder, or remove it`)
      if (hasDatabase(place) || (existsSync(place) && readdirSync(place).some((name) => !BEGUN.test(name)))) throw new FolderError('MOVE_REFUSED', `${place} is not empty: choose a new folder`)
      mkdirSync(place, { recursive: true, mode: 0o700 })
      connection().transaction(() => {
        connection().exec(MAKE_FACTS)
        connection().prepare("insert into __visage values ('moving_from', ?)").run(from)
      }).immediate()
      syncFolder(place)
    },

    async hold () {
      try {
        connection().exec('begin immediate')
      } catch (error) {
        throw translated(error)
      }
    },

    count: async ({ name }) => connection().prepare(`select count(*) from ${quoted(name)}`).pluck().get() as number,

    async * rows ({ name, columns, key }) {
      const by = list(key.map((i) => columns[i] as string))
      const page = (where: string) => connection().prepare<Value[], Value[]>(`select ${list(columns)} from ${quoted(name)} ${where} order by ${by} limit ${AT_ONCE}`).raw()
      const [first, next] = [page(''), page(`where (${by}) > (${marks(key.length)})`)]
      for (let rows = first.all(); rows.length > 0;) {
        yield rows
        const last = rows.at(-1) as Row
        rows = rows.length < AT_ONCE ? [] : next.all(...key.map((i) => last[i] as Value))
        await nextTurn()
      }
    },

    async numbers () {
      const given = connection().prepare('select name, seq from sqlite_sequence where seq > 0').raw().all() as [string, number][]
      return new Map(tables.flatMap(({ name }) => given.filter(([of]) => of === name)))
    },

    async facts (...names) {
      const noted = factsIn(connection())
      return Object.fromEntries(names.flatMap((name) => noted[name] === undefined ? [] : [[name, noted[name]]]))
    },

    async clear (all) {
      for (const { name } of all.toReversed()) connection().exec(`delete from ${quoted(name)}; delete from sqlite_sequence where name = '${name}'`)
    },

    async add (table, rows) { insertInto(table, rows) },
    // Each row was looked at when it was added.
    async filled () {},

    async countFrom (numbers) {
      for (const [name, number] of numbers) {
        connection().prepare('delete from sqlite_sequence where name = ?').run(name)
        connection().prepare('insert into sqlite_sequence (name, seq) values (?, ?)').run(name, number)
      }
    },

    async note (facts) {
      for (const [name, value] of Object.entries(facts)) {
        connection().prepare('delete from __visage where name = ?').run(name)
        if (value !== null) connection().prepare('insert into __visage values (?, ?)').run(name, value)
      }
    },

    async shut (isShut) {
      // The log of migrations as well, because a database that was moved stays as it is.
      const all = connection().prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite^_%' escape '^'").pluck().all() as string[]
      for (const table of all) for (const verb of VERBS) {
        const trigger = quoted(`moved_${verb}_${table}`)
        connection().exec(isShut ? `create trigger ${trigger} before ${verb} on ${quoted(table)} begin select raise(abort, '${MOVED}'); end` : `drop trigger if exists ${trigger}`)
      }
    },

    async commit () { connection().exec('commit') },
    async rollback () { if (opened?.inTransaction) opened.exec('rollback') },
    async close () { opened?.close() },
  }
}

function connected (dataDir: string): Sqlite.Database {
  const connection = connectTo(databaseOf(dataDir))
  connection.pragma(`busy_timeout = ${PATIENCE_MS}`)
  return connection
}

import type Sqlite from 'better-sqlite3'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf, openSql } from '../engines.ts'
import { writeContact } from '../helper.ts'
import { filesOf } from '../images/sets.ts'
import type { Base, Kind } from './cases.ts'
import { altOf, cutPictures, isOfNothing, isOutside, KINDS, NEW_PICTURE } from './cuts.ts'
import { keyOf, mayWrite } from './declared.ts'
import type { Family } from './families.ts'
import { FED } from './families.ts'
import { MARK } from './values.ts'
import type { Value } from './values.ts'

/**
 * Every column as an SQL literal, which tells `1` from `'1'` and `1.0`; `groups` are the ids of the memberships. Of the shown
 * pictures their measures and cuts; `astray` counts what is known of pictures that are not shown.
 */
export type Row = Record<string, string>

const OF_PICTURES = Object.entries({
  ...Object.fromEntries(KINDS.flatMap((kind) => Object.entries({ source: "source_width || 'x' || source_height", focus: 'focus', crop: 'crop', alt: 'alt' })
    .map(([what, value]) => [`${kind}_${what}`, `select ${value} from pictures where name = users.${kind} and kind = '${kind}' and user_id = users.id`]))),
  astray: `select (select count(*) from pictures where user_id = users.id and name is distinct from avatar and name is distinct from cover)
    + (select count(*) from avatars where user_id = users.id and name is distinct from avatar)`,
}).map(([name, query]) => `quote((${query})) as ${name}`).join()

/** A picture as the service published it once: its main file, and what it noted. */
export interface Mould { main: Buffer, known: Record<string, string | number | null> }

const literal = (value: unknown): string => {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(Number(value))
}

/** The file itself, beside the service: what is really stored, and a way to begin anywhere. */
export function openRows (dataDir: string) {
  const db = openSql(dataDir, { timeout: 2_000 })
  // The service syncs its own commits; what a test puts there need not survive a power cut.
  db.pragma('synchronous = OFF')
  const columns = columnsOf(db, 'users')
  const select = db.prepare<[number], Row>(`select ${columns.map((name) => `quote("${name}") as "${name}"`).join()}, ${OF_PICTURES} from users where id = ?`)
  const groups = db.prepare<[number], number>('select group_id from memberships where user_id = ? order by 1').pluck()
  const changes = db.prepare<[number], number>('select count(*) from changes where user_id = ?').pluck()
  const revive = db.prepare('update keys set revoked_at = null where user_id = ?')
  const leave = db.prepare('delete from memberships where user_id = ?')
  const enter = db.prepare('insert into memberships (user_id, group_id) values (?, ?)')
  const updates = new Map<string, Sqlite.Statement>()
  const known = db.prepare<[string], Mould['known']>('select * from pictures where name = ?')
  const shown = db.prepare<[number], Record<Kind, string | null>>('select avatar, cover from users where id = ?')
  const forget = ['pictures', 'avatars'].map((table) => db.prepare(`delete from ${table} where user_id = ?`))
  const collect = db.prepare('insert into avatars (user_id, name, uploaded_at) values (?, ?, 1)')
  const pictures = columnsOf(db, 'pictures')
  const note = db.prepare(`insert into pictures (${pictures.join()}) values (${pictures.map((name) => `@${name}`).join()})`)
  const written = new Map<string, Buffer>()
  const fileFor = (kind: Kind, file: string) => join(dataDir, 'media', `${kind}s`, file)

  /** A picture under another name; the sizes are never asked for. */
  function cast ({ main, known }: Mould, kind: Kind, own: { name: string, user_id: number, focus: string | null, crop: string | null }): void {
    note.run({ ...known, ...own, kind, alt: altOf(kind, own.name) })
    if (kind === 'avatar') collect.run(own.user_id, own.name)
    const file = fileFor(kind, `${own.name}.webp`)
    // Most requests leave it there for the next.
    if (written.get(file) !== main || !existsSync(file)) writeFileSync(file, main)
    written.set(file, main)
  }

  return {
    /** What somebody shows. */
    mould (kind: Kind, id: number): Mould {
      const name = String(shown.get(id)?.[kind])
      return { main: readFileSync(fileFor(kind, `${name}.webp`)), known: known.get(name) ?? {} }
    },

    /** What was noted of the files of a picture, which must be all there. */
    files (kind: Kind, name: string): string {
      for (const file of filesOf(`${kind}s`, name)) readFileSync(fileFor(kind, file))
      return String(known.get(name)?.files)
    },

    read: (id: number): Row => ({ ...select.get(id), groups: groups.all(id).join(), changes: String(changes.get(id)) }),

    /** Puts the same base under several accounts, which differ in their marks. */
    put: db.transaction((base: Base, twins: readonly { id: number, mark: string }[], moulds: readonly Record<Kind, Mould>[]) => {
      const names = Object.keys(base.columns)
      const key = names.join()
      const update = updates.get(key) ?? db.prepare(`update users set ${names.map((name) => `"${name}" = @${name}`).join()} where id = @id`)
      updates.set(key, update)
      for (const { id, mark } of twins) {
        const marked = Object.entries(base.columns).map(([name, value]) => [name, typeof value === 'string' ? value.replaceAll(MARK, mark) : value])
        update.run({ ...Object.fromEntries(marked), id })
        writeContact(db, id)
        revive.run(id)
        leave.run(id)
        for (const group of base.groups) enter.run(id, group)
        for (const table of forget) table.run(id)
        for (const kind of KINDS) {
          const name = base.columns[kind]
          const { mould, ...cut } = base.cuts[kind]
          if (typeof name === 'string') cast((moulds[mould] as Record<Kind, Mould>)[kind], kind, { ...cut, name: name.replaceAll(MARK, mark), user_id: id })
        }
      }
    }),

    close: () => { db.close() },
  }
}

const EMPTY: Record<string, unknown> = { phone: null, email: null, date_of_birth: null, ext_id: null, avatar: null, cover: null, gender: 'unspecified', avatar_focus: null, avatar_crop: null, cover_focus: null, avatar_alt: null, cover_alt: null }
const FED_COLUMNS = new Set(Object.values(FED))
const MOVED = 'later than before and not before the request'

/** The columns that a request names, with what it says of them. */
export const saidOf = (values: Record<string, Value>, columns: Record<string, string>): [column: string, Value][] => Object.entries(values).map(([field, value]) => [columns[field] as string, value])

/** The row as it must be afterwards, or why the request must be refused: all the fields that are at fault. */
export interface Outcome { status: 200 | 400 | 403, row?: Row, faults: string[] }

/**
 * What CONTRACT §1.3, NATIVE and DESIGN §4 and §9 say must come of a request. Pictures and times are told in words. `isLenient`: what
 * a strict family refuses is to be dropped instead.
 */
export function expected (before: Row, values: Record<string, Value>, { columns, path, actor, isStrict }: Family, { mark, isLenient }: { mark: string, isLenient: boolean }): Outcome {
  const after = { ...before }
  const forbidden: string[] = []
  const attributes: Record<string, unknown> = {}
  const writer = actor ?? { isStaff: before.is_staff === '1', isAdmin: before.is_admin === '1' }
  for (const [field, { means }] of Object.entries(values)) {
    // A role that staff send back as it stands names no column of theirs.
    const column = columns[field] as string
    if (means === 'keep' || means === 'same') continue
    const key = keyOf(column)
    if (key !== undefined) {
      const [stored, asked] = [attributesIn(before.attributes as string), typeof means === 'object' ? ofTwin(means.set, mark) : undefined]
      if (mayWrite(key, writer, stored)) attributes[key] = asked
      else if (isStrict && !isLenient && asked !== stored[key]) forbidden.push(field)
      continue
    }
    if (means === 'picture') after[column] = NEW_PICTURE
    else if (means === 'clear') after[column] = literal(column in EMPTY ? EMPTY[column] : '')
    else if (Array.isArray(means.set)) after[column] = [...new Set(means.set)].sort((a, b) => a - b).join()
    // The community has one word for two things, and writing it back does not turn one into the other.
    else if (means.set === 'unspecified' && path(1).startsWith('/api/v2/') && before.gender === "'non-binary'") continue
    else after[column] = literal(ofTwin(means.set, mark))
  }
  const said = saidOf(values, columns)
  const ofNothing = isOfNothing(after, said)
  cutPictures(before, after, said)
  const wrong = Object.keys(columns).filter((field) => ofNothing.includes(columns[field] as string) || (columns[field] === 'avatar_crop' && isOutside(after)))
  if (forbidden.length + wrong.length > 0) return { status: forbidden.length > 0 ? 403 : 400, faults: [...forbidden, ...wrong].sort() }
  after.attributes = withAttributes(before.attributes as string, attributes)
  const edited = Object.keys(after).filter((column) => after[column] !== before[column])
  if (edited.includes('email')) {
    after.email_confirmed = '0'
    // Whoever writes it there has not proved to own it.
    const isRescue = actor !== undefined && writer.isAdmin
    after.email_held_until = after.email === 'NULL' || isRescue ? 'NULL' : MOVED
  }
  if (edited.includes('is_active') && after.is_active === '0') after.revoked_at = MOVED
  if (edited.some((column) => !FED_COLUMNS.has(column))) {
    after.version = String(Number(before.version) + 1)
    after.updated_at = MOVED
  }
  if (edited.length > 0) after.changes = String(Number(before.changes) + 1)
  return { status: 200, row: after, faults: [] }
}

const ofTwin = (value: unknown, mark: string): unknown => typeof value === 'string' ? value.replaceAll(MARK, mark) : value

/** The declared fields afterwards: one order of keys, nothing that is empty; untouched when nothing is another value. */
const attributesIn = (stored: string) => JSON.parse(stored.slice(1, -1).replaceAll("''", "'")) as Record<string, unknown>

function withAttributes (stored: string, changes: Record<string, unknown>): string {
  const before = attributesIn(stored)
  if (Object.entries(changes).every(([key, value]) => before[key] === value)) return stored
  const entries = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined)
  return literal(JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1))))
}

/** The columns that are not as they must be, one line for each. */
export function differences (before: Row, found: Row, wanted: Row, since: number, firstSeen: number): string[] {
  return Object.keys(wanted).filter((column) => {
    const [was, is, must] = [before[column], found[column] ?? '', wanted[column]]
    if (must === NEW_PICTURE) return is === was || !/^'[0-9a-f]{32}'$/.test(is)
    if (must === MOVED) return !(Number(is) >= Math.max(since, column === 'updated_at' ? Number(was) + 1 : 0))
    // When somebody was last seen is put down every half minute, whoever asks.
    if (column === 'last_seen_at' && Number(is) >= firstSeen) return false
    return is !== must
  }).map((column) => `${column}: was ${before[column]}, must be ${wanted[column]}, is ${found[column]}`)
}

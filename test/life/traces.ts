import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { engine, isIndexed, namesOf, openSql } from '../engines.ts'

/** Every file below a folder with its bytes. */
function filesOf (folder: string): { name: string, bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(folder, path), bytes: readFileSync(path) }))
}

/** The rows of all tables, where no file in the folder has them. */
function tablesOf (folder: string): { name: string, bytes: Buffer }[] {
  const db = openSql(folder)
  try {
    return namesOf(db).map((name) => ({ name: `table ${name}`, bytes: Buffer.from((db.prepare(`select cast(one as text) from "${name}" as one`).pluck().all() as string[]).join('\n')) }))
  } finally {
    db.close()
  }
}

/** Where a text lies: the names of files, and their bytes as UTF-8, UTF-16 and hex. */
export function findText (folder: string, text: string): string[] {
  const needles = [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(Buffer.from(text).toString('hex'))]
  return [...filesOf(folder), ...engine === 'SQLite' ? [] : tablesOf(folder)].filter(({ name, bytes }) => name.includes(text) || needles.some((needle) => bytes.includes(needle))).map(({ name }) => name)
}

/** The rows of all tables that name a person: by their id in a column for ids of people, or by a text anywhere. */
export function findRows (folder: string, id: number, texts: string[]): { table: string, row: Record<string, unknown> }[] {
  const db = openSql(folder, { readonly: true })
  try {
    return namesOf(db).flatMap((table) => {
      const rows = db.prepare(`select * from "${table}"`).all() as Record<string, unknown>[]
      return rows.filter((row) => Object.entries(row).some(([column, value]) => {
        const isPerson = /^(user_id|actor_id)$/.test(column) || (table === 'users' && column === 'id')
        return (isPerson && value === id) || texts.some((text) => String(value).toLowerCase().includes(text.toLowerCase()))
      })).map((row) => ({ table, row }))
    })
  } finally {
    db.close()
  }
}

/** Whether the full-text index knows a person. */
export function findIndexed (folder: string, id: number): boolean {
  const db = openSql(folder, { readonly: true })
  try {
    return db.prepare(isIndexed).get(id) !== undefined
  } finally {
    db.close()
  }
}

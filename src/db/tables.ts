import { getTableConfig, isTable } from './drizzle.ts'
import * as schema from './schema.ts'

/** A table as its bare rows are read and written: all of its columns, and the places of those that make a row's key. */
export interface Table {
  name: string
  columns: readonly string[]
  key: readonly number[]
  /** Its rows have numbers that are never given twice. */
  isNumbered: boolean
}

/** What says something of its own database alone. */
const OWN = new Set(['search_state'])

/** Every table whose rows go where the service goes, each after those that its rows point to. */
export const tables: readonly Table[] = inOrder().filter(({ name }) => !OWN.has(name))

function inOrder (): Table[] {
  const waiting = Object.values(schema).filter((value) => isTable(value)).map((table) => getTableConfig(table))
  const ordered: typeof waiting = []
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name))
    const next = waiting.findIndex(({ name, foreignKeys }) => foreignKeys.every((key) => {
      const parent = getTableConfig(key.reference().foreignTable).name
      return parent === name || !names.has(parent)
    }))
    if (next < 0) throw new Error(`tables point to each other: ${[...names].join(', ')}`)
    ordered.push(...waiting.splice(next, 1))
  }
  return ordered.map(({ name, columns, primaryKeys }) => {
    const key = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
    return { name, columns: columns.map((column) => column.name), key: key.map((column) => columns.findIndex(({ name }) => name === column.name)), isNumbered: columns.some((column) => 'autoIncrement' in column && column.autoIncrement === true) }
  })
}

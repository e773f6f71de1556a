import type { Flags, Means, Said } from './command.ts'
import { UsageError } from './command.ts'

type Row = Record<string, unknown>
type Printing = Pick<Means, 'print' | 'isTerminal'>

/** What every list takes. */
export const listFlags = {
  limit: { type: 'string', says: 'how many at most; all of them unless told, and on a terminal 50' },
} as const

const ON_TERMINAL = 50
const PAGE = 100
/** Wider columns are cut on a terminal. */
const WIDEST = 40

function text (value: unknown): string {
  const said = typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)
  // What people typed must not move the cursor.
  const plain = said.replaceAll(/\p{C}/gu, ' ')
  return plain.length > WIDEST ? `${plain.slice(0, WIDEST - 1)}…` : plain
}

function tableOf (columns: readonly string[], rows: readonly Row[]): string {
  const cells = [[...columns], ...rows.map((row) => columns.map((name) => text(row[name])))]
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => (line[at] ?? '').length)))
  return cells.map((line) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ').trimEnd()).join('\n')
}

/** Prints rows: JSON lines as they come, or on a terminal a table of these columns. Resolves to what is said after it. */
export async function printRows ({ print, isTerminal }: Printing, { json, limit }: Flags, columns: readonly string[], rows: AsyncIterable<Row> | Iterable<Row>): Promise<Said> {
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(String(limit))) throw new UsageError('--limit takes a whole number, at least 1')
  const asTable = isTerminal && json !== true
  const most = limit === undefined ? asTable ? ON_TERMINAL : Infinity : Number(limit)
  const shown: Row[] = []
  let count = 0
  for await (const row of rows) {
    if (++count > most) break
    if (asTable) shown.push(row)
    else print(JSON.stringify(row))
  }
  const says = asTable ? `${tableOf(columns, shown)}${count > most ? '\nThere are more: --limit says how many are shown.' : ''}` : ''
  return { says, json: [] }
}

/** The same of a list of the native family, a page at a time. */
export const printList = (means: Printing & Pick<Means, 'ask'>, flags: Flags, url: string, columns: readonly string[], query = new URLSearchParams()): Promise<Said> =>
  printRows(means, flags, columns, itemsOf(means, url, query))

async function * itemsOf ({ ask }: Pick<Means, 'ask'>, url: string, query: URLSearchParams): AsyncIterable<Row> {
  const asked = new URLSearchParams(query)
  if (!asked.has('limit')) asked.set('limit', String(PAGE))
  for (let next: string | null = ''; next !== null;) {
    if (next !== '') asked.set('after', next)
    const page = await ask('GET', `${url}?${asked.toString()}`) as { items: Row[], next: string | null }
    yield * page.items
    next = page.next
  }
}

/** `name=value` as it was typed, for a query or a form; what it means the family says. */
export const pairsOf = (operands: readonly string[]): URLSearchParams => new URLSearchParams(operands.map((operand): [string, string] => {
  const at = operand.indexOf('=')
  return at < 0 ? [operand, ''] : [operand.slice(0, at), operand.slice(at + 1)]
}))

import Sqlite from 'better-sqlite3'
import { engine, openSql } from '../engines.ts'

/** The order of these is what tells the texts of an account apart in the index: sixteen rows to an account. */
const FIELDS = ['number', 'username', 'email', 'phone', 'real_name', 'first_name', 'last_name', 'location', 'description', 'attributes']

const HALVES = ['search_1', 'search_2']

interface Instance { doc: number, term: string }

/** Every trigram that the engine lists of a half, text by text and in order. */
function instancesOf (file: Sqlite.Database, half: string): Instance[] {
  file.exec(`create virtual table temp.${half}_instances using fts5vocab(main, ${half}, instance)`)
  return file.prepare(`select doc, term from temp.${half}_instances order by doc, offset`).all() as Instance[]
}

/** Every text that the search index has, put together from its trigrams: the account's id, the field, the text. */
export function indexTexts (dataDir: string): [id: number, field: string, text: string][] {
  const file = openSql(dataDir, { timeout: 2_000 })
  try {
    if (engine === 'PostgreSQL') return textsBeside(file)
    const texts = HALVES.flatMap((half) => {
      file.exec(`insert into ${half} (${half}, rank) values ('integrity-check', 1)`)
      return [...Map.groupBy(instancesOf(file, half), ({ doc }) => doc)].map(([doc, of]) => {
        const text = of.map(({ term }, at) => at === 0 ? term : [...term].at(-1)).join('')
        return [doc, text] as const
      })
    })
    return texts.toSorted(([a], [b]) => a - b).map(([doc, text]) => [Math.floor(doc / 16), FIELDS[doc % 16] ?? `field ${doc % 16}`, text])
  } finally {
    file.close()
  }
}

/** The same where the texts themselves are kept: those that have a trigram. */
function textsBeside (sql: Sqlite.Database): [id: number, field: string, text: string][] {
  const rows = sql.prepare(`select user_id, ${FIELDS.join()} from search order by 1`).raw().all() as [number, ...string[]][]
  return rows.flatMap(([id, ...texts]) => texts.map((text, i) => [id, FIELDS[i] as string, text] as [number, string, string]).filter(([, , text]) => [...text].length >= 3))
}

/** The trigrams of an account that lie in the segments of the index. The engine only marks what is removed, and lists it no more; so it is asked about a copy without the marks. */
export function trigramsOf (path: string, id: number): string[] {
  const file = new Sqlite(path, { readonly: true, timeout: 2_000 })
  const bytes = file.serialize()
  file.close()
  // A file in WAL mode, which nothing in memory can be.
  bytes.fill(1, 18, 20)
  const copy = new Sqlite(bytes).unsafeMode()
  try {
    return HALVES.flatMap((half) => {
      const structure = copy.prepare(`select block from ${half}_data where id = 10`).pluck().get() as Buffer
      copy.prepare(`update ${half}_data set block = ? where id = 10`).run(withoutMarks(structure))
      return instancesOf(copy, half).filter(({ doc }) => Math.floor(doc / 16) === id).map(({ term }) => term)
    })
  } finally {
    copy.close()
  }
}

/** The record of the segments of a half, saying of none that it has pages of marks: https://sqlite.org/fts5.html, "The FTS5 Structure Record". */
function withoutMarks (record: Buffer): Buffer {
  const HEAD = 8
  const numbers: number[] = []
  for (let at = HEAD, number = 0; at < record.length; at++) {
    const byte = record[at] as number
    number = number * 128 + (byte & 127)
    if (byte < 128) {
      numbers.push(number)
      number = 0
    }
  }
  const [LEVELS, OF_A_LEVEL, OF_A_SEGMENT, MARKS] = [3, 2, 8, 5]
  for (let at = LEVELS; at < numbers.length;) {
    const segments = numbers[at + 1] as number
    at += OF_A_LEVEL
    for (let i = 0; i < segments; i++, at += OF_A_SEGMENT) numbers[at + MARKS] = 0
  }
  const bytes = numbers.flatMap((number) => {
    const groups = [number % 128]
    for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift(128 + rest % 128)
    return groups
  })
  return Buffer.concat([record.subarray(0, HEAD), Buffer.from(bytes)])
}

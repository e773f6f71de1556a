import { sql } from '../drizzle.ts'
import type { SQL } from '../drizzle.ts'
import { dialledPart } from '../phone.ts'
import { folded } from '../fold.ts'
import { isIndexable, SEARCHED } from './texts.ts'
import type { SearchText } from './texts.ts'

/** What is looked for in a text of a person, as that text is folded; undefined when it cannot stand there. */
export function soughtIn (field: SearchText, words: string): string | undefined {
  return field === 'phone' ? dialledPart(words) || undefined : folded(words)
}

/**
 * The ids of accounts of which the index says that one of these texts contains these words, and of some others maybe; undefined
 * when it cannot tell, because what is looked for is too short.
 */
export function candidates (words: string, fields: readonly SearchText[]): SQL | undefined {
  const byText = Map.groupBy(fields.filter((field) => soughtIn(field, words) !== undefined), (field) => soughtIn(field, words) ?? '')
  if (![...byText.keys()].every(isIndexable)) return undefined
  const parts = Array.from(byText, ([text, of]) => rows(text, of.map((field) => SEARCHED.indexOf(field))))
  return parts.length === 0 ? sql`(select 0)` : sql`(${sql.join(parts, sql` union all `)})`
}

function rows (text: string, numbers: number[]): SQL {
  const phrase = `"${text.replaceAll('"', '""')}"`
  return sql`select rowid >> 4 from search_1 where search_1 match ${phrase} and rowid & 15 in ${numbers}
    union all select rowid >> 4 from search_2 where search_2 match ${phrase} and rowid & 15 in ${numbers}`
}

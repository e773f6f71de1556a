import Sqlite from 'better-sqlite3'

/** The order of these is what tells the texts of an account apart in the index: sixteen rows to an account. */
const FIELDS = ['number', 'username', 'email', 'phone', 'real_name', 'first_name', 'last_name', 'location', 'description', 'attributes']

interface Instance { doc: number, term: string }

/** Every text that the search index has, put together from its trigrams: the account's id, the field, the text. */
export function indexTexts (path: string): [id: number, field: string, text: string][] {
  const file = new Sqlite(path, { timeout: 2_000 })
  try {
    const texts = ['search_1', 'search_2'].flatMap((half) => {
      file.exec(`insert into ${half} (${half}, rank) values ('integrity-check', 1);
        create virtual table temp.${half}_instances using fts5vocab(main, ${half}, instance)`)
      const instances = file.prepare(`select doc, term from temp.${half}_instances order by doc, offset`).all() as Instance[]
      return [...Map.groupBy(instances, ({ doc }) => doc)].map(([doc, of]) => {
        const text = of.map(({ term }, at) => at === 0 ? term : [...term].at(-1)).join('')
        return [doc, text] as const
      })
    })
    return texts.toSorted(([a], [b]) => a - b).map(([doc, text]) => [Math.floor(doc / 16), FIELDS[doc % 16] ?? `field ${doc % 16}`, text])
  } finally {
    file.close()
  }
}

import type { InferSelectModel } from '../drizzle.ts'
import { folded } from '../fold.ts'
import { dialled } from '../phone.ts'
import type { Attributes, users } from '../schema.ts'

/** What a person can be found by. The place in this list is the text's number in the index: new ones go to the end, sixteen at most. */
export const SEARCHED = ['number', 'username', 'email', 'phone', 'realName', 'firstName', 'lastName', 'location', 'description', 'attributes'] as const
export type SearchText = (typeof SEARCHED)[number]

/** To be raised when texts are folded or numbered otherwise than before: the index is then made anew. */
export const LAYOUT = 1
/** The index knows texts by their trigrams, so it does not know shorter ones. */
export const SHORTEST = 3

type UserRow = InferSelectModel<typeof users>
/** The columns that the texts are made of. */
export const SOURCES = ['id', 'username', 'email', 'phone', 'realName', 'firstName', 'lastName', 'location', 'description', 'attributes'] as const satisfies (keyof UserRow)[]
export type Source = Pick<UserRow, (typeof SOURCES)[number]>

/** The same of the table, to be selected. */
export const sourcesOf = (table: typeof users) => Object.fromEntries(SOURCES.map((name) => [name, table[name]])) as Pick<typeof users, (typeof SOURCES)[number]>

export const isIndexable = (text: string): boolean => [...text].length >= SHORTEST

/** The texts of an account in the order of their numbers, folded. */
export function foldedTexts ({ id, phone, attributes, ...words }: Source): string[] {
  const texts = { ...words, number: String(id), phone: dialled(phone ?? ''), attributes: linesOf(attributes) }
  return SEARCHED.map((name) => folded(texts[name] ?? ''))
}

/** The same as an index of trigrams has them; what it does not know is empty, and so are those of nobody. */
export const textsOf = (account: Source | undefined): string[] => account === undefined
  ? SEARCHED.map(() => '')
  : foldedTexts(account).map((text) => isIndexable(text) ? text : '')

/** The declared fields, a line for each, so that nothing is found across two of them. */
const linesOf = (attributes: Attributes): string => Object.values(attributes).filter((value) => typeof value !== 'boolean').join('\n')

/** The row of a text in the index: sixteen to an account. BigInt, because the driver sends other numbers as reals, which the engine does not take for a row. */
export const rowOf = (userId: number, number: number): bigint => BigInt(userId) * 16n + BigInt(number)

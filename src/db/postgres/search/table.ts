import { integer, sql, sqliteTable, text } from '../../drizzle.ts'
import type { SQL, SQLiteColumn } from '../../drizzle.ts'
import type { SearchText } from '../../search/texts.ts'

const words = (name: string) => text(name).notNull()

/** What people are found by, folded: one row an account, beside it and changed with it, under one index of trigrams. */
export const search = sqliteTable('search', {
  userId: integer('user_id').primaryKey(),
  number: words('number'),
  username: words('username'),
  email: words('email'),
  phone: words('phone'),
  realName: words('real_name'),
  firstName: words('first_name'),
  lastName: words('last_name'),
  location: words('location'),
  description: words('description'),
  attributes: words('attributes'),
} satisfies Record<SearchText | 'userId', unknown>)

/** Whether a text of theirs contains this, in which no sign means anything but itself. */
export const contains = (field: SearchText, folded: string): SQL =>
  sql`${search[field] as SQLiteColumn} like ${`%${folded.replaceAll(/[\\%_]/g, '\\$&')}%`}`

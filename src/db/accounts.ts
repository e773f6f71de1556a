import type { Dialect } from './dialect.ts'
import { getTableColumns, sql } from './drizzle.ts'
import type { InferSelectModel, SQLiteColumn } from './drizzle.ts'
import { mapperOf } from './rows.ts'
import type { Values } from './rows.ts'
import { groups, memberships, taggings, tags, users } from './schema.ts'
import type { Tag } from './tags.ts'

export type UserRow = InferSelectModel<typeof users>
interface GroupRef { id: number, name: string }
/** A person's row together with the groups it belongs to and the tags it was given. */
export type Account = UserRow & { groups: GroupRef[], tags: Tag[] }

// Written out, because drizzle drops the table from every column that it finds in the selection of one table.
const tagColumns = sql.join(Object.values<SQLiteColumn>(getTableColumns(tags)).map(({ name }) => sql`tags.${sql.identifier(name)}`), sql`, `)

/** What is selected of an account: its columns, then its groups and its tags, both in the order of their ids. */
export const accountColumns = ({ arrays }: Dialect) => ({
  ...getTableColumns(users),
  groups: sql<string>`(select ${arrays(sql`"groups".id, "groups".name`, sql`"groups".id`)}
    from ${memberships} join ${groups} on "groups".id = memberships.group_id where memberships.user_id = users.id)`,
  tags: sql<string>`(select ${arrays(tagColumns, sql`tags.id`)}
    from ${taggings} join ${tags} on tags.id = taggings.tag_id where taggings.user_id = users.id)`,
})

const userOf = mapperOf<UserRow>(getTableColumns(users))
const tagOf = mapperOf<Tag>(getTableColumns(tags))

/** The account in the values of a row that was selected so; undefined where none was. */
export function accountOf (values: Values | undefined): Account | undefined {
  if (values === undefined) return undefined
  const [groupList, tagList] = values.slice(-2) as string[]
  return Object.assign(userOf(values), {
    groups: listOf(groupList).map(([id, name]) => ({ id, name }) as GroupRef),
    tags: listOf(tagList).map(tagOf),
  })
}

/** Most people have neither groups nor tags. */
const listOf = (json = '[]'): Values[] => json === '[]' ? [] : JSON.parse(json) as Values[]

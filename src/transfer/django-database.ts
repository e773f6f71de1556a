import Sqlite from 'better-sqlite3'
import { TransferError } from './folder.ts'

/** How a Django project calls what an account has; null leaves a column out. */
export interface Mapping { table?: string, columns?: Record<string, string | null> }

export type Value = string | number | bigint | Buffer | null
export type Row = Record<string, Value>

export interface DjangoDatabase {
  /** The column that tells one user from another. */
  key: string
  /** The highest id of a user that can be one here; 0 where they are not numbers. */
  highest: number
  /** The users, by id. */
  users: () => Iterable<Row>
  /** The names of the groups that somebody is in. */
  groupsOf: (id: Value) => string[]
  close: () => void
}

/** What `AbstractUser` and `AbstractBaseUser` give to every model of a user. */
const OF_USERS = ['password', 'last_login']

/** Ids that are drawn at random from 64 bits are not kept: those that come after one would be no numbers that programs can count by. */
export const ID_LIMIT = 2 ** 52

/** Opens the database of a Django project, to be read. Throws a TransferError when it is none, or has no users, or several tables of them. */
export function openDjango (file: string, { table }: Mapping): DjangoDatabase {
  const db = opened(file)
  const columnsOf = (name: string) => db.prepare('select name from pragma_table_info(?)').pluck().all(name) as string[]
  const tables = db.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all() as string[]
  const candidates = tables.filter((name) => OF_USERS.every((column) => columnsOf(name).includes(column)))
  if (table !== undefined && !tables.includes(table)) throw new TransferError(`${file} has no table ${table}`)
  const [users, ...others] = table === undefined ? candidates : [table]
  if (users === undefined) throw new TransferError(`${file} has no table of users: a mapping says which one it is`)
  if (others.length > 0) throw new TransferError(`${file} has several tables of users (${candidates.join(', ')}): a mapping says which one it is`)

  const [key = 'id', owner] = [columnsOf(users).includes('id') ? 'id' : columnsOf(users)[0], columnsOf(`${users}_groups`).find((column) => column.endsWith('_id') && column !== 'group_id')]
  const groups = owner !== undefined && tables.includes('auth_group')
    ? db.prepare(`select auth_group.name from ${quoted(`${users}_groups`)} as members join auth_group on auth_group.id = members.group_id where members.${quoted(owner)} = ? order by auth_group.name`).pluck()
    : undefined
  return {
    key,
    highest: Number(db.prepare(`select max(${quoted(key)}) from ${quoted(users)} where typeof(${quoted(key)}) = 'integer' and ${quoted(key)} < ?`).pluck().get(ID_LIMIT)) || 0,
    * users () {
      try {
        yield * db.prepare(`select * from ${quoted(users)} order by ${quoted(key)}`).iterate() as Iterable<Row>
      } catch (error) {
        throw new TransferError(`${file} cannot be read to its end: ${(error as Error).message}`, { cause: error })
      }
    },
    groupsOf: (id) => groups === undefined ? [] : groups.all(id) as string[],
    close: () => { db.close() },
  }
}

function opened (file: string): Sqlite.Database {
  try {
    const db = new Sqlite(file, { readonly: true, fileMustExist: true })
    db.prepare('select 1 from sqlite_master').get()
    return db
  } catch (error) {
    throw new TransferError(`${file} is no database that can be read: ${(error as Error).message}`, { cause: error })
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

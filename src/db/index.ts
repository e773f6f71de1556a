import type { Bare } from './bare.ts'
import type { Database } from './database.ts'
import { openBareFolder } from './sqlite/bare.ts'
import { missingMigrations as missingInFolder, openSqlite } from './sqlite/open.ts'
import type { Opening as SqliteOpening } from './sqlite/open.ts'
import type { PostgresOpening } from './postgres/open.ts'

// The port: whoever is not of this room speaks to the database through this file, and to no engine.

export type { Account, AttributeValue, Attributes, UserRow, Visibility } from './users.ts'
export type { Avatar } from './avatars.ts'
export type { Bare, Row } from './bare.ts'
export type { Carried, List, ListRow } from './carried.ts'
export type { ChangeFilter } from './change-lists.ts'
export type { Change } from './changes.ts'
export type { Named } from './checks.ts'
export type { CodeRow, Purpose } from './codes.ts'
export type { Database, Queries } from './database.ts'
export type { Deed } from './deeds.ts'
export type { Condition, Order, Shown } from './directory/index.ts'
export { FolderError } from './errors.ts'
export { hasDatabase } from './sqlite/folder.ts'
export type { Group, GroupFilter, GroupPage } from './group-lists.ts'
export type { GroupRow } from './groups.ts'
export type { InvitationRow } from './invitations.ts'
export type { KeyRow } from './keys.ts'
export type { MailRow } from './mails.ts'
export { dialled } from './phone.ts'
export type { Seen } from './presence.ts'
export type { PictureRow } from './pictures.ts'
export type { FieldRules, ProfileField } from './profile-fields.ts'
export { refuseMoved } from './moves.ts'
export type { Noun, Verb } from './schema.ts'
export type { Sealed } from './sealed.ts'
export type { SearchText } from './search/texts.ts'
export type { SecondFactorRow } from './second-factors.ts'
export type { SessionRow, SpentToken } from './sessions.ts'
export { tables } from './tables.ts'
export type { Table } from './tables.ts'
export type { Used, Uses } from './uses.ts'
export type { Tag, TagFilter, TagOrder, TagRules } from './tags.ts'

/** One of a folder, or where there is a `url`, that of PostgreSQL. */
export type Opening = SqliteOpening & Partial<Pick<PostgresOpening, 'url' | 'connections' | 'isShared'>>

const CONNECTIONS = 16

/**
 * Opens the database of a folder and applies the migrations. The server is `exclusive`: it makes the folder where there is none,
 * and has it to itself for as long as it lives. An operator command is not: it works beside a server, and alone it migrates as
 * well. Throws a FolderError.
 */
export async function openDatabase (opening: Opening): Promise<Database> {
  const { url, connections = CONNECTIONS, isShared = false, ...ofFolder } = opening
  if (url === undefined) return openSqlite(ofFolder)
  const { openPostgres } = await import('./postgres/open.ts')
  return openPostgres({ dataDir: opening.dataDir, exclusive: opening.exclusive, isShared, url, connections, ...ofFolder.isMoving === true && { isMoving: true }, ...ofFolder.tracksPictures === true && { tracksPictures: true } })
}

/** What an opening would do to a database first; looks and changes nothing. Throws as `openDatabase` does. */
export async function missingMigrations ({ dataDir, url }: Pick<Opening, 'dataDir' | 'url'>): Promise<{ steps: number, makesCopy: boolean }> {
  if (url === undefined) return missingInFolder(dataDir)
  const { missingInPostgres } = await import('./postgres/open.ts')
  return { steps: await missingInPostgres(url), makesCopy: false }
}

/** Opens a database for a move: see `Bare`. */
export async function openBare ({ dataDir, url }: Pick<Opening, 'dataDir' | 'url'>): Promise<Bare> {
  return url === undefined ? openBareFolder(dataDir) : (await import('./postgres/bare.ts')).openBarePostgres(url)
}

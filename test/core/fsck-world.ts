import type Sqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import type { Service } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import type { Finding } from '../../src/core/fsck/index.ts'
import { indexTexts } from '../directory/index-texts.ts'
import { animation, chunks, picture } from '../images/pictures.ts'
import { copyRows, namesOf, openSql, placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'

type Kind = 'avatar' | 'cover'

export const open = (dataDir: string, exclusive = false): Promise<Service> => openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive })

/** Ada (1) shows an avatar and a cover and keeps another avatar, Bob (2) shows both and the avatar by his address, hidden Eve (3) an avatar that moves, Mallory (4) nothing. */
export async function furnish (dataDir: string): Promise<Names> {
  const core = await open(dataDir, true)
  const stage = async (kind: Kind, bytes: Buffer) => await core.images.stage(kind, chunks(bytes))
  const still = (kind: Kind) => picture({ width: 90, height: 60 }).then((bytes) => stage(kind, bytes))
  const shown: [string, object][] = [
    ['ada', { avatar: await still('avatar'), cover: await still('cover'), cuts: { avatar: { crop: [10, 0, 50, 60] } }, alts: { avatar: 'Ada at work', cover: 'Engines' } }],
    ['bob', { avatar: await still('avatar'), cover: await still('cover'), alts: { avatar: 'Bob' } }],
    ['eve', { avatar: await stage('avatar', await animation(3)) }],
    ['mallory', {}],
  ]
  for (const [username, pictures] of shown) {
    const { id } = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, realName: `${username} of Nowhere` }, { family: 'operator' })
    if (Object.keys(pictures).length > 0) await core.users.edit(OPERATOR, id, pictures, { family: 'operator' })
    writeFileSync(join(dataDir, 'mail', `${id}-${id}.1700000000000.eml`), 'a message')
  }
  const [ada, bob, eve] = [await core.users.get(1), await core.users.get(2), await core.users.get(3)]
  await core.db.write((tx) => tx.users.update(2, { emailConfirmed: true, isFoundByEmail: true }))
  const { avatar } = await core.avatars.add(actingAs(ada), { avatar: await still('avatar'), alts: { avatar: 'Ada in 1840' } }, { family: 'community' })
  await core.deletion.hide(OPERATOR, 3, () => {}, { family: 'operator' })
  await core.close()
  return { ada: String(ada.avatar), kept: avatar.name, cover: String(ada.cover), bob: String(bob.avatar), bobsCover: String(bob.cover), eve: String(eve.avatar) }
}

/** Of the pictures; `kept` and `cover` are Ada's. */
type Names = Record<'ada' | 'kept' | 'cover' | 'bob' | 'bobsCover' | 'eve', string>

/** What lies in a data folder, thing by thing, each with what tells whether it is still the same. */
export type State = Map<string, string>

export interface Place {
  dataDir: string
  core: Service
  sql: Sqlite.Database
  media: (file: string) => string
  state: () => State
  /** Looks, and mends when told to; what is wrong in the order of being found. */
  fsck: (repair?: boolean) => Promise<(Omit<Finding, 'isRepaired'> & { isRepaired?: boolean })[]>
}

/** A copy of a furnished folder, with nobody else in it. */
export async function place (t: Test, from: string): Promise<Place> {
  const dataDir = folderFor(t)
  cpSync(from, dataDir, { recursive: true, preserveTimestamps: true })
  copyRows(from, dataDir)
  const core = await open(dataDir)
  const sql = openSql(dataDir)
  t.teardown(async () => {
    sql.close()
    await core.close()
  })
  return {
    dataDir,
    core,
    sql,
    media: (file) => join(dataDir, 'media', file),
    state: () => new Map([...filesOf(dataDir), ...rowsOf(sql), ...textsOf(dataDir)]),
    async fsck (repair = false) {
      const findings: Finding[] = []
      await core.fsck.run({ repair, onFinding: (finding) => { findings.push(finding) } })
      return repair ? findings : findings.map(({ isRepaired: _, ...fault }) => fault)
    },
  }
}

function filesOf (dataDir: string): [string, string][] {
  const inside = ['media', 'staging', 'mail'].flatMap((folder) => readdirSync(join(dataDir, folder), { recursive: true, withFileTypes: true }))
  return inside.map((entry) => {
    const file = join(entry.parentPath, entry.name)
    return [file.slice(dataDir.length + 1), entry.isDirectory() ? 'a folder' : createHash('sha256').update(readFileSync(file)).digest('hex')]
  })
}

/** Whose rows have a person for a number. */
const OF_ONE = new Set(['contacts', 'faces', 'second_factors'])

function rowsOf (sql: Sqlite.Database): [string, string][] {
  const tables = namesOf(sql).filter((name) => !/^search(_|$)|^__drizzle/.test(name))
  return tables.flatMap((table) => {
    const rows = sql.prepare(`select * from ${table}`).all() as { id?: number, name?: string, user_id?: number }[]
    return rows.map((row): [string, string] => [`${table} ${row.id ?? row.name ?? (OF_ONE.has(table) ? row.user_id : JSON.stringify(row))}`, JSON.stringify(row)])
  })
}

/** What people are found by, whichever half of the index has it. */
function textsOf (dataDir: string): [string, string][] {
  try {
    return indexTexts(dataDir).map(([id, field, text]) => [`text ${id} ${field}`, text])
  } catch (error) {
    return [['text', (error as Error).message]]
  }
}

/** What is not as it was, by whether it came, went or changed. */
export function difference (before: State, after: State): string[] {
  const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => `- ${key}`)
  const come = [...after.keys()].filter((key) => !before.has(key)).map((key) => `+ ${key}`)
  const changed = [...after].filter(([key, value]) => before.has(key) && before.get(key) !== value).map(([key]) => `~ ${key}`)
  return [...gone, ...come, ...changed].sort()
}

/** Makes a file look an hour old. */
export function age (file: string): void {
  const time = new Date(Date.now() - 3_600_000)
  utimesSync(file, time, time)
}

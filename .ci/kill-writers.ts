// The eight writers of the kill loop, and what has to be true of what they wrote.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import sharp from 'sharp'
import { indexTexts } from '../test/directory/index-texts.ts'
import { filesOf } from '../test/images/sets.ts'
import type { Person } from './service.ts'

const BITS = 24
const CELL = 16
const SWEEP_MS = 10_000

/** One person, whose every request carries the next number in the name, in a text and in the picture. */
export interface Writer extends Person {
  index: number
  /** The last number that was answered with 200. */
  acknowledged: number
  /** The last number that was sent. */
  sent: number
  /** The last number that came with a cover and was kept. */
  covered: number
}

const FAMILIES = [
  { method: 'PATCH', path: (id: number) => `/api/v2/user/${id}/`, text: 'bio', column: 'bio' },
  { method: 'PATCH', path: (id: number) => `/api/users/${id}/`, text: 'last_name', column: 'last_name' },
  { method: 'PUT', path: (id: number) => `/api/profile/${id}/update/`, text: 'first_name', column: 'first_name' },
] as const

/** Community alone has covers. */
const hasCover = (number: number): boolean => familyOf(number) === FAMILIES[0]

const familyOf = (number: number) => FAMILIES[number % FAMILIES.length] as (typeof FAMILIES)[number]

/** A number as black and white cells, which survive the encoder where a single colour would not. */
export async function pictureOf (number: number): Promise<Blob> {
  const pixels = Buffer.alloc(BITS * CELL * CELL)
  for (const at of pixels.keys()) pixels[at] = number >> Math.floor(at % (BITS * CELL) / CELL) & 1 ? 255 : 0
  const png = await sharp(pixels, { raw: { width: BITS * CELL, height: CELL, channels: 1 } }).png().toBuffer()
  return new Blob([new Uint8Array(png)])
}

/** The number that a picture shows, by its file or its bytes. */
export async function numberOf (file: string | Buffer): Promise<number> {
  const { data, info } = await sharp(file, { failOn: 'warning' }).greyscale().raw().toBuffer({ resolveWithObject: true })
  let number = 0
  for (let bit = 0; bit < BITS; bit++) {
    const at = (CELL / 2 * info.width + bit * CELL + CELL / 2) * info.channels
    if ((data[at] ?? 0) > 127) number |= 1 << bit
  }
  return number
}

/** What the main file shows, when every other size is a whole picture as well. */
async function shownBy ([main = '', ...sizes]: string[]): Promise<number> {
  for (const file of sizes) await sharp(file, { failOn: 'warning' }).stats()
  return await numberOf(main)
}

/** Writes until the connection breaks; every other answer than 200 is told. */
export async function write (writer: Writer, url: string, refused: (status: number) => void): Promise<void> {
  for (;;) {
    const number = writer.sent + 1
    const { method, path, text } = familyOf(number)
    const body = new FormData()
    body.set('username', `w${writer.index}-${number}`)
    body.set('avatar', await pictureOf(number), 'avatar.png')
    if (hasCover(number)) body.set('cover', await pictureOf(number), 'cover.png')
    body.set(text, String(number))
    writer.sent = number
    try {
      const response = await fetch(url + path(writer.id), { method, body, headers: { authorization: `Token ${writer.key}` } })
      await response.arrayBuffer()
      if (!response.ok) refused(response.status)
      else writer.acknowledged = number
      if (response.ok && hasCover(number)) writer.covered = number
    } catch {
      return
    }
  }
}

export interface Findings { lost: number, missing: number, broken: number, torn: number, astray: number, orphans: number, staged: number }

interface Row { username: string, bio: string, first_name: string, last_name: string, avatar: string | null, cover: string | null }

/** Accounts whose avatar is not in their collection alone, or of whose pictures something else is noted than is shown. */
const ASTRAY = `select count(*) from users where
  (select group_concat(name) from avatars where user_id = users.id) is not users.avatar
  or (select group_concat(name) from pictures where user_id = users.id and kind = 'avatar') is not users.avatar
  or (select group_concat(name) from pictures where user_id = users.id and kind = 'cover') is not users.cover`

/** How many accounts are found by something else than what they say. */
function unfound (dataDir: string, db: Sqlite.Database): number {
  const texts = Map.groupBy(indexTexts(dataDir), ([id]) => id)
  const rows = db.prepare<[], Row & { id: number }>('select * from users').all()
  return rows.filter((row) => (['username', 'last_name', 'first_name'] as const).some((field) => {
    const [indexed = ''] = (texts.get(row.id) ?? []).flatMap(([, of, text]) => of === field ? [text] : [])
    // What is too short has no trigram, and is not in the index.
    return indexed !== (row[field].length < 3 ? '' : row[field].toLowerCase())
  })).length
}

/** What is wrong after a start, and how often the request that was on its way had made it. */
export async function verify (dataDir: string, writers: Writer[]): Promise<Findings & { kept: number }> {
  const found = { lost: 0, missing: 0, broken: 0, torn: 0, astray: 0, kept: 0, ...await afterSweep(dataDir) }
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  const select = db.prepare<[number], Row>('select username, bio, first_name, last_name, avatar, cover from users where id = ?')
  found.astray = (db.prepare<[], number>(ASTRAY).pluck().get() ?? 0) + unfound(dataDir, db)
  for (const writer of writers) {
    const row = select.get(writer.id) as Row
    const number = Number(row.username.split('-')[1])
    if (number !== writer.acknowledged && number !== writer.sent) found.lost++
    if (number !== writer.acknowledged && number === writer.sent) found.kept++
    if (hasCover(number)) writer.covered = number
    if (number > 0 && row[familyOf(number).column] !== String(number)) found.torn++
    for (const [kind, must] of [['avatar', number], ['cover', writer.covered]] as const) {
      if (must === 0) continue
      const files = filesOf(`${kind}s`, String(row[kind])).map((name) => join(dataDir, 'media', `${kind}s`, name))
      const shown = files.every((file) => existsSync(file)) ? await shownBy(files).catch(() => undefined) : null
      if (shown === null) found.missing++
      else if (shown === undefined) found.broken++
      else if (shown !== must) found.torn++
    }
    writer.acknowledged = number
    writer.sent = Math.max(writer.sent, number)
  }
  db.close()
  return found
}

/** The sweep comes after the server listens: what is still there when its time is up is told. */
async function afterSweep (dataDir: string): Promise<{ orphans: number, staged: number }> {
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  const select = db.prepare<[], string>('select avatar from users where avatar is not null union select cover from users where cover is not null').pluck()
  const giveUp = Date.now() + SWEEP_MS
  for (;;) {
    const named = new Set(select.all())
    const orphans = leftovers(dataDir).published.filter((name) => !named.has(name)).length
    const staged = leftovers(dataDir).staged.length
    if ((orphans === 0 && staged === 0) || Date.now() > giveUp) {
      db.close()
      return { orphans, staged }
    }
    await sleep(20)
  }
}

/** The names of published pictures, however many of their sizes are there, and the files that lie in staging. */
export function leftovers (dataDir: string): { published: string[], staged: string[] } {
  const media = ['avatars', 'covers'].flatMap((folder) => readdirSync(join(dataDir, 'media', folder)))
  return { published: [...new Set(media.map((file) => file.replace(/(?:-\d+)?\.webp$/, '')))], staged: readdirSync(join(dataDir, 'staging')) }
}

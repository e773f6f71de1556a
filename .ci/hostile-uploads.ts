// One hostile picture on its way into the service, and what is left of it there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import sharp from 'sharp'
import { fileName, SIZES } from '../src/images/formats.ts'
import type { ImageKind } from '../src/images/formats.ts'
import type { Person } from './service.ts'

sharp.cache(false)
sharp.concurrency(1)

const ATTEMPTS = 5
const PAUSE_MS = 200
/** So many bytes in a row of what was smuggled in are too many. */
const RUN = 16

const AVATAR_FAMILIES = [
  { method: 'PATCH', path: (id: number) => `/api/v2/user/${id}/` },
  { method: 'PATCH', path: (id: number) => `/api/users/${id}/` },
  { method: 'PUT', path: (id: number) => `/api/profile/${id}/update/` },
] as const
/** Community alone has covers. */
const COVER_FAMILIES = AVATAR_FAMILIES.slice(0, 1)

interface Upload { kind: ImageKind, bytes: Buffer, turn: number }

/** The verdict, and how often it was not to be had: a 503 asks to come again. */
export async function send (url: string, { id, key }: Person, { kind, bytes, turn }: Upload): Promise<{ status: number | string, unavailable: number }> {
  const families = kind === 'avatar' ? AVATAR_FAMILIES : COVER_FAMILIES
  const { method, path } = families[turn % families.length] as (typeof AVATAR_FAMILIES)[number]
  const body = new FormData()
  body.set(kind, new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'picture.png')
  let unavailable = 0
  for (;;) {
    let status: number | string
    try {
      const response = await fetch(url + path(id), { method, body, headers: { authorization: `Token ${key}` } })
      await response.arrayBuffer()
      status = response.status
    } catch (error) {
      status = String((error as Error).cause ?? error)
    }
    if (status !== 503 || ++unavailable === ATTEMPTS) return { status, unavailable }
    await sleep(PAUSE_MS)
  }
}

interface Stored { dataDir: string, person: Person, kind: ImageKind, payload: string | undefined }

/** What is wrong with the files of the picture that somebody shows. */
export async function judgeStored ({ dataDir, person, kind, payload }: Stored): Promise<string[]> {
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  const name = db.prepare<[number], string>(`select ${kind} from users where id = ?`).pluck().get(person.id) ?? ''
  db.close()
  const wrong: string[] = []
  for (const size of ['main', ...SIZES[kind]] as const) {
    try {
      const bytes = readFileSync(join(dataDir, 'media', `${kind}s`, fileName(name, size)))
      await sharp(bytes, { failOn: 'warning', animated: true }).raw().toBuffer()
      if (payload !== undefined && survives(Buffer.from(payload, 'base64'), bytes)) wrong.push(`what was smuggled in is in ${size}`)
    } catch (error) {
      wrong.push(`${size}: ${String(error)}`)
    }
  }
  return wrong
}

function survives (payload: Buffer, bytes: Buffer): boolean {
  for (let at = 0; at + RUN <= payload.length; at++) if (bytes.includes(payload.subarray(at, at + RUN))) return true
  return false
}

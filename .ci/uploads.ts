// A thousand uploads by one person, four at a time, through every family, leave one set of files: the shown avatar and
// the shown cover in all their sizes, and nothing else. What the operator's program says of the folder is asked last.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import sharp from 'sharp'
import { filesOf } from '../test/images/sets.ts'
import { createPeople, startService } from './service.ts'
import type { Person } from './service.ts'

const UPLOADS = 1_000
const AT_ONCE = 4
const FAMILIES = [
  { method: 'PATCH', path: (id: number) => `/api/v2/user/${id}/`, kinds: ['avatar', 'cover'] },
  { method: 'PATCH', path: (id: number) => `/api/users/${id}/`, kinds: ['avatar'] },
  { method: 'PUT', path: (id: number) => `/api/profile/${id}/update/`, kinds: ['avatar'] },
] as const

async function upload (url: string, { id, key }: Person, number: number): Promise<void> {
  const { method, path, kinds } = FAMILIES[number % 3] ?? FAMILIES[0]
  const png = await sharp({ create: { width: 8, height: 6, channels: 3, background: { r: number % 256, g: number >> 8, b: 0 } } }).png().toBuffer()
  const body = new FormData()
  for (const kind of kinds) body.set(kind, new Blob([new Uint8Array(png)]), `${kind}.png`)
  const response = await fetch(url + path(id), { method, body, headers: { authorization: `Token ${key}` } })
  if (!response.ok) throw new Error(`upload ${number} was answered with ${response.status}: ${await response.text()}`)
  await response.arrayBuffer()
}

/** What should lie in the folders, and what does. */
function files (dataDir: string): { should: string[], are: string[] } {
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  const { avatar, cover } = db.prepare('select avatar, cover from users').get() as { avatar: string, cover: string }
  db.close()
  return {
    should: [...filesOf('avatars', avatar), ...filesOf('covers', cover)].sort(),
    are: ['media/avatars', 'media/covers', 'staging'].flatMap((folder) => readdirSync(join(dataDir, folder))).sort(),
  }
}

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-uploads-'))
try {
  const dataDir = join(home, 'data')
  const [person] = await createPeople(dataDir, 1) as [Person]
  const service = await startService({ dataDir })
  try {
    const numbers = Array(UPLOADS).keys()
    await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (const number of numbers) await upload(service.url, person, number) }))
  } finally {
    await service.end('SIGTERM')
  }
  const { should, are } = files(dataDir)
  console.log(JSON.stringify({ uploads: UPLOADS, files: are.length, seconds: Math.round((performance.now() - began) / 100) / 10 }))
  if (are.join() !== should.join()) throw new Error(`there should be ${should.join(', ')}; there are ${are.join(', ')}`)
  process.stdout.write(execFileSync(process.execPath, ['src/cli.ts', 'fsck'], { cwd: join(import.meta.dirname, '..'), env: { ...process.env, VISAGE_DATA_DIR: dataDir }, encoding: 'utf8' }))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}

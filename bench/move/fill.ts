import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { fileName, SIZES } from '../../src/images/formats.ts'
import type { Size } from '../../src/images/formats.ts'
import { noise } from '../../test/images/pictures.ts'
import { sequence } from '../../test/seeded.ts'
import { addPeople } from '../people.ts'

const AT_ONCE = 500
const SIDE = 1_024
/** Of noise, so that a picture weighs what a photo does. */
const COARSE = 128
/** So many different ones; names are each picture's own. */
const KINDS = 16

interface File { size: Size, bytes: Buffer, width: number, height: number, sha256: string }

async function newFiles (): Promise<File[]> {
  const whole = await noise('jpeg', COARSE, COARSE)
  return await Promise.all((['main', ...SIZES.avatar] as Size[]).map(async (size) => {
    const side = size === 'main' ? SIDE : size
    const bytes = await sharp(whole).resize(side, side).webp({ quality: 70 }).toBuffer()
    return { size, bytes, width: side, height: side, sha256: createHash('sha256').update(bytes).digest('hex') }
  }))
}

/** A data folder with so many people, of whom so many have an avatar in all sizes, and have written and signed in. */
export async function fill (dataDir: string, { accounts, pictures }: { accounts: number, pictures: number }): Promise<void> {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  const below = sequence(3)
  const name = () => Array.from({ length: 32 }, () => below(16).toString(16)).join('')
  try {
    await addPeople(core.db, accounts, async (tx, person) => {
      const { id } = await tx.users.insert(person)
      await tx.changes.insert({ userId: id, actorId: id, family: 'native', fields: ['bio'], dropped: [], version: 1, at: person.createdAt ?? 0 })
    })
    const kinds = await Promise.all(Array.from({ length: KINDS }, newFiles))
    const folder = join(dataDir, 'media/avatars')
    mkdirSync(folder, { recursive: true })
    for (let done = 0; done < pictures; done += AT_ONCE) {
      await core.db.write(async (tx) => {
        for (let i = done; i < Math.min(done + AT_ONCE, pictures); i++) {
          const [id, called, files] = [i + 1, name(), kinds[i % KINDS] as File[]]
          for (const { size, bytes } of files) writeFileSync(join(folder, fileName(called, size)), bytes)
          await tx.avatars.insert(id, called, i)
          await tx.pictures.insert({
            name: called, userId: id, kind: 'avatar', sourceWidth: SIDE, sourceHeight: SIDE, isAnimated: false, focus: null, crop: null, alt: null, blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj', color: '#808080', createdAt: i,
            files: files.map(({ size, width, height, bytes, sha256 }) => ({ size, width, height, bytes: bytes.length, sha256 })),
          })
          await tx.users.update(id, { avatar: called })
        }
      })
    }
  } finally {
    await core.close()
  }
}

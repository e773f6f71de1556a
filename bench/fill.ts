import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashKey, newKey } from '../src/core/credentials/key-secrets.ts'
import { openDatabase } from '../src/db/index.ts'
import { hasher } from '../src/hashing/index.ts'
import { addPeople, people } from './people.ts'

export const PASSWORD = 'correct horse battery'
/** Those who have a password. */
export const SIGNERS = Array.from({ length: 64 }, (_, i) => `signer${i + 10}@example.com`)
/** Somebody's avatar, and about what its sizes weigh. What the files hold does not matter to whoever sends them. */
export const PICTURE = 'a'.repeat(32)
export const KIB: Record<string, number> = { 64: 2, 256: 16, 512: 64 }

/** How many digits of a token are kept as they are. */
const SHOWN = 6

/** Fills the service's folder, and a file with a line for each person: the id, and an API token of somebody who is staff. */
export async function fillService (dataDir: string, { accounts, tokens }: { accounts: number, tokens: string }): Promise<void> {
  const db = await openDatabase({ dataDir, exclusive: true })
  const passwordHash = await hasher.hash(PASSWORD)
  const lines = createWriteStream(tokens)
  await addPeople(db, accounts, async (tx, person, i) => {
    const signer = SIGNERS[i]
    const { id } = await tx.users.insert({ ...person, isStaff: true, ...signer !== undefined && { email: signer, emailConfirmed: true, passwordHash } })
    const secret = newKey()
    await tx.keys.insert({ userId: id, sessionId: null, name: '', hash: hashKey(secret), prefix: secret.slice(0, SHOWN), createdAt: Date.now(), expiresAt: null })
    lines.write(`${id} ${secret}\n`)
    if (i > 0) return
    const files = { sourceWidth: 512, sourceHeight: 512, isAnimated: false, focus: null, crop: null, alt: null, blurhash: '', color: '#000000', files: [] }
    await tx.avatars.insert(id, PICTURE, Date.now())
    // Without it the sizes would be made anew, from what is no picture.
    await tx.pictures.insert({ name: PICTURE, userId: id, kind: 'avatar', createdAt: Date.now(), ...files })
    await tx.users.update(id, { avatar: PICTURE })
  })
  await db.close()
  lines.end()
  await once(lines, 'close')
  const folder = join(dataDir, 'media/avatars')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, `${PICTURE}.webp`), 'RIFF')
  for (const [size, kib] of Object.entries(KIB)) writeFileSync(join(folder, `${PICTURE}-${size}.webp`), Buffer.alloc(kib * 1024, 'RIFF'))
}

/** The same people for everybody else. */
export function writePeople (file: string, accounts: number): void {
  writeFileSync(file, JSON.stringify({ people: [...people(accounts)].map(({ email, realName, location }) => ({ email, real_name: realName, location, bio: '' })) }))
}

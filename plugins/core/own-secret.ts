import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
export async function sealKeyOf (dataDir: string): Promise<Buffer> {
  const file = join(dataDir, 'seal.key')
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 })
  return Buffer.from(readFileSync(file, 'utf8'), 'base64url')
}

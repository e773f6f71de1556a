import { closeSync, copyFileSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../disk.ts'
import { hashOf } from './generation.ts'
import { SECRET_FILES, SECRETS } from './layout.ts'
import { syncFile } from './pool.ts'

/** Takes the secrets of a data folder into a generation that is being made, durably. Resolves to their hashes by their names. */
export async function takeSecrets (dataDir: string, draft: string): Promise<Record<string, string>> {
  const folder = join(draft, SECRETS)
  mkdirSync(folder, { mode: 0o700 })
  const taken: Record<string, string> = {}
  for (const name of SECRET_FILES) {
    if (!existsSync(join(dataDir, name))) continue
    const file = join(folder, name)
    closeSync(openSync(file, 'wx', 0o600))
    copyFileSync(join(dataDir, name), file)
    syncFile(file)
    taken[name] = await hashOf(file)
  }
  await syncFolder(folder)
  return taken
}

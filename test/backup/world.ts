import { cpSync } from 'node:fs'
import { join } from 'node:path'
import tap from 'tap'
import type { Test } from 'tap'
import { visage } from '../commands/visage.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { furnish, open } from '../core/fsck-world.ts'
import { chunks, picture } from '../images/pictures.ts'
import { folderFor } from '../helper.ts'

export interface World { dataDir: string, dir: string, names: Awaited<ReturnType<typeof furnish>> }

let furnished: Promise<{ base: string, names: World['names'] }> | undefined

/** A data folder with people and pictures, and a folder for its backups; made once in a process. */
export async function world (t: Test): Promise<World> {
  furnished ??= (async () => {
    const base = folderFor(tap)
    return { base, names: await furnish(base) }
  })()
  const { base, names } = await furnished
  const home = folderFor(t)
  const dataDir = join(home, 'data')
  cpSync(base, dataDir, { recursive: true, preserveTimestamps: true })
  return { dataDir, dir: join(home, 'backups'), names }
}

export async function ok (t: Test, dataDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await visage(dataDir, args)
  t.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Gives somebody a cover that nobody else has. Resolves to its name. */
export async function newCover (dataDir: string, id: number, width: number): Promise<string> {
  const core = await open(dataDir, true)
  try {
    const cover = await core.images.stage('cover', chunks(await picture({ width, height: 40 })))
    return String((await core.users.edit(OPERATOR, id, { cover }, { family: 'operator' })).cover)
  } finally {
    await core.close()
  }
}

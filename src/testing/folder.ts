import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseOf } from '../db/sqlite/folder.ts'
import { openDatabase } from '../db/index.ts'

const ENOUGH = 2 ** 30

function isRoomy (folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= ENOUGH
  } catch {
    return false
  }
}

/** In memory, where there is enough of it: each commit waits for the disk, and tests make thousands. TMPDIR says otherwise. */
export const PLACE = process.env.TMPDIR === undefined && isRoomy('/dev/shm') ? '/dev/shm' : tmpdir()

const open = new Set<string>()
let firstStart: Buffer | undefined

/** A new folder, and how to remove it. */
export interface Folder { path: string, remove: () => void }

/** What is left when the process ends goes then. */
export function newFolder (): Folder {
  const path = mkdtempSync(join(PLACE, 'visage-test-'))
  if (open.size === 0) process.once('exit', removeAll)
  open.add(path)
  return {
    path,
    remove () {
      rmSync(path, { recursive: true, force: true })
      open.delete(path)
      if (open.size === 0) process.off('exit', removeAll)
    },
  }
}

function removeAll (): void {
  for (const path of open) rmSync(path, { recursive: true, force: true })
}

/** Puts the database there that a first start leaves; the start itself is done once in a process. */
export async function fill (dataDir: string): Promise<void> {
  const file = databaseOf(dataDir)
  if (firstStart === undefined) {
    await (await openDatabase({ dataDir, exclusive: true })).close()
    firstStart = readFileSync(file)
  } else {
    writeFileSync(file, firstStart, { mode: 0o600 })
  }
}

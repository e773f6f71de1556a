import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../disk.ts'
import { sha256 } from './manifest.ts'
import { tombstonesOf } from './layout.ts'

/** A damaged number would remove somebody else, so each carries a check of its own. */
const lineOf = (id: number): string => `${id} ${sha256(`visage tombstone ${id}`).slice(0, 16)}`
/** What is left of a line that a crash has cut off. */
const TORN = /^\d*(?: [0-9a-f]{0,15})?$/

export interface Tombstones {
  ids: Set<number>
  /** The numbers of lines that are not what was written. */
  damaged: number[]
}

/** The numbers of people who were removed, as a folder of backups knows them. */
export function readTombstones (dir: string): Tombstones {
  const lines = contentOf(tombstonesOf(dir)).split('\n')
  const last = lines.pop() ?? ''
  const ids = new Set<number>()
  const damaged: number[] = []
  for (const [at, line] of lines.entries()) {
    const id = Number.parseInt(line, 10)
    if (line === lineOf(id)) ids.add(id)
    else damaged.push(at + 1)
  }
  if (!TORN.test(last)) damaged.push(lines.length + 1)
  return { ids, damaged }
}

/** Adds those that are not there yet, durably. The folder must be there: one that is not may be a disk that is not mounted. */
export async function addTombstones (dir: string, people: Iterable<number>): Promise<void> {
  const file = tombstonesOf(dir)
  const known = readTombstones(dir).ids
  const fresh = [...people].filter((id) => !known.has(id))
  const handle = openSync(file, 'a+', 0o600)
  try {
    const text = readFileSync(handle, 'utf8')
    const whole = text.lastIndexOf('\n') + 1
    if (TORN.test(text.slice(whole)) && whole < fstatSync(handle).size) ftruncateSync(handle, Buffer.byteLength(text.slice(0, whole)))
    if (fresh.length > 0) append(handle, Buffer.from(`${fresh.map(lineOf).join('\n')}\n`))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  await syncFolder(dirname(file))
}

/** In one piece, so that a server and a command which do it at once lose nothing; where there is room for a part of it alone, not at all. */
function append (handle: number, bytes: Buffer): void {
  const written = writeSync(handle, bytes)
  if (written === bytes.length) return
  const end = fstatSync(handle).size
  // What another has put behind it stays.
  if (readBack(handle, end - written, written).equals(bytes.subarray(0, written))) ftruncateSync(handle, end - written)
  throw Object.assign(new Error(`there was room for ${written} of ${bytes.length} bytes`), { code: 'ENOSPC' })
}

function readBack (handle: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(handle, bytes, 0, length, at)
  return bytes
}

function contentOf (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

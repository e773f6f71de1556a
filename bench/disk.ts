import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const TMPFS = 0x01021994
const TIMES = 200

/** The median and the p99 of a sync of 4 KiB, in milliseconds. Throws where nothing would be written to a disk. */
export function syncTimes (folder: string): { p50: number, p99: number } {
  if (statfsSync(folder).type === TMPFS) throw new Error(`${folder} lies in memory: set TMPDIR to a folder on a disk`)
  const file = join(folder, 'sync')
  const handle = openSync(file, 'w')
  const times = Array.from({ length: TIMES }, () => {
    writeSync(handle, Buffer.alloc(4_096, 'x'))
    const begin = performance.now()
    fdatasyncSync(handle)
    return performance.now() - begin
  }).sort((a, b) => a - b)
  closeSync(handle)
  rmSync(file)
  return { p50: times[TIMES / 2] ?? 0, p99: times[Math.floor(TIMES * 0.99)] ?? 0 }
}

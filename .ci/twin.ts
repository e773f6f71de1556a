// A program with a fault in it, which has to show.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

export interface Patch { file: string, from: string, to: string }

/** A copy of the program with a few words changed. */
export function twin (folder: string, patches: readonly Patch[]): string {
  for (const part of ['src', 'plugins', 'routes', 'migrations', 'migrations-pg', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, from, to } of patches) {
    const parts = readFileSync(join(folder, file), 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${file} does not say ${JSON.stringify(from)} exactly once any more: mend the twin`)
    writeFileSync(join(folder, file), parts.join(to))
  }
  return folder
}

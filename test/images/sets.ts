import { readdirSync } from 'node:fs'
import { basename } from 'node:path'

/** What belongs to one picture beside its main file, by folder. */
const SIZES: Record<string, number[]> = { avatars: [64, 128, 256, 512], covers: [480, 960] }

/** The names of all files of one picture. */
export const filesOf = (folder: string, name: string): string[] => [`${name}.webp`, ...(SIZES[basename(folder)] ?? []).map((size) => `${name}-${size}.webp`)]

/** What lies in a folder of pictures: a whole set by its main file alone, and everything else as it is, so that it shows. */
export function setsIn (folder: string): string[] {
  const files = readdirSync(folder)
  const sets = files.flatMap((file) => {
    const [, name] = /^([0-9a-f]{32})\.webp$/.exec(file) ?? []
    const all = name === undefined ? [] : filesOf(folder, name)
    return all.length > 1 && all.every((each) => files.includes(each)) ? [all] : []
  })
  const others = new Set(sets.flatMap(([, ...sizes]) => sizes))
  return files.filter((file) => !others.has(file)).sort()
}

// Writes the hostile images into a folder, in a process of its own, because coding them takes memory.
// `node .ci/hostile-files.ts <folder> <seed>`
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostileImages } from '../test/hostile/images/all.ts'
import type { HostileImage } from '../test/hostile/images/image.ts'

/** What is told of a file that is called `<its place in the list>`. */
export type HostileFile = Pick<HostileImage, 'name' | 'must'> & { payload?: string }

if (import.meta.main) {
  const [folder = '', seed = '1'] = process.argv.slice(2)
  const files: HostileFile[] = []
  for (const { name, must, make, payload } of hostileImages(Number(seed))) {
    writeFileSync(join(folder, String(files.length)), await make())
    files.push({ name, must, ...payload && { payload: payload.toString('base64') } })
  }
  writeFileSync(join(folder, 'list.json'), JSON.stringify(files))
}

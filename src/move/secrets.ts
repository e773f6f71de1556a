import { cp, mkdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SECRET_FILES } from '../backup/layout.ts'
import { replaceOwnFile } from '../own-file.ts'

const TEMPLATES = 'templates'

/** Takes what an operator and the first start put beside a database along to another folder. */
export async function takeOwnFiles (from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const name of SECRET_FILES) {
    const [file, there] = [join(from, name), join(to, name)]
    if (!existsSync(file)) continue
    const text = await readFile(file, 'utf8')
    if (!existsSync(there) || await readFile(there, 'utf8') !== text) await replaceOwnFile(to, name, text)
  }
  if (existsSync(join(from, TEMPLATES))) await cp(join(from, TEMPLATES), join(to, TEMPLATES), { recursive: true })
}

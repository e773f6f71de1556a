import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

interface Locked { version: string, license?: string, dev?: boolean }

/** Licences under which what we bring along may be used in any product. That of libvips is met by loading it as a library of its own. */
const ALLOWED = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'LGPL-3.0-or-later'])
/** Before these, an advisory has something to say that concerns us. Static serving has one more, mended in 10.1.12: it lists folders and hides dotfiles, and we do neither. */
const LEAST: Record<string, string> = {
  'fastify': '5.8.5', '@fastify/multipart': '10.1.9', '@fastify/static': '10.1.11', '@fastify/jwt': '10.2.8', 'drizzle-orm': '0.45.2', 'sharp': '0.35.0', 'better-sqlite3': '13.0.0',
}

const ROOT = join(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)

/** Of two versions, whether the first is at least the second. */
function isAtLeast (version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split(/[.-]/).map(Number)) as [number[], number[]]
  const at = b.findIndex((part, i) => part !== a[i])
  return at < 0 || (a[at] ?? 0) > (b[at] ?? 0)
}

t.test('whatever is brought along has a licence that any product can live with', async (t) => {
  t.ok(shipped.length > 100)
  for (const [path, { license = 'none' }] of shipped) {
    // What is under several has to be allowed by each; of alternatives one is enough.
    const isAllowed = license.replace(/[()]/g, '').split(' OR ').some((alternative) => alternative.split(' AND ').every((one) => ALLOWED.has(one)))
    t.ok(isAllowed, `${path}: ${license}`)
  }
})

t.test('nothing is older than what an advisory asks for', async (t) => {
  for (const [name, least] of Object.entries(LEAST)) {
    const found = shipped.filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    t.ok(found.length > 0, name)
    for (const [path, { version }] of found) t.ok(isAtLeast(version, least), `${path}: ${version}, at least ${least}`)
  }
  t.same([isAtLeast('5.8.4', '5.8.5'), isAtLeast('5.10.0', '5.8.5'), isAtLeast('6.0.0', '5.8.5'), isAtLeast('5.8.5', '5.8.5')], [false, true, true, true])
})

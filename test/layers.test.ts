import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** What a file may import, and what only as types. Node and its own room are open to every file; a new room needs a line here. */
const RULES: [of: RegExp, values: RegExp, types?: RegExp][] = [
  [/^src\/db\//, /^(npm:|src\/((disk|stop|version)\.ts$|texts\/))/],
  [/^src\/images\//, /^(npm:|src\/(disk|stop)\.ts$)/],
  [/^src\/version\.ts$/, /^package\.json$/],
  [/^src\/mail\//, /^(npm:|src\/((disk|config|stop)\.ts$|texts\/))/, /^src\/(core\/|visage\.ts$)/],
  [/^src\/((disk|stop)\.ts$|(faces|texts)\/)/, /^$/],
  [/^src\/transfer\//, /^(npm:better-sqlite3|src\/((app|config|disk|version)\.ts$|(images|texts)\/))/, /^src\/(core\/|db\/index\.ts$)/],
  [/^src\/move\//, /^src\/(app\.ts$|backup\/layout\.ts$|db\/index\.ts$|disk\.ts$|images\/(formats|store\/address)\.ts$|own-file\.ts$)/, /^src\/(config\.ts$|images\/)/],
  [/^src\/own-file\.ts$/, /^src\/(config|disk)\.ts$/],
  [/^src\/(hashing|issuer)\//, /^(npm:(?!@?fastify)|src\/(config\.ts$|core\/))/],
  [/^src\/service(\.ts$|\/)/, /^(npm:(?!@?fastify)|src\/((backup|core|db|hashing|images|issuer|mail)\/|(config|own-file|stop)\.ts$))/, /^src\/visage\.ts$/],
  [/^src\/backup\//, /^src\/((core|images)\/|db\/((errors|index)\.ts$|sqlite\/)|(disk|own-file|version)\.ts$)/],
  [/^src\/client\//, /^npm:openapi-fetch$/],
  [/^src\/core\//, /^src\/texts\//, /^(npm:(?!@?fastify|drizzle|better-sqlite3|pg$)|src\/(db\/index\.ts$|images\/))/],
  [/^src\/config\.ts$/, /^(npm:|src\/core\/)/],
  [/^src\/unknown-settings\.ts$/, /^(npm:fastest-levenshtein|src\/config\.ts)$/],
  [/^src\/visage\.ts$/, /^$/, /^npm:fastify$/],
  [/^src\/options\.ts$/, /^$/, /^(npm:fastify|src\/(config|visage)\.ts)$/],
  [/^src\/(app|embedded|families|operator)\.ts$/, /^/],
  [/^src\/index\.ts$/, /^src\/(needs-node\.cjs|(app|options|visage)\.ts)$/, /^npm:fastify$/],
  [/^src\/testing\//, /^src\/(index\.ts$|db\/(index|sqlite\/folder)\.ts$)/, /^npm:fastify$/],
  [/^src\/cli\.ts$/, /^src\/(needs-node\.cjs$|server\.ts$|commands\/)/],
  [/^src\/server\.ts$/, /^src\/(needs-node\.cjs|serve\.ts)$/],
  [/^src\/(serve\.ts$|commands\/)/, /^(npm:|src\/(backup\/|(app|core\/durations|disk|operator|config|stop|unknown-settings|version)\.ts$|(move|transfer)\/))/],
  [/^plugins\/core\//, /^(npm:|src\/(core\/|service\.ts$))/, /^src\/(config|visage)\.ts$/],
  [/^plugins\/media\//, /^(npm:|src\/(core\/|images\/(errors|formats)\.ts$))/, /^(plugins\/|src\/(config\.ts$|(db\/index|service)\.ts$|images\/))/],
  [/^plugins\//, /^(npm:|src\/(core\/|images\/(formats|stage)\.ts$)|src\/(config|own-file|stop|version)\.ts$)/, /^(plugins\/|src\/(db\/index\.ts$|images\/|(service|visage)\.ts$))/],
  [/^routes\/pictures\//, /^(npm:|src\/(core|faces)\/)/],
  [/^routes\/[^/]+\//, /^(npm:|src\/core\/|routes\/(security\/(index|email-codes|emails|passwords|tokens|visibility)|cuts|deletion|family|findings|images|limits|messages|names|pages|problem|query|request|shapes)\.ts$)/],
  [/^routes\/[^/]+$/, /^(npm:|src\/core\/|routes\/[^/]+$)/],
]
const WORDS: [of: RegExp, word: RegExp][] = [
  // Where published pictures lie is known to their store alone, and to backups, which link what they take.
  [/^(?!src\/images\/store\/)/, /\b(?:join|resolve)\([^\n]*['"`/]media['"`/]/],
  [/^(?!src\/(images\/store|backup)\/)/, /\bstore\/folder\.ts\b/],
  // What lies on this machine beside them is staging, and the pictures that the image process reads and writes there.
  [/^src\/images\/(?!(store\/disk|store\/fetch|store\/s3|stage|staging|staging-probe|sweep|inspection|process|encode|variants)\.ts$)/, /\bnode:fs\b/],
  [/^src\/(core|images\/(?!store\/disk\.ts$))|^plugins\/media\//, /\b(ENOENT|EIO|ELOOP)\b/],
  // A process that is started inherits the environment and may be given more of it.
  [/^(?!src\/(serve|cli|images\/child|testing\/folder)\.ts$)/, /\bprocess\.env\b/],
  [/^src\/core\//, /\bnode:http|\bsql`/],
  [/^/, /\bsql\.raw\b/],
]
const IMPORT = /\b(?:import|export)\s+(type\s)?(?:[\w*{][^'"=;]*?\bfrom\s+)?['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]/g

/** `plugins/auth.ts` and `plugins/auth/keys.ts` are one room; so are the files of a family, or of `src/core`. */
const room = (file: string) => file.split('/').slice(0, 2).join('/').replace(/\.ts$/, '')

function violations (file: string, text: string): string[] {
  const rule = RULES.find(([of]) => of.test(file))
  const imports = Array.from(text.matchAll(IMPORT), ([, type, from, called]) => {
    const name = from ?? called ?? ''
    const target = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name.replace(/^(?!node:)/, 'npm:')
    const isOpen = target.startsWith('node:') || room(target) === room(file)
    return isOpen || rule?.[1].test(target) || (type && rule?.[2]?.test(target)) ? '' : `${file} imports ${target}`
  })
  const words = WORDS.map(([of, word]) => of.test(file) && word.test(text) ? `${file} says ${word.exec(text)?.[0]}` : '')
  return [...imports, ...words].filter(Boolean)
}

t.test('every import goes one way', async (t) => {
  const files = globSync('{src,plugins,routes}/**/*.ts')
  t.ok(files.includes('src/app.ts'))
  t.same(files.flatMap((file) => violations(file, readFileSync(file, 'utf8'))), [])
})

t.test('a way back is found', async (t) => {
  const found = (file: string, text: string) => violations(file, text).map((line) => line.slice(file.length + 1)).join()
  t.equal(found('src/core/a.ts', "import type { Database } from '../db/index.ts'\nimport { AppError } from './errors.ts'"), '')
  t.equal(found('src/core/a.ts', "import {\n  open,\n  type Database\n} from '../db/index.ts'"), 'imports src/db/index.ts')
  t.equal(found('src/core/a.ts', "import type { UserRow } from '../db/users.ts'\nimport type { SQL } from 'drizzle-orm'"), 'imports src/db/users.ts,imports npm:drizzle-orm')
  t.equal(found('plugins/a.ts', "import { openSqlite } from '../src/db/sqlite/open.ts'"), 'imports src/db/sqlite/open.ts')
  t.equal(found('src/core/a.ts', "import { hash } from 'argon2'\nimport type { FastifyReply } from 'fastify'"), 'imports npm:argon2,imports npm:fastify')
  t.equal(found('src/core/a.ts', "import http from 'node:http'"), 'says node:http')
  t.equal(found('src/db/a.ts', "export * from '../core/errors.ts'\nsql.raw(name)"), 'imports src/core/errors.ts,says sql.raw')
  t.equal(found('src/serve.ts', "import '../plugins/auth.ts'\nloadConfig(process.env)"), 'imports plugins/auth.ts')
  t.equal(found('plugins/a.ts', "import type { Actor } from './auth.ts'\nimport { toUser } from '../routes/staff/convert.ts'"), 'imports routes/staff/convert.ts')
  t.equal(found('plugins/a.ts', "import type { Database } from '../src/db/index.ts'\nimport { openDatabase } from '../src/db/index.ts'"), 'imports src/db/index.ts')
  t.equal(found('src/service/a.ts', "import Fastify from 'fastify'\nimport type { Service } from '../service.ts'"), 'imports npm:fastify')
  t.equal(found('plugins/a.ts', "import auth from './auth.ts'\nloadConfig(process.env)"), 'imports plugins/auth.ts,says process.env')
  t.equal(found('routes/staff/a.ts', "import { Type } from '@sinclair/typebox'\nawait import('../community/convert.ts')"), 'imports routes/community/convert.ts')
  t.equal(found('src/commands/a.ts', "const media = join(dataDir, 'media', name)\nrename(`${join(root, `media/${name}`)}`, to)"), "says join(dataDir, 'media'")
  t.equal(found('plugins/a.ts', "import { mediaOf } from '../src/images/store/folder.ts'\nresolve(config.dataDir, 'media')"), "imports src/images/store/folder.ts,says resolve(config.dataDir, 'media',says store/folder.ts")
  t.equal(found('src/images/publish.ts', "import { rename } from 'node:fs/promises'\nif (code === 'ENOENT') return"), 'says node:fs,says ENOENT')
  t.equal(found('src/images/store/disk.ts', "import { rename } from 'node:fs/promises'\nconst media = join(dataDir, 'media')\nif (code === 'ENOENT') return"), '')
  t.equal(found('src/attic/a.ts', "import { loadConfig } from '../config.ts'"), 'imports src/config.ts')
})

t.test('every file of tests is run, and once', async (t) => {
  const { tap } = JSON.parse(readFileSync('package.json', 'utf8')) as { tap: { include: string[] } }
  const runners = Map.groupBy(globSync(tap.include), (file) => posix.dirname(file))
  const rooms = new Set(globSync('test/**/*.test.ts').map((file) => posix.dirname(file)))
  // What has no runner of its own is run by those of `test`, from one level down.
  t.same([...runners.keys()].filter((room) => !rooms.has(room)), [])
  t.same([...rooms].filter((room) => !runners.has(room) && room.split('/').length > 2), [])
  t.ok(runners.has('test'))
  for (const [room, files] of runners) {
    const parts = files.map((file) => /(together|others)\((?:import\.meta\.dirname)?(?:(?:, )?\{ part: (\d+), of: (\d+) \})?\)/.exec(readFileSync(file, 'utf8')) ?? [])
    t.same(parts.map(([, , part = 1]) => Number(part)).sort(), files.map((_, i) => i + 1), room)
    t.same(new Set(parts.map(([, verb, , of = 1]) => `${verb} ${of}`)), new Set([`${room === 'test' ? 'others' : 'together'} ${files.length}`]), room)
  }
})

/** Builds and packs the service, installs the package in a project of its own, and there checks and runs what the README prints. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const project = mkdtempSync(join(tmpdir(), 'visage-embedding-'))
const run = (cwd: string, command: string, ...args: string[]) => execFileSync(command, args, { cwd, encoding: 'utf8', timeout: 180_000 })

/** What the plugins within decorate their own scopes with. */
const INNER = ['core', 'sessions', 'identify', 'publicAddress', 'media', 'family']

const section = readFileSync(join(root, 'README.md'), 'utf8').split(/^## /m).find((part) => part.startsWith('Embed it')) ?? ''
const [asPlugin, asTest] = [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '')
if (asPlugin === undefined || asTest === undefined) throw new Error('the README has no two examples under "Embed it"')

try {
  run(root, 'npm', 'run', '-s', 'build')
  const archive = run(root, 'npm', 'pack', '--silent', '--pack-destination', project).trim()
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  run(project, 'npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${archive}`, 'fastify@5', 'jose@6')
  symlinkSync(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'), 'dir')

  writeFileSync(join(project, 'plugin.ts'), asPlugin)
  writeFileSync(join(project, 'test.ts'), asTest)
  // What the service has within is nobody else's: the declared types say no more than there is.
  writeFileSync(join(project, 'untrue.ts'), INNER.map((name) => `// @ts-expect-error ${name} is within\nexport const ${name} = (app: import('fastify').FastifyInstance) => app.${name}\n`).join(''))
  const examples = ['embed.ts', 'embed.test.ts', 'sync.ts', 'verify.ts']
  for (const name of examples) copyFileSync(join(root, 'examples', name), join(project, name))
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', 'false', '--types', 'node']
  run(project, join(root, 'node_modules/.bin/tsc'), ...strict, 'plugin.ts', 'test.ts', 'untrue.ts', ...examples)
  console.log('the types of the examples check, and those of the libraries with them')

  const printed = run(project, process.execPath, 'test.ts').trim()
  if (printed !== 'London') throw new Error(`the example printed ${JSON.stringify(printed)} where London was expected`)
  console.log('the example changes a person of its own')
  run(project, process.execPath, '--test', 'embed.test.ts')
  console.log('the tests of an application pass against the package')
} finally {
  rmSync(project, { recursive: true, force: true })
  rmSync(join(root, 'dist'), { recursive: true, force: true })
}

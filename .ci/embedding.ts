/** Builds and packs the service, installs the package in a project of its own, and there checks and runs what the README prints. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const project = mkdtempSync(join(tmpdir(), 'visage-embedding-'))
const run = (cwd: string, command: string, ...args: string[]) => execFileSync(command, args, { cwd, encoding: 'utf8', timeout: 180_000 })

const section = readFileSync(join(root, 'README.md'), 'utf8').split(/^## /m).find((part) => part.startsWith('Embed it')) ?? ''
const [asPlugin, asApp] = [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '')
if (asPlugin === undefined || asApp === undefined) throw new Error('the README has no two examples under "Embed it"')

try {
  run(root, 'npm', 'run', '-s', 'build')
  const archive = run(root, 'npm', 'pack', '--silent', '--pack-destination', project).trim()
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  run(project, 'npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${archive}`, 'fastify@5')
  symlinkSync(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'), 'dir')

  writeFileSync(join(project, 'plugin.ts'), asPlugin)
  writeFileSync(join(project, 'app.ts'), asApp)
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck', '--types', 'node']
  run(project, join(root, 'node_modules/.bin/tsc'), ...strict, 'plugin.ts', 'app.ts')
  console.log('the types of both examples check')

  const printed = run(project, process.execPath, 'app.ts').trim()
  if (printed !== '1') throw new Error(`the example printed ${JSON.stringify(printed)} where the first id was expected`)
  console.log('the example signs up the account with id 1')
} finally {
  rmSync(project, { recursive: true, force: true })
  rmSync(join(root, 'dist'), { recursive: true, force: true })
}

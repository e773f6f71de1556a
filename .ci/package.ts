/**
 * Builds and packs the service once, looks at the package as others will, and installs it with npm, pnpm and yarn in projects of
 * their own, without scripts. There everything that it exports has right types for whoever checks all of them, and runs; the
 * client is small enough for a page, and loads in Chromium; an older Node is told so in one sentence.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { openBrowser } from './chromium.ts'
import { runExamples, writeExamples } from './embedding.ts'
import { startSite } from './site.ts'

const TARBALL_MOST = 1_500_000
const CLIENT_MOST = 6_144
const PUBLINT = 'publint@0.3.25'
const TYPES = '@arethetypeswrong/cli@0.18.5'
const OLD_NODE = '/usr/bin/node'
/** How each installs what stands in package.json, and the packages that bring those which npm does not. */
const MANAGERS: Record<string, { bring?: string, install: string[] }> = {
  npm: { install: ['npm', 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'] },
  pnpm: { bring: 'pnpm@12.21.0', install: ['pnpm', 'install', '--prefer-offline', '--ignore-scripts'] },
  yarn: { bring: 'yarn@1.22.22', install: ['yarn', 'install', '--prefer-offline', '--ignore-scripts', '--no-lockfile'] },
}
/** `visage` and what belongs to a service has Node's types alone, `visage/client` and the profile page the browser's as well. */
const CHECKS = { node: ['--lib', 'es2024', '--types', 'node'], browser: ['--lib', 'es2024,dom,dom.iterable', '--types', 'node'] }

const root = join(import.meta.dirname, '..')
const home = mkdtempSync(join(tmpdir(), 'visage-package-'))
const began = performance.now()

async function run (cwd: string, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, npm_config_update_notifier: 'false', YARN_CACHE_FOLDER: join(home, 'yarn') }
  try {
    return (await promisify(execFile)(command, args, { cwd, env, timeout: 120_000 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string, stderr: string }
    throw new Error(`${command} ${args.join(' ')}: ${(stderr + stdout).slice(-2_000)}`, { cause: error })
  }
}

async function pack (): Promise<string> {
  const [packed] = JSON.parse(await run(root, 'npm', 'pack', '--ignore-scripts=false', '--silent', '--json', '--pack-destination', home)) as { filename: string, size: number, files: { path: string }[] }[]
  assert.ok(packed)
  const strange = packed.files.filter(({ path }) => !/^(package\.json|(README|CHANGELOG|CONTRIBUTING)\.md|LICENSE|docs\/\w+\.(md|svg)|routes\/\w+\/README\.md|examples\/.*\.(ts|html)|dist\/(package|sbom\.cdx)\.json|dist\/migrations(-pg)?\/.*\.(sql|json)|dist\/(src|plugins|routes)\/.*(\.js|\.cjs|\.d\.ts))$/.test(path))
  assert.deepEqual(strange, [])
  // What it brings along, for whoever has to know.
  assert.ok(packed.files.some(({ path }) => path === 'dist/sbom.cdx.json'))
  assert.ok(packed.size <= TARBALL_MOST, `the package has ${packed.size} bytes`)
  console.log(`${packed.files.length} files, ${packed.size} bytes`)
  return join(home, packed.filename)
}

/** Installs it; false when there is no such manager to be had. */
async function install (project: string, archive: string, { bring, install: [command = '', ...args] }: (typeof MANAGERS)[string]): Promise<boolean> {
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true, dependencies: { visage: `file:${archive}`, fastify: '^5', jose: '^6', '@types/node': '^24' } }))
  if (bring === undefined) return await run(project, command, ...args).then(() => true)
  const isThere = spawnSync('npx', ['--yes', bring, '--version'], { cwd: project }).status === 0
  if (isThere) await run(project, 'npx', '--yes', bring, ...args)
  return isThere
}

async function use (project: string): Promise<void> {
  cpSync(join(import.meta.dirname, 'package'), project, { recursive: true })
  cpSync(join(root, 'examples/profile-page/page.ts'), join(project, 'page.ts'))
  const examples = writeExamples(project)
  const files = { node: ['service.ts', ...examples.node], browser: ['client.ts', 'page.ts', ...examples.browser] }
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  for (const [name, check] of Object.entries(CHECKS)) await run(project, join(root, 'node_modules/.bin/tsc'), ...strict, ...check, ...files[name as keyof typeof files])
  assert.equal(await run(project, process.execPath, 'service.ts'), 'Wrote the first program.\nsigned out\ntrue\n')
}

/** What a page loads of it. */
async function bundle (project: string): Promise<void> {
  const folder = join(project, 'page')
  const outfile = join(folder, 'client.js')
  await build({ stdin: { contents: "export { createVisage } from 'visage/client'", resolveDir: project }, bundle: true, minify: true, format: 'esm', outfile, logLevel: 'error' })
  const bytes = gzipSync(readFileSync(outfile), { level: 9 }).length
  assert.ok(bytes <= CLIENT_MOST, `the client has ${bytes} bytes`)
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Visage</title>')
  const [site, browser] = await Promise.all([startSite(folder), openBrowser(home)])
  try {
    const page = await browser.newPage()
    await page.goto(site.origin)
    const seen = await page.evaluate(`import('/client.js').then(async ({ createVisage }) => {
      const visage = createVisage({ baseUrl: location.origin, patience: 0 })
      return [visage.isSignedIn(), (await visage.GET('/v1/me')).response.status]
    })`)
    assert.deepEqual(seen, [false, 404])
  } finally {
    await Promise.all([browser.close(), site.end()])
  }
  console.log(`the client has ${bytes} bytes, compressed, and loads in Chromium`)
}

function refuseOldNode (project: string): void {
  const version = spawnSync(OLD_NODE, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  if (!/^v(1\d|20)\./.test(version)) return console.log(`no older Node at ${OLD_NODE}`)
  for (const args of [['--input-type=module', '--eval', "import 'visage'"], ['--eval', "import('visage')"], ['node_modules/.bin/visage', '--version']]) {
    const { status, stdout, stderr } = spawnSync(OLD_NODE, args, { cwd: project, encoding: 'utf8' })
    assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: '', stderr: `Visage needs Node.js >=22.18 and this is ${version}: install a newer one.\n` })
  }
  console.log(`${version} is told in one sentence that it is too old`)
}

try {
  const archive = await pack()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  await Promise.all([
    run(home, 'npx', '--yes', PUBLINT, archive, '--strict'),
    // Modules alone, which Node loads with `require` as well.
    run(home, 'npx', '--yes', TYPES, '--profile', 'esm-only', archive),
  ])
  console.log('publint and attw have nothing to say')
  for (const [name, manager] of Object.entries(MANAGERS)) {
    const project = join(home, name)
    if (!await install(project, archive, manager)) {
      console.log(`${name} cannot be had here`)
      continue
    }
    await use(project)
    console.log(`installed with ${name}: types and code`)
  }
  const project = join(home, 'npm')
  runExamples(project)
  console.log('the examples do what they say')
  await bundle(project)
  refuseOldNode(project)
  console.log(JSON.stringify({ seconds: Math.round((performance.now() - began) / 100) / 10 }))
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
  rmSync(join(root, 'dist'), { recursive: true, force: true })
}

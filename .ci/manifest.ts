/**
 * Leaves out of package.json, while it is packed, what is for a clone alone: a Node that comes as a dependency would become the
 * Node of every application that installs the package. With `--restore` it is as it was.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FILE = join(import.meta.dirname, '../package.json')
const BUILT = join(import.meta.dirname, '../dist/package.json')
const KEPT = join(import.meta.dirname, '../node_modules/.cache/package.json')

if (process.argv.includes('--restore')) {
  renameSync(KEPT, FILE)
} else {
  const text = readFileSync(FILE, 'utf8')
  const { scripts: _scripts, tap: _tap, devDependencies: _dev, optionalDependencies: _optional, ...manifest } = JSON.parse(text) as Record<string, unknown>
  mkdirSync(dirname(KEPT), { recursive: true })
  writeFileSync(KEPT, text)
  // The one that the program reads beside itself says nothing that tools could take for the package's own.
  const { name, version, type, engines } = manifest
  writeFileSync(BUILT, JSON.stringify({ name, version, type, engines }))
  writeFileSync(FILE, `${JSON.stringify(manifest, null, 2)}\n`)
}

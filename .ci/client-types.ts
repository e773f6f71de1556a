/** Makes the types of `visage/client` from the document that the service serves; with `--check` it only compares. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../src/app.ts'
import { fingerprint, nativePart } from './native-part.ts'

/** Not among our dependencies: it wants a TypeScript of its own, and is needed only where the document has changed. */
const GENERATOR = ['openapi-typescript@7.13.0', 'typescript@5.9.3']
const FILE = join(import.meta.dirname, '../src/client/schema.ts')

const scratch = mkdtempSync(join(tmpdir(), 'visage-client-types-'))
try {
  const app = await buildApp({ dataDir: join(scratch, 'data'), logLevel: 'silent' })
  const answer = await app.inject('/openapi.json')
  await app.close()
  const part = nativePart(answer.json())
  const [from, to] = [join(scratch, 'native.json'), join(scratch, 'schema.ts')]
  writeFileSync(from, JSON.stringify(part))
  execFileSync('npx', ['--yes', ...GENERATOR.map((name) => `--package=${name}`), 'openapi-typescript', from, '-o', to], { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] })
  const made = readFileSync(to, 'utf8').replace(/^\/\*\*[\s\S]*?\*\/\n\n?/, '')
  const text = `// Made by "npm run client" from what /openapi.json says below /v1. Do not edit it.\n// sha256 ${fingerprint(part)}\n\n${made}`
  if (!process.argv.includes('--check')) writeFileSync(FILE, text)
  else if (readFileSync(FILE, 'utf8') !== text) throw new Error('src/client/schema.ts is not what the document says: npm run client')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

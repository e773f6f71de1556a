// Lints the OpenAPI document that the service itself serves.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'

const root = process.cwd()
const scratch = mkdtempSync(join(tmpdir(), 'visage-openapi-'))
try {
  // The data folder's default is relative, so a scratch folder becomes its home.
  process.chdir(scratch)
  const app = await buildApp(loadConfig({}))
  const answer = await app.inject('/openapi.json')
  await app.close()
  process.chdir(root)
  if (answer.statusCode !== 200) throw new Error(`GET /openapi.json answered ${answer.statusCode}: ${answer.body}`)

  const document = join(scratch, 'openapi.json')
  writeFileSync(document, answer.body)
  const lint = spawnSync('redocly', ['lint', '--config', 'redocly.yaml', document], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  if (lint.error) throw lint.error
  process.exitCode = lint.status ?? 1
} finally {
  process.chdir(root)
  rmSync(scratch, { recursive: true, force: true })
}

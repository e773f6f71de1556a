// The staff family, as a back office in Python uses it: starts a service with one admin and hands both to staff-client.py,
// which prints what it counted, or the first difference.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openService, OPERATOR } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { startService } from './service.ts'

// Debian's package is for Debian's own Python, which is not always the first.
const python = ['python3', '/usr/bin/python3'].find((command) => spawnSync(command, ['-c', 'import requests']).status === 0)
if (python === undefined) throw new Error('python3-requests is missing')

const dataDir = await mkdtemp(join(tmpdir(), 'visage-staff-client-'))
try {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  const { id } = await core.users.create(OPERATOR, { username: 'root', email: 'root@example.com', isAdmin: true }, { family: 'operator' })
  const { secret } = await core.keys.create(id)
  await core.close()
  const service = await startService({ dataDir })
  const { status } = spawnSync(python, [join(import.meta.dirname, 'staff-client.py'), service.url, secret], { stdio: 'inherit' })
  await service.end('SIGTERM')
  process.exitCode = status ?? 1
} finally {
  await rm(dataDir, { recursive: true })
}

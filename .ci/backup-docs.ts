// Every command of docs/backup.md as it is printed, in one shell from top to bottom, beside a running server until it says to stop it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeople, startService } from './service.ts'

const ROOT = join(import.meta.dirname, '..')
const text = readFileSync(join(ROOT, 'docs/backup.md'), 'utf8')
const commands = Array.from(text.matchAll(/^```sh\n([^]*?)^```/gm), ([, block = '']) => block.trimEnd().split('\n')).flat()
const home = mkdtempSync(join(tmpdir(), 'visage-docs-'))
const dataDir = join(home, 'data')
const env = { ...process.env, HOME: home, VISAGE_DATA_DIR: dataDir, npm_config_update_notifier: 'false' }
const exports = commands.filter((line) => line.startsWith('export '))
const inShell = (line: string) => ['-c', [...exports, line].join('\n')]

/** Tells its first backup, and ends when it is told to. */
async function untilTold (line: string): Promise<boolean> {
  const child = spawn('bash', inShell(line), { cwd: ROOT, env, detached: true, stdio: ['ignore', 'inherit', 'pipe'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  for await (const chunk of child.stderr) if (/accounts/.test(String(chunk))) break
  process.kill(-(child.pid ?? 0), 'SIGTERM')
  await ended
  return spawnSync('bash', inShell('npm run -s visage -- backup list "$BACKUPS"'), { cwd: ROOT, env, encoding: 'utf8' }).stdout.split('\n').length > 2
}

let ran = 0
try {
  await createPeople(dataDir, 3)
  const service = await startService({ dataDir })
  let isStopped = false
  try {
    for (const line of commands) {
      if (line.startsWith('export ')) continue
      if (/-- restore /.test(line) && !isStopped) {
        await service.end('SIGTERM')
        isStopped = true
      }
      const isFine = line.includes('--every') ? await untilTold(line) : spawnSync('bash', inShell(line), { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
      if (!isFine) {
        console.error(`FAILURE: ${line}`)
        process.exitCode = 1
      }
      ran++
    }
  } finally {
    if (!isStopped) await service.end('SIGTERM')
  }
  console.log(JSON.stringify({ commands: commands.length, ran }))
} finally {
  rmSync(home, { recursive: true, force: true })
}

// Moves a service with many people and pictures there and back while it answers, and compares every row and every byte: see README.md.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createPeople, startService } from '../.ci/service.ts'
import { diskIn } from '../src/images/store/disk.ts'
import { startPostgres } from '../test/postgres.ts'
import type { Version } from '../test/postgres.ts'
import { goOn } from './move/client.ts'
import type { Told } from './move/client.ts'
import { compareRows, hashesOf, rowsAt, rowsIn } from './move/compare.ts'
import { fill } from './move/fill.ts'
import type { Place } from './move/place.ts'

const { values } = parseArgs({ options: { accounts: { type: 'string', default: '100000' }, pictures: { type: 'string', default: '20000' }, postgres: { type: 'string' } } })
const home = mkdtempSync(join(tmpdir(), 'visage-move-'))
const begin = performance.now()
const say = (text: string): void => { process.stderr.write(`${String(Math.round((performance.now() - begin) / 1_000)).padStart(5)} s  ${text}\n`) }
const CLI = join(import.meta.dirname, '../src/cli.ts')

const folder = (name: string): Place => {
  const dataDir = join(home, name)
  return { name: `folder ${name}`, settings: { VISAGE_DATA_DIR: dataDir }, flags: ['--to', dataDir], rows: rowsIn(dataDir), store: diskIn(dataDir) }
}

async function command (place: Place, args: string[]): Promise<{ code: number | null, said: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { env: place.settings, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (part) => { said += String(part) })
  const [code] = await once(child, 'close') as [number | null]
  return { code, said }
}

/** Moves a service that runs and is asked all the while, and goes on at the other place. */
async function go (from: Place, to: Place): Promise<void> {
  const person = people
  const before = await startService({ dataDir: from.settings.VISAGE_DATA_DIR ?? '', settings: from.settings })
  const stop = goOn(before.url, person)
  const began = performance.now()
  const { code, said } = await command(from, ['move', ...to.flags])
  const seconds = (performance.now() - began) / 1_000
  const old = await stop()
  say(said.trimEnd().replaceAll('\n', '\n         '))
  if (code !== 0) throw new Error(`the move failed: ${code}`)
  await before.end('SIGTERM')
  const rows = await compareRows(from.rows, to.rows)
  const [one, other] = [await hashesOf(from.store), await hashesOf(to.store)]
  const files = [...one].filter(([name, hash]) => other.get(name) !== hash).length + [...other.keys()].filter((name) => !one.has(name)).length
  console.log(JSON.stringify({ from: from.name, to: to.name, seconds: Math.round(seconds), stopped: /could write for ([\d.]+) s/.exec(said)?.[1], ...rows, files: one.size, filesDiffer: files, ...countsOf(old) }))
  if (rows.differ + files > 0) process.exitCode = 1
}

const countsOf = ({ reads, badReads, writes, refused, others }: Told) => ({ reads, badReads, writes, refused, others })

/** A database beside the pictures of a folder. */
async function database (version: Version, { settings, store }: Place): Promise<Place> {
  const url = await (await startPostgres(version)).createDatabase()
  return { name: `PostgreSQL ${version}`, settings: { ...settings, VISAGE_DATABASE_URL: url }, flags: ['--to', url], rows: rowsAt(url), store }
}

const [first, back] = [folder('old'), folder('back')]
const there = values.postgres === undefined ? folder('there') : await database(values.postgres as Version, first)
say(`filling in ${values.accounts} accounts and ${values.pictures} pictures`)
await fill(first.settings.VISAGE_DATA_DIR ?? '', { accounts: Number(values.accounts), pictures: Number(values.pictures) })
const [people] = await createPeople(first.settings.VISAGE_DATA_DIR ?? '', 1) as [Awaited<ReturnType<typeof createPeople>>[number]]
try {
  await go(first, there)
  await go(there, back)
} finally {
  rmSync(home, { recursive: true, force: true })
}
// The server of the database ends with this process.
process.exit()

// The first page of every list, over PostgreSQL and over SQLite in one run, of the same accounts: see README.md.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startService } from '../.ci/service.ts'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { OPERATOR } from '../src/core/access.ts'
import { move } from '../src/move/index.ts'
import { startPostgres } from '../test/postgres.ts'
import type { Version } from '../test/postgres.ts'
import { ASKS } from './lists/asks.ts'
import { compare } from './lists/compare.ts'
import type { Side } from './lists/compare.ts'
import { fill } from './lists/fill.ts'

const LIMIT = 3
const { values: { accounts, rounds, postgres } } = parseArgs({ options: {
  accounts: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '7' }, postgres: { type: 'string', default: '18' },
} })
const home = mkdtempSync(join(tmpdir(), 'visage-lists-'))
const begin = performance.now()
const say = (text: string): void => { process.stderr.write(`${String(Math.round((performance.now() - begin) / 1_000)).padStart(5)} s  ${text}\n`) }

/** A copy of the folder is what moves: the other one stays. */
async function moveTo (databaseUrl: string): Promise<void> {
  cpSync(dataDir, copy, { recursive: true })
  const config = { ...loadConfig({}), dataDir: copy }
  const { rows, stoppedMs } = await move({ from: config, to: { ...config, databaseUrl } })
  say(`moved ${rows} rows in ${Math.round(stoppedMs / 1_000)} s`)
}

/** Somebody who may ask for every list. */
async function newAdmin (): Promise<string> {
  const core = await openService({ config: { ...loadConfig({}), dataDir }, exclusive: true })
  const { id } = await core.users.create(OPERATOR, { username: 'admin', email: 'admin@example.com', isStaff: true, isAdmin: true }, { family: 'operator' })
  const { secret } = await core.keys.create(id)
  await core.close()
  return secret
}

const [dataDir, copy] = [join(home, 'sqlite'), join(home, 'postgres')]
const services: Awaited<ReturnType<typeof startService>>[] = []
try {
  say(`filling in ${accounts} accounts`)
  await fill(dataDir, Number(accounts))
  const key = await newAdmin()
  const databaseUrl = await (await startPostgres(postgres as Version)).createDatabase()
  await moveTo(databaseUrl)
  services.push(await startService({ dataDir }), await startService({ dataDir: copy, settings: { VISAGE_DATABASE_URL: databaseUrl } }))
  const [sqlite, other] = services.map(({ url }) => ({ url, key })) as [Side, Side]
  console.log('  ratio  SQLite ms  PostgreSQL ms')
  for (const path of ASKS) {
    const { sqlite: one, postgres: two, isSame } = await compare(path, sqlite, other, Number(rounds))
    const isSlow = two > LIMIT * one
    console.log([(two / one).toFixed(2).padStart(7), one.toFixed(1).padStart(10), two.toFixed(1).padStart(14), ` ${path}`, isSlow ? ' TOO SLOW' : '', isSame ? '' : ' DIFFERS'].join(''))
    if (isSlow || !isSame) process.exitCode = 1
  }
} finally {
  await Promise.all(services.map(({ end }) => end('SIGTERM')))
  rmSync(home, { recursive: true, force: true })
}
// The server of the database ends with this process.
process.exit()

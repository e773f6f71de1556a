// How fast pictures are served beside nginx serving the same files, in one run: see README.md.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { createPeople, startService } from '../.ci/service.ts'
import { openDatabase } from '../src/db/open.ts'

const { values: { rounds, seconds } } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } } })
const PORT = 18_080
const CONNECTIONS = 32
const [SERVER_CORE, CLIENT_CORE] = ['0', '1']
/** The sizes of an avatar, and about what they weigh. */
const KIB: Record<string, number> = { 64: 2, 256: 16, 512: 64 }
/** Of a second, as Linux counts the time of processes. */
const TICKS = 100
const NAME = 'a'.repeat(32)

interface Measured { perSecond: number, cpuMicros: number }

need('/usr/sbin/nginx', 'nginx')
need('/usr/bin/wrk', 'wrk')
const folder = mkdtempSync(join(tmpdir(), 'visage-bench-'))
const dataDir = join(folder, 'data')
await fill()
const service = await startService({ dataDir, under: ['taskset', '-c', SERVER_CORE] })
const nginx = await startNginx()
try {
  const ofNginx: Record<string, number> = {}
  const cpuOfNginx: Record<string, number> = {}
  for (const [size, kib] of Object.entries(KIB)) {
    const path = `/media/avatars/${NAME}-${size}.webp`
    const [ours, theirs]: [Measured[], Measured[]] = [[], []]
    await measure(service, path)
    for (let round = 0; round < Number(rounds); round++) {
      theirs.push(await measure(nginx, path))
      ours.push(await measure(service, path))
    }
    // Whatever else runs on the machine only ever slows things down, so the best of each is what it can do.
    const [mine, its] = [best(ours), best(theirs)]
    console.log(`${kib} KiB: ${mine.perSecond} of ${its.perSecond} requests/s, ${mine.cpuMicros} of ${its.cpuMicros} µs of the processor each`)
    ofNginx[`${kib} KiB`] = rounded(mine.perSecond / its.perSecond)
    cpuOfNginx[`${kib} KiB`] = rounded(its.cpuMicros / mine.cpuMicros)
  }
  console.log(JSON.stringify({ ofNginx, cpuOfNginx, least: Math.min(...Object.values(ofNginx)) }))
} finally {
  await nginx.end()
  await service.end('SIGTERM')
  rmSync(folder, { recursive: true })
}

/** Somebody with an avatar. What the files hold does not matter to whoever sends them. */
async function fill (): Promise<void> {
  const [person] = await createPeople(dataDir, 1)
  const db = openDatabase({ dataDir, exclusive: true })
  await db.write(async (tx) => {
    const userId = person?.id ?? 0
    await tx.avatars.insert(userId, NAME, Date.now())
    // Without it the sizes would be made anew, from what is no picture.
    await tx.pictures.insert({ name: NAME, userId, kind: 'avatar', sourceWidth: 512, sourceHeight: 512, isAnimated: false, focus: null, crop: null, blurhash: '', color: '#000000', files: [], createdAt: Date.now(), alt: null })
    await tx.users.update(userId, { avatar: NAME })
  })
  await db.close()
  writeFileSync(join(dataDir, `media/avatars/${NAME}.webp`), 'RIFF')
  for (const [size, kib] of Object.entries(KIB)) writeFileSync(join(dataDir, `media/avatars/${NAME}-${size}.webp`), Buffer.alloc(kib * 1024, 'RIFF'))
}

async function startNginx (): Promise<{ url: string, pid: number, end: () => Promise<void> }> {
  const config = join(folder, 'nginx.conf')
  mkdirSync(join(folder, 'logs'))
  writeFileSync(config, `
    daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/logs/error.log;
    events { worker_connections 1024; }
    http {
      types { image/webp webp; } sendfile on; tcp_nopush on; keepalive_requests 1000000000; access_log ${folder}/logs/access.log;
      client_body_temp_path ${folder}/logs; proxy_temp_path ${folder}/logs; fastcgi_temp_path ${folder}/logs; uwsgi_temp_path ${folder}/logs; scgi_temp_path ${folder}/logs;
      server { listen 127.0.0.1:${PORT}; location /media/ { root ${dataDir}; expires 1y; add_header X-Content-Type-Options nosniff; } }
    }`)
  const child = spawn('taskset', ['-c', SERVER_CORE, '/usr/sbin/nginx', '-c', config, '-e', join(folder, 'logs/error.log')], { stdio: 'inherit' })
  const ended = once(child, 'exit')
  while (!await isListening()) await Promise.race([sleep(20), ended.then(() => { throw new Error('nginx did not start') })])
  return {
    url: `http://127.0.0.1:${PORT}`,
    pid: child.pid ?? 0,
    async end () {
      child.kill()
      await ended
    },
  }
}

function isListening (): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(PORT, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
}

async function measure ({ url, pid }: { url: string, pid: number }, path: string): Promise<Measured> {
  const before = cpuOf(pid)
  const { stdout: said } = await promisify(execFile)('taskset', ['-c', CLIENT_CORE, '/usr/bin/wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}`, `${url}${path}`])
  if (/Non-2xx|Socket errors/.test(said)) throw new Error(said)
  const number = (pattern: RegExp) => Number(pattern.exec(said)?.[1])
  return { perSecond: Math.round(number(/Requests\/sec:\s+([\d.]+)/)), cpuMicros: rounded((cpuOf(pid) - before) * 1_000_000 / number(/(\d+) requests in/)) }
}

/** Seconds of the processor that a process has used, in the kernel and outside of it. */
function cpuOf (pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

function best (rounds: Measured[]): Measured {
  return { perSecond: Math.max(...rounds.map(({ perSecond }) => perSecond)), cpuMicros: Math.min(...rounds.map(({ cpuMicros }) => cpuMicros)) }
}

function rounded (value: number): number {
  return Math.round(value * 100) / 100
}

/** Where the packages of Debian can be had, what is missing is installed. */
function need (program: string, name: string): void {
  if (!existsSync(program)) execFileSync('apt-get', ['install', '-y', '--no-install-recommends', name], { stdio: 'ignore' })
}

// What an operator is told to do, done: the commands of docs/deploy.md and docs/upgrade.md as they are printed, the unit by
// systemd's own judgement, and both proxies with their examples in front of a server that has to see the client's address.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './nginx.ts'
import { startService } from './service.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** What systemd calls well protected. */
const EXPOSURE_MAX = 2.5
const START_MS = 10_000
const CLIENT = '127.0.0.9'

/** Commands that are not run, and why; the rest of their block is. */
const LEFT_OUT: [command: RegExp, why: string][] = [
  [/^npm ci$/, 'it has been run'],
  [/^systemctl /, 'there is no systemd that runs'],
  [/^nginx -t$/, 'it reads the configuration of this machine; ours is served through'],
  [/^docker /, 'there is no engine; the steps of the Dockerfile are run by themselves'],
]

const home = mkdtempSync(join(tmpdir(), 'visage-deploy-'))
const endings: (() => Promise<unknown> | undefined)[] = []

/** The ```sh blocks of a page, each with the folders of this run in place of the operator's. */
function blocksOf (page: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  return Array.from(text.matchAll(/^```sh\n(.*?)^```/gms), ([, block = '']) => block)
}

const here = (text: string) => text
  .replaceAll('/opt/visage', join(home, 'opt'))
  .replaceAll('/var/lib/visage', join(home, 'data'))
  .replaceAll(/\/etc\/(?=systemd|visage|nginx|caddy)/g, `${join(home, 'etc')}/`)

function runPage (page: string): void {
  let count = 0
  for (const block of blocksOf(page)) {
    const lines = block.split('\n').map((line) => LEFT_OUT.some(([left]) => left.test(line)) ? `: ${line}` : line)
    count += lines.filter((line) => line !== '' && !line.startsWith(':')).length
    const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', here(lines.join('\n'))], { cwd: join(home, 'opt'), encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
    if (status !== 0) throw new Error(`${page}: this ended with ${status}:\n${block}\n${stderr}`)
  }
  console.log(`${page}: ${count} lines of commands ran as printed`)
}

function judgeUnit (): void {
  const judged = execFileSync('systemd-analyze', ['security', '--offline=true', join(ROOT, 'deploy/visage.service')], { encoding: 'utf8' })
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(judged)?.[1])
  if (!(exposure <= EXPOSURE_MAX)) throw new Error(`the unit's exposure is ${exposure}`)
  console.log(`the unit: exposure ${exposure}, at most ${EXPOSURE_MAX}`)
}

interface Proxy { name: string, path: string, start: (port: number, behind: number) => ChildProcess }

const nginxIn = (folder: string, servers: string) => {
  mkdirSync(folder)
  const file = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ')
  writeFileSync(file, `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${join(folder, 'pid')}; error_log stderr warn; events {} http { access_log off; ${temporary} ${servers} }`)
  return spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
const example = (name: string) => readFileSync(join(ROOT, 'deploy', name), 'utf8')
const caddyWith = (file: string, settings: string) => {
  writeFileSync(join(home, file), settings)
  return spawn('caddy', ['run', '--config', join(home, file), '--adapter', 'caddyfile'], { stdio: 'ignore', env: { ...process.env, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } })
}
/** The block of the Caddyfile for a host, by plain HTTP on a port of ours. */
const caddyOf = (host: string, port: number, behind: number) => {
  const block = new RegExp(`^${host.replaceAll('.', '\\.')} \\{.*?^\\}`, 'ms').exec(example('Caddyfile'))?.[0] ?? ''
  return `{\n\tadmin off\n}\n${block.replace(host, `http://:${port}`).replaceAll('127.0.0.1:3000', `127.0.0.1:${behind}`)}`
}

const PROXIES: Proxy[] = [
  { name: 'nginx', path: '', start: (port, behind) => nginxIn(join(home, 'nginx'), example('nginx.conf').replace('443 ssl', `127.0.0.1:${port}`).replaceAll(/^ *ssl_certificate.*$/gm, '').replaceAll('127.0.0.1:3000', `127.0.0.1:${behind}`)) },
  { name: 'nginx, below a path', path: '/people', start: (port, behind) => nginxIn(join(home, 'nginx-path'), `server { listen 127.0.0.1:${port}; ${example('nginx-path.conf').replaceAll('127.0.0.1:3000', `127.0.0.1:${behind}`)} }`) },
  { name: 'Caddy', path: '', start: (port, behind) => caddyWith('Caddyfile', caddyOf('people.example.com', port, behind)) },
  { name: 'Caddy, below a path', path: '/people', start: (port, behind) => caddyWith('Caddyfile-path', caddyOf('example.com', port, behind)) },
]

/** Asks from an address of its own, and says that it is somebody else. */
function ask (port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-forwarded-for': '203.0.113.7', host: 'people.example.com' }
    request({ port, host: '127.0.0.1', path, localAddress: CLIENT, headers }, (answer) => { answer.resume(); resolve(answer.statusCode ?? 0) }).on('error', reject).end()
  })
}

async function servesThrough ({ name, path, start }: Proxy): Promise<void> {
  const [port, behind] = [await freePort(), await freePort()]
  const seen: string[] = []
  const service = await startService({
    dataDir: join(home, 'data'),
    settings: { VISAGE_PORT: String(behind), VISAGE_PUBLIC_URL: `http://127.0.0.1:${port}${path}`, VISAGE_TRUST_PROXY: '127.0.0.1' },
    onLine: (line) => seen.push(line),
  })
  endings.unshift(() => service.end('SIGTERM'))
  const proxy = start(port, behind)
  endings.unshift(() => { proxy.kill('SIGTERM'); return undefined })
  const giveUp = Date.now() + START_MS
  let status = 0
  while (status !== 401 && Date.now() < giveUp) {
    status = await ask(port, `${path}/v1/me`).catch(() => 0)
    if (status !== 401) await sleep(100)
  }
  if (status !== 401) throw new Error(`${name}: /v1/me was answered ${status}`)
  proxy.kill('SIGTERM')
  await once(proxy, 'exit')
  await service.end('SIGTERM')
  const addresses = new Set(seen.flatMap((line) => /"address":"([^"]+)"/.exec(line)?.[1] ?? []))
  if ([...addresses].join() !== CLIENT) throw new Error(`${name}: the service saw ${[...addresses].join()}, and it was ${CLIENT}`)
  console.log(`${name}: serves, and the client is ${CLIENT}`)
}

/** The folders that the pages speak of, and the tree where they say that it is. */
function makeMachine (): void {
  for (const folder of ['etc/systemd/system', 'etc/nginx/conf.d', 'etc/caddy', 'data', 'opt/deploy']) mkdirSync(join(home, folder), { recursive: true })
  for (const name of readdirSync(ROOT)) if (name !== 'deploy') symlinkSync(join(ROOT, name), join(home, 'opt', name))
  for (const name of readdirSync(join(ROOT, 'deploy'))) {
    cpSync(join(ROOT, 'deploy', name), join(home, 'opt/deploy', name), { recursive: true })
    if (name === 'visage.service') writeFileSync(join(home, 'opt/deploy', name), here(example(name)))
  }
}

try {
  makeMachine()
  const service = await startService({ dataDir: join(home, 'data') })
  await service.end('SIGTERM')
  judgeUnit()
  runPage('deploy.md')
  runPage('upgrade.md')
  for (const proxy of PROXIES) await servesThrough(proxy)
} catch (error) {
  console.error('FAILURE:', error)
  process.exitCode = 1
} finally {
  for (const end of endings) await end()
  rmSync(home, { recursive: true, force: true })
}

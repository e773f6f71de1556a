// Breaks, while requests go on, each thing that readiness names, and mends it: how soon it is told, how soon it is over, and
// what clients see who come through nginx, with another server beside the broken one.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { startBalancer } from './balancer.ts'
import { freePort } from './nginx.ts'
import { createPeople, startService } from './service.ts'

const TOLD_MS = 2_000
/** How long the mail server may say nothing before that is a failure; the queue looks once a second. */
const SMTP_MS = 1_000
/** The service asks a mail server that took nothing so often whether it would now. */
const ASKED_AGAIN_MS = 5_000

const folder = mkdtempSync(join(tmpdir(), 'visage-health-'))
const [broken, other] = [join(folder, 'broken'), join(folder, 'other')]
const failures: string[] = []
const ends: (() => unknown)[] = []

/** A mail server that can be told to say nothing. */
let isSilent = false
const smtp = createServer((socket) => {
  socket.on('error', () => {}).on('data', (said) => { if (!isSilent) socket.write(said.toString().startsWith('DATA') ? '354 go on\r\n' : '250 fine\r\n') })
  if (!isSilent) socket.write('220 hello\r\n')
}).listen(0, '127.0.0.1')
await once(smtp, 'listening')
ends.push(() => { smtp.close() })

// Sets the clock of a process back by an hour, and right again, at each signal.
const clock = join(folder, 'clock.cjs')
writeFileSync(clock, 'const now = Date.now; let off = 0; Date.now = () => now() - off; process.on("SIGWINCH", () => { off = 3_600_000 - off })')

async function ready (url: string): Promise<string> {
  const response = await fetch(`${url}/health/ready`)
  return (await response.json() as { status: string }).status
}

/** Milliseconds until readiness says so. */
async function until (url: string, status: string, most: number): Promise<number> {
  const start = performance.now()
  while (await ready(url) !== status) {
    if (performance.now() - start > most + 5_000) return Infinity
    await sleep(50)
  }
  return Math.round(performance.now() - start)
}

/** nginx before both. What is idempotent or not, nothing was done where the answer is one of these. */
const site = (first: string, second: string) => (port: number): string => `
  upstream visage { server ${new URL(first).host} max_fails=1 fail_timeout=1s; server ${new URL(second).host} max_fails=0; }
  upstream other { server ${new URL(second).host}; }
  server {
    listen 127.0.0.1:${port};
    proxy_next_upstream error timeout http_500 http_503 non_idempotent;
    location / { proxy_pass http://visage; proxy_intercept_errors on; error_page 507 = @other; }
    location @other { proxy_pass http://other; }
  }`

function isMounted (): boolean {
  mkdirSync(broken)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', broken], { stdio: 'pipe' })
    ends.push(() => execFileSync('umount', ['--lazy', broken]))
    return true
  } catch {
    console.log('SKIPPED: a small disk could not be mounted, so none is filled')
    return false
  }
}

try {
  const isSmall = isMounted()
  const [person] = await createPeople(broken, 1)
  if (person === undefined) throw new Error('nobody was made')
  cpSync(broken, other, { recursive: true })
  const settings = { VISAGE_DISK_FLOOR: '1MiB', VISAGE_SMTP_URL: `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}?greetingTimeout=${SMTP_MS}&socketTimeout=${SMTP_MS}`, NODE_OPTIONS: `--require=${clock}` }
  const listen = async (dataDir: string) => {
    const port = await freePort()
    const service = await startService({ dataDir, settings: { ...settings, VISAGE_PORT: String(port) } })
    ends.push(() => service.end('SIGTERM'))
    return service
  }
  const [service, second] = [await listen(broken), await listen(other)]
  const { url: balancer, end: endBalancer } = await startBalancer(join(folder, 'nginx'), site(service.url, second.url))
  ends.push(endBalancer)

  const headers = { 'authorization': `Token ${person.key}`, 'content-type': 'application/json' }
  const seen: Record<number, number> = {}
  let isOver = false
  const traffic = (async () => {
    for (let n = 0; !isOver; n++) {
      for (const init of [{}, { method: 'PATCH', headers, body: JSON.stringify({ bio: `${n}` }) }]) {
        const { status } = await fetch(`${balancer}/api/v2/user/${person.id}/`, init)
        seen[status] = (seen[status] ?? 0) + 1
      }
    }
  })()
  ends.push(async () => { isOver = true; await traffic })

  async function tryOut (what: string, status: string, spoil: () => unknown, mend: () => unknown, [told, over] = [TOLD_MS, TOLD_MS]): Promise<void> {
    if (await until(service.url, 'ok', TOLD_MS) === Infinity) failures.push(`${what}: it was not ok before`)
    await spoil()
    const toldAfter = await until(service.url, status, told)
    await mend()
    const overAfter = await until(service.url, 'ok', over)
    console.log(`${what}: ${status} after ${toldAfter} ms, over after ${overAfter} ms`)
    if (toldAfter > told || overAfter > over) failures.push(`${what}: within ${told} and ${over} ms`)
  }

  const move = (from: string, to: string) => () => { renameSync(join(broken, from), join(broken, to)) }
  await tryOut('a folder gone', 'unavailable', move('media', 'away'), move('away', 'media'))
  const alter = (sql: string) => () => {
    const file = new Sqlite(join(broken, 'visage.db'))
    file.exec(sql)
    file.close()
  }
  await tryOut('a table dropped', 'unavailable', alter('alter table changes rename to away'), alter('alter table away rename to changes'))
  const filler = join(broken, 'filler')
  if (isSmall) {
    await tryOut('the disk full', 'unavailable', () => {
      try {
        writeFileSync(filler, Buffer.alloc(64 * 1_024 ** 2))
      } catch {}
    }, () => { rmSync(filler) })
  }
  const { payload, type } = await picture()
  await fetch(`${service.url}/api/v2/user/${person.id}/`, { method: 'PATCH', headers: { ...headers, 'content-type': type }, body: payload })
  const child = readdirSync(`/proc/${service.pid}/task`).flatMap((task) => readFileSync(`/proc/${service.pid}/task/${task}/children`, 'utf8').split(' ')).map(Number).find((pid) => pid > 0) ?? 0
  await tryOut('the image process stopped', 'degraded', () => process.kill(child, 'SIGSTOP'), () => process.kill(child, 'SIGCONT'))
  await tryOut('the image process killed', 'ok', () => process.kill(child, 'SIGKILL'), () => {})
  await tryOut('the clock set back', 'degraded', () => process.kill(service.pid, 'SIGWINCH'), () => process.kill(service.pid, 'SIGWINCH'))
  await tryOut('the mail server silent', 'degraded', async () => {
    isSilent = true
    await fetch(`${service.url}/api/sign-up/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }) })
  }, () => { isSilent = false }, [TOLD_MS + SMTP_MS, TOLD_MS + ASKED_AGAIN_MS + SMTP_MS])

  isOver = true
  await traffic
  console.log(`through nginx: ${JSON.stringify(seen)}`)
  const wrong = Object.keys(seen).filter((status) => Number(status) >= 500)
  if (wrong.length > 0) failures.push(`clients saw ${wrong.join(', ')}`)
  if ((seen[200] ?? 0) < 100) failures.push('there was hardly any traffic')
} finally {
  for (const end of ends.toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
}
for (const failure of failures) console.log(`FAILURE: ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

async function picture (): Promise<{ payload: Buffer, type: string }> {
  const { default: sharp } = await import('sharp')
  const file = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'teal' } }).png().toBuffer()
  const body = new Response((() => {
    const form = new FormData()
    form.set('avatar', new Blob([new Uint8Array(file)], { type: 'image/png' }), 'avatar.png')
    return form
  })())
  return { payload: Buffer.from(await body.arrayBuffer()), type: body.headers.get('content-type') ?? '' }
}

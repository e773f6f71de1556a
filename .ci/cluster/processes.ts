// Several processes of one service behind nginx as `deploy/nginx-many.conf` has it, each of which is started again when it
// is killed, as a process manager does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBalancer } from '../balancer.ts'
import { freePort } from '../nginx.ts'
import { startService } from '../service.ts'
import type { Service } from '../service.ts'

const EXAMPLE = join(import.meta.dirname, '..', '..', 'deploy', 'nginx-many.conf')
const AGAIN_MS = 100

export interface Processes {
  /** The address that clients use. */
  url: string
  /** Of each process, past nginx. */
  urls: readonly string[]
  /** Those that ended although nobody had ended them. */
  deaths: string[]
  /** What their logs say that an operator should read, and how often. */
  troubles: Map<string, number>
  /** Kills one and starts it again. Resolves when it listens. */
  kill: (index: number) => Promise<void>
  end: () => Promise<void>
}

interface Options {
  /** For the data folders, and what nginx keeps. */
  home: string
  count: number
  /** What all of them have. */
  settings: Record<string, string>
  /** For each a command that runs it as its child. */
  under?: string[][]
  root?: string
}

export async function startProcesses ({ home, count, settings, under, root }: Options): Promise<Processes> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  const balancer = await startBalancer(join(home, 'nginx'), (port) => site(port, ports))
  const isEnding = Array.from({ length: count }, () => false)
  const deaths: string[] = []
  const troubles = new Map<string, number>()
  const note = (trouble: string) => { troubles.set(trouble, (troubles.get(trouble) ?? 0) + 1) }

  /** Tries until it listens: what is behind it may be away just now. */
  async function start (index: number): Promise<Service> {
    for (;;) {
      try {
        const service = await startService({
          dataDir: join(home, `data-${index}`),
          settings: { VISAGE_PORT: String(ports[index]), VISAGE_LOG_LEVEL: 'info,requests=error', VISAGE_PUBLIC_URL: balancer.url, VISAGE_TRUST_PROXY: '127.0.0.1', ...settings },
          onLine (line) { if (/"level":[56]0/.test(line)) note(messageOf(line)) },
          ...under?.[index] && { under: under[index] },
          ...root !== undefined && { root },
        })
        void watch(service, index)
        return service
      } catch (error) {
        note((error as Error).message)
        await sleep(AGAIN_MS)
      }
    }
  }

  async function watch ({ ended }: Service, index: number): Promise<void> {
    const { code, signal } = await ended
    if (isEnding[index] === false) deaths.push(`process ${index} ended by itself: ${code ?? signal}`)
  }

  const running: Service[] = []
  for (let index = 0; index < count; index++) running.push(await start(index))
  // nginx has asked for them while they were not there, and leaves them alone for a while.
  while (!await fetch(`${balancer.url}/health/live`).then(({ ok }) => ok, () => false)) await sleep(AGAIN_MS)
  return {
    url: balancer.url,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    deaths,
    troubles,
    async kill (index) {
      isEnding[index] = true
      await running[index]?.end('SIGKILL')
      isEnding[index] = false
      running[index] = await start(index)
    },
    async end () {
      isEnding.fill(true)
      await Promise.all(running.map((service) => service.end('SIGTERM')))
      await balancer.end()
    },
  }
}

function messageOf (line: string): string {
  const { msg, err } = JSON.parse(line) as { msg?: string, err?: { message: string } }
  return [msg, err?.message].filter((part) => part !== undefined).join(': ')
}

/** The example without TLS, before these ports. */
export function site (port: number, ports: readonly number[]): string {
  const example = readFileSync(EXAMPLE, 'utf8')
  const [server = '', ...more] = example.match(/^ *server [\d.]+:\d+.*\n/gm) ?? []
  const servers = ports.map((behind) => server.replace(/[\d.]+:\d+/, `127.0.0.1:${behind}`)).join('')
  return more.reduce((text, line) => text.replace(line, ''), example)
    .replace(server, servers).replace('443 ssl', `127.0.0.1:${port}`).replaceAll(/^ *ssl_certificate.*$/gm, '')
}

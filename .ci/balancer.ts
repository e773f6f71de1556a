// nginx before several processes, on loopback and without TLS.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './nginx.ts'

const START_MS = 10_000
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

export interface Balancer { url: string, end: () => Promise<void> }

/** Resolves when it answers. `site` is what stands in `http`, given the port to listen on. */
export async function startBalancer (folder: string, site: (port: number) => string): Promise<Balancer> {
  const port = await freePort()
  mkdirSync(folder)
  const settings = join(folder, 'nginx.conf')
  writeFileSync(settings, `
${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log /dev/null; events {}
http {
  access_log off; ${TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ')}
  ${site(port)}
}
`)
  const child = spawn('nginx', ['-p', folder, '-c', settings, '-e', '/dev/null'], { stdio: 'inherit' })
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const end = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  for (const giveUp = Date.now() + START_MS; Date.now() < giveUp; await sleep(50)) {
    if (await fetch(url).then(() => true, () => false)) return { url, end }
  }
  await end()
  throw new Error('nginx did not listen')
}

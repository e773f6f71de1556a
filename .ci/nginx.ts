// nginx in front of a server, as an operator sets it up: TLS, and a path that is stripped.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 10_000
const STOP_MS = 5_000
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

interface Options {
  /** For the certificate, the configuration and everything else that nginx keeps. */
  folder: string
  port: number
  /** With a slash at both ends. */
  path: string
  /** The server behind it. */
  behind: string
}

/** A port of this machine that nobody listens on. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves, once it listens, to its certificate and to what ends it. */
export async function startNginx ({ folder, port, path, behind }: Options): Promise<{ certificate: string, end: () => Promise<void> }> {
  mkdirSync(folder)
  const [certificate, key, settings] = ['certificate.pem', 'key.pem', 'nginx.conf'].map((name) => join(folder, name)) as [string, string, string]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  writeFileSync(settings, `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr warn;
events {}
http {
  access_log off;
  client_max_body_size 32m;
  ${TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    location ${path} {
      proxy_pass ${behind}/;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`)
  const child = spawn('nginx', ['-p', folder, '-c', settings, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  const isRunning = () => child.exitCode === null && child.signalCode === null

  async function end (): Promise<void> {
    if (isRunning()) child.kill('SIGTERM')
    await Promise.race([exited, sleep(STOP_MS, undefined, { ref: false })])
    if (isRunning()) child.kill('SIGKILL')
  }

  const giveUp = Date.now() + START_MS
  while (!await isOpen(port)) {
    if (isRunning() && Date.now() < giveUp) await sleep(50)
    else {
      await end()
      throw new Error('nginx did not listen')
    }
  }
  return { certificate: readFileSync(certificate, 'utf8'), end }
}

function isOpen (port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => { socket.destroy(); settle(true) })
    socket.once('error', () => settle(false))
  })
}

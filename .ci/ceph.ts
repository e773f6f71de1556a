// Ceph's gateway of S3 from nothing, in a temporary folder, on loopback, for as long as it is not ended.
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { AwsClient } from 'aws4fetch'
import { freePort } from './nginx.ts'

const START_MS = 90_000
const execute = promisify(execFile)
const KEY = 'visage'
export const SECRET = 'a/secret+of/ours'

export interface Ceph {
  /** The address of a bucket of this name, which need not be there. */
  urlOf: (bucket: string) => string
  /** A new bucket, by its address. */
  createBucket: (bucket: string) => Promise<string>
  /** Ends the gateway, and not what it keeps. */
  stop: () => Promise<void>
  /** Starts it again; resolves when it answers. */
  start: () => Promise<void>
  end: () => Promise<void>
}

export async function startCeph (): Promise<Ceph> {
  const home = mkdtempSync(join(tmpdir(), 'visage-rgw-'))
  const running: ChildProcess[] = []
  const [monitor, port] = [await freePort(), await freePort()]
  const fsid = randomUUID()
  for (const folder of ['mon', 'osd', 'rgw']) mkdirSync(join(home, folder))
  writeFileSync(join(home, 'ceph.conf'), settings(home, fsid, monitor, port))
  const env = { ...process.env, CEPH_CONF: join(home, 'ceph.conf') }
  const run = async (program: string, ...args: string[]) => (await execute(program, args, { env, timeout: START_MS })).stdout
  const launch = (program: string, ...args: string[]): ChildProcess => {
    const child = spawn(program, [...args, '-f'], { env, stdio: 'ignore' })
    running.push(child)
    return child
  }
  // However this process ends.
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })
  const launchGateway = () => launch('radosgw', '-n', 'client.rgw')
  let gateway: ChildProcess

  async function answers (): Promise<void> {
    for (const giveUp = Date.now() + START_MS; !await fetch(`http://127.0.0.1:${port}`).then(() => true, () => false); await sleep(200)) {
      if (Date.now() > giveUp || gateway.exitCode !== null) throw new Error('the gateway does not answer')
    }
  }

  /** The one that keeps the objects: every third time it ends at once by itself, and then it is started again. */
  async function keeper (): Promise<void> {
    let child = launch('ceph-osd', '-i', '0')
    for (const giveUp = Date.now() + START_MS; !/\b1 up\b/.test(await run('ceph', 'osd', 'stat').catch(() => '')); await sleep(100)) {
      if (Date.now() > giveUp) throw new Error('nobody keeps objects')
      if (child.exitCode !== null || child.signalCode !== null) child = launch('ceph-osd', '-i', '0')
    }
  }

  async function end (): Promise<void> {
    for (const child of running.toReversed()) await kill(child)
    rmSync(home, { recursive: true, force: true })
  }

  try {
    await run('monmaptool', '--create', '--addv', 'a', `v1:127.0.0.1:${monitor}`, '--fsid', fsid, join(home, 'monmap'))
    await run('ceph-mon', '-i', 'a', '--mkfs', '--monmap', join(home, 'monmap'))
    launch('ceph-mon', '-i', 'a')
    await run('ceph', 'osd', 'create')
    await run('ceph-osd', '-i', '0', '--mkfs')
    await keeper()
    // Before the gateway: both would make the pools.
    await run('radosgw-admin', '-n', 'client.rgw', 'user', 'create', '--uid=visage', '--display-name=visage', `--access-key=${KEY}`, `--secret-key=${SECRET}`)
    gateway = launchGateway()
    await answers()
  } catch (error) {
    await end()
    throw error
  }
  const urlOf = (bucket: string): string => `s3://${KEY}:${encodeURIComponent(SECRET)}@127.0.0.1:${port}/${bucket}?ssl=off`
  return {
    urlOf,
    async createBucket (bucket) {
      const client = new AwsClient({ accessKeyId: KEY, secretAccessKey: SECRET, region: 'us-east-1', service: 's3' })
      const { status } = await client.fetch(`http://127.0.0.1:${port}/${bucket}`, { method: 'PUT' })
      if (status !== 200) throw new Error(`the gateway answered ${status} to a new bucket`)
      return urlOf(bucket)
    },
    stop: () => kill(gateway),
    async start () {
      gateway = launchGateway()
      await answers()
    },
    end,
  }
}

async function kill (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** One of each, without authentication among themselves; what they keep they keep in memory. */
const settings = (home: string, fsid: string, monitor: number, gateway: number): string => `[global]
fsid = ${fsid}
mon host = v1:127.0.0.1:${monitor}
${['cluster', 'service', 'client'].map((of) => `auth ${of} required = none`).join('\n')}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
${['size', 'min size', 'pg num', 'pgp num'].map((of) => `osd pool default ${of} = 1`).join('\n')}
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 0
mon max pg per osd = 1000
osd objectstore = memstore
memstore device bytes = 1073741824
mon data = ${home}/mon
osd data = ${home}/osd
rgw data = ${home}/rgw
run dir = ${home}
admin socket = ${home}/$name.asok
log file = ${home}/$name.log
pid file =
keyring = ${home}/keyring
rgw frontends = beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1
rgw run sync thread = false
rgw enable quota threads = false
`

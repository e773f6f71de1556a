// What a store of pictures promises, asked of a bucket: of Ceph's gateway from nothing, in a temporary folder, on loopback; and
// what is said when it stops.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readS3Address } from '../src/images/store/address.ts'
import { openS3 } from '../src/images/store/s3.ts'
import { freePort } from './nginx.ts'

const START_MS = 90_000
const [KEY, SECRET] = ['visage', 'a/secret+of/ours']
const home = mkdtempSync(join(tmpdir(), 'visage-rgw-'))
const running: ChildProcess[] = []
const [monitor, gateway] = [await freePort(), await freePort()]
const fsid = randomUUID()

for (const folder of ['mon', 'osd', 'rgw']) mkdirSync(join(home, folder))
writeFileSync(join(home, 'ceph.conf'), `[global]
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
`)
const env = { ...process.env, CEPH_CONF: join(home, 'ceph.conf') }
const run = (program: string, ...args: string[]) => execFileSync(program, args, { env, stdio: 'pipe', timeout: START_MS })

function start (program: string, ...args: string[]): ChildProcess {
  const child = spawn(program, [...args, '-f'], { env, stdio: 'ignore' })
  running.push(child)
  return child
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

try {
  run('monmaptool', '--create', '--addv', 'a', `v1:127.0.0.1:${monitor}`, '--fsid', fsid, join(home, 'monmap'))
  run('ceph-mon', '-i', 'a', '--mkfs', '--monmap', join(home, 'monmap'))
  start('ceph-mon', '-i', 'a')
  run('ceph', 'osd', 'create')
  run('ceph-osd', '-i', '0', '--mkfs')
  start('ceph-osd', '-i', '0')
  const last = start('radosgw', '-n', 'client.rgw')
  run('radosgw-admin', '-n', 'client.rgw', 'user', 'create', '--uid=visage', '--display-name=visage', `--access-key=${KEY}`, `--secret-key=${SECRET}`)
  const url = `http://127.0.0.1:${gateway}`
  for (const giveUp = Date.now() + START_MS; !await fetch(url).then(() => true, () => false); await sleep(200)) {
    if (Date.now() > giveUp) throw new Error('the gateway does not answer')
  }

  const address = `s3://${KEY}:${encodeURIComponent(SECRET)}@127.0.0.1:${gateway}/visage?ssl=off`
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'test', 'images', 'store.test.ts')], { env: { ...process.env, VISAGE_TEST_S3: address }, stdio: ['ignore', 'inherit', 'inherit'] })

  const store = await openS3(readS3Address(address, {}))
  await end(last)
  const said = await store.probe().then(() => 'nothing', ({ code, message }: { code: string, message: string }) => `${code}: ${message}`)
  console.log(`stopped: ${said}`)
  if (!said.startsWith('IMAGE_UNAVAILABLE') || said.includes(SECRET)) throw new Error('a store that is gone is told in other words')
} catch (error) {
  console.error('FAILURE:', error)
  process.exitCode = 1
} finally {
  for (const child of running.toReversed()) await end(child)
  rmSync(home, { recursive: true, force: true })
}

// What a store of pictures promises, asked of buckets of Ceph's: as a store, as it is served, and through kills at every place; and what
// is said when the gateway stops.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readS3Address } from '../src/images/store/address.ts'
import { openS3 } from '../src/images/store/s3.ts'
import { SECRET, startCeph } from './ceph.ts'

const TESTS = ['images/store.test.ts', 'plugins/media.test.ts', 'core/kills.test.ts']
const ceph = await startCeph()
try {
  const env = { ...process.env, VISAGE_TEST_S3: ceph.urlOf('visage'), VISAGE_TEST_VOLUME: 'whole' }
  for (const test of TESTS) execFileSync(process.execPath, [join(import.meta.dirname, '..', 'test', test)], { env, stdio: ['ignore', 'inherit', 'inherit'] })

  const store = await openS3(readS3Address(await ceph.createBucket('visage'), {}))
  await store.probe()
  await ceph.stop()
  const said = await store.probe().then(() => 'nothing', ({ code, message }: { code: string, message: string }) => `${code}: ${message}`)
  console.log(`stopped: ${said}`)
  if (!said.startsWith('IMAGE_UNAVAILABLE') || said.includes(SECRET)) throw new Error('a store that is gone is told in other words')
  await ceph.start()
  await store.probe()
} catch (error) {
  console.error('FAILURE:', error)
  process.exitCode = 1
} finally {
  await ceph.end()
}

// The tests of the service over PostgreSQL, from nothing: `node .ci/suite.ts 18|15 [--bucket] [FILE…]`. What cannot be asked of it, and why,
// is in test/engines.ts. Without files, rooms whose answers come from rows. With a bucket, of Ceph's, those that do not look into the folder of pictures.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openDatabase } from '../src/db/index.ts'
import { newFolder } from '../src/testing/folder.ts'
import { startPostgres } from '../test/postgres.ts'
import { startCeph } from './ceph.ts'

const ROOMS = [
  'access/run-1', 'access/run-2', 'access/run-3', 'community/run', 'contract/run-1', 'contract/run-2', 'contract/run-3',
  'directory/community.test', 'directory/staff.test', 'directory/step.test', 'hostile/run-2', 'life/community.test', 'life/personal.test', 'life/staff.test',
  'routes/run-2', 'security/run-1', 'security/run-2', 'sockets/run-2', 'staff/fields.test', 'staff/groups-list.test', 'staff/groups.test',
  'staff/sign-in.test', 'staff/users.test', 'stop.test', 'update-law/run-1', 'update-law/run-2', 'update-law/run-3',
]
const OVER_BUCKET = ['access/run-1', 'access/run-2', 'access/run-3', 'core/kills.test', 'core/tracked.test', 'plugins/media-private.test']
const [version, ...rest] = process.argv.slice(2)
const isOverBucket = rest[0] === '--bucket'
const given = isOverBucket ? rest.slice(1) : rest
const files = given.length > 0 ? given : (isOverBucket ? OVER_BUCKET : ROOMS).map((room) => `test/${room}.ts`)
if (version !== '18' && version !== '15') throw new Error('usage: node .ci/suite.ts 18|15 [--bucket] [FILE…]')

const server = await startPostgres(version)
const ceph = isOverBucket ? await startCeph() : undefined
const { path: dataDir, remove } = newFolder()
const url = await server.createDatabase()
await (await openDatabase({ dataDir, exclusive: true, url })).close()
remove()

const tap = spawn('npx', ['tap', '--disable-coverage', '--timeout=600', ...process.env.TAP_REPORTER === undefined ? [] : [`--reporter=${process.env.TAP_REPORTER}`], ...files], { stdio: 'inherit', env: { ...process.env, TEST_POSTGRES: url, ...ceph && { TEST_S3: ceph.urlOf('visage') } } })
const [code] = await once(tap, 'exit') as [number | null]
await ceph?.end()
process.exit(code ?? 1)

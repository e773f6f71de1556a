// The tests of the service over PostgreSQL, from nothing: `node .ci/suite.ts 18|15 [FILE…]`. What cannot be asked of it, and why, is in
// test/engines.ts. Without files, those rooms whose tests speak no SQLite: contract, rights, lists against the naive reading, a family.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openDatabase } from '../src/db/index.ts'
import { newFolder } from '../src/testing/folder.ts'
import { startPostgres } from '../test/postgres.ts'

const ROOMS = ['access/run-1', 'access/run-2', 'access/run-3', 'contract/run-1', 'contract/run-2', 'contract/run-3', 'community/run', 'directory/community.test', 'directory/staff.test', 'directory/step.test']
const [version, ...given] = process.argv.slice(2)
const files = given.length > 0 ? given : ROOMS.map((room) => `test/${room}.ts`)
if (version !== '18' && version !== '15') throw new Error('usage: node .ci/suite.ts 18|15 [FILE…]')

const server = await startPostgres(version)
const { path: dataDir, remove } = newFolder()
const url = await server.createDatabase()
await (await openDatabase({ dataDir, exclusive: true, url })).close()
remove()

const tap = spawn('npx', ['tap', '--disable-coverage', '--timeout=600', ...process.env.TAP_REPORTER === undefined ? [] : [`--reporter=${process.env.TAP_REPORTER}`], ...files], { stdio: 'inherit', env: { ...process.env, TEST_POSTGRES: url } })
const [code] = await once(tap, 'exit') as [number | null]
process.exit(code ?? 1)

import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import Fastify from 'fastify'
import t from 'tap'
import visage, { buildApp } from '../../src/app.ts'
import { only, placeOf } from '../engines.ts'
import { PASSWORD, folderFor } from '../helper.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import { createWorld, openStore } from './world.ts'

/* DESIGN §9: 503 and 507 with their codes; 412 is etag.test.ts, 413 is limits.test.ts. */

await t.test('503 with Retry-After while another process keeps the database to itself', async (t) => {
  const world = await createWorld(t)
  const { app, store, ada } = world
  const before = store.dump()
  store.sql.exec('begin immediate')
  const tried = NAMES.map(async (family) => [family, await app.inject({ ...FAMILIES[family].edit(ada.id), headers: FAMILIES[family].actor(world), payload: { username: 'other' } })] as const)
  const read = await app.inject({ ...FAMILIES.community.read(ada.id) })
  t.equal(read.statusCode, 200, 'reading goes on')
  const answers = await Promise.all(tried)
  store.sql.exec('rollback')
  for (const [family, response] of answers) {
    t.equal(response.statusCode, 503, family)
    t.match(response.headers['retry-after'], /^[1-9]\d*$/)
    t.same(response.json(), problem(family, 'unavailable', 'The service is busy. Try again in a moment.'))
  }
  t.strictSame(store.dump(), before)
  t.equal((await app.inject({ ...FAMILIES.community.edit(ada.id), headers: ada.headers, payload: { username: 'other' } })).statusCode, 200, 'and then it works')
})

await t.test('C6 503 with Retry-After for lists and searches while somebody else has their file', { skip: only.file }, async (t) => {
  const dataDir = folderFor(t)
  const [file, first, second] = ['visage.db', 'first.db', 'second.db'].map((name) => join(dataDir, name)) as [string, string, string]
  const pointTo = (target: string) => {
    symlinkSync(target, `${file}.new`)
    renameSync(`${file}.new`, file)
  }
  pointTo(first)
  const app = await buildApp({ dataDir, logLevel: 'silent' })
  t.teardown(() => app.close())
  const { access } = (await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'ada', email: 'ada@example.com', password: PASSWORD } })).json<{ access: string }>()
  const headers = { authorization: `Bearer ${access}` }
  // The threads that read open the file when they are first needed. This copy is not in WAL mode, so it can be locked against them.
  const holder = new Sqlite(first)
  holder.exec(`vacuum into '${second}'`)
  holder.close()
  pointTo(second)
  const other = new Sqlite(second)
  other.exec('begin exclusive')
  for (const url of ['/api/v2/user/', '/api/v2/user/search/?user=ada']) {
    const response = await app.inject({ url, headers })
    t.equal(response.statusCode, 503, url)
    t.match(response.headers['retry-after'], /^[1-9]\d*$/)
    t.same(response.json(), problem('community', 'unavailable', 'The service is busy. Try again in a moment.'))
  }
  other.close()
  t.match((await app.inject({ url: '/api/v2/user/', headers })).json(), { count: 1 }, 'and then it works')
  pointTo(first)
})

await t.test('507 when the disk is full', async (t) => {
  // Filling a disk takes a machine of one's own; here the application around Visage meets the error that Node reports then.
  const app = Fastify()
  t.teardown(() => app.close())
  let isFull = false
  app.addHook('preHandler', async () => { if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }) })
  const dataDir = t.testdir({})
  await app.register(visage, { logLevel: 'silent', ...placeOf(dataDir) })
  const signUp = await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'ada', email: 'ada@example.com', password: PASSWORD } })
  const { access, user } = signUp.json()
  const store = openStore(t, dataDir)
  store.set(user.id, { is_admin: 1 })
  const before = store.dump()
  isFull = true
  for (const family of NAMES) {
    const response = await app.inject({ ...FAMILIES[family].edit(user.id), headers: { authorization: `Bearer ${access}` }, payload: { username: 'other' } })
    t.equal(response.statusCode, 507)
    t.same(response.json(), problem(family, 'insufficient_storage', 'The service has no space left to store this.'))
  }
  t.strictSame(store.dump(), before)
})

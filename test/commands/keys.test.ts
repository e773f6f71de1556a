import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import visage, { buildApp, openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openSql, placeOf } from '../engines.ts'
import { PASSWORD } from '../helper.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { settled } from '../sockets/listening.ts'
import { newFolder, visage as command } from './visage.ts'

const base = await newFolder(t)
const RESET = 'This goes on without: npm run -s visage -- keys reset-seal'
const LOST = '1 second factor, 2 emails on their way and 2 mailed codes'

/** A service on a folder, and how to ask it for something. */
async function serve (dataDir: string) {
  const app = await buildApp({ dataDir, logLevel: 'silent', rateLimit: false })
  const post = (url: string, payload: object, headers = {}) => app.inject({ method: 'POST', url, payload, headers })
  return { app, post, enter: async (username: string, otp?: string) => (await post('/api/token/', { username, password: PASSWORD, ...otp !== undefined && { otp } })).statusCode }
}

// Ada has a second factor, Bob has begun none; their addresses wait to be confirmed, and mails are on their way.
const { app, post } = await serve(base)
for (const username of ['ada', 'bob']) await post('/api/sign-up/', { username, email: `${username}@example.com`, password: PASSWORD })
const { access } = (await post('/api/token/', { username: 'ada', password: PASSWORD })).json<{ access: string }>()
const headers = { authorization: `Bearer ${access}` }
const { secret } = (await post('/api/profile/second-factor/', { password: PASSWORD }, headers)).json<{ secret: string }>()
const codeAt = codesOf(secret)
await wellWithinStep()
const { recovery_codes: recovery } = (await post('/api/profile/second-factor/confirm/', { otp: codeAt(-1) }, headers)).json<{ recovery_codes: string[] }>()
await app.close()
// The service sends its mail by the clock; here two are sure to wait.
const core = await openService({ config: { ...loadConfig(), ...placeOf(base) }, exclusive: false })
await core.mail.deliver()
for (const email of ['nobody@example.com', 'noone@example.com']) await core.passwordChange.recover(email, '203.0.113.7')
await core.close()

/** A copy of that folder, as it was left. */
function copied (t: Test): string {
  const dataDir = t.testdir({})
  cpSync(base, dataDir, { recursive: true, preserveTimestamps: true })
  return dataDir
}

/** Runs a statement on the database of a folder. */
function sql (dataDir: string, statement: string): unknown[] {
  const db = openSql(dataDir)
  try {
    const prepared = db.prepare(statement)
    return prepared.reader ? prepared.raw().all() : [prepared.run().changes]
  } finally {
    db.close()
  }
}

const OTHERS: [title: string, what: string, plant: (dataDir: string) => void][] = [
  ['missing', 'seal.key is missing', (dataDir) => rmSync(join(dataDir, 'seal.key'))],
  ['another', 'seal.key is not the key that the database was sealed with', (dataDir) => writeFileSync(join(dataDir, 'seal.key'), Buffer.alloc(32, 7).toString('base64url'))],
]

for (const [title, what, plant] of OTHERS) {
  for (const age of ['with a probe', 'from before there was one']) {
    t.test(`I3 a seal key that is ${title}, in a folder ${age}: nothing starts, what is lost is told, and the right key is all it takes`, async (t) => {
      const dataDir = copied(t)
      if (age !== 'with a probe') sql(dataDir, "delete from __visage where name = 'seal_probe'")
      renameSync(join(dataDir, 'seal.key'), join(dataDir, 'kept'))
      cpSync(join(dataDir, 'kept'), join(dataDir, 'seal.key'))
      plant(dataDir)
      const files = readdirSync(dataDir)
      const says = `${join(dataDir, what)}: put the right one back. What is lost without it: ${LOST}. ${RESET}`
      await t.rejects(serve(dataDir), { name: 'FolderError', code: 'SEAL_KEY_LOST', message: says })
      t.same(await command(dataDir, ['fields', 'list']), { code: 2, stdout: '', stderr: `${says}\n` })
      t.same(readdirSync(dataDir), files, 'no key is made')

      cpSync(join(dataDir, 'kept'), join(dataDir, 'seal.key'))
      const { app, enter } = await serve(dataDir)
      t.same([await enter('ada'), await enter('ada', recovery[0])], [400, 200])
      await app.close()
      t.equal(sql(dataDir, "select 1 from __visage where name = 'seal_probe'").length, 1)
    })
  }
}

t.test('I3 a seal key by variable takes the place of the file: another one starts nothing, and of a new database no file is made', async (t) => {
  const dataDir = copied(t)
  const kept = readFileSync(join(dataDir, 'seal.key'), 'utf8')
  const other = Buffer.alloc(32, 7).toString('base64url')
  const says = `VISAGE_SEAL_KEY is not the key that the database was sealed with: put the right one back. What is lost without it: ${LOST}. ${RESET}`
  t.same(await command(dataDir, ['fields', 'list'], { VISAGE_SEAL_KEY: other }), { code: 2, stdout: '', stderr: `${says}\n` })
  rmSync(join(dataDir, 'seal.key'))
  t.match(await command(dataDir, ['fields', 'list'], { VISAGE_SEAL_KEY: kept }), { code: 0 })
  t.notOk(existsSync(join(dataDir, 'seal.key')))
  t.same(await command(dataDir, ['keys', 'reset-seal', '--yes'], { VISAGE_SEAL_KEY: other }), { code: 0, stdout: `VISAGE_SEAL_KEY counts from now on; lost: ${LOST}\n`, stderr: '' })
  t.match(await command(dataDir, ['fields', 'list'], { VISAGE_SEAL_KEY: other }), { code: 0 })
  t.notOk(existsSync(join(dataDir, 'seal.key')))
})

t.test('I3 keys reset-seal goes on without: it tells how much is lost, loses that, and tells whom it was taken from', async (t) => {
  const dataDir = copied(t)
  writeFileSync(join(dataDir, 'seal.key'), 'cut o')
  await t.rejects(serve(dataDir), { name: 'ConfigError', message: /seal\.key: expected 32 bytes in base64url; put the right file back, or go on without what was sealed by it: npm run -s visage -- keys reset-seal$/ })
  t.same(await command(dataDir, ['keys', 'reset-seal']), { code: 2, stdout: '', stderr: `this loses ${LOST}; --yes does it\n` })
  t.equal(readFileSync(join(dataDir, 'seal.key'), 'utf8'), 'cut o')

  t.same(await command(dataDir, ['keys', 'reset-seal', '--yes']), { code: 0, stdout: `there is a new seal.key; lost: ${LOST}\n`, stderr: '' })
  t.equal(readFileSync(join(dataDir, 'seal.key.old'), 'utf8'), 'cut o', 'it may belong to another folder')
  t.equal(statSync(join(dataDir, 'seal.key')).mode & 0o777, 0o600)
  t.same(sql(dataDir, 'select (select count(*) from second_factors), (select count(*) from recovery_codes), (select count(*) from codes)'), [[0, 0, 0]])
  t.same(sql(dataDir, "select u.username, c.actor_id, c.family from changes c join users u on u.id = c.user_id where c.noun = 'second factor' and c.verb = 'removed'"), [['ada', null, 'operator']])
  const { app, post, enter } = await serve(dataDir)
  t.teardown(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const told = () => readdirSync(join(dataDir, 'mail')).map((name) => readFileSync(join(dataDir, 'mail', name), 'utf8')).filter((mail) => mail.includes('Subject: Your second factor was changed') && mail.includes('To: ada@example.com'))
  t.equal((await settled(told, ({ length }) => length > 0)).length, 1)
  t.equal(await enter('ada'), 200)
  const { access } = (await post('/api/token/', { username: 'ada', password: PASSWORD })).json<{ access: string }>()
  const headers = { authorization: `Bearer ${access}` }
  const { secret } = (await post('/api/profile/second-factor/', { password: PASSWORD }, headers)).json<{ secret: string }>()
  t.equal((await post('/api/profile/second-factor/confirm/', { otp: codesOf(secret)(0) }, headers)).statusCode, 200, 'and sets it up anew')
  t.same(await command(dataDir, ['keys', 'reset-seal', '--yes']), { code: 2, stdout: '', stderr: 'a server is running on this data folder: stop it first\n' })
})

t.test('I3 a key is made where nothing was sealed: at the first start, and in a folder from before with nothing in it', async (t) => {
  const dataDir = await newFolder(t)
  t.equal(sql(dataDir, "select 1 from __visage where name = 'seal_probe'").length, 1)
  sql(dataDir, "delete from __visage where name = 'seal_probe'")
  rmSync(join(dataDir, 'seal.key'))
  t.match(await command(dataDir, ['fields', 'list']), { code: 0 })
  t.equal(sql(dataDir, "select 1 from __visage where name = 'seal_probe'").length, 1)
  t.ok(existsSync(join(dataDir, 'seal.key')))
})

t.test('I3 a signing key that is made anew where there are accounts is a warning that says what it means', async (t) => {
  const dataDir = copied(t)
  const said = async (options: object) => {
    const lines: { level: number, msg: string, file?: string }[] = []
    const app = Fastify({ logger: { level: 'warn', stream: new Writable({ write (line: Buffer, _encoding, done) { lines.push(JSON.parse(line.toString())); done() } }) } })
    await app.register(visage, { dataDir, ...options })
    await app.ready()
    await app.close()
    return lines.map(({ msg, file }) => [file?.slice(dataDir.length + 1), msg])
  }
  const meaning = 'there was no such file, and a new one is made: everybody signs in again, and what others signed or verify with the old one fails'
  t.same(await said({}), [])
  rmSync(join(dataDir, 'jwt.secret'))
  t.same(await said({}), [['jwt.secret', meaning]])
  t.same(await said({}), [])
  t.same(await said({ jwtAlg: 'EdDSA' }), [['jwt.ed25519.pem', meaning]])
  t.same(await said({ jwtAlg: 'EdDSA' }), [])
})

t.test('I3 pictures or a log without their database: nothing starts, and nothing is removed', async (t) => {
  const dataDir = copied(t)
  rmSync(join(dataDir, 'visage.db'))
  writeFileSync(join(dataDir, 'media/avatars', `${'a'.repeat(32)}.webp`), 'a picture')
  const files = readdirSync(dataDir, { recursive: true })
  await t.rejects(serve(dataDir), { name: 'FolderError', code: 'DATABASE_LOST', message: `${dataDir} holds pictures of accounts and no visage.db: put the database back, or move the pictures away to begin anew` })
  t.match(await command(dataDir, ['fsck', '--repair']), { code: 2, stderr: /holds pictures of accounts and no visage\.db/ })
  t.same(readdirSync(dataDir, { recursive: true }), files)

  const other = join(dataDir, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'visage.db-wal'), 'commits')
  await t.rejects(serve(other), { code: 'DATABASE_LOST', message: `${join(other, 'visage.db')} is missing, and its log is still there: put the file back, or restore a backup` })
  t.same(readdirSync(other), ['visage.db-wal'])
})

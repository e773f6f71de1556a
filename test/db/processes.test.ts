import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { givenKeyPair } from '../../plugins/signer/key-pair.ts'
import { buildApp, openService } from '../../src/app.ts'
import { configFrom } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { createMail } from '../../src/core/mail/index.ts'
import { createPresence } from '../../src/core/people/presence.ts'
import { createSeal, SEAL_KEY_BYTES } from '../../src/core/seal/index.ts'
import { createLimits } from '../../src/core/limits/index.ts'
import { openDatabase } from '../../src/db/index.ts'
import type { Database } from '../../src/db/index.ts'
import { createPool } from '../../src/db/postgres/client.ts'
import { openPostgres } from '../../src/db/postgres/open.ts'
import type { Mail } from '../../src/visage.ts'
import { openBucket } from '../bucket.ts'
import { startPostgres } from '../postgres.ts'

// What several processes on one database have in common; each has connections of its own.

const server = await startPostgres('18')

const openIn = async (t: Test, url: string, { exclusive = false } = {}): Promise<Database> => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive, url, connections: 6 })
  t.teardown(() => db.close())
  return db
}

const query = async <Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> => {
  const pool = createPool({ connectionString: url, max: 1 })
  try {
    return (await pool.query<Row>(text, values)).rows
  } finally {
    await pool.end()
  }
}

/** How many of those that are tried at once are let through; the others were refused with this wait. */
async function letThrough (tries: Promise<unknown>[]): Promise<[number, ...number[]]> {
  const ends = await Promise.allSettled(tries)
  const waits = ends.flatMap((end) => end.status === 'rejected' ? [(end.reason as { params: { wait: number } }).params.wait] : [])
  return [ends.length - waits.length, ...new Set(waits)]
}

t.test('limits are counted together', async (t) => {
  const url = await server.createDatabase()
  const clocks = [{ now: 1_000 }, { now: 77_000.5 }]
  const [one, other] = [await counterOf(clocks[0]), await counterOf(clocks[1])]
  async function counterOf (clock?: { now: number }) {
    const db = await openIn(t, url)
    return { db, ...createLimits({ isOn: true, shared: db.uses, now: () => clock?.now ?? 0 }) }
  }
  const skip = (seconds: number) => { for (const clock of clocks) clock.now += seconds * 1_000 }
  const guesses = (account: number, from: number, count = 20) => Array.from({ length: count }, (_, i) => (i % 2 ? one : other).signIn({ account, address: `192.0.2.${from + i}` }))

  t.same(await letThrough(guesses(1, 0)), [5, 60])
  t.same(await letThrough([one.signIn({ account: 2, address: '192.0.2.1' }), other.signIn({ account: 2, address: '192.0.2.1' }), ...guesses(2, 40)]), [5, 60], 'a refused guess has cost the address nothing')
  skip(61)
  t.same(await letThrough(guesses(1, 0)), [5, 60], 'the next minute')

  const success = await one.signIn({ account: 3, address: '203.0.113.1' })
  for (let i = 0; i < 2; i++) await success.succeeded()
  t.same(await letThrough(guesses(3, 60)), [5, 60], 'a success is given back, once')
  const late = await one.signIn({ account: 4, address: '203.0.113.2' })
  skip(61)
  t.same(await letThrough(guesses(4, 80)), [5, 60])
  await late.succeeded()
  t.same(await letThrough(guesses(4, 100, 1)), [0, 60], 'to its own window and no later one')

  let codes = 0
  const written = async () => { codes++ }
  t.same(await letThrough(Array.from({ length: 9 }, (_, i) => (i % 2 ? one : other).code({ email: 'ada@example.com', person: i })(written))), [3, 3_600])
  t.equal(codes, 3)
  await t.rejects(one.code({ email: 'grace@example.com' })(() => Promise.reject(new Error('no'))), { message: 'no' })
  t.same(await letThrough(Array.from({ length: 9 }, () => other.code({ email: 'grace@example.com' })(written))), [3, 3_600], 'what was not written costs nothing')
  await t.rejects(one.code({ email: 'GRACE@example.com' }).ask(), { code: 'throttled', params: { wait: 3_600 } })
  await t.resolves(one.code({ email: 'joan@example.com' }).ask())
  t.same(await letThrough(Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).signUp({ address: '192.0.2.1' }))), [10, 60])

  skip(3_601)
  await one.removeEnded()
  t.same(await one.db.uses?.full([{ name: 'guess account 1', limit: 0, seconds: 1 }], 0), [], 'nothing is left of what is over')
})

t.test('where the count cannot be taken, nobody passes', async (t) => {
  const own = await startPostgres('18')
  const db = await openIn(t, await own.createDatabase())
  const limits = createLimits({ isOn: true, shared: db.uses })
  const { succeeded } = await limits.signIn({ account: 1, address: '192.0.2.1' })
  await own.stop('SIGQUIT')
  await t.rejects(limits.signIn({ account: 1, address: '192.0.2.1' }), { code: 'DATABASE_BUSY' })
  await t.rejects(limits.code({ email: 'ada@example.com' }).ask(), { code: 'DATABASE_BUSY' })
  await t.resolves(succeeded(), 'who is in stays in')
  await own.start()
  await t.resolves(limits.signIn({ account: 1, address: '192.0.2.1' }))
  await own.stop()
})

/** A server among others. */
const joinedIn = async (t: Test, url: string, dataDir = t.testdir({})) => {
  const db = await openPostgres({ dataDir, exclusive: true, isShared: true, url, connections: 6 })
  t.teardown(() => db.close())
  return db
}

/** Waits until it is so, for ten seconds at most. */
async function untilIt (isSo: () => boolean): Promise<void> {
  for (const giveUp = performance.now() + 10_000; !isSo(); await sleep(10)) if (performance.now() > giveUp) throw new Error('it is not so after ten seconds')
}

t.test('one of them leads, and another when it is gone', async (t) => {
  const url = await server.createDatabase()
  const dbs = await Promise.all([1, 2, 3].map(() => joinedIn(t, url, join(t.testdirName, `${Math.random()}`))))
  const leaders = () => dbs.filter(({ processes }) => processes.isLeader())
  await untilIt(() => leaders().length === 1 && dbs.every(({ processes }) => processes.count() === 3))
  const [first] = leaders() as [Database]
  const others = dbs.filter((db) => db !== first)
  let led = 0
  first.processes.onLead(() => { led++ })
  for (const { processes } of others) processes.onLead(() => { led++ })
  t.equal(led, 1, 'who leads is told at once')

  const [locked] = await query<{ pid: number }>(url, "select pid from pg_locks where locktype = 'advisory' and objid = 5646003")
  await query(url, 'select pg_terminate_backend($1)', [locked?.pid])
  await untilIt(() => led === 2 && leaders().length === 1 && dbs.every(({ processes }) => processes.count() === 3))
  t.pass('whoever lost its connection comes back, and one leads')

  const [second] = leaders() as [Database]
  await second.close()
  await untilIt(() => led === 3 && leaders().length === 1)
  t.not(leaders()[0], second)
  await untilIt(() => leaders()[0]?.processes.count() === 2)
})

t.test('all of them write, and who wants the database alone is refused', async (t) => {
  const url = await server.createDatabase()
  const folder = join(t.testdir({}), 'one')
  const [one, other] = [await joinedIn(t, url, folder), await joinedIn(t, url, `${folder}2`)]
  await one.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  await other.write((tx) => tx.users.update(1, { bio: 'new' }))
  t.match(await one.read.users.find(1), { bio: 'new' })
  t.equal(await one.probes.database(), undefined)
  await t.rejects(joinedIn(t, url, folder), { code: 'INSTANCE_LOCKED', message: /^another process has .* give each a data folder of its own/ })
  await t.rejects(openIn(t, url, { exclusive: true }), { code: 'INSTANCE_LOCKED', message: 'another server is running on this database' })
  const beside = await openIn(t, url)
  t.equal(await beside.lock(), undefined, 'a command sees that servers run')
  for (const db of [one, other]) await db.close()
  const alone = await openIn(t, url, { exclusive: true })
  await t.rejects(joinedIn(t, url), { code: 'INSTANCE_LOCKED', message: /^another server has this database to itself/ })
  t.same([alone.processes.count(), alone.processes.isLeader()], [1, true])
})

t.test('a program goes on beside a newer one that has added to the database, and does not start after it', async (t) => {
  const url = await server.createDatabase()
  const root = t.testdir({})
  const folder = join(root, 'more')
  const old = await joinedIn(t, url, join(root, 'old'))
  cpSync('migrations-pg', folder, { recursive: true })
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: object[] }
  journal.entries.push({ ...journal.entries.at(-1), idx: 99, when: 9e12, tag: '0099_more' })
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify(journal))
  writeFileSync(join(folder, '0099_more.sql'), 'alter table users add column more text')
  const younger = await openPostgres({ dataDir: join(root, 'new'), exclusive: true, isShared: true, url, connections: 6, migrations: folder, version: '9.9.9' })
  t.teardown(() => younger.close())
  await old.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  await younger.write((tx) => tx.users.update(1, { bio: 'new' }))
  t.match(await old.read.users.find(1), { bio: 'new' })
  t.same([await old.probes.migrations(), await old.probes.database()], [undefined, undefined], 'it stays ready')
  await t.rejects(joinedIn(t, url, join(root, 'late')), { code: 'DATABASE_NEWER' })
})

t.test('of mails each is sent by one process, and by another when that one dies', async (t) => {
  const url = await server.createDatabase()
  const root = t.testdir({})
  const dbs = await Promise.all([1, 2, 3].map((i) => joinedIn(t, url, join(root, `${i}`))))
  const [first] = dbs as [Database]
  const seal = createSeal(randomBytes(SEAL_KEY_BYTES))
  const clock = { now: 1_000 }
  const sent: string[] = []
  let isDying = false
  const mails = dbs.map((db) => createMail({
    db,
    seal,
    now: () => clock.now,
    resolve: async () => [],
    mailer: {
      // Whoever dies has sent it, and never comes to say so.
      send: async ({ id }) => { sent.push(id); if (isDying) await new Promise(() => {}) },
      forget: async () => {},
      async * owners () {},
      trouble: async () => undefined,
      close: async () => {},
    },
  }))
  const ada = await first.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  const post = (count: number) => first.write(async (tx) => { for (let i = 0; i < count; i++) await mails[0]?.post(tx, ada.id, { template: 'reset-password', to: 'ada@example.com', params: { username: 'ada' } }) })
  await post(100)
  await Promise.all(mails.map((mail) => mail.deliver()))
  t.equal(sent.length, 100)
  t.equal(new Set(sent).size, 100)
  t.equal(await first.read.mails.count(), 0)

  sent.length = 0
  isDying = true
  await post(1)
  void mails[1]?.deliver()
  await untilIt(() => sent.length === 1)
  isDying = false
  await mails[2]?.deliver()
  t.equal(sent.length, 1, 'it is somebody\'s')
  clock.now += 60_000
  await mails[2]?.deliver()
  t.same(sent, [sent[0], sent[0]], 'under the same name')
  t.equal(await first.read.mails.count(), 0)
})

t.test('two note who was there at once, and the later time stays', async (t) => {
  const url = await server.createDatabase()
  const root = t.testdir({})
  const [one, other] = [await joinedIn(t, url, join(root, 'one')), await joinedIn(t, url, join(root, 'other'))]
  const ids = await one.write(async (tx) => {
    const made = []
    for (let i = 0; i < 200; i++) made.push((await tx.users.insert({ username: `ada${i}`, createdAt: 1, updatedAt: 1 })).id)
    return made
  })
  const rounds = Array.from({ length: 20 }, (_, round) => [
    one.noteSeen('people', ids.map((id) => [id, round + 1])),
    other.noteSeen('people', ids.toReversed().map((id) => [id, 100 - round])),
    one.write((tx) => tx.users.update(ids[round] ?? 0, { bio: 'new' })),
  ])
  await Promise.all(rounds.flat())
  t.same(await query(url, 'select distinct last_seen_at as at from users'), [{ at: 100 }])
  t.equal((await query(url, "select 1 from users where bio = 'new'")).length, 20)
  const presence = createPresence({ db: one, now: () => 400_000 })
  presence.saw(1)
  t.equal(createPresence({ db: other, now: () => 900_000 }).isOnline({ id: 1, lastSeenAt: 650_000 }), true)
})

const SEAL_KEY = 'A'.repeat(43)

/** Services on one database and one bucket, started at once; what they mail is in `mailed`. */
async function openServices (t: Test, count: number, more: Partial<Config> = {}) {
  const [url, bucket, root] = [await server.createDatabase(), await openBucket(t), t.testdir({})]
  const mailed: Mail[] = []
  const sender = { send: async (mail: Mail) => { mailed.push(mail) } }
  const settings = (name: string) => ({ dataDir: join(root, name), databaseUrl: url, databasePool: 6, storeUrl: bucket.addressOf(), sealKey: SEAL_KEY, logLevel: 'silent' as const })
  const coreBeside = async (name: string) => {
    const core = await openService({ config: configFrom(settings(name)), exclusive: false, sender })
    t.teardown(() => core.close())
    return core
  }
  const open = async (name: string, config: Partial<Config> = more) => {
    const app = await buildApp({ ...settings(name), mailer: sender, ...config })
    t.teardown(() => app.close())
    await app.ready()
    return app
  }
  return { open, coreBeside, url, root, mailed, apps: await Promise.all(Array.from({ length: count }, (_, i) => open(`${i}`))) }
}

t.test('two services on one database and one bucket are one service', async (t) => {
  const { apps: [one, other], url, open, coreBeside, mailed } = await openServices(t, 2) as { apps: [FastifyInstance, FastifyInstance] } & Awaited<ReturnType<typeof openServices>>
  const post = (app: FastifyInstance, path: string, payload: object, headers = {}) => app.inject({ method: 'POST', url: `/v1/${path}`, payload, headers })
  const signedUp = await post(one, 'sign-up', { username: 'ada', email: 'ada@example.com', password: 'a long enough password' })
  t.equal(signedUp.statusCode, 201, signedUp.body)
  const { tokens } = signedUp.json<{ tokens: { access: string } }>()
  const me = await other.inject({ url: '/v1/me', headers: { authorization: `Bearer ${tokens.access}` } })
  t.equal(me.statusCode, 200, 'what one signed, the other knows')
  t.match(await query(url, "select value like '%.%' as is, value like '%BEGIN%' as bare from __visage where name = 'jwt_secret'"), [{ bare: 0 }], 'sealed')

  const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => post(i % 2 ? one : other, 'sign-in', { login: 'ada', password: 'wrong' })))
  t.equal(guesses.filter(({ statusCode }) => statusCode !== 429).length, 5, 'five guesses, whoever is asked')
  const cores = await Promise.all(['one', 'other'].map(coreBeside))
  await Promise.all(cores.map(({ mail }) => mail.deliver()))
  t.equal(mailed.length, 1, 'one mail')
  const code = /[?&]code=([^\s&]+)/.exec(mailed[0]?.text ?? '')?.[1] ?? ''
  const confirmed = await Promise.allSettled(cores.map(({ emails }) => emails.confirm(decodeURIComponent(code), { family: 'test' })))
  t.same(confirmed.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'], 'a code counts once')

  const third = await open('third')
  t.equal((await third.inject({ url: '/v1/me', headers: { authorization: `Bearer ${tokens.access}` } })).statusCode, 200)
  await t.rejects(open('fourth', { sealKey: 'B'.repeat(43) }), { code: 'SEAL_KEY_LOST' })
  const given = await open('fifth', { jwtSecret: 'x'.repeat(64) })
  t.equal((await given.inject({ url: '/v1/me', headers: { authorization: `Bearer ${tokens.access}` } })).statusCode, 401, 'a secret of the environment is the one that counts')
})

t.test('many processes sign with one key pair, and take over the one of the folder', async (t) => {
  const { open, root, url } = await openServices(t, 0)
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  mkdirSync(join(root, 'old'))
  writeFileSync(join(root, 'old', 'jwt.ed25519.pem'), pem)
  const kidOf = async (app: FastifyInstance) => (await app.inject('/.well-known/jwks.json')).json<{ keys: { kid: string }[] }>().keys[0]?.kid
  const old = await open('old', { jwtAlg: 'EdDSA' })
  const younger = await open('younger', { jwtAlg: 'EdDSA' })
  t.type(await kidOf(old), 'string')
  t.equal(await kidOf(younger), await kidOf(old))
  t.equal(await kidOf(old), givenKeyPair(pem).jwk.kid, 'the one of the folder')
  await query(url, "update __visage set value = 'spoiled' where name = 'jwt_key'")
  await t.rejects(open('late', { jwtAlg: 'EdDSA' }), { name: 'ConfigError', message: /^the jwt_key of the database: expected a private Ed25519 key/ })
})

t.test('many processes need one key and a way out for mails, or do not start', async (t) => {
  const shared = { databaseUrl: await server.createDatabase(), storeUrl: (await openBucket(t)).addressOf() }
  t.throws(() => configFrom(shared), { name: 'ConfigError', message: /^VISAGE_SEAL_KEY: needed where VISAGE_DATABASE_URL and VISAGE_STORE_URL are set/ })
  const opening = openService({ config: configFrom({ ...shared, dataDir: t.testdir({}), sealKey: SEAL_KEY }), exclusive: true })
  await t.rejects(opening, { name: 'ConfigError', message: /^VISAGE_SMTP_URL: needed where/ })
})

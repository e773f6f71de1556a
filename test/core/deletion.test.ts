import t from 'tap'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hasher } from '../../src/hashing/index.ts'
import { hourly } from '../../plugins/core/housekeeping.ts'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { asOfNow, OPERATOR } from '../../src/core/access.ts'
import type { Actor, Person } from '../../src/core/access.ts'
import type { Login } from '../../src/core/sign-in/logins.ts'
import { openStore } from '../contract/world.ts'
import { placeOf } from '../engines.ts'
import { build, form, PASSWORD, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'
import { settled } from '../sockets/listening.ts'
import { stepsDuring } from '../turns.ts'
import { entrance, refusalOf } from './entered.ts'
import { openWorld } from './world.ts'

const DAY_MS = 86_400_000

t.test('who was hidden thirty days ago is removed for good, with everything; who was hidden later can be restored', async (t) => {
  const built = await build(t)
  const { app, core, dataDir } = built
  const store = openStore(t, dataDir)
  const [old, recent] = [await signUp(built, 'old'), await signUp(built, 'recent')]
  for (const { id, headers } of [old, recent]) {
    const { payload, headers: type } = form([['avatar', { file: await picture() }]])
    await app.inject({ method: 'PATCH', url: `/api/v2/user/${id}/`, payload, headers: { ...headers, ...type } })
    await core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' })
  }
  store.set(old.id, { deleted_at: Date.now() - 30 * DAY_MS - 1_000 })
  store.set(recent.id, { deleted_at: Date.now() - 29 * DAY_MS })
  t.equal(setsIn(`${dataDir}/media/avatars`).length, 2)

  // Of several processes one leads, and the one before it may not know yet that it does not.
  const other = await openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive: false })
  t.teardown(() => other.close())
  const logged: object[] = []
  const log = { info: (details: object) => { logged.push(details) }, error: (details: object) => { logged.push(details) } }
  await Promise.all([core, other].flatMap((one) => hourly(one, log)).map(({ run }) => run()))
  t.same(logged, [{ purged: 1 }], 'two at once do everything once')
  t.equal(setsIn(`${dataDir}/media/avatars`).length, 1)
  t.same(store.sql.prepare('select user_id, actor_id, family, fields from changes where user_id = ?').all(old.id), [{ user_id: old.id, actor_id: null, family: 'service', fields: '["*"]' }])
  for (const table of ['users', 'sessions', 'codes', 'mails', 'pictures']) {
    const column = table === 'users' ? 'id' : 'user_id'
    t.equal(store.sql.prepare(`select count(*) from ${table} where ${column} = ?`).pluck().get(old.id), 0, table)
  }
  t.same(readdirSync(`${dataDir}/mail`).filter((name) => name.startsWith(`${old.id}-`)), [])
  await t.rejects(core.deletion.restore(OPERATOR, old.id, { family: 'operator' }), { message: 'not_found' })
  t.equal((await core.deletion.restore(OPERATOR, recent.id, { family: 'operator' })).username, 'recent')
  t.equal(await core.deletion.purge(), 0)
})

t.test('A7 after thirty days there is no way back, although nobody has purged yet', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const store = openStore(t, dataDir)
  const admin = await signUp(built, 'regina', { isAdmin: true })
  const ada = await signUp(built, 'ada')
  await app.inject({ method: 'DELETE', url: `/api/profile/${ada.id}/delete/`, headers: ada.headers })
  const restore = () => app.inject({ method: 'POST', url: `/api/users/${ada.id}/restore/`, headers: admin.headers })
  for (const late of [0, 1, 1_000, DAY_MS, 3_650 * DAY_MS]) {
    store.set(ada.id, { deleted_at: Date.now() - 30 * DAY_MS - late })
    const before = store.dump()
    const response = await restore()
    t.equal(response.statusCode, 404, `${late} ms too late`)
    t.same(response.json(), { detail: 'Not found.' })
    t.same(store.dump(), before)
  }
  store.set(ada.id, { deleted_at: Date.now() - 30 * DAY_MS + 60_000 })
  t.match((await restore()).json(), { username: 'ada' }, 'a minute before')
})

t.test('what somebody did to others stays, without saying who it was', async (t) => {
  const built = await build(t)
  const { app, core, dataDir } = built
  const store = openStore(t, dataDir)
  const admin = await signUp(built, 'regina', { isAdmin: true })
  await signUp(built, 'other', { isAdmin: true })
  const ada = await signUp(built, 'ada')
  await app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, headers: await tokenOf(built, admin), payload: { first_name: 'Ada' } })
  const actors = () => store.sql.prepare('select actor_id from changes where user_id = ? order by id').pluck().all(ada.id)
  t.equal(actors().at(-1), admin.id)
  await core.deletion.remove(OPERATOR, admin.id, () => {}, { family: 'operator' })
  t.equal(actors().at(-1), null)
  t.equal((await core.users.get(ada.id)).firstName, 'Ada')
})

t.test('under constant writing a removal is done as well, and the log is empty after it', async (t) => {
  const built = await build(t)
  const { core } = built
  const { id } = await signUp(built, 'ada')
  const { id: busy } = await signUp(built, 'busy')
  let isOver = false
  const writing = Array.from({ length: 4 }, async () => {
    for (let n = 0; !isOver; n++) await core.db.write((tx) => tx.presence.seen(busy, n))
  })
  await core.deletion.remove(OPERATOR, id, () => {}, { family: 'operator' })
  isOver = true
  await Promise.all(writing)
  await t.rejects(core.users.get(id), { message: 'not_found' })
})

t.test('messages to somebody whose removal a crash cut off go at the next start, and nobody else\'s', async (t) => {
  const built = await build(t)
  const { app, core, dataDir } = built
  const [hidden, ada] = [await signUp(built, 'hidden'), await signUp(built, 'ada')]
  await core.deletion.hide(OPERATOR, hidden.id, () => {}, { family: 'operator' })
  const kept = [...readdirSync(`${dataDir}/mail`), '4711', 'note-4711-5.1.eml', '0-1.1.eml']
  t.ok([hidden, ada].every(({ id }) => kept.some((name) => name.startsWith(`${id}-`))), 'both have a message')
  for (const name of [...kept.slice(-3), '4711-5.1700000000000.eml', '4711-6.1700000000000.eml.new', '4712-7.1.eml']) writeFileSync(`${dataDir}/mail/${name}`, '')
  t.same(await core.mail.ownersGone(), [4711, 4712])
  await app.listen({ host: '127.0.0.1', port: 0 })
  const left = await settled(() => readdirSync(`${dataDir}/mail`).sort(), (names) => names.length <= kept.length)
  t.same(left, kept.sort())
})

/** People who were hidden long ago. */
const bygone = (count: number) => `with recursive s (i) as (select 1 union all select i + 1 from s where i < ${count})
  insert into users (username, created_at, updated_at, deleted_at) select 'gone' || i, 1, 1, 5 + i / 3 from s`

t.test('people who are removed for good go some at a time', async (t) => {
  const { deletion, file, ada } = await openWorld(t)
  file.exec(bygone(35))
  const left = file.prepare('select count(*) from users').pluck()
  const steps = await stepsDuring(async () => t.equal(await deletion.purge(), 35), () => left.get() as number)
  t.equal(left.get(), 1, 'and ada stays')
  t.ok(steps.length >= 4 && steps.every((step) => step <= 10), `ten at a time: ${steps.join()}`)
  t.equal(file.prepare(`select count(*) from changes where fields = '["*"]'`).pluck().get(), 35)
  t.equal(Number(ada.id), 1)
})

t.test('C5 whoever did very much is made nameless a part at a time; what a crash left of that is made up for', async (t) => {
  const { deletion, file, ada, person } = await openWorld(t)
  const [robot, other] = [await person('robot', { isAdmin: true }), await person('other', { isAdmin: true })]
  const did = (id: number) => `with recursive s (i) as (select 1 union all select i + 1 from s where i < 2500)
    insert into changes (user_id, actor_id, family, fields, dropped, version, at) select ${ada.id}, ${id}, 'staff', '[]', '[]', 1, 1 from s`
  for (const id of [robot.id, other.id, 4711, 4712]) file.exec(did(Number(id)))
  const named = file.prepare('select count(*) from changes where user_id = ? and actor_id = ?').pluck()
  const count = (id: number | null) => named.get(ada.id, id) as number
  const steps = await stepsDuring(() => deletion.remove(OPERATOR, Number(robot.id), () => {}, { family: 'operator' }), () => count(robot.id))
  t.equal(count(robot.id), 0)
  t.ok(steps.length >= 3 && steps.every((step) => step <= 1_000), `a thousand at a time: ${steps.join()}`)

  t.same([4711, 4712, Number(other.id)].map(count), [2_500, 2_500, 2_500])
  await deletion.purge()
  t.same([4711, 4712, Number(other.id)].map(count), [0, 0, 2_500], 'of people who are gone, and nobody else')
})

t.test('C5 whoever has very many rows is removed a part at a time, and from the first part on is gone for everybody', async (t) => {
  const { deletion, directory, history, users, file, person } = await openWorld(t)
  const [busy, cut, hedy] = [await person('busy'), await person('cut-off'), await person('hedy', { isAdmin: true })]
  const rows = (table: string, columns: string, values: string) => file.exec(`with recursive s (i) as (select 1 union all select i + 1 from s where i < 2500) insert into ${table} (${columns}) select ${values} from s`)
  for (const { id } of [busy, cut]) {
    rows('changes', 'user_id, actor_id, family, fields, dropped, version, at', `${id}, ${id}, 'community', '["bio"]', '[]', i, i`)
    rows('sessions', 'id, user_id, refresh_id, created_at, expires_at', `${id} * 10000 + i, ${id}, i, 1, 1e15`)
    rows('keys', 'user_id, session_id, hash, prefix, created_at', `${id}, ${id} * 10000 + i, ${id} || '-' || i, '', 1`)
  }
  const left = file.prepare('select (select count(*) from changes where user_id = @id) + (select count(*) from sessions where user_id = @id) + (select count(*) from keys where user_id = @id)').pluck()
  const count = ({ id }: Person) => left.get({ id }) as number
  const told = async ({ id }: Person) => [
    await refusalOf(users.get(id)), await deletion.findHidden(id), (await directory.list({ actor: hedy, address: '' }, { where: [], order: [], limit: 9, offset: 0 })).people.some((one) => one.id === id),
    (await history.page(hedy, { person: id, limit: 9 })).rows.map(({ fields, actorId }) => ({ fields, actorId })),
  ]
  const gone = ['not_found', undefined, false, [{ fields: ['*'], actorId: hedy.id }]]

  const steps = await stepsDuring(() => deletion.remove(hedy, busy.id, () => {}, { family: 'staff' }), () => count(busy))
  t.ok(steps.length >= 7 && steps.every((step) => step <= 1_000), `a thousand at a time: ${steps.join()}`)
  t.same(await told(busy), gone)
  t.equal(count(busy), 1)

  // The power goes after the first part.
  file.exec(`create trigger cut before delete on sessions when old.user_id = ${cut.id} begin select raise(abort, 'no power'); end`)
  await t.rejects(deletion.remove(hedy, cut.id, () => {}, { family: 'staff' }), { message: 'no power' })
  t.ok(count(cut) > 2_000, 'it is under way')
  t.same(await told(cut), gone, 'half removed is removed')
  const asked = [deletion.remove(hedy, cut.id, () => {}, { family: 'staff' }), deletion.restore(hedy, cut.id, { family: 'staff' }), deletion.hide(hedy, cut.id, () => {}, { family: 'staff' }), users.edit(cut, cut.id, { bio: 'x' }, { family: 'community' })]
  t.same(await Promise.all(asked.map(refusalOf)), ['not_found', 'not_found', 'not_found', 'account_unknown'])
  file.exec('drop trigger cut')
  t.equal(await deletion.purge(), 1)
  t.equal(count(cut), 1)
  t.same(await told(cut), gone)
  t.equal(file.prepare('select count(*) from users where deleted_at is not null').pluck().get(), 0)
})

t.test('C6 whoever cannot be removed keeps nobody else, and whatever cannot be removed of them neither', async (t) => {
  const told: { message: string, userId?: number, people?: number[], err?: Error }[] = []
  const { deletion, file, dataDir } = await openWorld(t, { info: () => {}, warn: (details, message) => told.push({ ...details, message }) })
  file.exec(bygone(12))
  const [stuck, lettered] = [4, 6]
  const avatar = 'a'.repeat(32)
  file.exec(`create trigger stuck before delete on users when old.id = ${stuck} begin select raise(abort, 'this one stays'); end;
    insert into avatars (user_id, name, uploaded_at) values (5, '${avatar}', 1);
    insert into changes (user_id, actor_id, family, fields, dropped, version, at) values (1, 7, 'staff', '[]', '[]', 1, 1)`)
  // A folder cannot be removed as a file: neither the picture of one nor the mail of another.
  mkdirSync(`${dataDir}/media/avatars/${avatar}.webp`)
  writeFileSync(`${dataDir}/media/avatars/${avatar}-64.webp`, '')
  mkdirSync(`${dataDir}/mail/${lettered}-1.1.eml`)
  for (const name of ['6-2.1.eml', '8-1.1.eml', '4-1.1.eml']) writeFileSync(`${dataDir}/mail/${name}`, '')

  t.equal(await deletion.purge(), 11)
  t.same(file.prepare('select id from users order by id').pluck().all(), [1, stuck])
  t.same(readdirSync(`${dataDir}/mail`).sort(), ['4-1.1.eml', '6-1.1.eml'])
  t.same(readdirSync(`${dataDir}/media/avatars`), [`${avatar}.webp`])
  t.equal(file.prepare('select actor_id from changes where user_id = 1 order by id desc limit 1').pluck().get(), null)
  t.match(told, [
    { message: 'somebody who was deleted thirty days ago was not removed', userId: stuck, err: { message: 'this one stays' } },
    { message: 'a file could not be removed', err: { code: 'ERR_FS_EISDIR' } },
    { message: 'mails to people who are gone were not removed', err: { message: /6-1\.1\.eml/ } },
  ])
  t.equal(told.length, 3)
})

t.test('C6 a removal that was committed is answered as one, whatever is left behind', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  mkdirSync(`${dataDir}/mail/${ada.id}-1.1.eml`)
  const response = await app.inject({ method: 'DELETE', url: `/api/v2/user/${ada.id}/?hard=1`, headers: ada.headers })
  t.equal(response.statusCode, 204)
  t.same(readdirSync(`${dataDir}/mail`), [`${ada.id}-1.1.eml`])
})

t.test('whoever has left comes back within thirty days by name or address, password and second factor', async (t) => {
  const world = await openWorld(t)
  const { deletion, db, file } = world
  const { enter, person, sessions, turnOn } = entrance(world)
  let addresses = 0
  const back = (login: Login, shown: object = {}) => deletion.restoreOwn({ login, password: PASSWORD, ...shown }, { device: 'd', address: `192.0.2.${addresses++}` }, { family: 'test' }, sessions.beginWithKey)
  const leave = (who: Person) => deletion.hide(who, who.id, () => {}, { family: 'test' })
  const isBack = async (id: number) => await db.read.users.findRow(id) !== undefined

  const ada = await person('leaver')
  await leave(ada)
  const before = await db.read.users.findDeleted(ada.id)
  t.match(await back({ name: 'LEAVER@example.com' }), { account: { id: ada.id, version: Number(before?.version) + 1 }, secret: /^[0-9a-f]{40}$/ })
  t.match((await db.read.changes.list(ada.id)).slice(-2), [{ actorId: ada.id, family: 'test', fields: ['deletedAt'], noun: 'account' }, { noun: 'session', verb: 'began' }])
  t.equal(await refusalOf(asOfNow(db.read, ada)), 'token_invalid', 'what was ended stays ended')
  await leave(await enter(ada.id))
  t.equal((await back({ username: 'leaver' })).account.id, ada.id, 'as often as one likes')
  t.equal(await refusalOf(back({ username: 'leaver' })), 'bad_credentials', 'not twice')

  const careful = await person('careful-leaver')
  const [first, second] = await turnOn(careful)
  await leave(careful)
  t.same([await refusalOf(back({ name: 'careful-leaver' })), await refusalOf(back({ name: 'careful-leaver' }, { otp: 'wrong' })), await refusalOf(back({ name: 'careful-leaver' }, { password: 'wrong', otp: first }))],
    ['otp: second_factor_required', 'otp: second_factor_invalid', 'bad_credentials'])
  t.equal(await isBack(careful.id), false)
  await back({ name: 'careful-leaver' }, { otp: first })
  await leave(await enter(careful.id))
  t.equal(await refusalOf(back({ name: 'careful-leaver' }, { otp: first })), 'otp: second_factor_invalid', 'a code counts once')
  await back({ name: 'careful-leaver' }, { otp: second })

  const crowd = await person('eight')
  await leave(crowd)
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => refusalOf(deletion.restoreOwn({ login: { username: 'eight' }, password: PASSWORD }, { device: '', address: `198.51.100.${addresses++}` }, { family: 'test' }, sessions.beginWithKey))))
  t.same(new Set(outcomes), new Set([undefined, 'bad_credentials', 'throttled']))
  t.equal(outcomes.filter((outcome) => outcome === undefined).length, 1, 'of eight at once one')
  t.equal(file.prepare("select count(*) from changes where user_id = ? and fields = '[\"deletedAt\"]'").pluck().get(crowd.id), 2)
})

t.test('A3 nobody learns from coming back who has left: the same answer at the same cost', async (t) => {
  const world = await openWorld(t)
  const { file, deletion } = world
  const { person, sessions, turnOn } = entrance(world)
  let verified = 0
  const counting = { ...hasher, verify: (hash: string, password: string) => (verified++, hasher.verify(hash, password)) }
  const core = await openService({ config: { ...loadConfig(), ...placeOf(world.dataDir), rateLimit: false }, exclusive: false, hashes: counting })
  t.teardown(() => core.close())
  const hide = (who: Person, by: Actor = who) => deletion.hide(by, who.id, () => {}, { family: 'test' })
  const [left, sent, late, inactive, gone, here] = [await person('left'), await person('sent-away'), await person('too-late'), await person('inactive'), await person('gone'), await person('still-here')]
  await turnOn(left)
  for (const who of [left, late, inactive, gone]) await hide(who)
  await hide(sent, OPERATOR)
  file.prepare('update users set deleted_at = ? where id = ?').run(Date.now() - 30 * DAY_MS, late.id)
  file.prepare('update users set is_active = 0 where id = ?').run(inactive.id)
  await deletion.remove(OPERATOR, gone.id, () => {}, { family: 'test' })
  const store = openStore(t, world.dataDir)
  const before = store.dump()
  for (const [username, password] of [['left', 'wrong'], ['sent-away', PASSWORD], ['too-late', PASSWORD], ['inactive', PASSWORD], ['gone', PASSWORD], ['still-here', PASSWORD], ['still-here', 'wrong'], ['nobody', PASSWORD], ['', '']] as const) {
    verified = 0
    const back = core.deletion.restoreOwn({ login: { username }, password }, { device: '', address: '' }, { family: 'test' }, sessions.beginWithKey)
    t.equal(await refusalOf(back), 'bad_credentials', `${username} ${password}`)
    t.equal(verified, 1, `${username}: one comparison`)
  }
  t.same(store.dump(), before)
  t.ok(here)

  const guess = (password: string, address: string) => refusalOf(deletion.restoreOwn({ login: { username: 'left' }, password }, { device: '', address }, { family: 'test' }, sessions.beginWithKey))
  for (let i = 0; i < 5; i++) t.equal(await guess('wrong', `192.0.2.${i}`), 'bad_credentials')
  t.equal(await guess(PASSWORD, '192.0.2.9'), 'throttled', 'guesses count as those of a sign-in')
})

import t from 'tap'
import { readdirSync, writeFileSync } from 'node:fs'
import { OPERATOR } from '../../src/core/access.ts'
import { openStore } from '../contract/world.ts'
import { build, form, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'
import { settled } from '../sockets/listening.ts'

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

  t.equal(await core.deletion.purge(), 1)
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

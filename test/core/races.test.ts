import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { Account } from '../../src/db/index.ts'
import { engine, only } from '../engines.ts'
import { openWorld } from './world.ts'

const via = { family: 'test' }
/** A picture takes its time, so what is started after it is committed before it. */
const published = (files: string[]) => files.filter((file) => file.startsWith('media/'))

t.test('racing edits of different fields all survive', async (t) => {
  const { users, ada, upload } = await openWorld(t)
  const changes = [{ bio: 'b' }, { location: 'l' }, { avatar: await upload('avatar') }, { firstName: 'f' }, { cover: await upload('cover') }, { groups: [] }, { website: 'https://example.com' }]
  await Promise.all(changes.map((one) => users.edit(OPERATOR, ada.id, one, via)))
  t.match(await users.get(ada.id), { bio: 'b', location: 'l', firstName: 'f', website: 'https://example.com', avatar: /^[0-9a-f]{32}$/, cover: /^[0-9a-f]{32}$/, version: 7 })
})

t.test('racing uploads leave one set of files', async (t) => {
  const { users, db, ada, upload, files } = await openWorld(t)
  await Promise.all(Array.from({ length: 4 }, async () => users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover') }, via)))
  const { avatar, cover, version } = await users.get(ada.id)
  t.equal(version, 5)
  t.same(files(), [`media/avatars/${avatar}.webp`, `media/covers/${cover}.webp`])
  t.equal((await db.read.changes.list(ada.id)).flatMap(({ dropped }) => dropped).length, 6, 'each dropped what it found')
})

t.test('of racing edits with the same If-Match one is written', async (t) => {
  const { users, ada } = await openWorld(t)
  const edits = ['a', 'b', 'c'].map((bio) => users.edit(ada, ada.id, { bio }, { ...via, ifMatch: [1] }))
  const results = await Promise.allSettled(edits)
  t.match(results, [{ status: 'fulfilled' }, { reason: { code: 'precondition_failed', current: { version: 2, bio: 'a' } } }, { reason: { code: 'precondition_failed' } }])
  t.match(await users.get(ada.id), { bio: 'a', version: 2 })
})

t.test('an account that changes while a picture is made: what If-Match says still holds', async (t) => {
  const { users, ada, upload, files, meanwhile } = await openWorld(t)
  const { avatar } = await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
  const next = await upload('avatar')
  const slow = meanwhile(() => users.edit(ada, ada.id, { avatar: next, bio: 'slow' }, { ...via, ifMatch: [2] }), async () => {
    t.match(await users.edit(ada, ada.id, { bio: 'quick' }, via), { version: 3 })
  })
  await t.rejects(slow, { code: 'precondition_failed', current: { version: 3, bio: 'quick' } })
  t.match(await users.get(ada.id), { bio: 'quick', avatar, version: 3 })
  t.same(files(), [`media/avatars/${avatar}.webp`], 'the new picture is gone, the old one is not')
})

t.test('an account that is removed while a picture is made', async (t) => {
  const { users, ada, file, upload, files, meanwhile } = await openWorld(t)
  const cover = await upload('cover')
  const slow = meanwhile(() => users.edit(ada, ada.id, { cover }, via), () => file.prepare('delete from users where id = ?').run(ada.id))
  await t.rejects(slow, { code: 'account_unknown' })
  t.same(files(), [])
})

t.test('a name, or an address, that somebody else takes while a picture is made', async (t) => {
  const { users, ada, person, upload, files, row, meanwhile } = await openWorld(t)
  const bob = await person('bob')
  const before = row(ada.id)
  const avatar = await upload('avatar')
  const slow = meanwhile(() => users.edit(ada, ada.id, { username: 'Grace', email: 'GRACE@example.com', avatar }, via), () => users.edit(bob, bob.id, { username: 'grace', email: 'grace@example.com' }, via))
  await t.rejects(slow, { code: 'invalid', fields: [{ field: 'username', code: 'username_taken' }, { field: 'email', code: 'email_taken' }] })
  t.same(row(ada.id), before)
  t.same(files(), [])
  const both: PromiseSettledResult<Account>[] = await Promise.allSettled([users.edit(ada, ada.id, { username: 'hopper' }, via), users.edit(bob, bob.id, { username: 'HOPPER' }, via)])
  // One after the other over SQLite; of two transactions either may be the first.
  if (engine === 'PostgreSQL') both.sort(({ status }) => status === 'fulfilled' ? -1 : 1)
  t.match(both, [{ value: { username: engine === 'SQLite' ? 'hopper' : /^hopper$/i } }, { reason: { code: 'invalid', fields: [{ code: 'username_taken' }] } }], 'in one commit as well')
})

t.test('an account that rises above the reach of staff while a picture is made', async (t) => {
  const { users, ada, person, upload, files, meanwhile } = await openWorld(t)
  const staff = await person('staff', { isStaff: true })
  const avatar = await upload('avatar')
  const slow = meanwhile(() => users.edit(staff, ada.id, { avatar }, via), () => users.edit(OPERATOR, ada.id, { isAdmin: true }, via))
  await t.rejects(slow, { code: 'permission_denied' })
  t.match(await users.get(ada.id), { avatar: null })
  t.same(published(files()), [])
})

t.test('of two admins who end each other at the same time one remains', async (t) => {
  const { users, person } = await openWorld(t)
  const [a, b] = [await person('a', { isAdmin: true }), await person('b', { isAdmin: true })]
  const results = await Promise.allSettled([users.edit(a, b.id, { isAdmin: false }, via), users.edit(b, a.id, { isActive: false }, via)])
  t.match(results, [{ status: 'fulfilled' }, { reason: { code: 'permission_denied' } }], 'the second is no admin any more')
  t.match(await users.get(a.id), { isAdmin: true, isActive: true })
})

t.test('a right that is taken away while the request is on its way is gone', async (t) => {
  const { users, ada, person, upload, files, meanwhile } = await openWorld(t)
  for (const taken of [{ isAdmin: false }, { isActive: false }]) {
    await person(`other-${Object.keys(taken).join()}`, { isAdmin: true })
    const eve = await person(`eve-${Object.keys(taken).join()}`, { isAdmin: true })
    const avatar = await upload('avatar')
    const slow = meanwhile(() => users.edit(eve, eve.id, { isAdmin: true, isActive: true, avatar }, via), async () => {
      await Promise.allSettled([users.edit(OPERATOR, eve.id, taken, via), users.edit(eve, ada.id, { reputation: 9, bio: 'x' }, via)])
    })
    const [own] = await Promise.allSettled([slow])
    if (own.status === 'rejected') t.equal((own.reason as { code: string }).code, 'isActive' in taken ? 'account_inactive' : 'permission_denied')
    t.match(await users.get(eve.id), { ...taken, avatar: null })
  }
  t.same(published(files()), [])
})

t.test('whoever was an admin and is still staff keeps only what staff may do', async (t) => {
  const { users, ada, person, upload, meanwhile } = await openWorld(t)
  const admin = await person('admin', { isAdmin: true, isStaff: true })
  await person('other', { isAdmin: true })
  const avatar = await upload('avatar')
  const slow = meanwhile(() => users.edit(admin, ada.id, { reputation: 9, firstName: 'Ada', avatar }, via), () => users.edit(OPERATOR, admin.id, { isAdmin: false }, via))
  t.match(await slow, { firstName: 'Ada', reputation: 0 })
})

/** Makes every update of an account fail, as the database itself does it; ROLLBACK ends the whole transaction, as a full disk does. */
const failing = (how: 'ABORT' | 'ROLLBACK') => `create trigger failing after update of bio on users begin select raise(${how}, 'out of order'); end`

for (const how of ['ABORT', 'ROLLBACK'] as const) {
  t.test(`a commit that fails takes the pictures back (${how.toLowerCase()})`, { skip: how === 'ROLLBACK' && only.words }, async (t) => {
    const { users, db, ada, person, file, upload, files, row } = await openWorld(t)
    const bob = await person('bob')
    const { avatar } = await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
    const before = row(ada.id)
    file.exec(failing(how))
    const edit = async () => users.edit(ada, ada.id, { bio: 'x', avatar: await upload('avatar'), cover: await upload('cover') }, via)
    await t.rejects(edit(), { message: 'out of order' })
    t.same(row(ada.id), before)
    t.same(files(), [`media/avatars/${avatar}.webp`])
    t.equal((await db.read.changes.list(ada.id)).length, 2)

    const neighbours = await Promise.allSettled([users.edit(bob, bob.id, { location: 'here' }, via), users.edit(ada, ada.id, { bio: 'x' }, via)])
    t.same(neighbours.map(({ status }) => status), how === 'ABORT' ? ['fulfilled', 'rejected'] : ['rejected', 'rejected'])
    t.equal((await users.get(bob.id)).location, how === 'ABORT' ? 'here' : '', 'and what was answered is what is stored')

    file.exec('drop trigger failing')
    const after = await edit()
    t.match(after, { bio: 'x', version: 3 })
    t.same(files(), [`media/avatars/${after.avatar}.webp`, `media/covers/${after.cover}.webp`])
  })
}

t.test('a database that stays locked takes the pictures back', async (t) => {
  const { users, ada, file, upload, files, row } = await openWorld(t)
  const before = row(ada.id)
  file.exec('begin immediate')
  await t.rejects(users.edit(ada, ada.id, { bio: 'x', avatar: await upload('avatar') }, via), { code: 'DATABASE_BUSY' })
  file.exec('rollback')
  t.same(row(ada.id), before)
  t.same(files(), [])
})

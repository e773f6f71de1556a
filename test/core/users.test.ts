import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { emptied } from '../../src/core/fields/index.ts'
import { openWorld } from './world.ts'

const via = { family: 'test' }

t.test('an edit writes what it names, and one line about it', async (t) => {
  const { users, db, ada, row } = await openWorld(t)
  const before = row(ada.id) as Record<string, unknown>
  const after = await users.edit(ada, ada.id, { bio: 'first', location: 'London' }, via)
  t.same(row(ada.id), { ...before, bio: 'first', location: 'London', version: 2, updated_at: after.updatedAt })
  t.ok(after.updatedAt > ada.updatedAt)
  const [created, edited, ...rest] = await db.read.changes.list(ada.id)
  t.match(created, { family: 'operator', version: 1 })
  t.match(edited, { actorId: ada.id, family: 'test', version: 2, at: after.updatedAt, dropped: [] })
  t.same(edited?.fields.toSorted(), ['bio', 'location'])
  t.same(rest, [])
})

t.test('an edit that changes nothing writes nothing', async (t) => {
  const { users, db, ada, row } = await openWorld(t)
  const before = row(ada.id)
  for (const changes of [{}, { bio: '' }, { username: 'ada', phone: null }, { avatar: null, cover: null }, { groups: [] }]) {
    t.match(await users.edit(OPERATOR, ada.id, changes, via), { version: 1 })
  }
  t.same(row(ada.id), before)
  t.equal((await db.read.changes.list(ada.id)).length, 1)
})

t.test('what another system counts moves neither the version nor the time', async (t) => {
  const { users, db, ada, row } = await openWorld(t)
  const before = row(ada.id) as object
  await users.edit(OPERATOR, ada.id, { followers: 7, regApproved: true, extId: 'x' }, via)
  t.same(row(ada.id), { ...before, followers: 7, reg_approved: 1, ext_id: 'x' })
  t.match((await db.read.changes.list(ada.id)).at(-1), { fields: ['followers', 'regApproved', 'extId'], version: 1 })
})

t.test('updated_at goes forward even when the clock does not', async (t) => {
  const { users, ada, file } = await openWorld(t)
  const ahead = Date.now() + 3_600_000
  file.prepare('update users set updated_at = ? where id = ?').run(ahead, ada.id)
  t.match(await users.edit(ada, ada.id, { bio: 'x' }, via), { updatedAt: ahead + 1 })
})

t.test('an e-mail that changes is no longer confirmed', async (t) => {
  const { users, ada, file } = await openWorld(t)
  file.prepare('update users set email_confirmed = 1 where id = ?').run(ada.id)
  t.match(await users.edit(ada, ada.id, { email: 'ada@example.com', bio: 'x' }, via), { emailConfirmed: true })
  t.match(await users.edit(ada, ada.id, { email: 'ada@example.org' }, via), { emailConfirmed: false })
})

t.test('a new picture replaces the old one, and null removes it', async (t) => {
  const { users, db, ada, upload, files } = await openWorld(t)
  const first = await users.edit(ada, ada.id, { avatar: await upload('avatar'), cover: await upload('cover') }, via)
  t.same(files(), [`media/avatars/${first.avatar}.webp`, `media/covers/${first.cover}.webp`])
  const second = await users.edit(ada, ada.id, { avatar: await upload('avatar') }, via)
  t.not(second.avatar, first.avatar)
  t.same(files(), [`media/avatars/${second.avatar}.webp`, `media/covers/${first.cover}.webp`])
  t.match((await db.read.changes.list(ada.id)).at(-1), { fields: ['avatar'], dropped: [first.avatar] })
  t.match(await users.edit(ada, ada.id, { avatar: null, cover: null }, via), { avatar: null, cover: null, version: 4 })
  t.same(files(), [])
})

t.test('findings come all at once, before anything is encoded or written', async (t) => {
  const { users, ada, person, upload, files, row } = await openWorld(t)
  await person('bob')
  const before = row(ada.id)
  const wrong = await upload('cover', { whole: false })
  const changes = { username: 'BOB', email: 'Bob@Example.com', groups: [9], avatar: await upload('avatar'), bio: 'x' }
  const errors = [{ field: 'bio', code: 'max_length', params: { limit: 1 } } as const]
  await t.rejects(users.edit(OPERATOR, ada.id, changes, { ...via, errors, ifMatch: [9] }), {
    code: 'invalid',
    fields: [{ field: 'bio', code: 'max_length' }, { field: 'username', code: 'username_taken' }, { field: 'email', code: 'email_taken' }, { field: 'groups', code: 'does_not_exist', params: { id: 9 } }],
  }, 'and 400 goes before 412')
  t.same(files().filter((file) => !file.startsWith('staging/')), [])
  await t.rejects(users.edit(ada, ada.id, { cover: wrong, avatar: await upload('avatar') }, via), { code: 'invalid', fields: [{ field: 'cover', code: 'invalid_image' }] })
  t.same(files().filter((file) => !file.startsWith('staging/')), [], 'the good picture of a form with a bad one is taken back')
  t.same(row(ada.id), before)
})

t.test('If-Match allows the versions that it names', async (t) => {
  const { users, ada, upload, files, row } = await openWorld(t)
  t.match(await users.edit(ada, ada.id, { bio: 'one' }, { ...via, ifMatch: [7, 1] }), { version: 2 })
  const before = row(ada.id)
  const avatar = await upload('avatar')
  await t.rejects(users.edit(ada, ada.id, { bio: 'two', avatar }, { ...via, ifMatch: [1] }), { code: 'precondition_failed', current: { id: ada.id, version: 2, bio: 'one' } })
  await t.rejects(users.edit(ada, ada.id, {}, { ...via, ifMatch: [] }), { code: 'precondition_failed' }, 'a tag that is nobody\'s')
  t.same(row(ada.id), before)
  t.match(files(), [/^staging\//], 'and nothing was made of the upload')
  await avatar.discard()
  t.same(files(), [])
})

t.test('who may not reach an account changes nothing of it', async (t) => {
  const { users, ada, person, row } = await openWorld(t)
  const bob = await person('bob')
  const staff = await person('staff', { isStaff: true })
  const before = row(staff.id)
  await t.rejects(users.edit(ada, bob.id, { bio: 'x' }, via), { code: 'permission_denied' })
  await t.rejects(users.edit(bob, staff.id, { bio: 'x' }, via), { code: 'permission_denied' })
  await t.rejects(users.edit(staff, staff.id, { isAdmin: true }, via), { code: 'permission_denied' })
  t.match(await users.edit(staff, staff.id, { isAdmin: false, isStaff: true, followers: 9 }, via), { version: 1, followers: 0 })
  t.same(row(staff.id), before)
  await t.rejects(users.edit(OPERATOR, 999, { bio: 'x' }, via), { code: 'not_found' })
})

t.test('the language is written in its one spelling, and null goes back to English', async (t) => {
  const { users, db, ada, person, row } = await openWorld(t)
  const bob = await person('bob')
  const before = row(ada.id) as object
  const written = await users.edit(ada, ada.id, { language: 'de-at' }, via)
  t.same(row(ada.id), { ...before, language: 'de-AT', version: 2, updated_at: written.updatedAt })
  t.match((await db.read.changes.list(ada.id)).at(-1), { fields: ['language'], version: 2 })
  t.match(await users.edit(ada, ada.id, { language: 'DE-at' }, via), { language: 'de-AT', version: 2 }, 'the same again is no change')
  t.match(await users.edit(ada, ada.id, emptied({ language: null }), via), { language: 'en', version: 3 })
  await t.rejects(users.edit(bob, ada.id, { language: 'fr' }, via), { code: 'permission_denied' })
  for (const language of ['', 'x', 'de_AT', 'de-', 'deutsch und englisch', 'i-klingon', '\u212aa', 'en\0', `en-${'x-abcdefgh-'.repeat(3)}abcdefgh`, 'en-a-b']) {
    await t.rejects(users.edit(ada, ada.id, { language, username: 'bob' }, via), { code: 'invalid', fields: [{ field: 'username', code: 'username_taken' }, { field: 'language', code: 'invalid_language' }] }, language)
    await t.rejects(users.create(OPERATOR, { username: 'eve', language }, via), { code: 'invalid', fields: [{ field: 'language', code: 'invalid_language' }] })
  }
  t.match(await users.create(OPERATOR, { username: 'eve', language: 'pt-br' }, via), { language: 'pt-BR', version: 1 })
  t.match(await users.create(OPERATOR, { username: 'dan' }, via), { language: 'en' })
})

t.test('a language from before it was judged can be sent back as it is', async (t) => {
  const { users, ada, file } = await openWorld(t)
  file.prepare('update users set language = ? where id = ?').run('en_GB', ada.id)
  t.match(await users.edit(ada, ada.id, { language: 'en_GB', bio: 'x' }, via), { language: 'en_GB', bio: 'x' })
  t.match(await users.edit(ada, ada.id, { language: 'en-GB' }, via), { language: 'en-GB' })
})

t.test('mails speak the language that their reader has by then', async (t) => {
  const { users, db, mail, ada, person, dataDir } = await openWorld(t)
  const bob = await person('bob', { language: 'de' })
  await users.edit(ada, ada.id, { language: 'de-CH', email: 'ada@example.org' }, via)
  await db.write((tx) => mail.enquire(tx, { enquiry: 'reset_password', of: 'bob@example.com' }))
  await db.write((tx) => mail.enquire(tx, { enquiry: 'reset_password', of: 'nobody@example.com' }))
  await mail.deliver()
  const folder = join(dataDir, 'mail')
  const subjectsOf = ({ id }: { id: number }) => readdirSync(folder).sort().filter((name) => name.startsWith(`${id}-`))
    .map((name) => /^Subject: (.*)\r$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1])
  t.match(subjectsOf(ada), ['Confirm your email address', /^=.UTF-8.Q.Deine_E-Mail-Adresse_wurde_/, /^=.UTF-8.Q.Best=C3=A4tige_/], 'one was written before')
  t.match(subjectsOf(bob), [/^=.UTF-8.Q.Best=C3=A4tige_/, 'Lege ein neues Passwort fest'])
  t.equal(readdirSync(folder).length, 5)
})

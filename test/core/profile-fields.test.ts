import t from 'tap'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { OPERATOR } from '../../src/core/access.ts'
import { findingsOf, ruled, UNSAID } from '../../src/core/fields/declarations.ts'
import { shown } from '../../src/core/fields/attributes.ts'
import { build, signUp } from '../helper.ts'
import { indexTexts } from '../directory/index-texts.ts'
import { findText } from '../life/traces.ts'
import { settled } from '../sockets/listening.ts'
import { openWorld } from './world.ts'

type World = Awaited<ReturnType<typeof openWorld>>
const via = { family: 'test' }

/** What is stored of an account's declared fields, as it lies in the file. */
const stored = ({ file }: World, id: number) => file.prepare('select attributes, visibility from users where id = ?').get(id) as { attributes: string, visibility: string }
const declarations = ({ file }: World) => file.prepare('select key, type, options, label, is_mandatory, is_editable, is_searchable, read, write, dropped_at from profile_fields order by id').all()

/** Many people at once, without the rules. */
function crowd ({ file }: World, count: number, attributes: (i: number) => object): void {
  file.pragma('secure_delete = ON')
  const insert = file.prepare('insert into users (username, attributes, created_at, updated_at, email_confirmed, is_active, is_staff, is_admin, reg_approved, community_badge, can_receive_messages) values (?, ?, 1, 1, 0, 1, 0, 0, 0, 0, 0)')
  file.transaction(() => { for (let i = 0; i < count; i++) insert.run(`crowd-${i}`, JSON.stringify(attributes(i))) })()
}

t.test('a field is stored as it was declared, and unless told everybody sees it and its owner changes it', async (t) => {
  const world = await openWorld(t)
  const { profileFields } = world
  t.match(await profileFields.declare(OPERATOR, { key: 'motto' }), { key: 'motto', type: 'string', createdAt: Number, droppedAt: null })
  await profileFields.declare(OPERATOR, {
    key: 'shoe', type: 'enum', options: [' left ', 'nai\u0308ve'], label: ' Shoe\u0308 ', isMandatory: true, isEditable: false, isSearchable: true, read: 'member', write: 'staff',
  })
  t.same(declarations(world).slice(2), [
    { key: 'motto', type: 'string', options: '[]', label: '', is_mandatory: 0, is_editable: 1, is_searchable: 0, read: 'public', write: 'self', dropped_at: null },
    { key: 'shoe', type: 'enum', options: '["left","naïve"]', label: 'Shoë', is_mandatory: 1, is_editable: 0, is_searchable: 1, read: 'member', write: 'staff', dropped_at: null },
  ])
  t.same(profileFields.list().map(({ key }) => key), ['company_name', 'company_role', 'motto', 'shoe'])
  t.match(profileFields.find('shoe'), { options: ['left', 'naïve'] })
  t.throws(() => profileFields.find('hat'), { code: 'not_found' })
})

t.test('all that is wrong with a declaration is told at once, and nothing is declared', async (t) => {
  const world = await openWorld(t)
  const { profileFields } = world
  const before = declarations(world)
  const codes = async (declaration: object) => {
    try {
      await profileFields.checkNew(declaration)
    } catch (error) {
      return (error as { fields: { field: string, code: string }[] }).fields.map(({ field, code }) => `${field} ${code}`)
    }
    return []
  }
  const bad = { key: 'Shoe', type: 'enum', label: 'x'.repeat(101), read: 'staff', write: 'member' }
  const all = ['key invalid_key', 'label max_length', 'options required', 'read invalid_choice', 'write invalid_choice']
  t.same(await codes(bad), all)
  await t.rejects(profileFields.declare(OPERATOR, bad as never), { code: 'invalid', fields: all.map((found) => ({ code: found.split(' ')[1] })) })
  t.same(await codes({ key: 'x', type: 'colour', options: ['red'] }), ['type invalid_choice'])
  for (const key of ['', '1st', '_x', 'ünder', 'a-b', 'a.b', 'a b', 'A', '__proto__', 'x'.repeat(51)]) t.same(await codes({ key }), ['key invalid_key'], key)
  for (const key of ['username', 'deleted_at', 'constructor']) t.same(await codes({ key }), ['key key_reserved'], key)
  t.same(await codes({ key: 'company_name' }), ['key key_taken'])
  t.same(await codes({}), ['key required'])
  t.same(await codes({ key: 'x', label: 'a\0' }), ['label null_characters'])
  for (const [options, code] of [[['a', ' a'], 'repeated_option'], [['a', ' '], 'blank'], [['x'.repeat(101)], 'max_length'], [['\ud800'], 'not_a_string'], [Array.from({ length: 201 }, (_, i) => `o${i}`), 'too_many_options']] as const) {
    t.same(await codes({ key: 'x', type: 'enum', options }), [`options ${code}`])
  }
  t.same(await codes({ key: 'x', options: ['a'] }), ['options options_unexpected'])
  t.same(findingsOf(ruled(UNSAID, { type: 'enum', options: Array.from({ length: 200 }, (_, i) => `${i}`.padStart(100, 'x')), label: 'ü'.repeat(100) })), [])
  t.same(declarations(world), before)
})

t.test('there are a hundred fields at most', async (t) => {
  const { profileFields } = await openWorld(t)
  for (let i = 2; i < 100; i++) await profileFields.declare(OPERATOR, { key: `field_${i}` })
  await t.rejects(profileFields.declare(OPERATOR, { key: 'one_more' }), { code: 'invalid', fields: [{ field: null, code: 'too_many_fields', params: { limit: 100 } }] })
  await profileFields.drop(OPERATOR, 'field_7')
  await t.resolves(profileFields.declare(OPERATOR, { key: 'one_more' }))
})

t.test('of two declarations of one key at once one is refused', async (t) => {
  const { profileFields } = await openWorld(t)
  const outcomes = await Promise.allSettled([profileFields.declare(OPERATOR, { key: 'shoe', label: 'one' }), profileFields.declare(OPERATOR, { key: 'shoe', label: 'two' })])
  t.match(outcomes, [{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'invalid', fields: [{ field: 'key', code: 'key_taken' }] } }])
  t.match(profileFields.find('shoe'), { label: 'one' })
})

t.test('an admin who is none any more declares, changes and drops nothing', async (t) => {
  const world = await openWorld(t)
  const { profileFields, person, users } = world
  const admin = await person('boss', { isAdmin: true })
  await person('other', { isAdmin: true })
  await users.edit(OPERATOR, admin.id, { isAdmin: false }, via)
  const before = declarations(world)
  await t.rejects(profileFields.declare(admin, { key: 'shoe' }), { code: 'permission_denied' })
  await t.rejects(profileFields.change(admin, 'company_name', { label: 'x' }), { code: 'permission_denied' })
  await t.rejects(profileFields.drop(admin, 'company_name'), { code: 'permission_denied' })
  t.same(declarations(world), before)
})

t.test('a change keeps what it does not name, and is refused while accounts would break', async (t) => {
  const world = await openWorld(t)
  const { profileFields, users, ada, person } = world
  const bob = await person('bob', { attributes: { company_name: '12' } })
  await users.edit(ada, ada.id, { attributes: { company_name: 'Analytical Engines' } }, via)
  const before = { ada: stored(world, ada.id), bob: stored(world, bob.id), fields: declarations(world) }

  t.same(await profileFields.check('company_name', { type: 'url' }), { accounts: 2, values: 2, breaks: 2 })
  t.same(await profileFields.check('company_name', { type: 'enum', options: ['12'] }), { accounts: 2, values: 2, breaks: 1 })
  t.same(await profileFields.check('company_role', { isMandatory: true }), { accounts: 2, values: 0, breaks: 2 })
  await t.rejects(profileFields.change(OPERATOR, 'company_name', { type: 'enum', options: ['12'], label: 'x' }), { code: 'invalid', fields: [{ field: null, code: 'accounts_break', params: { count: 1 } }] })
  t.same(declarations(world), before.fields, 'a dry run and a refusal change nothing')

  t.match(await profileFields.change(OPERATOR, 'company_name', { type: 'enum', options: ['12'], label: 'Firm' }, { force: true }), { type: 'enum', label: 'Firm', isEditable: true })
  t.same({ ada: stored(world, ada.id), bob: stored(world, bob.id) }, { ada: before.ada, bob: before.bob }, 'what is stored stays')
  t.match(await profileFields.change(OPERATOR, 'company_name', { label: 'Company' }), { type: 'enum', options: ['12'], label: 'Company' }, 'what broke before is in the way of nothing')
  t.match(await profileFields.change(OPERATOR, 'company_name', { options: ['12', '13'] }), { options: ['12', '13'] }, 'nor of a wider rule')

  t.match(await profileFields.change(OPERATOR, 'company_name', { type: 'integer' }, { force: true }), { type: 'integer', options: [] }, 'the choices go with the type')
  t.same(shown(profileFields.list(), await users.get(ada.id)), { company_name: null, company_role: '' })
  t.same(stored(world, ada.id), before.ada)
  await t.rejects(profileFields.change(OPERATOR, 'company_name', { options: ['x'] }), { code: 'invalid', fields: [{ field: 'options', code: 'options_unexpected' }] })
  await t.rejects(profileFields.change(OPERATOR, 'hat', {}), { code: 'not_found' })
  await t.rejects(profileFields.check('hat', {}), { code: 'not_found' })
})

t.test('a change that says what is there already writes nothing', async (t) => {
  const { profileFields } = await openWorld(t)
  const before = profileFields.find('company_name')
  t.same(await profileFields.change(OPERATOR, 'company_name', { label: before.label, type: 'string' }), before)
  t.same(profileFields.find('company_name'), before)
})

t.test('two changes at once keep what the other one said', async (t) => {
  const { profileFields } = await openWorld(t)
  await Promise.all([profileFields.change(OPERATOR, 'company_name', { label: 'Firm' }), profileFields.change(OPERATOR, 'company_name', { read: 'member' })])
  t.match(profileFields.find('company_name'), { label: 'Firm', read: 'member' })
})

t.test('many accounts are counted a thousand at a time, and others have their turn', async (t) => {
  const world = await openWorld(t)
  crowd(world, 2_500, (i) => i % 5 === 0 ? { company_name: `Number ${i}` } : {})
  let turns = 0
  let isOver = false
  const others = (async () => { while (!isOver) { await nextTurn(); turns++ } })()
  t.same(await world.profileFields.check('company_name', { isMandatory: true, type: 'email' }), { accounts: 2_501, values: 500, breaks: 2_501 })
  isOver = true
  await others
  t.ok(turns >= 2, `${turns} turns`)
})

t.test('a field that is dropped leaves nothing, not in the rows and not in the file', async (t) => {
  const world = await openWorld(t)
  const { profileFields, users, deletion, person, ada } = world
  await profileFields.declare(OPERATOR, { key: 'secret' })
  const bob = await person('bob', { attributes: { secret: 'zanzibar of bob', company_name: 'x' } })
  await users.edit(ada, ada.id, { attributes: { secret: 'zanzibar of ada', company_role: 'y' }, visibility: { 'attributes.secret': 'self', 'attributes.company_role': 'self' } }, via)
  const carl = await person('carl')
  await users.edit(carl, carl.id, { visibility: { 'attributes.secret': 'member' } }, via)
  await deletion.hide(OPERATOR, bob.id, () => {}, { family: 'test' })
  crowd(world, 450, (i) => i % 2 === 0 ? { secret: 'zanzibar' } : {})
  t.same(await profileFields.check('secret', {}), { accounts: 452, values: 226, breaks: 0 })

  const progress: number[] = []
  t.equal(await profileFields.drop(OPERATOR, 'secret', (emptied) => progress.push(emptied)), 228)
  t.equal(progress.at(-1), 228)
  t.ok(progress.length >= 3 && progress.every((count, i) => i === 0 || (count > Number(progress[i - 1]) && count - Number(progress[i - 1]) <= 200)), progress.join())
  t.same(stored(world, ada.id), { attributes: '{"company_role":"y"}', visibility: '{"attributes.company_role":"self"}' })
  t.same(stored(world, bob.id), { attributes: '{"company_name":"x"}', visibility: '{}' }, 'of somebody hidden as well')
  t.same(stored(world, carl.id), { attributes: '{}', visibility: '{}' })
  t.same(indexTexts(world.dataDir).filter(([, , text]) => text.includes('zanzibar')), [])
  t.same(declarations(world).length, 2)
  t.throws(() => profileFields.find('secret'), { code: 'not_found' })
  await t.rejects(profileFields.drop(OPERATOR, 'secret'), { code: 'not_found' })

  t.same(findText(world.dataDir, 'zanzibar'), [])
  await profileFields.declare(OPERATOR, { key: 'secret' })
  t.match(shown(profileFields.list(), await users.get(ada.id)), { secret: '' }, 'the key is free')
})

t.test('a removal that a crash has cut short is hidden, keeps its key, and is finished', async (t) => {
  const world = await openWorld(t)
  const { profileFields, db, users, ada } = world
  const { id } = await profileFields.declare(OPERATOR, { key: 'secret' })
  crowd(world, 10, () => ({ secret: 'zanzibar' }))
  await db.write(async (tx) => {
    await tx.profileFields.drop(id, Date.now())
    await tx.profileFields.emptyValues('secret', 0, 4)
  })
  const left = () => world.file.prepare("select count(*) from users where attributes like '%zanzibar%'").pluck().get()
  t.equal(left(), 7)
  t.notOk(profileFields.list().some(({ key }) => key === 'secret'))
  await t.rejects(profileFields.declare(OPERATOR, { key: 'secret' }), { code: 'invalid', fields: [{ field: 'key', code: 'key_in_removal' }] })
  t.match(await users.edit(ada, ada.id, { attributes: { secret: 'again' } }, via), { attributes: {}, version: 1 })
  t.equal(await profileFields.finishDrops(), 1)
  t.equal(left(), 0)
  t.same(declarations(world).length, 2)
  t.equal(await profileFields.finishDrops(), 0)
})

t.test('who is late with a removal leaves a field alone that has got the key meanwhile', async (t) => {
  const world = await openWorld(t)
  const { profileFields, users, person } = world
  await profileFields.declare(OPERATOR, { key: 'secret' })
  crowd(world, 1_000, () => ({ secret: 'old' }))
  const last = await person('zoe')
  let late: Promise<number> | undefined
  await profileFields.drop(OPERATOR, 'secret', (emptied) => { if (emptied > 700) late ??= profileFields.finishDrops() })
  await profileFields.declare(OPERATOR, { key: 'secret' })
  await users.edit(last, last.id, { attributes: { secret: 'new' } }, via)
  t.equal(await late, 1)
  t.equal(stored(world, last.id).attributes, '{"secret":"new"}')
})

t.test('an edit that is on its way when its field is dropped keeps nothing of it', async (t) => {
  const world = await openWorld(t)
  const { profileFields, db, users, ada, upload } = world
  const { id } = await profileFields.declare(OPERATOR, { key: 'half' })
  const avatar = await upload('avatar')
  const attributes = { company_name: 'zanzibar', half: 'zanzibar', company_role: 'y' }
  const edit = users.edit(ada, ada.id, { avatar, bio: 'x', attributes, visibility: { 'attributes.company_name': 'self', 'attributes.half': 'self' } }, via)
  await profileFields.drop(OPERATOR, 'company_name')
  await db.write((tx) => tx.profileFields.drop(id, Date.now()))
  t.match(await edit, { bio: 'x', attributes: { company_role: 'y' } })
  t.same(stored(world, ada.id), { attributes: '{"company_role":"y"}', visibility: '{}' })
})

t.test('what an earlier type left survives a whole object that is sent back', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  await built.core.profileFields.declare(OPERATOR, { key: 'size' })
  const send = (payload: object) => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload })
  await send({ size: 'about forty' })
  await built.core.profileFields.change(OPERATOR, 'size', { type: 'integer' }, { force: true })
  // The server hears of it from another process, which over PostgreSQL takes a moment.
  const read = async () => (await built.app.inject({ url: `/api/v2/user/${ada.id}/`, headers: ada.headers })).json<{ size: unknown }>()
  const shown = await settled(read, ({ size }) => size === null)
  t.equal(shown.size, null)
  t.equal((await send({ ...shown, bio: 'changed' })).statusCode, 200)
  t.same((await built.core.db.read.users.find(ada.id))?.attributes, { size: 'about forty' })
  await built.core.profileFields.change(OPERATOR, 'size', { type: 'string' })
  t.match(await settled(read, ({ size }) => size !== null), { size: 'about forty', bio: 'changed' })
  await built.core.profileFields.change(OPERATOR, 'size', { type: 'integer' }, { force: true })
  for (const wrong of ['', 'x', true, 1.5]) t.equal((await send({ size: wrong })).statusCode, 400, JSON.stringify(wrong))
})

t.test('C6 a field whose values cannot be removed keeps no other from going, and is told', async (t) => {
  const told: object[] = []
  const world = await openWorld(t, { info: () => {}, warn: (details, message) => told.push({ ...details, message }) })
  const { profileFields, file, db } = world
  for (const key of ['stuck', 'loose']) {
    const { id } = await profileFields.declare(OPERATOR, { key })
    await db.write((tx) => tx.profileFields.drop(id, 1))
  }
  crowd(world, 3, () => ({ stuck: 'here', loose: 'here' }))
  file.exec("create trigger stuck before update on users when old.attributes like '%stuck%' and new.attributes not like '%stuck%' begin select raise(abort, 'this one stays'); end")
  t.equal(await profileFields.finishDrops(), 1)
  t.same(file.prepare('select key from profile_fields where dropped_at is not null').pluck().all(), ['stuck'])
  t.equal(file.prepare("select count(*) from users where attributes like '%loose%'").pluck().get(), 0)
  t.match(told, [{ key: 'stuck', err: { message: 'this one stays' }, message: 'what is left of a dropped profile field was not removed' }])
  file.exec('drop trigger stuck')
  t.equal(await profileFields.finishDrops(), 1)
})

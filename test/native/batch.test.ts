import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { createWorld, faultsOf } from './world.ts'
import type { Answer } from './world.ts'

interface Item { id: number, status: number, etag?: string, person?: Record<string, unknown>, problem?: Record<string, unknown> }
const itemsOf = ({ body }: Pick<Answer, 'body'>): Item[] => body.items as Item[]
const statuses = (answer: Answer): number[] => itemsOf(answer).map(({ status }) => status)

t.test('many people at once, each as a PATCH of their own', async (t) => {
  const { ada, grace, hedy, send, core, stored } = await createWorld(t)
  await core.profileFields.declare(OPERATOR, { key: 'desk', write: 'staff' })
  const before = stored()
  const wrong: [body: unknown, faults: string[]][] = [
    [[{ id: ada.id, patch: {} }, { id: grace.id, patch: {} }, { id: ada.id, patch: { bio: 'x' } }], ['2.id repeated_option']],
    [Array.from({ length: 201 }, (_, i) => ({ id: i + 1, patch: {} })), ['null too_many_options']],
    [[{ id: 'x', patch: {} }, { patch: {} }, { id: 1.5, patch: {} }, { id: ada.id }, 7, { id: hedy.id, patch: {}, ifMath: 'x', ifMatch: 1 }], ['0.id invalid_integer', '1.id required', '2.id invalid_integer', '3.patch required', '4 not_an_object', '5.ifMatch not_a_string', '5.ifMath unknown_field']],
    [{ id: ada.id, patch: {} }, ['null not_a_list']],
  ]
  for (const [body, faults] of wrong) {
    const answer = await send(hedy, 'POST', '/people/batch', body as object)
    t.equal(answer.status, 400)
    t.same(faultsOf(answer).sort(), faults, JSON.stringify(body).slice(0, 80))
  }
  t.same(faultsOf(await send(hedy, 'POST', '/people/batch?atomic=perhaps', [])), ['atomic invalid_value'])
  t.equal((await send(hedy, 'POST', '/people/batch', [{ id: ada.id, patch: { bio: 'x'.repeat(4 * 1_024 ** 2) } }])).status, 413)
  t.equal((await send(ada, 'POST', '/people/batch', [{ id: ada.id, patch: { bio: 'x' } }])).status, 403, 'for staff and admins')
  t.equal(stored(), before)
  t.match(await send(hedy, 'POST', '/people/batch', []), { status: 200, body: { items: [] } })

  const mixed = await send(grace, 'POST', '/people/batch', [
    { id: ada.id, patch: { location: 'London', attributes: { desk: '4' } } },
    { id: hedy.id, patch: { location: 'Vienna' } },
    { id: 999_999, patch: {} },
    { id: grace.id, patch: { bioo: 'x', gender: 'frog', isAdmin: true, username: 'ada' } },
  ])
  t.same(statuses(mixed), [200, 403, 404, 403])
  const [first, , third, fourth] = itemsOf(mixed)
  t.match(first, { id: ada.id, etag: /^"2-/, person: { username: 'ada', location: 'London', attributes: { desk: '4' }, version: 2 }, problem: undefined })
  t.match((await send(ada, 'GET', '/me')).body, { location: 'London', version: 2 })
  t.match(third, { id: 999_999, problem: { code: 'not_found', status: 404, type: /\/v1\/problems\/not_found$/ } })
  t.same((fourth?.problem?.errors as { field: string, code: string }[] | undefined)?.map(({ field, code }) => `${field} ${code}`).sort(), ['bioo unknown_field', 'gender invalid_choice', 'isAdmin field_forbidden', 'username username_taken'], 'everything that is wrong')
  t.match((await core.db.read.changes.list(ada.id)).at(-1), { actorId: grace.id, family: 'native', address: '127.0.0.1', fields: ['location', 'attributes.desk'] })

  const whole = (await send(hedy, 'GET', `/people/${ada.id}`)).body
  const others = await send(hedy, 'POST', '/people/batch', [
    { id: ada.id, patch: { ...whole, bio: 'sent back whole' } },
    { id: grace.id, patch: { avatar: null, avatarAlt: 'x', avatarFocus: '0,0', cover: 'x' } },
    { id: hedy.id, patch: 'x' },
  ])
  t.same(statuses(others), [200, 400, 400])
  t.same((itemsOf(others)[1]?.problem?.errors as { field: string }[] | undefined)?.map(({ field }) => field).sort(), ['avatarAlt', 'avatarFocus', 'cover'], 'pictures come one by one; what is not there is not there')
  t.match(itemsOf(others)[2]?.problem, { errors: [{ field: null, code: 'not_an_object' }] })

  const etag = String(first?.etag)
  const late = await send(hedy, 'POST', '/people/batch', [{ id: ada.id, patch: { bio: 'late' }, ifMatch: etag }, { id: grace.id, patch: { bio: 'x' }, ifMatch: '*' }], { 'if-match': '"99-x"' })
  t.same(statuses(late), [412, 200], 'each has its own condition')
  const merging = (patch: object, ifMatch = etag) => send(hedy, 'POST', '/people/batch?dryRun=true', [{ id: ada.id, patch, ifMatch }], { prefer: 'merge=disjoint' })
  t.same(statuses(await merging({ location: 'Paris' })), [200], 'only the bio has changed since')
  t.same(statuses(await merging({ location: 'Paris', bio: 'late' })), [412])
  t.same(statuses(await merging({ location: 'Paris' }, '"99-x"')), [412], 'nobody knows that version')
  t.match(itemsOf(late)[0]?.problem, { code: 'precondition_failed', person: { bio: 'sent back whole', version: 3 }, changed: ['bio'] })
  const lenient = await send(grace, 'POST', '/people/batch', [{ id: ada.id, patch: { bio: 'kept', nope: 1, isAdmin: true } }], { prefer: 'handling=lenient' })
  t.match(itemsOf(lenient)[0], { status: 200, person: { bio: 'kept', ignored: ['nope', 'isAdmin'] } })
  t.match(itemsOf(await send(grace, 'POST', '/people/batch', [{ id: ada.id, patch: { gender: 'frog' } }], { 'accept-language': 'de' }))[0], { problem: { title: 'Ungültige Eingabe' } })
})

t.test('all or none, and none', async (t) => {
  const { ada, grace, hedy, send, stored } = await createWorld(t)
  const before = stored()
  const bad = [{ id: ada.id, patch: { bio: 'x', email: 'new@example.com' } }, { id: grace.id, patch: { username: 'hedy' } }, { id: hedy.id, patch: { bio: 'y' } }]
  const refused = await send(hedy, 'POST', '/people/batch?atomic=true', bad)
  t.same(statuses(refused), [424, 400, 424])
  t.match(itemsOf(refused), [{ problem: { code: 'failed_dependency' } }, { problem: { errors: [{ field: 'username', code: 'username_taken' }] } }])
  t.same(statuses(await send(hedy, 'POST', '/people/batch?atomic=true', [{ id: ada.id, patch: { bio: 'x' } }, { id: 999_999, patch: {} }])), [424, 404])
  const asked = await send(hedy, 'POST', '/people/batch?dryRun=true', bad.slice(0, 2))
  t.same(statuses(asked), [200, 400])
  t.match(itemsOf(asked)[0], { etag: undefined, person: { bio: 'x', dryRun: true, changes: { bio: { from: '', to: 'x' } } } })
  t.same(statuses(await send(hedy, 'POST', '/people/batch?dryRun=true&atomic=true', bad)), [424, 400, 424])
  t.equal(stored(), before, 'nothing was stored, nor mailed')
  const swapped = [{ id: ada.id, patch: { username: 'ada2' } }, { id: grace.id, patch: { username: 'ada' } }, { id: hedy.id, patch: { bio: 'y' } }]
  t.same(statuses(await send(hedy, 'POST', '/people/batch?dryRun=true&atomic=true', swapped)), [200, 200, 200], 'a name that the item before gives up')
  t.equal(stored(), before)
  t.same(statuses(await send(hedy, 'POST', '/people/batch?atomic=true', swapped)), [200, 200, 200])
  t.match((await send(grace, 'GET', '/me')).body, { username: 'ada' })
})

t.test('two hundred, of whom every third is refused', async (t) => {
  const { hedy, send, core } = await createWorld(t, { rateLimit: false })
  const ids: number[] = []
  for (let i = 0; i < 200; i++) ids.push((await core.users.create(OPERATOR, { username: `person-${i}` }, { family: 'operator' })).id)
  const answer = await send(hedy, 'POST', '/people/batch', ids.map((id, i) => ({ id, patch: i % 3 === 0 ? { username: 'hedy' } : { bio: `bio ${i}` } })))
  t.same(statuses(answer), ids.map((_, i) => i % 3 === 0 ? 400 : 200))
  const told = await Promise.all(ids.map((id) => core.users.get(id)))
  t.same(told.map(({ bio, version }) => [bio, version]), ids.map((_, i) => i % 3 === 0 ? ['', 1] : [`bio ${i}`, 2]))
})

t.test('a right that is lost on the way counts for what comes after', async (t) => {
  const { ada, grace, hedy, send, core, stored } = await createWorld(t)
  await core.users.create(OPERATOR, { username: 'root-admin', isAdmin: true }, { family: 'operator' })
  const answer = await send(hedy, 'POST', '/people/batch', [{ id: ada.id, patch: { bio: 'before' } }, { id: hedy.id, patch: { isAdmin: false } }, { id: grace.id, patch: { bio: 'after' } }])
  t.same(statuses(answer), [200, 200, 403])
  t.match((await send(grace, 'GET', '/me')).body, { bio: '' })
  const former = { id: hedy.id, isStaff: false, isAdmin: true, credential: null, guards: [] }
  const [end] = await core.users.editMany(former, [{ id: ada.id, changes: { bio: 'late' }, errors: [] }], { family: 'native', isAtomic: false, isDry: false })
  t.match(end, { status: 'rejected', reason: { code: 'permission_denied' } })
  await core.users.edit(OPERATOR, hedy.id, { isActive: false }, { family: 'operator' })
  const gone = stored()
  await t.rejects(core.users.editMany(former, [{ id: ada.id, changes: { bio: 'late' }, errors: [] }], { family: 'native', isAtomic: false, isDry: false }), { code: 'account_inactive' })
  t.equal(stored(), gone)
})

/** What is the same whoever writes it, and whenever. */
const MOVING = new Set(['requestId', 'type', 'createdAt', 'updatedAt', 'lastLoginAt', 'lastSeenAt', 'isOnline'])
/** Of which it counts alone whether they are there. */
const TIMES = new Set(['emailHeldUntil', 'revokedAt'])
const lasting = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, inner: unknown) => MOVING.has(key) ? undefined : TIMES.has(key) ? inner !== null : inner))

t.test('what an item takes from the sender is missing behind it', async (t) => {
  const { grace, hedy, send } = await createWorld(t)
  const items = [{ id: grace.id, patch: { isActive: false } }, { id: 99_999, patch: {} }, { id: hedy.id, patch: { bio: 'x' } }]
  t.same(itemsOf(await send(grace, 'POST', '/people/batch', items)).map(({ status }) => status), [200, 401, 401])
})

const ROUNDS = 20

t.test('a batch is as the same updates one after the other', async (t) => {
  const worlds = [await createWorld(t, { rateLimit: false }), await createWorld(t, { rateLimit: false })] as const
  for (const { core } of worlds) {
    for (const username of ['one', 'two', 'three']) await core.users.create(OPERATOR, { username, email: `${username}@example.com` }, { family: 'operator' })
    await core.profileFields.declare(OPERATOR, { key: 'badge', write: 'admin' })
  }
  const [{ ada, grace, hedy }] = worlds
  const ids = [ada.id, grace.id, hedy.id, hedy.id + 1, hedy.id + 2, hedy.id + 3, 99_999]
  const name = fc.constantFrom('ada', 'one', 'two', 'three', 'four', 'no name!', 'root')
  const fields = {
    username: name,
    email: name.map((word) => `${word}@example.com`),
    bio: fc.constantFrom('', 'a bio', null, 5),
    gender: fc.constantFrom('female', 'frog', null),
    isStaff: fc.boolean(),
    isActive: fc.constantFrom(true, true, false),
    extId: fc.constantFrom('x', 'y', null),
    attributes: fc.record({ badge: fc.constantFrom('b', null) }),
    nope: fc.constant(1),
  }
  const patch = fc.subarray(Object.keys(fields) as (keyof typeof fields)[], { maxLength: 3 }).chain((names) => fc.record(Object.fromEntries(names.map((field) => [field, fields[field] as fc.Arbitrary<unknown>]))))
  const counts: number[] = []
  const batch = fc.record({
    who: fc.constantFrom('grace', 'hedy'),
    items: fc.uniqueArray(fc.record({ id: fc.constantFrom(...ids), patch, ifMatch: fc.constantFrom('*', '*', '"1-x"') }), { selector: ({ id }) => id, maxLength: 6 }),
  })
  const once = () => fc.assert(fc.asyncProperty(batch, async ({ who, items }) => {
    const [together, alone] = worlds
    const answer = await together.send(together[who as 'grace'], 'POST', '/people/batch', items)
    // Whoever is no longer staff, or no longer there, is told so at once.
    if (answer.status !== 200) return
    const ends = itemsOf(answer).map(({ status, person, problem }) => [status, lasting(person ?? problem)])
    const singles = []
    for (const { id, patch, ifMatch } of items) {
      const { status, body } = await alone.send(alone[who as 'grace'], 'PATCH', `/people/${id}`, patch, { 'if-match': ifMatch })
      singles.push([status, lasting(body)])
    }
    deepStrictEqual(ends, singles)
    counts.push(...ends.map(([status]) => Number(status)))
    const people = await Promise.all(worlds.map(({ core }) => Promise.all(ids.slice(0, -1).map((id) => core.users.get(id)))))
    deepStrictEqual(lasting(people[0]), lasting(people[1]))
    for (const { core } of worlds) await core.users.edit(OPERATOR, grace.id, { isStaff: true, isActive: true }, { family: 'operator' })
    for (const { core } of worlds) await core.users.edit(OPERATOR, hedy.id, { isAdmin: true, isActive: true }, { family: 'operator' })
  }), { numRuns: 60, endOnFailure: true })
  // Until each end came about: which ones sixty batches have is chance.
  const unseen = () => [200, 400, 403, 404, 412].filter((status) => !counts.includes(status))
  for (let round = 0; round === 0 || (round < ROUNDS && unseen().length > 0); round++) await once()
  t.same(unseen(), [])
})

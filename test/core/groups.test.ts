import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { ChangeFilter } from '../../src/core/people/history.ts'
import type { Window } from '../../src/core/seal/cursors.ts'
import { stepsDuring } from '../turns.ts'
import { openWorld } from './world.ts'

t.test('C5 very many leave a group a part at a time', async (t) => {
  const { groups, file } = await openWorld(t)
  const { id } = await groups.create(OPERATOR, { name: 'All' })
  file.pragma('foreign_keys = OFF')
  file.exec(`with recursive s (i) as (select 1 union all select i + 1 from s where i < 4500) insert into memberships (user_id, group_id) select 1000 + i, ${id} from s;
    insert into memberships (user_id, group_id) values (5, 77)`)
  const left = file.prepare('select count(*) from memberships where group_id = ?').pluck()

  const steps = await stepsDuring(() => groups.remove(OPERATOR, id), () => left.get(id) as number)
  t.ok(steps.length > 4 && steps.every((step) => step <= 1_000), `at most a thousand at a time: ${steps.join()}`)
  t.equal(left.get(77), 1, 'nobody else\'s')
  await t.rejects(groups.get(id), { message: 'not_found' })
  await t.rejects(groups.remove(OPERATOR, id), { message: 'not_found' })
})

t.test('lists of one table go on behind the row that was told last, whatever came and went meanwhile', async (t) => {
  const world = await openWorld(t)
  const { db, file, ada, person, groups, tags, keys, avatars, directory } = world
  const [grace, hedy] = [await person('grace', { isStaff: true }), await person('hedy', { isAdmin: true })]
  const sessions = world.credentialsBy({ sign: String, verify: String }).sessions
  const name = (i: number) => `thing ${i}`
  const MANY = 7
  const group = await groups.create(OPERATOR, { name: 'Everybody' })

  /** How to make one of a list, to remove it, and to read a page of it. */
  interface List { make: (i: number) => Promise<number>, remove: (id: number) => Promise<unknown>, page: (window: Window) => Promise<{ next: string | null, rows: { id: number }[] }>, isNewestFirst: boolean }
  const sql = (text: string) => async (id: number) => file.prepare(text).run(id)
  const lists: Record<string, List> = {
    groups: { make: async (i) => (await groups.create(OPERATOR, { name: name(i) })).id, remove: (id) => groups.remove(OPERATOR, id), page: (window) => groups.page(grace, { search: 'THING', ...window }), isNewestFirst: false },
    tags: { make: async (i) => (await tags.create(hedy, { name: name(i), isVisible: i !== 3 })).id, remove: sql('delete from tags where id = ?'), page: (window) => tags.page(hedy, { search: 'Thing' }, window), isNewestFirst: false },
    tokens: { make: async () => (await keys.create(ada.id)).key.id, remove: sql('delete from keys where id = ?'), page: (window) => keys.page(ada, ada.id, window), isNewestFirst: true },
    sessions: { make: (i) => db.write(async (tx) => (await tx.sessions.insert({ userId: ada.id, refreshId: String(i), device: '', address: '', createdAt: 1, expiresAt: Date.now() + 1e6 })).id), remove: (id) => db.write((tx) => tx.sessions.revoke(id, 1)), page: (window) => sessions.page(ada, ada.id, window), isNewestFirst: true },
    avatars: { make: (i) => db.write(async (tx) => (await tx.avatars.insert(ada.id, String(i).padStart(32, '0'), 1)).id), remove: sql('delete from avatars where id = ?'), page: (window) => avatars.page(ada, ada.id, window), isNewestFirst: true },
    members: {
      make: async (i) => {
        const { id } = await person(`member-${i}`)
        await db.write((tx) => tx.users.replaceGroups(id, [group.id]))
        return id
      },
      remove: (id) => db.write((tx) => tx.users.replaceGroups(id, [])),
      page: async (window) => {
        const { people: rows, next } = await directory.members({ actor: grace, address: '' }, group.id, window)
        return { rows, next }
      },
      isNewestFirst: false,
    },
  }
  for (const [what, { make, remove, page, isNewestFirst }] of Object.entries(lists)) {
    for (let i = 0; i < MANY; i++) await make(i)
    const whole = (await page({ limit: 100 })).rows.map(({ id }) => id)
    t.equal(whole.length, MANY, what)
    t.same(whole, whole.toSorted((a, b) => isNewestFirst ? b - a : a - b), what)
    const told: number[] = []
    let after: string | undefined
    for (let i = 0; told.length === 0 || after !== undefined; i++) {
      const { rows, next } = await page({ limit: 2, ...after !== undefined && { after } })
      told.push(...rows.map(({ id }) => id))
      after = next ?? undefined
      // The last that was told goes, and somebody new comes.
      if (i === 0) await remove(told.at(-1) ?? 0)
      if (i < 2) await make(MANY + i)
    }
    t.same(told.filter((id) => whole.includes(id)), whole, `${what}: each once`)
    const { next } = await page({ limit: 1 })
    await t.rejects((lists[what === 'tags' ? 'groups' : 'tags'] as List).page({ limit: 1, after: String(next) }), { code: 'invalid', fields: [{ field: 'after', code: 'invalid_cursor' }] }, `a cursor of ${what} is none of another list`)
    for (const [limit, code] of [[0, 'min_value'], [101, 'max_value'], [1.5, 'invalid_integer']] as const) await t.rejects(page({ limit, after: 'x' }), { code: 'invalid', fields: [{ field: 'limit', code }, { field: 'after', code: 'invalid_cursor' }] })
  }
  t.same((await tags.page(ada, { isVisible: false }, { limit: 9 })).rows, [], 'nobody but admins sees what is hidden')
  t.equal((await tags.page(ada, { search: 'thing' }, { limit: 100 })).rows.length, (await tags.page(hedy, { search: 'thing' }, { limit: 100 })).rows.length - 1)
  await t.rejects(groups.page(ada, { limit: 1 }), { code: 'permission_denied' })
  await t.rejects(directory.members({ actor: grace, address: '' }, 99, { limit: 1 }), { code: 'not_found' })
  await t.rejects(avatars.page(ada, 99_999, { limit: 1 }), { code: 'not_found' })
  const { next } = await keys.page(ada, ada.id, { limit: 1 })
  await t.rejects(keys.page(hedy, ada.id, { limit: 1, after: String(next) }), { code: 'invalid', fields: [{ code: 'invalid_cursor' }] }, 'nor of somebody else')
})

t.test('the log of changes is told to whom it concerns', async (t) => {
  const { ada, person, users, history, db } = await openWorld(t)
  const [grace, hedy] = [await person('grace', { isStaff: true }), await person('hedy', { isAdmin: true })]
  for (const [actor, id, changes] of [[ada, ada.id, { bio: 'a' }], [grace, ada.id, { bio: 'b' }], [hedy, grace.id, { bio: 'c', location: 'x' }], [ada, ada.id, { location: 'y' }], [grace, grace.id, { bio: 'd' }]] as const) await users.edit(actor, id, changes, { family: actor === grace ? 'staff' : 'community' })
  await db.write((tx) => tx.changes.insert({ userId: ada.id, actorId: ada.id, family: 'community', fields: ['passwordHash', 'bio'], dropped: ['secret'], version: 9, at: 5 }))
  const all = await db.write(async (tx) => [...await tx.changes.list(ada.id), ...await tx.changes.list(grace.id), ...await tx.changes.list(hedy.id)])
  const newest = all.sort((a, b) => b.id - a.id)
  const read = async (actor: typeof ada, filter: ChangeFilter, limit = 2) => {
    const told: number[] = []
    let after: string | undefined
    do {
      const { rows, next } = await history.page(actor, { ...filter, limit, ...after !== undefined && { after } })
      told.push(...rows.map(({ id }) => id))
      after = next ?? undefined
    } while (after !== undefined)
    return told
  }
  const wanted = (is: (change: typeof all[0]) => boolean) => newest.filter(is).map(({ id }) => id)
  const middle = newest[3]?.at ?? 0
  const cases: [filter: ChangeFilter, is: (change: typeof all[0]) => boolean][] = [
    [{}, () => true],
    [{ person: ada.id }, ({ userId }) => userId === ada.id],
    [{ actor: grace.id }, ({ actorId }) => actorId === grace.id],
    [{ actor: ada.id, person: ada.id }, ({ actorId, userId }) => actorId === ada.id && userId === ada.id],
    [{ field: 'bio' }, ({ fields }) => fields.includes('bio')],
    [{ actor: grace.id, field: 'bio', family: 'staff' }, ({ actorId, fields, family }) => actorId === grace.id && fields.includes('bio') && family === 'staff'],
    [{ family: 'operator' }, ({ family }) => family === 'operator'],
    [{ from: middle }, ({ at }) => at >= middle],
    [{ until: middle }, ({ at }) => at < middle],
    [{ field: 'passwordHash' }, () => false],
  ]
  for (const [filter, is] of cases) {
    t.same(await read(hedy, filter), wanted(is), JSON.stringify(filter))
    t.equal(await history.count(hedy, filter), wanted(is).length, `how many: ${JSON.stringify(filter)}`)
  }
  t.same((await read(ada, { person: ada.id })), wanted(({ userId }) => userId === ada.id), 'one\'s own')
  t.same((await read(grace, { person: ada.id, actor: grace.id })), wanted(({ userId, actorId }) => userId === ada.id && actorId === grace.id), 'within reach')
  t.strictSame((await history.page(ada, { person: ada.id, limit: 1 })).rows[0], { id: newest[0]?.id, userId: ada.id, actorId: ada.id, family: 'community', fields: ['bio'], version: 9, at: 5, noun: 'account', verb: 'changed', subjectId: null, address: null }, 'neither files nor what nobody reads')
  for (const [actor, filter] of [[ada, {}], [grace, {}], [ada, { person: grace.id }], [grace, { person: hedy.id }]] as const) await t.rejects(history.page(actor, { ...filter, limit: 1 }), { code: 'permission_denied' })
  await t.rejects(history.count(grace, {}), { code: 'permission_denied' })
  await t.rejects(history.page(grace, { person: 99_999, limit: 1 }), { code: 'not_found' })
})

import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { watchCommits } from '../../src/db/sqlite/commits.ts'
import { createMemory } from '../../src/db/sqlite/memory.ts'
import { openDatabase } from '../../src/db/index.ts'
import { prepareReading } from '../../src/db/sqlite/queries.ts'

t.test('people and what they show are known as of the last commit, whoever made it', async (t) => {
  const dataDir = t.testdir({})
  const [db, other] = [await openDatabase({ dataDir, exclusive: true }), await openDatabase({ dataDir, exclusive: false })]
  t.teardown(() => Promise.all([db.close(), other.close()]))
  const { users, sessions, keys } = db.read
  const { id } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  const session = await db.write((tx) => tx.sessions.insert({ userId: id, refreshId: 'r', device: '', address: '', createdAt: 1, expiresAt: 9 }))
  const key = await db.write((tx) => tx.keys.insert({ userId: id, sessionId: null, name: '', hash: 'h', prefix: '', createdAt: 1, expiresAt: null }))
  const shown = () => Promise.all([sessions.find(session.id), keys.find(key.id), keys.findByHash('h')])
  t.match(await users.find(id), { bio: '', groups: [] })
  t.equal(await users.findRow(id), await users.find(id), 'read once')

  await db.write(async (tx) => {
    t.match(await users.find(id), { bio: '' }, 'asked for in the turn of the commit, before it')
    await tx.users.update(id, { bio: 'one' })
    t.match(await tx.users.find(id), { bio: 'one' }, 'a transaction sees what it has done itself')
    t.match(await users.find(id), { bio: '' }, 'which nobody else does yet')
  })
  t.match(await users.find(id), { bio: 'one' }, 'and in that same turn, after it')

  const group = await db.write((tx) => tx.groups.insert({ name: 'readers', notes: '', at: 1 }))
  await db.write((tx) => tx.users.replaceGroups(id, [group.id]))
  t.match(await users.find(id), { groups: [{ name: 'readers' }] })

  for (const [writer, at] of [[db, 5], [other, 6]] as const) {
    for (const row of await shown()) t.match(row, { revokedAt: at === 5 ? null : 5 })
    await writer.write(async (tx) => {
      await tx.users.update(id, { revokedAt: at, bio: String(at) })
      await tx.sessions.revoke(session.id, at)
      await tx.keys.revoke(key.id, at)
    })
    t.match(await users.find(id), { revokedAt: at, bio: String(at) })
    for (const row of await shown()) t.match(row, { revokedAt: 5 })
  }
  await other.write((tx) => tx.users.remove(id))
  t.equal(await users.find(id), undefined)
})

t.test('a commit takes away what it changed and nothing else, whichever verb it was and whatever went with it', async (t) => {
  const dataDir = t.testdir({})
  const db = await openDatabase({ dataDir, exclusive: true })
  t.teardown(() => db.close())
  const naive = new Sqlite(join(dataDir, 'visage.db'))
  t.teardown(() => { naive.close() })
  const person = async (username: string) => (await db.write((tx) => tx.users.insert({ username, createdAt: 1, updatedAt: 1 }))).id
  const [ada, bob] = [await person('ada'), await person('bob')]
  const avatar = (id: number) => String(id).padStart(32, 'a')
  const rules = { label: 'l', type: 'string' as const, options: [], isMandatory: false, isEditable: true, isSearchable: false, read: 'public' as const, write: 'self' as const }
  const { group, tag, field, ...rows } = await db.write(async (tx) => {
    const [sessions, keys] = [new Map<number, number>(), new Map<number, number>()]
    for (const userId of [ada, bob]) {
      sessions.set(userId, (await tx.sessions.insert({ userId, refreshId: 'r', device: '', address: '', createdAt: 1, expiresAt: 9 })).id)
      keys.set(userId, (await tx.keys.insert({ userId, sessionId: null, name: '', hash: `h${userId}`, prefix: '', createdAt: 1, expiresAt: null })).id)
      await tx.avatars.insert(userId, avatar(userId), 1)
    }
    const tag = await tx.tags.insert({ type: 'user', name: 't', description: null, color: '#000000', isActive: true, isVisible: true, visibilityBoost: false, createdAt: 1 })
    return { group: await tx.groups.insert({ name: 'g', notes: '', at: 1 }), tag, field: await tx.profileFields.insert('one', rules, 1), sessions, keys }
  })
  const told = async (id: number) => [
    await db.read.users.find(id), await db.read.sessions.find(Number(rows.sessions.get(id))), await db.read.keys.find(Number(rows.keys.get(id))), await db.read.keys.findByHash(`h${id}`),
    await db.read.pictures.ownerOf(avatar(id)),
  ]
  const asStored = async (id: number) => {
    const read = prepareReading(naive)
    return [await read.users.find(id), await read.sessions.find(Number(rows.sessions.get(id))), await read.keys.find(Number(rows.keys.get(id))), await read.keys.findByHash(`h${id}`), await read.pictures.ownerOf(avatar(id))]
  }

  type Tx = Parameters<Parameters<typeof db.write>[0]>[0]
  const works: [what: string, work: (tx: Tx) => Promise<unknown>, staysOfBob?: number][] = [
    ['an edit', (tx) => tx.users.update(ada, { bio: 'x' })],
    ['an edit of another', (tx) => tx.users.update(bob, { bio: 'y' }), 4],
    ['presence', (tx) => tx.presence.seen(ada, 5)],
    ['a session is seen', (tx) => tx.sessions.seen(Number(rows.sessions.get(ada)), 7)],
    ['a token is used', (tx) => tx.keys.used(Number(rows.keys.get(ada)), 8)],
    ['joining', (tx) => tx.users.replaceGroups(ada, [group.id])],
    ['a group is renamed', (tx) => tx.groups.update(group.id, { name: 'h', notes: '', at: 2 }), 4],
    ['leaving', (tx) => tx.groups.empty(group.id, 10)],
    ['joining anew', (tx) => tx.users.replaceGroups(ada, [group.id])],
    ['a group is removed', (tx) => tx.groups.remove(group.id), 4],
    ['a tag is given', (tx) => tx.tags.assign(ada, tag.id)],
    ['a tag is renamed', (tx) => tx.tags.update(tag.id, { ...tag, name: 'u' }), 4],
    ['a tag is taken', (tx) => tx.tags.unassign(ada, tag.id)],
    ['a session ends', (tx) => tx.sessions.revoke(Number(rows.sessions.get(ada)), 6)],
    ['tokens end', (tx) => tx.keys.revokeAll(ada, 6)],
    ['what is seen is narrowed', (tx) => tx.users.update(ada, { visibility: { avatar: 'self' } }), 4],
    ['hiding', (tx) => tx.users.update(ada, { deletedAt: 5 }), 4],
    ['returning', (tx) => tx.users.update(ada, { deletedAt: null }), 4],
    ['an avatar is removed', (tx) => tx.avatars.remove(avatar(ada))],
    ['sessions expire', (tx) => tx.sessions.removeExpired(10, 1), 5],
    ['a removal', (tx) => tx.users.remove(ada), 4],
  ]
  for (const [what, work, stays = 5] of works) {
    for (const id of [ada, bob]) await told(id)
    const before = await told(bob)
    await db.write<unknown>(work)
    for (const id of [ada, bob]) t.same(await told(id), await asStored(id), what)
    t.equal((await told(bob)).filter((row, i) => row === before[i]).length, stays, `${what}: what is kept of another`)
  }

  const declared = db.read.profileFields.declared()
  await db.write((tx) => tx.users.update(bob, { bio: 'z' }))
  t.equal(db.read.profileFields.declared(), declared)
  for (const work of [(tx: Tx) => tx.profileFields.update(field.id, { ...rules, label: 'm' }, 2), (tx: Tx) => tx.profileFields.insert('two', rules, 2), (tx: Tx) => tx.profileFields.drop(field.id, 3), (tx: Tx) => tx.profileFields.remove(field.id)]) {
    await db.write<unknown>(work)
    t.same(db.read.profileFields.declared(), (await db.write((tx) => tx.profileFields.list())).filter(({ droppedAt }) => droppedAt === null))
  }
  await t.rejects(db.write(async (tx) => {
    await tx.users.update(bob, { bio: 'undone' })
    throw new Error('undone')
  }))
  t.match(await db.read.users.find(bob), { bio: 'z' })
})

t.test('whoever is remembered cannot be changed by one of those who asked', async (t) => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive: true })
  t.teardown(() => db.close())
  const { id } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  const account = await db.read.users.find(id)
  t.throws(() => Object.assign(account ?? {}, { isAdmin: true }), TypeError)
  t.throws(() => account?.groups.push({ id: 1, name: 'admins' }), TypeError)
  t.throws(() => Object.assign(account?.visibility ?? {}, { bio: 'self' }), TypeError)
})

t.test('what is remembered takes 32 MiB at most', async (t) => {
  const connection = new Sqlite(':memory:')
  t.teardown(() => connection.close())
  let asked = 0
  const read = createMemory(connection, watchCommits(connection)).of('people', (number: number) => ({ number, text: String(asked += 1).padEnd(512 * 1_024) }))
  for (let number = 0; number < 31; number += 1) read(number)
  t.equal(read(0).number, 0)
  t.equal(asked, 31, 'thirty-one texts of a mebibyte are remembered')
  read(31)
  read(0)
  t.equal(asked, 33, 'the next one takes the place of the oldest')
})

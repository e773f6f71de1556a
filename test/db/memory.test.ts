import Sqlite from 'better-sqlite3'
import t from 'tap'
import { watchCommits } from '../../src/db/commits.ts'
import { createMemory } from '../../src/db/memory.ts'
import { openDatabase } from '../../src/db/open.ts'

t.test('people and what they show are known as of the last commit, whoever made it', async (t) => {
  const dataDir = t.testdir({})
  const [db, other] = [openDatabase({ dataDir, exclusive: true }), openDatabase({ dataDir, exclusive: false })]
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

t.test('whoever is remembered cannot be changed by one of those who asked', async (t) => {
  const db = openDatabase({ dataDir: t.testdir({}), exclusive: true })
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
  const read = createMemory(connection, watchCommits(connection))((number: number) => ({ number, text: String(asked += 1).padEnd(512 * 1_024) }))
  for (let number = 0; number < 31; number += 1) read(number)
  t.equal(read(0).number, 0)
  t.equal(asked, 31, 'thirty-one texts of a mebibyte are remembered')
  read(31)
  read(0)
  t.equal(asked, 33, 'the next one takes the place of all')
})

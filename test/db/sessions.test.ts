import t from 'tap'
import { openDatabase } from '../../src/db/index.ts'

t.test('sessions that have ended are removed with the tokens that lived by them; nothing else is', async (t) => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive: true })
  t.teardown(() => db.close())
  const { id: userId } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  const begin = (expiresAt: number) => db.write((tx) => tx.sessions.insert({ userId, refreshId: 'r', device: '', address: '', createdAt: 1, expiresAt }))
  const make = (sessionId: number | null, hash: string) => db.write((tx) => tx.keys.insert({ userId, sessionId, name: '', hash, prefix: '', createdAt: 1, expiresAt: null }))
  const [ended, alive] = [await begin(1_000), await begin(3_000)]
  await make(ended.id, 'ended')
  await make(alive.id, 'alive')
  await make(null, 'own')

  t.equal(await db.write((tx) => tx.sessions.removeExpired(2_000, 10)), 1)
  t.equal(await db.read.sessions.find(ended.id), undefined)
  t.ok(await db.read.sessions.find(alive.id))
  t.equal(await db.read.keys.findByHash('ended'), undefined)
  t.ok(await db.read.keys.findByHash('alive'))
  t.same((await db.read.keys.list(userId, 10)).map(({ hash }) => hash), ['own'], 'a sign-in\'s token is not among the API tokens')
  t.same((await db.read.sessions.list(userId, 2_000, 10)).map(({ id }) => id), [alive.id])
})

t.test('of too many of somebody\'s own the newest are listed, and tokens that count before revoked ones', async (t) => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive: true })
  t.teardown(() => db.close())
  const { id: userId } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  await db.write(async (tx) => {
    for (const hash of ['1', '2', '3', '4', '5']) {
      const { id } = await tx.keys.insert({ userId, sessionId: null, name: '', hash, prefix: '', createdAt: 1, expiresAt: null })
      if (hash === '2' || hash === '4') await tx.keys.revoke(id, 2)
      await tx.sessions.insert({ userId, refreshId: hash, device: '', address: '', createdAt: 1, expiresAt: 9 })
      await tx.changes.insert({ userId, actorId: userId, family: hash, fields: [], dropped: [], version: 1, at: 1 })
    }
  })
  const hashes = async (most: number) => (await db.read.keys.list(userId, most)).map(({ hash }) => hash)
  t.same([await hashes(9), await hashes(4), await hashes(2)], [['1', '2', '3', '4', '5'], ['1', '3', '4', '5'], ['3', '5']])
  t.same((await db.read.sessions.list(userId, 2, 2)).map(({ refreshId }) => refreshId), ['5', '4'])
  t.same((await db.read.changes.list(userId, 2)).map(({ family }) => family), ['4', '5'])
})

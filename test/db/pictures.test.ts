import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'

t.test('who has a picture is known as of the last commit, whoever made it', async (t) => {
  const dataDir = t.testdir({})
  const [db, other] = [openDatabase({ dataDir, exclusive: true }), openDatabase({ dataDir, exclusive: false })]
  t.teardown(() => Promise.all([db.close(), other.close()]))
  const { ownerOf } = db.read.pictures
  t.equal(await ownerOf('face'), undefined)

  const { id } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  await db.write((tx) => tx.avatars.insert(id, 'face', 1))
  t.match(await ownerOf('face'), { deletedAt: null, visibility: {} })
  await db.write((tx) => tx.users.update(id, { visibility: { avatar: 'self' }, cover: 'view' }))
  t.match(await ownerOf('face'), { visibility: { avatar: 'self' } })
  t.match(await ownerOf('view'), { visibility: { avatar: 'self' } })
  await other.write((tx) => tx.users.update(id, { deletedAt: 5 }))
  t.match(await ownerOf('face'), { deletedAt: 5 })
  await db.write(async (tx) => {
    t.match(await tx.pictures.ownerOf('face'), { deletedAt: 5 })
    await tx.avatars.remove('face')
    t.equal(await tx.pictures.ownerOf('face'), undefined, 'a transaction sees what it has done itself')
    t.match(await ownerOf('face'), { deletedAt: 5 }, 'which nobody else does yet')
  })
  t.equal(await ownerOf('face'), undefined)
})

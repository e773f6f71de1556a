import t from 'tap'
import { openDatabase } from '../../src/db/index.ts'

t.test('who has a picture is known as of the last commit, whoever made it', async (t) => {
  const dataDir = t.testdir({})
  const [db, other] = [await openDatabase({ dataDir, exclusive: true }), await openDatabase({ dataDir, exclusive: false })]
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

t.test('C5 names of pictures are told in pages: which of them rows have, which come next, of which nothing is known', async (t) => {
  const db = await openDatabase({ dataDir: t.testdir({}), exclusive: true })
  t.teardown(() => db.close())
  const { named, after, unknown } = db.read.pictures
  const names = Array.from({ length: 1_200 }, (_, i) => String(i).padStart(32, '0'))
  const [first = '', second = '', third = ''] = names
  const other = 'f'.repeat(32)
  await db.write(async (tx) => {
    const { id } = await tx.users.insert({ username: 'ada', cover: third, createdAt: 1, updatedAt: 1 })
    await tx.users.insert({ username: 'hidden', cover: other, deletedAt: 5, createdAt: 1, updatedAt: 1 })
    for (const name of names) await tx.avatars.insert(id, name, 1)
    for (const [kind, known] of [['avatar', names], ['cover', [third]]] as const) {
      for (const name of known.filter((name) => name !== second && name !== names.at(-1) && (kind === 'cover' || name !== third))) {
        await tx.pictures.insert({ name, userId: id, kind, sourceWidth: 1, sourceHeight: 1, isAnimated: false, focus: null, crop: null, blurhash: '', color: '', files: [], createdAt: 1, alt: null })
      }
    }
  })
  t.same(await named('avatar', [second, 'nobody', first]), new Map([[first, 1], [second, 2]]))
  t.same(await named('cover', [first, other, third]), new Map([[other, 2], [third, 1]]), 'hidden people have theirs too')
  t.same(await after('avatar', first, 2), [{ name: second, number: 2 }, { name: third, number: 3 }])
  t.same(await after('cover', '', 5), [{ name: third, number: 1 }, { name: other, number: 2 }])
  t.same(await after('cover', other, 5), [])
  t.same(await unknown('avatar', ''), { unknown: [{ name: second, userId: 1 }], last: names[999] }, 'of a thousand')
  t.same(await unknown('avatar', names[999] ?? ''), { unknown: [{ name: names.at(-1), userId: 1 }], last: names.at(-1) })
  t.same(await unknown('avatar', names.at(-1) ?? ''), { unknown: [], last: undefined })
  t.same(await unknown('cover', ''), { unknown: [{ name: other, userId: 2 }], last: other })
})

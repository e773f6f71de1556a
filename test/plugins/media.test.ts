import { randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { STORES, withPictures } from './media.ts'
import type { Answer } from './media.ts'

const PROTECTION = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cross-origin-resource-policy': 'cross-origin' }
const SHOWN = { ...PROTECTION, 'content-type': 'image/webp', 'content-disposition': 'inline; filename="avatar.webp"', 'cache-control': 'public, max-age=31536000, immutable', 'accept-ranges': 'bytes' }
const NOT_FOUND = { status: 404, headers: { ...PROTECTION, 'cache-control': 'no-store', 'content-type': /^application\/json/ } }
const KIB = 1_024

for (const [title, store] of Object.entries(STORES)) void t.test(`out of ${title}`, async (t) => {
  await t.test('the main picture and its sizes are served under the names that the service gave', async (t) => {
    const { ask, read, remove, avatar, cover, write, ada } = await withPictures(t, await store(t))
    const got = await ask(`/media/avatars/${avatar}.webp`)
    t.match(got, { status: 200, headers: SHOWN })
    t.same(got.bytes, await read(`avatars/${avatar}.webp`))
    t.match(await ask(`/media/covers/${cover}.webp`), { status: 200, headers: { ...SHOWN, 'content-disposition': 'inline; filename="cover.webp"' } })
    t.equal((await ask(`/media/avatars/${avatar}.webp?s=64`, ada.headers)).status, 200)
    t.equal((await ask(`/media/avatars/${avatar}.webp`, { authorization: 'Bearer expired' })).status, 200, 'nobody is asked who they are')

    const late = `covers/${cover}-960.webp`
    const made = await read(late)
    await remove(late)
    t.match(await ask(`/media/${late}`), NOT_FOUND, 'a size that is not made yet')
    await write(late, made)
    const files = [...[64, 128, 256, 512].map((size) => `avatars/${avatar}-${size}.webp`), `covers/${cover}-480.webp`, late]
    for (const file of files) {
      const found = await ask(`/media/${file}`)
      t.match(found, { status: 200, headers: { ...PROTECTION, 'content-type': 'image/webp' } }, file)
      t.same(found.bytes, await read(file))
    }
    t.match(await ask('/media/default-avatar.svg'), { status: 200, headers: { ...PROTECTION, 'content-type': 'image/svg+xml', 'content-disposition': 'inline; filename="avatar.svg"', 'cache-control': 'public, max-age=86400' } })
  })

  await t.test('ranges, conditions and HEAD', async (t) => {
    const { ask, avatar, write } = await withPictures(t, await store(t))
    const bytes = randomBytes(5 * KIB)
    const { etag, modified } = await write(`avatars/${avatar}-64.webp`, bytes)
    const get = (headers: Record<string, string> = {}, method = 'GET') => ask(`/media/avatars/${avatar}-64.webp`, headers, method)
    const length = String(bytes.length)

    for (const turn of ['from the store', 'when it is held']) {
      t.match(await get({}, 'HEAD'), { status: 200, headers: { ...SHOWN, 'content-length': length, etag, 'last-modified': modified }, bytes: Buffer.alloc(0) }, turn)
      t.match(await get({ range: 'bytes=8-11' }), { status: 206, headers: { ...SHOWN, 'content-range': `bytes 8-11/${length}`, 'content-length': '4' }, bytes: bytes.subarray(8, 12) }, turn)
      t.match(await get({ range: 'bytes=-3' }), { status: 206, bytes: bytes.subarray(-3) }, turn)
      t.match(await get({ range: 'bytes=0-1', 'if-range': etag }), { status: 206, bytes: bytes.subarray(0, 2) }, turn)
      t.match(await get({ range: 'bytes=0-1', 'if-range': 'W/"other"' }), { status: 200, headers: { 'content-length': length }, bytes }, turn)
      t.match(await get({ range: 'bytes=0-1', 'if-range': `W/${etag}` }), { status: 200, headers: { etag, 'content-length': length }, bytes }, `K a weak tag proves nothing of the bytes, ${turn}`)
      t.match(await get({ range: 'bytes=0-1', 'if-range': `"x", ${etag}` }), { status: 200, bytes }, `K a condition is one tag, ${turn}`)
      for (const range of ['bytes=-9000', `bytes=-${length}`, `bytes=-${'9'.repeat(400)}`]) t.match(await get({ range }), { status: 206, headers: { 'content-range': `bytes 0-${bytes.length - 1}/${length}`, 'content-length': length }, bytes }, `K more of the last bytes than there are is all of them, ${turn}`)
      t.equal((await get({ range: 'bytes=-0' })).status, 416, `K none of the last bytes is no range, ${turn}`)
      t.match(await get({ 'if-none-match': `W/${etag}` }), { status: 304 }, `K for what has not changed a weak tag will do, ${turn}`)
      t.match(await get({ range: 'bytes=9000-' }), { status: 416, headers: { ...PROTECTION, 'content-range': `bytes */${length}`, 'cache-control': 'no-store' }, bytes: Buffer.alloc(0) }, turn)
      t.match(await get({ 'if-none-match': `"x", ${etag}` }), { status: 304, headers: { etag, 'cache-control': SHOWN['cache-control'], 'content-length': undefined }, bytes: Buffer.alloc(0) }, turn)
      t.match(await get({ 'if-none-match': 'W/"other"' }), { status: 200, bytes }, turn)
      t.equal((await get({ 'if-modified-since': modified })).status, 304, turn)
      t.equal((await get({ 'if-match': '"other"' })).status, 412, turn)
      t.match(await get({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }), { status: 412, headers: { ...PROTECTION, 'cache-control': 'no-store' }, bytes: Buffer.alloc(0) }, turn)
      t.match(await get(), { status: 200, headers: { ...SHOWN, 'content-length': length, etag, 'last-modified': modified }, bytes }, turn)
    }
  })

  await t.test('from memory comes what came from the disk, byte for byte and header for header', async (t) => {
    const { ask, avatar, cover, remove, write } = await withPictures(t, await store(t))
    const files = { [`avatars/${avatar}-64.webp`]: 1, [`avatars/${avatar}-512.webp`]: 64 * KIB, [`avatars/${avatar}-256.webp`]: 64 * KIB + 1, [`covers/${cover}-480.webp`]: 30 * KIB }
    for (const [file, size] of Object.entries(files)) {
      const bytes = randomBytes(size)
      const isHeld = size <= 64 * KIB
      await write(file, bytes)
      const asked = async (): Promise<Answer[]> => [await ask(`/media/${file}`, {}, 'HEAD'), await ask(`/media/${file}`)]
      const fromDisk = await asked()
      t.same(fromDisk[1]?.bytes, bytes)
      // The same length, so that only the bytes tell where they came from.
      await write(file, isHeld ? randomBytes(size) : bytes)
      const again = await asked()
      t.same(again[1]?.bytes, bytes, isHeld ? 'it is held' : 'it is too large to be held')
      if (isHeld) t.same(again, fromDisk)
    }
    const large = `avatars/${avatar}-256.webp`
    const other = randomBytes(64 * KIB + 1)
    await write(large, other)
    t.same((await ask(`/media/${large}`)).bytes, other)
    await remove(large)
    t.match(await ask(`/media/${large}`), NOT_FOUND)
  })

  await t.test('who may see a picture is asked each time, held or not', async (t) => {
    const { ask, app, core, ada, avatar, cover } = await withPictures(t, await store(t))
    const paths = [`/media/avatars/${avatar}.webp`, `/media/covers/${cover}.webp`]
    const look = async () => await Promise.all(paths.map(async (path) => (await ask(path)).status))
    t.same(await look(), [200, 200])
    t.same(await look(), [200, 200], 'now from memory')

    const narrow = (payload: object) => app.inject({ method: 'PATCH', url: '/api/profile/visibility/', headers: ada.headers, payload })
    await narrow({ avatar: 'member' })
    t.same(await look(), [404, 200])
    const told = (await app.inject({ url: '/api/profile/', headers: ada.headers })).json<{ avatar: string }>().avatar
    for (const turn of ['first', 'second']) t.match(await ask(told), { status: 200, headers: { 'cache-control': /^private, max-age=\d+$/ } }, turn)
    await narrow({ avatar: null })
    t.same(await look(), [200, 200])
    t.match(await ask(paths[0] ?? ''), { headers: SHOWN })

    await core.db.write(async (tx) => { await tx.users.update(ada.id, { deletedAt: Date.now() }) })
    t.same(await look(), [404, 404], 'of somebody who was deleted softly')
    await core.db.write(async (tx) => { await tx.users.update(ada.id, { deletedAt: null }) })
    t.same(await look(), [200, 200])
    await core.db.write(async (tx) => {
      await tx.avatars.remove(avatar)
      await tx.users.update(ada.id, { cover: null })
    })
    t.same(await look(), [404, 404], 'without a row there is no picture, whatever lies on the disk')
  })
})

t.test('what lies beside them is not found', async (t) => {
  const { ask, media, dataDir, avatar, cover, core, ada } = await withPictures(t)
  const avatars = join(media, 'avatars')
  const [html, link, folder] = ['0', '1', '2'].map((digit) => digit.repeat(32)) as [string, string, string]
  writeFileSync(join(avatars, 'page.html'), '<script>')
  writeFileSync(join(avatars, `${html}.html`), '<script>')
  writeFileSync(join(avatars, `.${avatar}.webp`), 'hidden')
  writeFileSync(join(dataDir, 'staging/x.webp'), 'staged')
  writeFileSync(join(avatars, `${avatar}-63.webp`), 'of no size')
  writeFileSync(join(avatars, `${avatar}-480.webp`), 'of a cover')
  mkdirSync(join(avatars, `${folder}.webp`))
  mkdirSync(join(avatars, 'folder'))
  symlinkSync(join(dataDir, 'jwt.secret'), join(avatars, 'link.webp'))
  symlinkSync(join(dataDir, 'jwt.secret'), join(avatars, `${link}.webp`))
  // Names of our own making, so that it is the files that are refused.
  await core.db.write(async (tx) => { for (const name of [link, folder]) await tx.avatars.insert(ada.id, name, 0) })

  const hidden = [
    '/media/', '/media/avatars', '/media/avatars/', '/media/avatars/page.html', `/media/avatars/${html}.html`, '/media/avatars/folder/', '/media/avatars/folder',
    '/media/avatars/link.webp', `/media/avatars/${link}.webp`, `/media/avatars/${folder}.webp`, `/media/avatars/${'f'.repeat(32)}.webp`,
    '/media/visage.db', '/media/../visage.db', '/media/avatars/../../visage.db', '/media/avatars/..%2f..%2fvisage.db', '/media/avatars/%2e%2e/%2e%2e/visage.db',
    '/media/%2e%2e/jwt.secret', '/media/%252e%252e/jwt.secret', '/media/..;/visage.db', '/media/..%5cvisage.db', '/media/avatars\\..\\..\\visage.db',
    '/media//etc/passwd', '/media/%2fetc%2fpasswd', '/media/file:///etc/passwd', '/media/../staging/x.webp', '/media/.staging/x', '/media/staging/x.webp',
    `/media//avatars/${avatar}.webp`, `/media/./avatars/${avatar}.webp`, `/media/avatars//${avatar}.webp`, `/media/avatars/./${avatar}.webp`, `/media/covers/../avatars/${avatar}.webp`,
    `/media/avatars/.${avatar}.webp`, `/media/avatars/${avatar}.webp/`, `/media/avatars/${avatar}.webp%00`, `/media/avatars/${avatar}%00.webp`, `/media/avatars/${avatar}.webp%20`,
    `/media/avatars/${avatar}.webp%0d%0aset-cookie:%20a=b`, `/media/avatars/${avatar}.webp;x`, `/media/avatars/${avatar}.webp%3fx`, `/media/avatars/${avatar}.WEBP`, `/media/avatars/${avatar.replace(/^./, '%41')}.webp`,
    `/media/avatars/${avatar}`, `/media/avatars/${avatar}.html`, `/media/avatars/${avatar}.webp.html`, `/media/avatars/${cover}.webp`, `/media/covers/${avatar}.webp`, `/media/avatars/${avatar.slice(1)}.webp`,
    ...['-63', '-0', '-064', '-480', '-1024', '-64-64', '-', '--64', '-6e1', '-main', '_64', '-64.0'].map((size) => `/media/avatars/${avatar}${size}.webp`), `/media/covers/${cover}-64.webp`,
  ]
  for (const path of hidden) {
    const answer = await ask(path)
    t.match(answer, NOT_FOUND, path)
    t.equal(answer.bytes.toString(), '{"detail":"Not found."}', path)
  }
  // Never came as far as the pictures: no address at all, or that of something else.
  for (const path of ['/media/avatars/%', '/media/%ff', '/media/..%c0%afvisage.db', `//media/avatars/${avatar}.webp`, `/MEDIA/avatars/${avatar}.webp`, `/%6dedia/avatars/${avatar}.webp`, `/x/../media/avatars/${avatar}.webp`, `/media%2favatars/${avatar}.webp`, '/staging/x.webp', '/media']) t.match(await ask(path), NOT_FOUND, path)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) t.match(await ask(`/media/avatars/${avatar}.webp`, { 'content-type': 'text/xml' }, method), NOT_FOUND, method)
  t.match(await ask(`/media/avatars/${html}.html`, {}, 'HEAD'), { ...NOT_FOUND, bytes: Buffer.alloc(0) })
})

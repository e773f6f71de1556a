import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { objectsAt, openBucket, SECRET } from '../bucket.ts'
import { visage } from '../commands/visage.ts'
import { build, folderFor } from '../helper.ts'
import { filesOf } from '../transfer/people.ts'
import { filledFolder, rowsOf } from './world.ts'

/** What lies in a bucket, as `filesOf` tells it of a folder. */
async function objectsIn (address: string): Promise<Record<string, string>> {
  const { keys, read } = objectsAt(address)
  const found: Record<string, string> = {}
  for (const key of await keys()) found[key] = (await read(key)).toString('base64')
  return found
}
const filesIn = (dataDir: string): Record<string, unknown> => filesOf(join(dataDir, 'media'))

t.test('pictures are moved into a bucket and back, beside the server that runs and to the end when none does', async (t) => {
  const bucket = await openBucket(t)
  const [old, storeUrl] = [await filledFolder(t), bucket.addressOf()]
  const [before, files] = [rowsOf(old), filesIn(old)]
  const { app, core } = await build(t, { dataDir: old })
  const beside = await visage(old, ['move', '--store', storeUrl])
  t.match(beside, { code: 1, stdout: /^2 pictures are in s3:\/\/127\.0\.0\.1:\d+\/visage as well; stop the server and repeat this, which brings what is new and is over in seconds\n$/ }, beside.stderr)
  t.equal(bucket.keys().length, Object.keys(files).length)
  await app.close()
  await core.close()
  const puts = () => bucket.asked.filter(({ method, path }) => method === 'PUT' && path !== '/probe').length
  const there = puts()
  const moved = await visage(old, ['move', '--store', storeUrl])
  t.match(moved, { code: 0, stdout: /^2 pictures of the data folder are in s3:\S+\/visage now\nstart the service with VISAGE_STORE_URL; what is left in the data folder may go\n302 accounts, 2 pictures, 8 files: all in order\n$/ }, moved.stderr)
  t.notMatch(moved.stdout + moved.stderr, SECRET)
  t.equal(puts(), there, 'nothing is brought twice')
  t.same(await objectsIn(storeUrl), files)
  t.same(rowsOf(old), before)
  t.match(await visage(old, ['fsck']), { code: 2, stderr: /^the pictures of this service are in s3:\S+\/visage, and the settings say the data folder: .*: npm run -s visage -- move --store\n$/ })
  t.match(await visage(old, ['move', '--store', storeUrl], { VISAGE_STORE_URL: storeUrl }), { code: 2, stderr: /\nthe pictures are in s3:\S+ already\n$/ })

  rmSync(join(old, 'media'), { recursive: true })
  t.match(await visage(old, ['fsck'], { VISAGE_STORE_URL: storeUrl }), { code: 0, stdout: /all in order\n$/ })
  t.notOk(existsSync(join(old, 'media')), 'no folder is made for what is in the bucket')
  t.match(await visage(old, ['move', '--store', 'folder'], { VISAGE_STORE_URL: storeUrl }), { code: 0, stdout: /^2 pictures of s3:\S+ are in the data folder now\nstart the service without VISAGE_STORE_URL; .*\n302 accounts, 2 pictures, 8 files: all in order\n$/ })
  t.same(filesIn(old), files)
  t.match(await visage(old, ['fsck']), { code: 0 })
})

t.test('a service is moved with its pictures into a bucket, or out of it into a folder', async (t) => {
  const bucket = await openBucket(t)
  const [old, storeUrl] = [await filledFolder(t), bucket.addressOf()]
  const [files, there, back] = [filesIn(old), join(folderFor(t), 'there'), join(folderFor(t), 'back')]
  const out = await visage(old, ['move', '--to', there, '--store', storeUrl])
  t.match(out, { code: 0, stdout: /302 accounts, 2 pictures, 8 files: all in order\n$/ }, out.stderr)
  t.same(await objectsIn(storeUrl), files)
  t.notOk(readdirSync(there).includes('media'))
  const home = await visage(there, ['move', '--to', back], { VISAGE_STORE_URL: storeUrl })
  t.match(home, { code: 0, stdout: /302 accounts, 2 pictures, 8 files: all in order\n$/ }, home.stderr)
  t.same(filesIn(back), files)
  t.match(await visage(back, ['fsck']), { code: 0 })
})

t.test('a bucket that is away breaks a move off, and what is somebody else\'s in it stays', async (t) => {
  const bucket = await openBucket(t)
  const [old, storeUrl] = [await filledFolder(t), bucket.addressOf()]
  bucket.trouble = ({ method }) => method === 'PUT' ? { status: 503, code: 'SlowDown' } : undefined
  t.match(await visage(old, ['move', '--store', storeUrl]), { code: 2, stdout: '', stderr: /\nthe move was broken off \(the store of pictures answered \S+ with 503 SlowDown\): repeat it\n$/ })
  t.match(await visage(old, ['fsck']), { code: 0 })
  bucket.trouble = () => undefined
  const { write, keys } = objectsAt(storeUrl)
  const foreign = `avatars/${'0'.repeat(32)}.webp`
  await write(foreign, Buffer.from('x'))
  t.match(await visage(old, ['move', '--store', storeUrl]), { code: 1, stdout: /a file that no row knows: avatar 0+\.webp/ })
  t.ok((await keys()).includes(foreign))
})

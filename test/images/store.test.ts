import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import t from 'tap'
import type { Test } from 'tap'
import { allSizes, fileName, pathOf } from '../../src/images/formats.ts'
import type { Size } from '../../src/images/formats.ts'
import { openStaging } from '../../src/images/staging.ts'
import { readS3Address } from '../../src/images/store/address.ts'
import { openDisk } from '../../src/images/store/disk.ts'
import { fetch } from '../../src/images/store/fetch.ts'
import type { Picture, Store } from '../../src/images/store/index.ts'
import { openS3 } from '../../src/images/store/s3.ts'
import { openBucket } from '../bucket.ts'
import { sharing } from '../../src/images/store/sharing.ts'
import { picture } from './pictures.ts'

interface World {
  store: Store
  staging: string
  /** Puts something there that we would not call so. */
  plant?: (kind: Picture['kind'], file: string) => void | Promise<void>
}

/** Every implementation, and how to make a new one that is empty. What one cannot be asked is left out of its world. */
const STORES: Record<string, (t: Test) => Promise<World>> = {
  async disk (t) {
    const dataDir = t.testdir({})
    const store = await openDisk(dataDir)
    return { store, staging: await openStaging(dataDir), plant: (kind, file) => { writeFileSync(join(dataDir, 'media', `${kind}s`, file), 'foreign') } }
  },
}

/** An address like `s3://key:secret@127.0.0.1:7480/bucket?ssl=off`, of a server on which every world makes a bucket of its own; our own peer unless told. */
const S3 = process.env['VISAGE_TEST_S3']
STORES['S3'] = async (t) => {
  const { bucketUrl, ...who } = readS3Address(S3 ?? (await openBucket(t)).addressOf(), {})
  const address = { ...who, bucketUrl: `${bucketUrl}-${randomUUID()}` }
  const client = new AwsClient({ ...who, service: 's3' })
  await client.fetch(address.bucketUrl, { method: 'PUT' })
  const plant = async (kind: Picture['kind'], file: string) => { await client.fetch(`${address.bucketUrl}/${kind}s/${file}`, { method: 'PUT', body: 'foreign' }) }
  return { store: await openS3(address), staging: await openStaging(t.testdir({})), plant }
}

const nameOf = (i: number): string => i.toString(16).padStart(32, '0')
const ADA = { kind: 'avatar', name: nameOf(10) } as const
const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251))

for (const [title, open] of Object.entries(STORES)) void t.test(`the store: ${title}`, async (t) => {
  /** A new store, with words for what is asked of it most. */
  async function place (t: Test) {
    const world = await open(t)
    const { store, staging } = world
    let staged = 0
    function stage (bytes: Uint8Array | string): string {
      const file = join(staging, `${++staged}.up`)
      writeFileSync(file, bytes)
      return file
    }
    return {
      ...world,
      stage,
      put: (picture: Picture, files: Partial<Record<Size, Uint8Array | string>>) => store.put(picture, Object.entries(files).map(([size, bytes]) => ({ size: size === 'main' ? size : Number(size), file: stage(bytes ?? '') }))),
      async read (picture: Picture, size: Size = 'main', range?: { from: number, to: number }): Promise<Buffer | undefined> {
        const found = await store.open({ ...picture, size }, range)
        return found && await buffer(found.body)
      },
      async listed (kind: Picture['kind'], page: { most: number, after?: string } = { most: 1_000 }) {
        const pages = []
        for await (const page_ of store.list(kind, page)) pages.push(page_)
        return pages
      },
    }
  }
  const CODE = (code: string) => ({ name: 'ImageError', code })

  await t.test('what was put is there, whole, under its name and size, and staging has it no more', async (t) => {
    const { store, staging, put, read } = await place(t)
    const before = Date.now()
    await put(ADA, { main: BYTES, 64: 'small' })
    t.same(readdirSync(staging), [])
    t.ok(BYTES.equals(await read(ADA) ?? Buffer.alloc(0)))
    t.equal(String(await read(ADA, 64)), 'small')
    const { bytes, writtenAt } = await store.stat({ ...ADA, size: 64 }) ?? {}
    t.equal(bytes, 5)
    // A clock of its own, and seconds where there are no finer ones.
    t.ok(Number.isInteger(writtenAt) && Math.abs(Number(writtenAt) - before) < 60_000, String(writtenAt))
    const found = await store.open({ ...ADA, size: 64 })
    t.match(found, { bytes, writtenAt })
    found?.body.destroy()
    await put({ ...ADA, kind: 'cover' }, {})
    t.equal(await store.stat({ ...ADA, kind: 'cover', size: 'main' }), undefined, 'of the other kind')
  })

  await t.test('a range is those bytes, of all that there are', async (t) => {
    const { store, put, read } = await place(t)
    await put(ADA, { main: BYTES })
    for (const [from, to] of [[0, 0], [0, 199_999], [70_000, 140_000], [199_999, 199_999]] as const) t.ok(BYTES.subarray(from, to + 1).equals(await read(ADA, 'main', { from, to }) ?? Buffer.alloc(0)), `${from}-${to}`)
    const found = await store.open({ ...ADA, size: 'main' }, { from: 1, to: 2 })
    t.equal(found?.bytes, BYTES.length)
    found?.body.destroy()
  })

  await t.test('what is not there is undefined, and removing it is no error', async (t) => {
    const { store, staging, put, read } = await place(t)
    const gone = { ...ADA, size: 'main' } as const
    t.equal(await store.stat(gone), undefined)
    t.equal(await store.open(gone), undefined)
    t.equal(await store.open(gone, { from: 0, to: 1 }), undefined)
    await store.remove(gone)
    await t.rejects(fetch(store, gone, join(staging, 'copy')), CODE('IMAGE_MISSING'))
    await put(ADA, { main: 'x', 64: 'y' })
    for (let twice = 0; twice < 2; twice++) await store.remove(gone)
    t.equal(await store.stat(gone), undefined)
    t.equal(await read(ADA), undefined)
    t.equal(String(await read(ADA, 64)), 'y', 'each size by itself')
  })

  await t.test('a put that fails leaves nothing of the file that it failed with, and what was there before', async (t) => {
    const { store, staging, put, read, stage } = await place(t)
    await t.rejects(store.put(ADA, [{ size: 64, file: stage('64') }, { size: 128, file: join(staging, 'nowhere') }, { size: 256, file: stage('256') }]))
    t.equal(await read(ADA, 128), undefined)
    for (const size of [64, 256]) t.match(String(await read(ADA, size)), new RegExp(`^(${size}|undefined)$`), 'the others are whole, or not there')
    await put(ADA, { 128: 'before' })
    await t.rejects(store.put(ADA, [{ size: 128, file: join(staging, 'nowhere') }]))
    t.equal(String(await read(ADA, 128)), 'before')
  })

  await t.test('of two puts of one name either is there, whole, and who reads meanwhile reads one of them', async (t) => {
    const { store, put, read } = await place(t)
    const [a, b] = [Buffer.alloc(300_000, 'a'), Buffer.alloc(200_000, 'b')]
    await put(ADA, { main: a })
    const old = await store.open({ ...ADA, size: 'main' })
    const isOne = (found: Buffer | undefined): boolean => found !== undefined && (a.equals(found) || b.equals(found))
    const writing = Promise.all(Array.from({ length: 10 }, (_, i) => put(ADA, { main: i % 2 === 0 ? a : b })))
    const read_ = await Promise.all(Array.from({ length: 20 }, () => read(ADA)))
    await writing
    t.ok(read_.every(isOne))
    t.ok(isOne(await read(ADA)))
    t.equal((await store.stat({ ...ADA, size: 'main' }))?.bytes, (await read(ADA))?.length)
    await store.remove({ ...ADA, size: 'main' })
    t.ok(old && a.equals(await buffer(old.body)), 'what is being read is read to its end')
  })

  await t.test('a list has everything once, in pages, and after a name only what comes after it', async (t) => {
    const { store, put, plant, listed } = await place(t)
    t.same((await listed('avatar')).flat(), [])
    const names = Array.from({ length: 12 }, (_, i) => nameOf(i))
    await Promise.all(names.map((name) => put({ kind: 'avatar', name }, { main: 'x', 64: 'yy' })))
    await put({ kind: 'cover', name: nameOf(1) }, { 480: 'zzz' })
    await plant?.('avatar', 'README.txt')
    const pages = await listed('avatar', { most: 5 })
    t.ok(pages.length >= 5 && pages.every(({ length }) => length <= 5), 'in pages')
    const foreign = plant ? [{ file: 'README.txt' }] : []
    const all = names.flatMap((name) => ([64, 'main'] as const).map((size) => ({ file: pathOf({ kind: 'avatar', name, size }).slice('avatars/'.length), name, size })))
    const sorted = (list: { file: string }[]) => list.toSorted((x, y) => x.file < y.file ? -1 : 1)
    t.same(sorted(pages.flat()), sorted([...all, ...foreign]))
    const after = `${nameOf(7)}.webp`
    t.same(sorted((await listed('avatar', { most: 5, after })).flat()), sorted([...all, ...foreign].filter(({ file }) => file > after)))
    t.same((await listed('cover')).flat(), [{ file: `${nameOf(1)}-480.webp`, name: nameOf(1), size: 480 }])
    t.equal(await store.usage('avatar'), 12 * 3 + (plant ? 'foreign'.length : 0))
    t.equal(await store.usage('cover'), 3)
  })

  await t.test('a probe of a store that takes files is silent, and changes nothing', async (t) => {
    const { store, listed } = await place(t)
    t.equal(await store.probe(), undefined)
    t.same([...await listed('avatar'), ...await listed('cover')].flat(), [])
  })
})

t.test('on the disk, what is no plain file is damaged, for whoever reads and whoever looks', async (t) => {
  const dataDir = t.testdir({})
  const store = await openDisk(dataDir)
  const at = (size: number): string => join(dataDir, 'media', pathOf({ ...ADA, size }))
  mkdirSync(at(64))
  execFileSync('mkfifo', [at(128)])
  execFileSync('ln', ['-s', '/etc/hostname', at(256)])
  for (const size of [64, 128, 256]) {
    await t.rejects(store.open({ ...ADA, size }), { name: 'ImageError', code: 'IMAGE_DAMAGED' }, String(size))
    await t.rejects(store.stat({ ...ADA, size }), { name: 'ImageError', code: 'IMAGE_DAMAGED' }, String(size))
  }
})

const PUBLISHING = `
import { readFileSync, writeSync } from 'node:fs'
import { openImages } from ${JSON.stringify(join(import.meta.dirname, '../../src/images/open.ts'))}
const images = await openImages({ dataDir: process.argv[1], maxBytes: { avatar: 1e6, cover: 1e6 } })
const { name } = await images.publish(await images.stage('avatar', (async function * () { yield readFileSync(process.argv[2]) })()))
writeSync(1, name)
await images.close()
`

t.test('on the disk, a picture is durable before anybody is told: its bytes, then its names, then their folder', { timeout: 240_000 }, async (t) => {
  const place = t.testdir({ picture: await picture() })
  const [dataDir, log] = [join(place, 'data'), join(place, 'log')]
  const strace = ['-f', '-y', '-qq', '-e', 'trace=fsync,fdatasync,rename,renameat,renameat2,write', '-e', 'signal=none', '-s', '64', '-o', log]
  let name: string
  try {
    name = execFileSync('strace', [...strace, process.execPath, '--input-type=module', '-e', PUBLISHING, dataDir, join(place, 'picture')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    t.comment('SKIPPED: there is no strace')
    return
  }
  const lines = readFileSync(log, 'utf8').split('\n')
  const at = (what: RegExp): number => lines.findIndex((line) => what.test(line))
  const sync = String.raw`f(?:data)?sync\(\d+<\S*`
  const told = at(new RegExp(`write\\(1<.*"${name}"`))
  const folder = lines.findLastIndex((line, i) => i < told && new RegExp(`${sync}/media/avatars>`).test(line))
  for (const size of allSizes('avatar')) {
    const file = fileName(name, size).replace('.', String.raw`\.`)
    const [bytes, rename] = [at(new RegExp(`${sync}/staging/${file}>`)), at(new RegExp(`rename.*/staging/${file}".*/media/avatars/${file}"`))]
    t.ok(bytes >= 0 && bytes < rename && rename < folder && folder < told, `${size}: ${[bytes, rename, folder, told]}`)
  }
})

t.test('whoever asks while work is done waits for the next time, and one time is for all who do', async (t) => {
  const turns: PromiseWithResolvers<void>[] = []
  const ask = sharing(() => {
    const turn = Promise.withResolvers<void>()
    turns.push(turn)
    return turn.promise
  })
  const first = [ask(), ask()]
  await nextTurn()
  t.equal(turns.length, 1)
  const second = [ask(), ask(), ask()]
  turns[0]?.resolve()
  await Promise.all(first)
  await nextTurn()
  t.equal(turns.length, 2, 'not by what had begun before they asked')
  const third = ask()
  turns[1]?.reject(new Error('no disk'))
  for (const one of second) await t.rejects(one, { message: 'no disk' })
  await nextTurn()
  turns[2]?.resolve()
  await third
  t.equal(turns.length, 3, 'and what failed is done again for whoever comes after')
})

t.test('on the disk, a folder that has no room for another name says that the store is full', async (t) => {
  const place = t.testdir({ data: {} })
  const [dataDir, image] = [join(place, 'data'), join(place, 'image')]
  try {
    execFileSync('sh', ['-c', 'truncate -s 300k "$0" && mkfs.ext4 -q -b 1024 -m 0 -O ^has_journal -N 200 "$0" && mount -o loop "$0" "$1"', image, dataDir], { stdio: 'pipe' })
  } catch (error) {
    t.comment(`SKIPPED: a small disk could not be mounted: ${String(error)}`)
    return
  }
  try {
    const store = await openDisk(dataDir)
    const staging = await openStaging(dataDir)
    const names = Array.from({ length: 100 }, (_, i) => nameOf(i))
    for (const name of names) writeFileSync(join(staging, name), '')
    // Twice, because a disk keeps some of its room back until what was written is on it.
    execFileSync('sh', ['-c', 'for part in 1 2; do dd if=/dev/zero of="$0/filler-$part" bs=1k; sync -f "$0"; done', dataDir], { stdio: 'ignore' })
    let taken = 0
    const filling = async () => { for (const name of names) { await store.put({ kind: 'avatar', name }, [{ size: 'main', file: join(staging, name) }]); taken++ } }
    await t.rejects(filling(), { name: 'ImageError', code: 'STORE_FULL' })
    t.equal(readdirSync(join(dataDir, 'media', 'avatars')).length, taken, 'and has nothing of it')
  } finally {
    execFileSync('umount', ['--lazy', dataDir])
  }
})

t.test('the address of a bucket says where it is and as whom, and tells no secret when it is wrong', async (t) => {
  const who = { region: 'us-east-1', accessKeyId: 'key', secretAccessKey: 'hunter2/+' }
  const right: [string, Partial<Record<string, string>>, object][] = [
    ['s3://key:hunter2%2F+@store.example.com/visage', {}, { ...who, bucketUrl: 'https://store.example.com/visage' }],
    ['s3://key:hunter2%2F+@127.0.0.1:7480/visage?ssl=off&region=eu', {}, { ...who, region: 'eu', bucketUrl: 'http://127.0.0.1:7480/visage' }],
    ['s3://s3.eu-central-1.amazonaws.com/visage', { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'hunter2/+', AWS_REGION: 'eu-central-1', AWS_SESSION_TOKEN: 'x' }, { ...who, region: 'eu-central-1', sessionToken: 'x', bucketUrl: 'https://visage.s3.eu-central-1.amazonaws.com' }],
    ['s3://key:hunter2%2F+@s3.amazonaws.com/visage?pathStyle=on', {}, { ...who, bucketUrl: 'https://s3.amazonaws.com/visage' }],
  ]
  for (const [text, env, address] of right) t.same(readS3Address(text, env), address, text)
  const wrong: [string, RegExp][] = [
    ['hunter2', /^is no address$/], ['https://key:hunter2@store.example.com/visage', /^is no s3:\/\/ address$/], ['s3:///visage', /^is not like /],
    ['s3://key:hunter2@store.example.com', /^names no bucket/], ['s3://key:hunter2@store.example.com/a/b', /^names no bucket/], ['s3://key@store.example.com/visage', /^has a key without a secret/],
    ['s3://store.example.com/visage', /^has no key and secret, and neither have AWS_ACCESS_KEY_ID/], ['s3://key:hunter2@store.example.com/visage?ssl=no', /^has a ssl that is neither on nor off$/],
    ['s3://key:hunter2@store.example.com/visage?acl=public', /^has a parameter other than/], ['s3://key:hunter2%@store.example.com/visage', /^has a % in its key or secret/],
  ]
  for (const [text, says] of wrong) {
    const error = (() => { try { readS3Address(text, {}); return undefined } catch (reason) { return reason as Error } })()
    t.match(error?.message, says, text)
    t.notMatch(error?.message, /hunter2|\n/)
  }
})

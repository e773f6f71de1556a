import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openImages } from '../../src/images/open.ts'
import { pngClaiming, untilDeserted, writeTo } from './pictures.ts'

const OPEN = JSON.stringify(join(import.meta.dirname, '../../src/images/open.ts'))
const CHILD = JSON.stringify(join(import.meta.dirname, '../../src/images/child.ts'))

t.test('the folders are made where they are missing, and kept where they are not', async (t) => {
  const dataDir = join(t.testdir(), 'not', 'yet')
  const limits = { avatar: 1, cover: 1 }
  await (await openImages({ dataDir, maxBytes: limits })).close()
  for (const folder of ['staging', 'media/avatars', 'media/covers']) t.ok(statSync(join(dataDir, folder)).isDirectory(), folder)
  t.equal(statSync(join(dataDir, 'staging')).mode & 0o777, 0o700)
  writeFileSync(join(dataDir, 'media/covers/kept'), '')
  await (await openImages({ dataDir, maxBytes: limits })).close()
  t.ok(existsSync(join(dataDir, 'media/covers/kept')))
})

t.test('a link or a file in the place of a folder is refused', async (t) => {
  const dataDir = t.testdir({ elsewhere: {}, data: { media: {} } })
  symlinkSync(join(dataDir, 'elsewhere'), join(dataDir, 'data', 'media', 'avatars'))
  const opening = openImages({ dataDir: join(dataDir, 'data'), maxBytes: { avatar: 1, cover: 1 } })
  await t.rejects(opening, { message: /avatars must be a plain folder on the same disk/ })
})

t.test('a mount in the place of a folder is refused', async (t) => {
  const dataDir = t.testdir({ media: { covers: {} } })
  const covers = join(dataDir, 'media', 'covers')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', covers], { stdio: 'pipe' })
  } catch (error) {
    t.comment(`SKIPPED: a disk could not be mounted: ${String(error)}`)
    return
  }
  try {
    const opening = openImages({ dataDir, maxBytes: { avatar: 1, cover: 1 } })
    await t.rejects(opening, { message: /covers must be a plain folder on the same disk/ })
  } finally {
    execFileSync('umount', [covers])
  }
})

// A process of its own: this one has sharp loaded for its test pictures.
const SCRIPT = `
import { existsSync, readFileSync } from 'node:fs'
import { openImages } from ${OPEN}
const images = await openImages({ dataDir: process.argv[1], maxBytes: { avatar: 1000, cover: 1000 } })
const image = await images.stage('avatar', (async function * () { yield readFileSync(process.argv[2]) })())
const finding = await images.judge(image)
await image.discard()
const maps = existsSync('/proc/self/maps') ? readFileSync('/proc/self/maps', 'utf8') : ''
console.log(JSON.stringify({ finding, decoder: maps.includes('libvips') }))
`

t.test('a script ends by itself, under a debugger too, and never loads the decoder', { timeout: 120_000 }, async (t) => {
  const folder = t.testdir({ data: {} })
  writeFileSync(join(folder, 'picture'), pngClaiming(20_000, 1))
  for (const flags of [[], ['--inspect=127.0.0.1:0']]) {
    const args = [...flags, '--input-type=module', '-e', SCRIPT, join(folder, 'data'), join(folder, 'picture')]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 })
    t.same(JSON.parse(stdout), { finding: { code: 'image_side', params: { max: 12_000, found: 20_000 } }, decoder: false })
  }
})

t.test('without free file handles no process starts, and with them one does', { timeout: 120_000 }, async (t) => {
  const folder = t.testdir()
  writeFileSync(join(folder, 'picture'), pngClaiming(20_000, 1))
  const script = `
    import { closeSync, openSync } from 'node:fs'
    import { openChild } from ${CHILD}
    const child = openChild({ log: { warn () {} } })
    const job = { type: 'judge', file: process.argv[1] }
    const held = []
    try { for (;;) held.push(openSync('/dev/null')) } catch {}
    const codes = []
    for (const run of [1, 2]) await child.run(job).catch((error) => codes.push(error.code))
    for (const handle of held) closeSync(handle)
    console.log(JSON.stringify([...codes, (await child.run(job)).finding.code]))
  `
  const args = ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script, join(folder, 'picture')]
  const { stdout } = await promisify(execFile)('sh', args, { timeout: 100_000 })
  t.same(JSON.parse(stdout), ['IMAGE_UNAVAILABLE', 'IMAGE_UNAVAILABLE', 'image_side'])
})

t.test('a script waits for the end of a job that takes too long', { timeout: 120_000 }, async (t) => {
  const pipe = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = `
    import { openChild } from ${CHILD}
    const child = openChild({ log: { warn () {} }, timeout: 200 })
    await child.run({ type: 'judge', file: process.argv[1] }).catch((error) => console.log(error.code))
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, pipe], { timeout: 100_000 })
  t.equal(stdout, 'IMAGE_UNAVAILABLE\n')
})

t.test('a busy image process does not outlive a killed parent', { timeout: 120_000 }, async (t) => {
  const pipe = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = `
    import { openChild } from ${CHILD}
    const child = openChild({ log: { warn () {} } })
    child.run({ type: 'judge', file: process.argv[1] })
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script, pipe], { stdio: ['ignore', 'ignore', 'inherit'] })
  const writer = await writeTo(pipe)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  // Held open, or the job would just end; nobody can open it once more when its only reader is gone.
  await t.resolves(untilDeserted(pipe))
  await writer.close()
})

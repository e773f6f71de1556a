import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ImageKind } from '../../src/images/formats.ts'
import { openImages, type Images } from '../../src/images/open.ts'
import { chunks, picture } from './pictures.ts'
import { filesOf, setsIn } from './sets.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(32)) as [string, string, string, string, string, string]
const BEFORE = new Date(performance.timeOrigin - 1000)

interface Place {
  images: Images
  dataDir: string
  warnings: unknown[][]
  /** Puts a file of an earlier life of the service there. */
  old: (kind: ImageKind, file: string) => void
  /** Whole pictures by their main file. */
  left: (kind: ImageKind) => string[]
}

async function open (t: Test): Promise<Place> {
  const dataDir = t.testdir()
  const warnings: unknown[][] = []
  const images = await openImages({ dataDir, maxBytes: { avatar: 1e6, cover: 1e6 }, log: { warn: (...all) => warnings.push(all) } })
  t.teardown(() => images.close())
  const folder = (kind: ImageKind): string => join(dataDir, 'media', `${kind}s`)
  return {
    images,
    dataDir,
    warnings,
    old (kind, file) {
      writeFileSync(join(folder(kind), file), 'old')
      utimesSync(join(folder(kind), file), BEFORE, BEFORE)
    },
    left: (kind) => setsIn(folder(kind))
  }
}

t.test('staging is emptied', async (t) => {
  const { images, dataDir } = await open(t)
  await images.stage('avatar', chunks(await picture()))
  mkdirSync(join(dataDir, 'staging', 'folder'))
  writeFileSync(join(dataDir, 'staging', 'folder', 'file'), '')
  await images.sweepStaging()
  t.same(readdirSync(join(dataDir, 'staging')), [])
})

t.test('what no row names goes, what a row names stays, what is not there is told', async (t) => {
  const { images, old, left, warnings } = await open(t)
  const [used, orphan, gone, shared, cover, whole] = NAMES
  for (const name of [used, orphan, shared]) old('avatar', `${name}.webp`)
  old('avatar', `${used}-128.webp`)
  old('avatar', `${orphan}-128.webp`)
  old('cover', `${shared}.webp`)
  old('cover', `${cover}.webp`)
  for (const file of filesOf('avatars', whole)) old('avatar', file)
  for (const file of filesOf('covers', whole)) old('cover', file)
  const rows = { avatar: new Set([used, gone]), cover: new Set([shared, whole]) }
  t.same(await images.sweepOrphans(async (kind) => rows[kind]), { removed: 9, missing: [gone] }, 'in every size')
  t.same(left('avatar'), [`${used}-128.webp`, `${used}.webp`])
  t.same(left('cover'), [`${shared}.webp`, `${whole}.webp`].sort())
  t.same(warnings, [])
})

t.test('a younger file is spared, also when the clock was set back', async (t) => {
  const { images, dataDir, left } = await open(t)
  const { name: young } = await images.publish(await images.stage('avatar', chunks(await picture())))
  const { name: odd } = await images.publish(await images.stage('avatar', chunks(await picture())))
  for (const file of filesOf('avatars', odd)) utimesSync(join(dataDir, 'media', 'avatars', file), BEFORE, BEFORE)
  const [foreign] = NAMES
  writeFileSync(join(dataDir, 'media', 'avatars', `${foreign}.webp`), 'of a neighbour')
  t.same(await images.sweepOrphans(async () => new Set()), { removed: 0, missing: [] })
  t.same(left('avatar'), [young, odd, foreign].map((name) => `${name}.webp`).sort())
})

t.test('uploads that go on meanwhile are neither removed nor missed', async (t) => {
  const { images, old, left } = await open(t)
  const [replaced] = NAMES
  old('avatar', `${replaced}.webp`)
  const rows = new Set([replaced])
  let published = ''
  let asked = 0
  const found = await images.sweepOrphans(async (kind) => {
    if (kind === 'cover') return new Set()
    if (asked++ === 0) {
      // Before the files are looked at, a picture is replaced.
      published = (await images.publish(await images.stage('avatar', chunks(await picture())))).name
      rows.add(published)
    }
    return new Set(rows)
  })
  t.same(found, { removed: 0, missing: [] })
  t.same(left('avatar'), [`${replaced}.webp`, `${published}.webp`].sort())
})

t.test('a row that changes while its file is looked for is not reported', async (t) => {
  const { images } = await open(t)
  const [replaced, gone] = NAMES
  let asked = 0
  const found = await images.sweepOrphans(async (kind) => new Set(kind === 'cover' ? [] : asked++ === 0 ? [replaced, gone] : [gone]))
  t.same(found, { removed: 0, missing: [gone] })
})

t.test('what was not published is told and left alone', async (t) => {
  const { images, dataDir, old, left, warnings } = await open(t)
  const [linked] = NAMES
  old('cover', 'README.txt')
  symlinkSync('/etc/hostname', join(dataDir, 'media', 'covers', `${linked}.webp`))
  t.same(await images.sweepOrphans(async () => new Set()), { removed: 0, missing: [] })
  t.same(left('cover'), ['README.txt', `${linked}.webp`])
  t.same(await images.sweepOrphans(async () => new Set()), { removed: 0, missing: [] }, 'and again')
  t.match(warnings, [[{ foreign: ['README.txt', `${linked}.webp`] }]])
})

t.test('an error of the disk ends the sweep', async (t) => {
  const { images } = await open(t)
  await t.rejects(images.sweepOrphans(async () => new Set(['x'.repeat(300)])), { code: 'ENAMETOOLONG' })
})

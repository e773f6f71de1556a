import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ImageKind } from '../../src/images/formats.ts'
import { openImages, type Images } from '../../src/images/open.ts'
import type { Rows } from '../../src/images/sweep.ts'
import { chunks, picture } from './pictures.ts'
import { filesOf, setsIn } from './sets.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(32)) as [string, string, string, string, string, string]
const BEFORE = new Date(performance.timeOrigin - 1000)

/** Rows with these names, as a database would tell of them. */
function rowsOf (names: Partial<Record<ImageKind, Iterable<string>>> = {}): Rows {
  const of = (kind: ImageKind) => [...new Set(names[kind])].sort().map((name, i) => ({ name, number: 1_000 * i + 7 }))
  return {
    named: async (kind, asked) => new Map(of(kind).filter(({ name }) => asked.includes(name)).map(({ name, number }) => [name, number])),
    after: async (kind, name, most) => of(kind).filter((each) => each.name > name).slice(0, most),
  }
}

const NONE_MISSING = { count: 0, first: [] }

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
  const rows = rowsOf({ avatar: [used, gone], cover: [shared, whole] })
  t.same(await images.sweepOrphans(rows), { removed: 9, missing: { count: 1, first: [gone] } }, 'in every size')
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
  t.same(await images.sweepOrphans(rowsOf()), { removed: 0, missing: NONE_MISSING })
  t.same(left('avatar'), [young, odd, foreign].map((name) => `${name}.webp`).sort())
})

t.test('uploads that go on meanwhile are neither removed nor missed', async (t) => {
  const { images, old, left } = await open(t)
  const [replaced] = NAMES
  old('avatar', `${replaced}.webp`)
  const rows = new Set([replaced])
  let published = ''
  let asked = 0
  const found = await images.sweepOrphans({
    async named (kind, names) {
      if (kind === 'avatar' && asked++ === 0) {
        // Before the files are looked at, a picture is replaced.
        published = (await images.publish(await images.stage('avatar', chunks(await picture())))).name
        rows.add(published)
      }
      return await rowsOf({ avatar: rows }).named(kind, names)
    },
    after: (kind, name, most) => rowsOf({ avatar: rows }).after(kind, name, most),
  })
  t.same(found, { removed: 0, missing: NONE_MISSING })
  t.same(left('avatar'), [`${replaced}.webp`, `${published}.webp`].sort())
})

t.test('C5 a picture whose row comes after its page of the folder was asked about stays, also when the clock was set back', async (t) => {
  const { images, dataDir, old, left } = await open(t)
  const [orphan] = NAMES
  old('cover', `${orphan}.webp`)
  let published = ''
  const found = await images.sweepOrphans({
    ...rowsOf(),
    async named (kind) {
      if (kind === 'avatar' && published === '') {
        published = (await images.publish(await images.stage('cover', chunks(await picture())))).name
        for (const file of filesOf('covers', published)) utimesSync(join(dataDir, 'media', 'covers', file), BEFORE, BEFORE)
      }
      return new Map()
    },
  })
  t.same(found, { removed: 1, missing: NONE_MISSING })
  t.same(left('cover'), [`${published}.webp`])
})

t.test('C5 a row that changes while its file is looked for is not reported', async (t) => {
  const { images } = await open(t)
  const [replaced, gone] = NAMES
  const found = await images.sweepOrphans({
    named: rowsOf({ avatar: [gone] }).named,
    after: rowsOf({ avatar: [replaced, gone] }).after,
  })
  t.same(found, { removed: 0, missing: { count: 1, first: [gone] } })
})

t.test('C5 folder and rows are asked about in pages, and the loop turns between them', async (t) => {
  const { images, old, left } = await open(t)
  const nameOf = (i: number) => i.toString(16).padStart(32, '0')
  const count = 2_500
  const names = Array.from({ length: count }, (_, i) => nameOf(i))
  const isOrphan = (i: number) => i % 5 === 0
  const isLost = (i: number) => i % 50 === 1
  const lost = names.filter((_, i) => isLost(i))
  for (const [i, name] of names.entries()) if (!isLost(i)) old('avatar', `${name}.webp`)
  const rows = rowsOf({ avatar: names.filter((_, i) => !isOrphan(i)) })

  let turn = 0
  const questions: { most: number, turn: number }[] = []
  const counting = setInterval(() => { turn++ }, 0)
  t.teardown(() => { clearInterval(counting) })
  const asked = async <T extends { length: number } | { size: number }>(kind: ImageKind, most: number, answer: Promise<T>): Promise<T> => {
    const told = await answer
    if (kind === 'avatar') questions.push({ most: Math.max(most, 'size' in told ? told.size : told.length), turn })
    return told
  }
  const found = await images.sweepOrphans({
    named: (kind, wanted) => asked(kind, wanted.length, rows.named(kind, wanted)),
    after: (kind, name, most) => asked(kind, most, rows.after(kind, name, most)),
  })

  t.same(found, { removed: count / 5, missing: { count: lost.length, first: lost.slice(0, 10) } })
  t.same(left('avatar'), names.filter((_, i) => !isOrphan(i) && !isLost(i)).map((name) => `${name}.webp`))
  t.ok(questions.length >= 6, `${questions.length} questions`)
  t.ok(questions.every(({ most }) => most <= 1_000), 'none about more than a thousand names')
  t.ok(new Set(questions.map((question) => question.turn)).size >= 4, 'in turns of their own')
})

t.test('what was not published is told and left alone', async (t) => {
  const { images, dataDir, old, left, warnings } = await open(t)
  const [linked] = NAMES
  old('cover', 'README.txt')
  symlinkSync('/etc/hostname', join(dataDir, 'media', 'covers', `${linked}.webp`))
  t.same(await images.sweepOrphans(rowsOf()), { removed: 0, missing: NONE_MISSING })
  t.same(left('cover'), ['README.txt', `${linked}.webp`])
  t.same(await images.sweepOrphans(rowsOf()), { removed: 0, missing: NONE_MISSING }, 'and again')
  t.match(warnings, [[{ foreign: ['README.txt', `${linked}.webp`] }]])
})

t.test('C6 a file that the disk cannot tell anything of is told, and the others have their turn', async (t) => {
  const { images, old, left, warnings } = await open(t)
  const [orphan, gone] = NAMES
  old('avatar', `${orphan}.webp`)
  const endless = 'x'.repeat(300)
  t.same(await images.sweepOrphans(rowsOf({ avatar: [endless, gone] })), { removed: 1, missing: { count: 1, first: [gone] } })
  t.same(left('avatar'), [])
  t.match(warnings, [[{ err: { code: 'ENAMETOOLONG' }, file: RegExp(endless) }, 'a file could not be looked at']])
})

t.test('C6 a folder that cannot be read is told, and the other one is swept', async (t) => {
  const { images, dataDir, old, left, warnings } = await open(t)
  const [orphan, gone] = NAMES
  old('cover', `${orphan}.webp`)
  rmSync(join(dataDir, 'media', 'avatars'), { recursive: true })
  t.same(await images.sweepOrphans(rowsOf({ avatar: [gone] })), { removed: 1, missing: { count: 1, first: [gone] } })
  t.same(left('cover'), [])
  t.match(warnings, [[{ err: { code: 'ENOENT' }, kind: 'avatar' }, 'published pictures were not swept']])
})

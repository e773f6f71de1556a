import t from 'tap'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { visage } from './commands/visage.ts'
import { furnish, open } from './core/fsck-world.ts'

const NOBODYS = 'f'.repeat(32)

const base = t.testdir({})
const { ada, cover } = await furnish(base)

const fsck = (dataDir: string, ...flags: string[]) => visage(dataDir, ['fsck', ...flags])

function damaged (t: Test): string {
  const dataDir = t.testdir({})
  cpSync(base, dataDir, { recursive: true })
  rmSync(join(dataDir, `media/covers/${cover}-480.webp`))
  rmSync(join(dataDir, `media/avatars/${ada}.webp`))
  writeFileSync(join(dataDir, `media/avatars/${NOBODYS}.webp`), '')
  return dataDir
}

const LINES = [`a file is missing: avatar ${ada}.webp user 1`, `a file is missing: cover ${cover}-480.webp user 1`]

t.test('I4 all in order: 0; something wrong: 1, and what it is; repaired: 0; lost by it: 1', async (t) => {
  t.same(await fsck(base), { code: 0, stdout: '4 accounts, 6 pictures, 26 files: all in order\n', stderr: '' })
  const dataDir = damaged(t)
  const found = await fsck(dataDir)
  t.same({ ...found, stdout: found.stdout.split('\n').toSorted() }, { code: 1, stderr: '', stdout: ['', '4 accounts, 6 pictures, 26 files: 3 wrong', ...LINES, `a file that no row knows: avatar ${NOBODYS}.webp`] })
  const mended = await fsck(dataDir, '--repair')
  t.equal(mended.code, 1)
  const [avatar, size] = LINES
  t.same(mended.stdout.split('\n').toSorted(), ['', '4 accounts, 6 pictures, 26 files: 3 wrong, 2 repaired, 1 lost, 0 left', `${avatar}, lost: detail, as it is made anew from its size of 512 pixels`, `${size}, repaired`, `a file that no row knows: avatar ${NOBODYS}.webp, repaired`])
  t.same(await fsck(dataDir), { code: 0, stdout: '4 accounts, 6 pictures, 26 files: all in order\n', stderr: '' })
  for (const size of ['', '-64', '-128', '-256', '-512']) rmSync(join(dataDir, `media/avatars/${ada}${size}.webp`))
  t.same(await fsck(dataDir, '--repair'), { code: 1, stdout: `${avatar}, lost: the avatar of the account\n4 accounts, 6 pictures, 26 files: 1 wrong, 0 repaired, 1 lost, 0 left\n`, stderr: '' })
  rmSync(join(dataDir, `media/covers/${cover}-480.webp`))
  t.match(await fsck(dataDir, '--repair'), { code: 0, stdout: '4 accounts, 5 pictures, 21 files: 1 wrong, 1 repaired, 0 left\n' })
})

t.test('what cannot be repaired: 1, and why', async (t) => {
  const dataDir = t.testdir({})
  cpSync(base, dataDir, { recursive: true })
  writeFileSync(join(dataDir, 'media/covers/notes.txt'), '')
  t.match(await fsck(dataDir, '--repair'), { code: 1, stdout: 'a file that was not published: cover notes.txt, not repaired (nothing of ours is called so: remove it by hand)\n4 accounts, 6 pictures, 26 files: 1 wrong\n' })
})

t.test('for programs: an object a line, the sum last', async (t) => {
  const dataDir = damaged(t)
  const server = await open(dataDir, true)
  t.teardown(() => server.close())
  const { code, stdout } = await fsck(dataDir, '--json')
  t.equal(code, 1)
  const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as object)
  t.same(lines.at(-1), { accounts: 4, pictures: 6, files: 26, found: 2, repaired: 0, lost: 0, left: 2, isBesideServer: true })
  t.same(lines.slice(0, -1).toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1), [
    { code: 'file_missing', kind: 'avatar', name: ada, size: 'main', userId: 1, isRepaired: false },
    { code: 'file_missing', kind: 'cover', name: cover, size: 480, userId: 1, isRepaired: false },
  ], 'the young file may be an upload under way')
  t.match(await fsck(dataDir), { stdout: /: 2 wrong \(a server is running: uploads under way were not judged\)\n$/ })
})

t.test('a flag that there is not: 2', async (t) => {
  t.match(await fsck(base, '--force'), { code: 2, stdout: '', stderr: /--force/ })
  t.match(await fsck(base, 'all'), { code: 2, stdout: '', stderr: /all/ })
  t.match(await fsck(base, '--help'), { code: 0, stdout: /fsck .*--repair/s })
})

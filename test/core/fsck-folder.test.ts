import t from 'tap'
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { OPERATOR } from '../../src/core/access.ts'
import type { Finding } from '../../src/core/fsck/index.ts'
import { folderFor } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'
import { engine, only } from '../engines.ts'
import { filesOf } from '../images/sets.ts'
import { visage } from '../commands/visage.ts'
import { age, difference, furnish, open, place } from './fsck-world.ts'

const base = folderFor(t)
const { ada } = await furnish(base)
const NOBODYS = 'f'.repeat(32)

t.test('beside a server only what it cannot be at work on is judged', async (t) => {
  const here = await place(t, base)
  const server = await open(here.dataDir, true)
  t.teardown(() => server.close())
  const before = here.state()
  const [old, young] = [here.media(`avatars/${NOBODYS}-64.webp`), here.media(`avatars/${NOBODYS}.webp`)]
  for (const file of [old, young, join(here.dataDir, 'staging/a.up')]) writeFileSync(file, 'an upload')
  age(old)
  rmSync(here.media(`avatars/${ada}-128.webp`))
  t.match(await here.fsck(), [{ code: 'file_missing', name: ada, size: 128 }, { code: 'file_unknown', file: `${NOBODYS}-64.webp` }])
  t.match(await here.fsck(true), [{ code: 'file_missing', isRepaired: true }, { code: 'file_unknown', isRepaired: true }])
  t.same(difference(before, here.state()), [`+ media/avatars/${NOBODYS}.webp`, '+ staging/a.up', `~ media/avatars/${ada}-128.webp`, `~ pictures ${ada}`])
  t.same(await here.core.fsck.run({ onFinding: () => t.fail() }), { isBesideServer: true, looked: { accounts: 4, pictures: 6, files: 26 } })

  if (engine === 'SQLite') here.sql.unsafeMode().exec('delete from search_1_data where id > 10')
  else here.sql.exec('delete from search where user_id = 1')
  t.match(await here.fsck(true), [{ code: engine === 'SQLite' ? 'index_broken' : 'index_row', isRepaired: true }], 'H the index is repaired beside a server')
  await server.close()
  t.same((await here.fsck(true)).map(({ code, isRepaired }) => [code, isRepaired]), [['file_unknown', true], ['staging_leftover', true]])
})

t.test('beside a server that publishes, cuts anew and removes, nothing is wrong and nothing is lost', async (t) => {
  const here = await place(t, base)
  const server = await open(here.dataDir, true)
  t.teardown(() => server.close())
  const png = await picture()
  const rounds = [0, 0, 0]
  let isOver = false
  const working = [1, 2, 4].map(async (id, at) => {
    for (let round = 0; !isOver; rounds[at] = ++round) {
      const avatar = await server.images.stage('avatar', chunks(png))
      await server.users.edit(OPERATOR, id, { avatar }, { family: 'operator' })
      await server.users.edit(OPERATOR, id, { cuts: { avatar: { focus: [round % 2, 0] } } }, { family: 'operator' })
      if (round % 3 === 2) await server.users.edit(OPERATOR, id, { avatar: null }, { family: 'operator' })
      await server.users.edit(OPERATOR, id, { realName: 'ab'.repeat(1 + round * 50 % 127), location: `place ${round % 5}` }, { family: 'operator' })
      if (round % 4 === 3) await server.searchIndex.tend()
    }
  })
  const found: object[] = []
  for (let turn = 0; turn < 6 || Math.min(...rounds) < 9; turn++) found.push(...await here.fsck(turn % 2 === 1))
  isOver = true
  await Promise.all(working)
  t.same(found, [])
  await server.close()
  t.same(await here.fsck(), [], 'and afterwards all is in order')
})

t.test('where no server runs, none starts before all has been looked at', async (t) => {
  const { core, dataDir } = await place(t, base)
  const looking = core.fsck.run({ onFinding: () => t.fail() })
  await t.rejects(open(dataDir, true), { code: 'INSTANCE_LOCKED' })
  await looking
  await (await open(dataDir, true)).close()
})

t.test('a size that is made anew shows the part that was cut out', async (t) => {
  const here = await place(t, base)
  const file = here.media(`avatars/${ada}-256.webp`)
  const pixels = () => sharp(readFileSync(file)).raw().toBuffer({ resolveWithObject: true })
  const before = await pixels()
  rmSync(file)
  await here.fsck(true)
  const after = await pixels()
  t.same(after.info, before.info)
  const apart = after.data.reduce((sum, value, at) => sum + Math.abs(value - (before.data[at] ?? 0)), 0) / after.data.length
  t.ok(apart < 4, `the mean distance is ${apart.toFixed(2)} of 255`)
})

t.test('a database file that is damaged: nothing is mended', { skip: only.file }, async (t) => {
  const first = await place(t, base)
  const root = first.sql.prepare("select rootpage from sqlite_master where name = 'pictures'").pluck().get() as number
  first.sql.close()
  await first.core.close()
  const file = openSync(join(first.dataDir, 'visage.db'), 'r+')
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (root - 1) * 4096)
  closeSync(file)
  rmSync(first.media(`avatars/${ada}.webp`))

  const core = await open(first.dataDir)
  t.teardown(() => core.close())
  const findings: Finding[] = []
  const { looked } = await core.fsck.run({ repair: true, onFinding: (finding) => { findings.push(finding) } })
  t.ok(findings.length > 0)
  t.ok(findings.every(({ code, isRepaired, why }) => code === 'database_broken' && !isRepaired && why === 'restore a backup'))
  t.same(looked, { accounts: 0, pictures: 0, files: 0 })
  t.equal(readdirSync(first.media('avatars')).length, 4 * 5 - 1)
})

/** How many files this process has open, and no connections. */
const filesOpen = () => readdirSync('/proc/self/fd').filter((fd) => isFile(`/proc/self/fd/${fd}`)).length
const isFile = (fd: string) => statSync(fd, { throwIfNoEntry: false })?.isFile() === true

t.test('ten thousand files are read a few at a time, and how far it is is told', async (t) => {
  const here = await place(t, base)
  const row = here.sql.prepare('select * from pictures where name = ?').get(ada) as Record<string, unknown>
  const [collect, note] = [here.sql.prepare('insert into avatars (user_id, name, uploaded_at) values (1, ?, 1)'), here.sql.prepare(`insert into pictures values (${Object.keys(row).map((name) => `@${name}`).join()})`)]
  here.sql.transaction(() => {
    for (let at = 0; at < 2_000; at++) {
      const name = at.toString(16).padStart(32, '0')
      collect.run(name)
      note.run({ ...row, name })
      for (const [n, file] of filesOf('avatars', name).entries()) linkSync(here.media(`avatars/${filesOf('avatars', ada)[n]}`), here.media(`avatars/${file}`))
    }
  })()
  rmSync(here.media(`avatars/${'3e7'.padStart(32, '0')}-64.webp`))
  const [told, findings]: [number[], Finding[]] = [[], []]
  let most = 0
  const watching = setInterval(() => { most = Math.max(most, filesOpen()) }, 5)
  const before = filesOpen()
  const { looked } = await here.core.fsck.run({ onFinding: (finding) => { findings.push(finding) }, onProgress: (files) => { told.push(files) } })
  clearInterval(watching)
  t.same([told, looked.files], [[10_000], 10_026])
  t.match(findings, [{ code: 'file_missing', size: 64, name: '3e7'.padStart(32, '0') }])
  t.ok(most - before <= 8, `${most} descriptors were open, ${before} were before`)
})

t.test('where none of the pictures is there nothing starts, and nothing is repaired unless it is meant', async (t) => {
  const { dataDir, media, state, fsck } = await place(t, base)
  renameSync(media(''), join(dataDir, 'kept'))
  for (const kind of ['avatars', 'covers']) mkdirSync(media(kind), { recursive: true })
  // Another service's.
  writeFileSync(media(`avatars/${NOBODYS}.webp`), 'a picture')
  age(media(`avatars/${NOBODYS}.webp`))
  const before = state()
  await t.rejects(open(dataDir, true), { name: 'FolderError', code: 'PICTURES_LOST', message: `none of the pictures that accounts have is in ${dataDir}: name the right folder in VISAGE_DATA_DIR, or put the pictures back. This goes on without them: npm run -s visage -- fsck --repair --without-pictures` })
  t.match(await visage(dataDir, ['fsck']), { code: 1, stdout: /\n4 accounts, 6 pictures, 26 files: 7 wrong\n$/ })
  t.match(await visage(dataDir, ['fsck', '--repair']), { code: 2, stdout: '', stderr: /^none of the pictures that accounts have is there: .*--without-pictures.*\n$/ })
  t.same(difference(before, state()), [], 'nothing was changed')

  rmSync(media(''), { recursive: true })
  renameSync(join(dataDir, 'kept'), media(''))
  // What is left of one is enough.
  for (const kind of ['avatars', 'covers']) for (const file of readdirSync(media(kind))) if (file !== `${ada}-64.webp`) rmSync(media(`${kind}/${file}`))
  await (await open(dataDir, true)).close()
  rmSync(media(`avatars/${ada}-64.webp`))
  t.match(await visage(dataDir, ['fsck', '--repair', '--without-pictures']), { code: 1, stdout: /lost: the avatar of the account\n/ })
  await (await open(dataDir, true)).close()
  t.same(await fsck(), [])
})

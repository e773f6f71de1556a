import t from 'tap'
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { engine, only } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { filesOf } from '../images/sets.ts'
import { difference, furnish, place } from './fsck-world.ts'
import type { Place } from './fsck-world.ts'

const base = folderFor(t)
const { ada, kept, cover, bob, bobsCover, eve } = await furnish(base)
const NOBODYS = 'f'.repeat(32)

function flip (file: string): void {
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

const goneFiles = (kind: 'avatar' | 'cover', name: string) => filesOf(`${kind}s`, name).map((file) => `- media/${kind}s/${file}`)
const gone = (kind: 'avatar' | 'cover', name: string) => [...goneFiles(kind, name), `- pictures ${name}`]
const remade = (kind: 'avatar' | 'cover', name: string, ...sizes: number[]) => [...sizes.map((size) => `~ media/${kind}s/${name}-${size}.webp`), `~ pictures ${name}`]
const of = (userId: number, kind: 'avatar' | 'cover', name: string) => ({ kind, name, userId })

interface Damage {
  title: string
  skip?: typeof only.index
  plant: (place: Place) => void
  found: object[]
  /** Where mending one thing shows or settles another. */
  mended?: object[]
  /** What is not as it was before the damage. */
  left?: string[]
  /** What no repair can do anything about. */
  why?: string
  /** What a repair costs. */
  lost?: string
}

const ofSize = (size: number) => `detail, as it is made anew from its size of ${size} pixels`
const remadeMain = (kind: 'avatar' | 'cover', name: string, ...sizes: number[]) => [`~ media/${kind}s/${name}.webp`, ...remade(kind, name, ...sizes)]
/** Has the record of a picture not name one of its files. */
function unrecord ({ sql }: Place, name: string, at: number): void {
  const files = JSON.parse(sql.prepare<[string], string>('select files from pictures where name = ?').pluck().get(name) ?? '[]') as unknown[]
  sql.prepare('update pictures set files = ? where name = ?').run(JSON.stringify(files.toSpliced(at, 1)), name)
}
/** Has Bob be found by another text. */
function say ({ sql }: Place, half: 'search_1' | 'search_2', field: 'real_name' | 'location', text: string): void {
  if (engine === 'PostgreSQL') sql.prepare(`update search set ${field} = ? where user_id = 2`).run(text)
  else sql.exec(`delete from ${half} where rowid = ${2 * 16 + TEXTS[field]}; insert into ${half} (rowid, text) values (${2 * 16 + TEXTS[field]}, '${text}')`)
}
const TEXTS = { real_name: 4, location: 7 }
/** Takes away every file of a picture. */
const takeAll = ({ media }: Place, kind: 'avatar' | 'cover', name: string) => { for (const file of filesOf(`${kind}s`, name)) rmSync(media(`${kind}s/${file}`)) }

const DAMAGES: Damage[] = [
  { title: 'a main file that no row knows', plant: ({ media }) => copyFileSync(media(`avatars/${ada}.webp`), media(`avatars/${NOBODYS}.webp`)), found: [{ code: 'file_unknown', kind: 'avatar', file: `${NOBODYS}.webp` }] },
  { title: 'sizes that no row knows', plant: ({ media }) => { for (const size of [480, 960]) writeFileSync(media(`covers/${NOBODYS}-${size}.webp`), '') }, found: [480, 960].map((size) => ({ code: 'file_unknown', kind: 'cover', file: `${NOBODYS}-${size}.webp` })) },
  { title: 'a size that there is not', plant: ({ media }) => copyFileSync(media(`avatars/${ada}.webp`), media(`avatars/${ada}-99.webp`)), found: [{ code: 'file_unknown', kind: 'avatar', file: `${ada}-99.webp` }] },
  { title: 'an avatar among the covers', plant: ({ media }) => copyFileSync(media(`avatars/${ada}.webp`), media(`covers/${ada}.webp`)), found: [{ code: 'file_unknown', kind: 'cover', file: `${ada}.webp` }] },
  { title: 'what was never published', plant: ({ media }) => writeFileSync(media('covers/notes.txt'), ''), found: [{ code: 'file_foreign', kind: 'cover', file: 'notes.txt' }], left: ['+ media/covers/notes.txt'], why: 'nothing of ours is called so: remove it by hand' },

  { title: 'a size is gone', plant: ({ media }) => rmSync(media(`avatars/${ada}-64.webp`)), found: [{ code: 'file_missing', size: 64, ...of(1, 'avatar', ada) }], left: remade('avatar', ada, 64) },
  { title: 'a bit of a size has flipped', plant: ({ media }) => flip(media(`covers/${cover}-480.webp`)), found: [{ code: 'file_broken', size: 480, ...of(1, 'cover', cover) }], left: remade('cover', cover, 480) },
  { title: 'a size is cut off, another is gone, of one who is hidden', plant ({ media }) { truncateSync(media(`avatars/${eve}-128.webp`), 20); rmSync(media(`avatars/${eve}-512.webp`)) }, found: [{ code: 'file_broken', size: 128, ...of(3, 'avatar', eve) }, { code: 'file_missing', size: 512, ...of(3, 'avatar', eve) }], left: remade('avatar', eve, 128, 512) },
  { title: 'a size is a folder', plant ({ media }) { rmSync(media(`avatars/${kept}-256.webp`)); mkdirSync(media(`avatars/${kept}-256.webp`)) }, found: [{ code: 'file_broken', size: 256, ...of(1, 'avatar', kept) }, { code: 'file_foreign', kind: 'avatar', file: `${kept}-256.webp` }], left: [`~ media/avatars/${kept}-256.webp`], why: 'EISDIR' },
  { title: 'the record does not name a size', plant: (place) => unrecord(place, bob, 1), found: [{ code: 'size_unrecorded', size: 64, ...of(2, 'avatar', bob) }], left: remade('avatar', bob, 64) },

  { title: 'I4 the main file of a shown avatar is gone', plant: ({ media }) => rmSync(media(`avatars/${ada}.webp`)), found: [{ code: 'file_missing', size: 'main', ...of(1, 'avatar', ada) }], left: remadeMain('avatar', ada), lost: ofSize(512) },
  { title: 'I4 a bit of a shown avatar has flipped', plant: ({ media }) => flip(media(`avatars/${bob}.webp`)), found: [{ code: 'file_broken', size: 'main', ...of(2, 'avatar', bob) }], left: remadeMain('avatar', bob), lost: ofSize(512) },
  { title: 'I4 the main file of a kept avatar is gone', plant: ({ media }) => rmSync(media(`avatars/${kept}.webp`)), found: [{ code: 'file_missing', size: 'main', ...of(1, 'avatar', kept) }], left: remadeMain('avatar', kept), lost: ofSize(512) },
  { title: 'I4 the main file of an animation is gone, of one who is hidden', plant: ({ media }) => rmSync(media(`avatars/${eve}.webp`)), found: [{ code: 'file_missing', size: 'main', ...of(3, 'avatar', eve) }], left: remadeMain('avatar', eve), lost: ofSize(512) },
  { title: 'I4 the main file and the larger sizes are broken', plant ({ media }) { rmSync(media(`avatars/${ada}.webp`)); rmSync(media(`avatars/${ada}-512.webp`)); flip(media(`avatars/${ada}-256.webp`)) }, found: [{ code: 'file_missing', size: 'main', ...of(1, 'avatar', ada) }], left: remadeMain('avatar', ada, 256, 512), lost: ofSize(128) },
  { title: 'I4 the main file of a cover is gone that is as large as a size', plant: ({ media }) => rmSync(media(`covers/${cover}.webp`)), found: [{ code: 'file_missing', size: 'main', ...of(1, 'cover', cover) }], left: remadeMain('cover', cover) },
  { title: 'I4 no file of a shown avatar is left', plant: (place) => takeAll(place, 'avatar', bob), found: [{ code: 'file_missing', size: 'main', ...of(2, 'avatar', bob) }], left: [...gone('avatar', bob), '- avatars 2', '- faces 2', '~ users 2', '+ changes'], lost: 'the avatar of the account' },
  { title: 'I4 no file of a kept avatar is left', plant: (place) => takeAll(place, 'avatar', kept), found: [{ code: 'file_missing', size: 'main', ...of(1, 'avatar', kept) }], left: [...gone('avatar', kept), '- avatars 4', '+ changes'], lost: 'an avatar in the collection of the account' },
  { title: 'I4 every file of a cover is broken', plant ({ media }) { for (const file of filesOf('covers', cover)) flip(media(`covers/${file}`)) }, found: [{ code: 'file_broken', size: 'main', ...of(1, 'cover', cover) }], left: [...gone('cover', cover), '~ users 1', '+ changes'], lost: 'the cover of the account' },
  { title: 'I4 no file of a hidden person is left', plant: (place) => takeAll(place, 'avatar', eve), found: [{ code: 'file_missing', size: 'main', ...of(3, 'avatar', eve) }], left: [...gone('avatar', eve), '- avatars 3', '~ users 3', '+ changes'], lost: 'the avatar of the account' },
  { title: 'I4 the record does not name the main file: what was cut out stays so', plant: (place) => unrecord(place, ada, 0), found: [{ code: 'size_unrecorded', size: 'main', ...of(1, 'avatar', ada) }] },
  { title: 'I4 the record does not name the main file, and that is gone', plant (place) { unrecord(place, ada, 0); rmSync(place.media(`avatars/${ada}.webp`)) }, found: [{ code: 'size_unrecorded', size: 'main', ...of(1, 'avatar', ada) }], left: remadeMain('avatar', ada), lost: ofSize(512) },

  { title: 'an avatar has no record', plant: ({ sql }) => sql.prepare('delete from pictures where name = ?').run(bob), found: [{ code: 'picture_unrecorded', ...of(2, 'avatar', bob) }], left: remade('avatar', bob, 64, 128, 256, 512) },
  { title: 'a cover has neither record nor sizes', plant ({ sql, media }) { sql.prepare('delete from pictures where name = ?').run(cover); for (const size of [480, 960]) rmSync(media(`covers/${cover}-${size}.webp`)) }, found: [{ code: 'picture_unrecorded', ...of(1, 'cover', cover) }], left: remade('cover', cover, 480, 960) },
  { title: 'an avatar has no record and is no picture', plant ({ sql, media }) { sql.prepare('delete from pictures where name = ?').run(kept); truncateSync(media(`avatars/${kept}.webp`), 30) }, found: [{ code: 'picture_unrecorded', ...of(1, 'avatar', kept) }], left: remadeMain('avatar', kept, 64, 128, 256, 512), lost: ofSize(512) },
  { title: 'I4 an avatar has no record, and no file that is a picture', plant (place) { place.sql.prepare('delete from pictures where name = ?').run(kept); for (const file of filesOf('avatars', kept)) truncateSync(place.media(`avatars/${file}`), 30) }, found: [{ code: 'picture_unrecorded', ...of(1, 'avatar', kept) }], left: [...gone('avatar', kept), '- avatars 4', '+ changes'], lost: 'an avatar in the collection of the account' },
  { title: 'the record of a cover that is not shown', plant: ({ sql }) => sql.prepare('update users set cover = null where id = 1').run(), found: [{ code: 'record_unused', ...of(1, 'cover', cover) }], left: [...gone('cover', cover), '~ users 1'] },
  { title: 'a cover that there is not', plant: ({ sql }) => sql.prepare('update users set cover = ? where id = 4').run(NOBODYS), found: [{ code: 'file_missing', size: 'main', ...of(4, 'cover', NOBODYS) }], left: ['~ users 4', '+ changes'], lost: 'the cover of the account' },
  { title: 'a cover that is an avatar', plant: ({ sql }) => sql.prepare('update users set cover = ? where id = 4').run(bob), found: [{ code: 'file_missing', size: 'main', ...of(4, 'cover', bob) }], left: ['~ users 4', '+ changes'], lost: "the cover of the account, which is somebody else's" },
  { title: 'a cover of somebody else', plant: ({ sql }) => sql.prepare('update users set cover = ? where id = 4').run(bobsCover), found: [{ code: 'picture_unrecorded', ...of(4, 'cover', bobsCover) }], left: ['~ users 4', '+ changes'], lost: "the cover of the account, which is somebody else's" },

  { title: 'a shown avatar that is not collected', plant: ({ sql }) => sql.prepare('delete from avatars where name = ?').run(ada), found: [{ code: 'avatar_uncollected', ...of(1, 'avatar', ada) }], left: ['- avatars 1', '+ avatars', '+ changes'] },
  { title: 'a shown avatar that there is not', plant: ({ sql }) => sql.prepare('update users set avatar = ? where id = 4').run(NOBODYS), found: [{ code: 'avatar_uncollected', ...of(4, 'avatar', NOBODYS) }], mended: [{ code: 'avatar_uncollected', ...of(4, 'avatar', NOBODYS) }, { code: 'file_missing', size: 'main', ...of(4, 'avatar', NOBODYS), isRepaired: false, lost: 'the avatar of the account' }], left: ['~ users 4', '+ changes', '+ changes'] },
  { title: 'a shown avatar of somebody else', plant: ({ sql }) => sql.prepare('update users set avatar = ? where id = 4').run(bob), found: [{ code: 'avatar_uncollected', ...of(4, 'avatar', bob) }], left: ['~ users 4', '+ changes'], lost: "the avatar of the account, which is somebody else's" },
  { title: 'rows of somebody who is gone', skip: only.keys, plant ({ sql }) { sql.pragma('foreign_keys = off'); sql.prepare('insert into avatars values (70, 4711, ?, 1)').run(NOBODYS) }, found: [{ code: 'row_stray', detail: 'avatars 70' }, { code: 'file_missing', size: 'main', ...of(4711, 'avatar', NOBODYS) }], mended: [{ code: 'row_stray', detail: 'avatars 70' }] },

  { title: 'somebody is found by something else', plant: (place) => say(place, 'search_1', 'real_name', 'nemo of nowhere'), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is found by a part of what they say', plant: (place) => say(place, 'search_1', 'real_name', 'bob of now'), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is found by more than they say', plant: (place) => say(place, 'search_1', 'real_name', 'bob of nowhere else'), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is found by what they do not say at all', plant: (place) => say(place, 'search_2', 'location', 'london'), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is found twice', skip: only.index, plant: ({ sql }) => sql.exec(`insert into search_2 (rowid, text) values (${2 * 16 + 4}, 'bob of nowhere')`), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is not found', plant: ({ sql }) => sql.exec(engine === 'SQLite' ? 'delete from search_1 where rowid between 32 and 47' : 'delete from search where user_id = 2'), found: [{ code: 'index_row', userId: 2 }] },
  { title: 'somebody is found who is not there', skip: only.index, plant: ({ sql }) => sql.exec(`insert into search_1 (rowid, text) values (${4711 * 16 + 1}, 'nemo')`), found: [{ code: 'index_row', userId: 4711 }] },
  { title: 'H the index has lost its words', skip: only.index, plant: ({ sql }) => sql.unsafeMode().exec('delete from search_1_data where id > 10'), found: [{ code: 'index_broken', detail: /fts5/i }] },
  { title: 'H the index has lost its settings', skip: only.index, plant: ({ sql }) => sql.unsafeMode().exec('delete from search_2_config'), found: [{ code: 'index_broken', detail: /fts5/i }] },
  { title: 'H a half of the index is gone', skip: only.index, plant: ({ sql }) => sql.exec('drop table search_2'), found: ['', '_data', '_idx', '_docsize', '_config'].map((part) => ({ code: 'index_broken', detail: `the table search_2${part} is missing` })) },
  { title: 'H the index has been given up', skip: only.index, plant: ({ sql }) => sql.exec('update search_state set indexed_to = -1'), found: [{ code: 'index_broken', detail: /given up/ }] },
  ...Object.entries({
    data: ['fts5: corruption found reading blob 10 from table "search_1"'], idx: ['malformed inverted index for FTS5 table main.search_1'], config: ['vtable constructor failed: search_1'], docsize: [],
  }).map(([part, told]) => ({
    title: `H the ${part} of the index is gone`, skip: only.index, plant: ({ sql }: Place) => sql.unsafeMode().exec(`drop table search_1_${part}`),
    found: [...told, `the table search_1_${part} is missing`].map((detail) => ({ code: 'index_broken', detail })),
  })),

  { title: 'somebody is not shown by the hash of their address', plant: ({ sql }) => sql.prepare('delete from faces').run(), found: [{ code: 'face_row', userId: 2 }] },
  { title: 'somebody is shown by the hash of an address that they had', plant: ({ sql }) => sql.prepare("update faces set sha256 = ?").run('a'.repeat(64)), found: [{ code: 'face_row', userId: 2 }] },
  { title: 'the other hash is another\'s', plant: ({ sql }) => sql.prepare("update faces set md5 = ?").run('a'.repeat(32)), found: [{ code: 'face_row', userId: 2 }] },
  { title: 'people are shown by the hash of somebody else\'s address', plant ({ sql }) { for (const id of [1, 3, 4]) sql.prepare('insert into faces select ?, sha256, md5 from faces where user_id = 2').run(id) }, found: [1, 3, 4].map((userId) => ({ code: 'face_row', userId })) },
  { title: 'somebody is shown by their hash who does not want to be', plant: ({ sql }) => sql.prepare('update users set is_found_by_email = 0 where id = 2').run(), found: [{ code: 'face_row', userId: 2 }], left: ['- faces 2', '~ users 2'] },

  { title: 'I3 a second factor was sealed with a key that is lost', plant: ({ sql }) => sql.exec("insert into second_factors (user_id, secret, created_at, confirmed_at) values (2, 'sealed by another', 1, 1); insert into recovery_codes values (2, 'hash')"), found: [{ code: 'factor_unreadable', userId: 2 }], left: ['+ changes', '+ mails'], lost: 'the second factor of the account' },
  { title: 'G2 somebody is not looked up by their address', plant: ({ sql }) => sql.prepare('delete from contacts where user_id = 2').run(), found: [{ code: 'contact_row', userId: 2 }] },
  { title: 'G3 somebody is looked up by another\'s number', plant: ({ sql }) => sql.prepare("update contacts set phone = '4930' where user_id < 3").run(), found: [1, 2].map((userId) => ({ code: 'contact_row', userId })) },

  { title: 'leftovers of uploads', plant ({ dataDir }) { mkdirSync(join(dataDir, 'staging/a')); writeFileSync(join(dataDir, 'staging/a/b'), ''); writeFileSync(join(dataDir, 'staging/c.up'), '') }, found: [{ code: 'staging_leftover', file: 'a' }, { code: 'staging_leftover', file: 'c.up' }] },
  { title: 'messages to nobody', plant: ({ dataDir }) => writeFileSync(join(dataDir, 'mail/4711-1.1700000000000.eml'), ''), found: [{ code: 'mail_of_nobody', userId: 4711 }] },
]

/** A row that came is told by its table: its number is of no interest. */
const unnumbered = (lines: string[]) => lines.map((line) => line.replace(/^(\+ \w+) \d+$/, '$1')).sort()
const placeOf = (finding: object): string => {
  const { code, kind, name, size, userId, file, detail } = finding as Record<string, unknown>
  return JSON.stringify([code, kind, name, size, userId, file, detail])
}
const byPlace = <T extends object>(findings: T[]) => findings.toSorted((a, b) => placeOf(a) < placeOf(b) ? -1 : 1)

t.test('a folder in which nothing is wrong', async (t) => {
  const { fsck, state, core } = await place(t, base)
  const before = state()
  t.same(await fsck(), [])
  t.same(await fsck(true), [])
  t.same(difference(before, state()), [])
  t.same(await core.fsck.run({ onFinding: () => t.fail() }), { isBesideServer: false, looked: { accounts: 4, pictures: 6, files: 4 * 5 + 2 * 3 } })
})

/** What is said of each picture of which something is known. */
const altsIn = ({ sql }: Place) => new Map(sql.prepare<[], [string, string | null]>('select name, alt from pictures').raw().all())

for (const { title, skip = false, plant, found, mended = found, left = [], why, lost } of DAMAGES) {
  t.test(title, { skip }, async (t) => {
    const here = await place(t, base)
    const before = here.state()
    plant(here)
    const [planted, alts] = [here.state(), altsIn(here)]
    t.match(byPlace(await here.fsck()), byPlace(found))
    t.same(difference(planted, here.state()), [], 'looking changes nothing')

    const findings = await here.fsck(true)
    t.equal(findings.length, mended.length)
    t.match(byPlace(findings), byPlace(mended.map((fault) => ({ isRepaired: why === undefined && lost === undefined, ...lost !== undefined && { lost }, ...fault }))))
    t.ok(findings.every((finding) => finding.isRepaired || finding.lost || finding.why), 'what is left or lost says why')
    t.same(unnumbered(difference(before, here.state())), left.toSorted(), 'everything else is as it was')
    for (const [name, alt] of altsIn(here)) t.equal(alt, alts.get(name) ?? null, 'what is known of a picture is still said of it')
    t.equal((await here.fsck()).length, why === undefined ? 0 : found.length, 'and that was all')
  })
}

t.test('C6 a check that fails is told beside what is wrong elsewhere', async (t) => {
  const { dataDir, sql, fsck } = await place(t, base)
  const endless = 'x'.repeat(300)
  sql.prepare('insert into pictures select ?, user_id, kind, source_width, source_height, is_animated, focus, crop, blurhash, color, files, created_at, alt from pictures where name = ?').run(endless, kept)
  rmSync(join(dataDir, 'mail'), { recursive: true })
  writeFileSync(join(dataDir, 'mail'), '')
  sql.prepare('delete from faces').run()
  const found = await fsck()
  t.match(byPlace(found), byPlace([
    { code: 'record_unused', ...of(1, 'avatar', endless) },
    { code: 'check_failed', detail: RegExp(`^avatar ${endless}: ENAMETOOLONG`) },
    { code: 'check_failed', detail: /^mails: ENOTDIR/ },
    { code: 'face_row', userId: 2 },
  ]))
  t.equal(found.length, 4)
  t.match((await fsck(true)).filter(({ code }) => code === 'check_failed'), [{ isRepaired: false, why: 'it was not checked to the end' }])
})

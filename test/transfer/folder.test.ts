import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/app.ts'
import type { Service } from '../../src/app.ts'
import { visage } from '../commands/visage.ts'
import { only } from '../engines.ts'
import { build, folderFor } from '../helper.ts'
import { sequence } from '../seeded.ts'
import { generated } from '../volume.ts'
import { filesOf, populate } from './people.ts'

const PROGRAM = join(import.meta.dirname, '../../src/cli.ts')
const KILLS = generated(20, 2)
const PEOPLE = generated(2_000, 500)
/** What stays behind, and what is made of the rest. */
const LEFT = new Set(['sessions', 'second_factors', 'recovery_codes', 'codes', 'mails', 'invitations', 'tickets', 'search_state', '__visage', '__drizzle_migrations'])

/** Every row that is carried, by table, and the highest ids. */
function rowsOf (dataDir: string): Record<string, unknown[]> {
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table' and name not like 'search_%' and name not like 'texts%' and name not like 'sqlite_%'").pluck().all() as string[]
    const rows = (table: string) => db.prepare(`select * from "${table}" order by 1, 2`).all()
    const highest = db.prepare("select * from sqlite_sequence where name in ('users', 'groups', 'tags', 'profile_fields', 'avatars', 'keys', 'changes') order by name").all()
    return { ...Object.fromEntries(tables.filter((name) => !LEFT.has(name)).map((name) => [name, name === 'keys' ? db.prepare('select * from keys where session_id is null order by id').all() : rows(name)])), highest }
  } finally {
    db.close()
  }
}

async function exported (t: Test, count: number): Promise<{ dataDir: string, folder: string, core: Service }> {
  const built = await build(t)
  await populate(built, count)
  const folder = join(folderFor(t), 'export')
  const { code, stdout, stderr } = await visage(built.dataDir, ['export', folder])
  t.equal(code, 0, stderr)
  t.match(stdout, new RegExp(`^2 pictures, ${count + 1} people, 3 fields, 2 groups, 1 tags, \\d+ changes are exported to `))
  return { ...built, folder }
}

t.test('what is exported beside a server and imported into a new folder is equal by row and byte', { skip: only.file }, async (t) => {
  const { dataDir, folder } = await exported(t, PEOPLE)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.equal(statSync(join(folder, 'people.jsonl')).mode & 0o777, 0o600)
  const other = join(folderFor(t), 'data')
  const { code, stderr } = await visage(other, ['import', folder])
  t.equal(code, 0, stderr)
  const [before, after] = [rowsOf(dataDir), rowsOf(other)]
  t.same(Object.keys(after), Object.keys(before))
  t.ok(Object.keys(before).length >= 13, Object.keys(before).join())
  for (const [table, rows] of Object.entries(before)) t.same(after[table], rows, table)
  t.same(filesOf(join(other, 'media')), filesOf(join(dataDir, 'media')))
  t.match(await visage(other, ['fsck']), { code: 0, stdout: new RegExp(`^${PEOPLE + 1} accounts, 2 pictures, \\d+ files: all in order\n$`) })

  const again = join(folderFor(t), 'export')
  await visage(other, ['export', again])
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) t.ok(readFileSync(join(again, name)).equals(readFileSync(join(folder, name))), name)
  const { core } = await build(t, { dataDir: other })
  const { id } = await core.users.create(OPERATOR, { username: 'next' }, { family: 'operator' })
  t.equal(id, 1 + Math.max(...(before.highest as { name: string, seq: number }[]).filter(({ name }) => name === 'users').map(({ seq }) => seq)), 'nobody gets the number of somebody who is gone')
})

t.test('what does not fit is named, and nothing is begun', { skip: only.file }, async (t) => {
  const { folder } = await exported(t, 20)
  const home = folderFor(t)
  const refused = async (change: (draft: string) => void, message: RegExp) => {
    const [draft, target] = [join(home, 'draft'), join(home, 'target')]
    rmSync(draft, { recursive: true, force: true })
    cpSync(folder, draft, { recursive: true })
    change(draft)
    const { code, stdout, stderr } = await visage(target, ['import', draft])
    t.equal(code, 2, stderr)
    t.equal(stdout, '')
    t.match(stderr, message)
    t.same(readdirSync(home).filter((name) => name !== 'draft'), [], 'nothing is left')
  }
  const picture = (draft: string) => join(draft, 'media/avatars', readdirSync(join(draft, 'media/avatars'))[0] ?? '')
  await refused((draft) => { rmSync(join(draft, 'manifest.json')) }, /draft is no export: it holds no manifest\.json\n$/)
  await refused((draft) => { writeFileSync(join(draft, 'manifest.json'), JSON.stringify({ format: 2, version: '9.9.9' })) }, /^the export was written by version 9\.9\.9, and this program cannot read it/)
  await refused((draft) => { appendFileSync(join(draft, 'people.jsonl'), '{"id": 1') }, /people\.jsonl:22 is no JSON\n$/)
  await refused((draft) => { appendFileSync(join(draft, 'people.jsonl'), '7\n') }, /people\.jsonl:22 is no row\n$/)
  await refused((draft) => { appendFileSync(join(draft, 'groups.jsonl'), '{"id": 1, "name": "again", "notes": "", "createdAt": 1, "updatedAt": 1}\n') }, /^the row with the id 1 does not fit: /)
  for (const name of ['a\0b', '\ud800']) await refused((draft) => { appendFileSync(join(draft, 'groups.jsonl'), `${JSON.stringify({ id: 99, name, notes: '', createdAt: 1, updatedAt: 1 })}\n`) }, /^the row with the id 99 does not fit: its name holds U\+0000 or half a character\n$/)
  await refused((draft) => { rmSync(picture(draft)) }, /^media\/avatars\/\S+ of account \d+ is missing, or is not what was exported\n$/)
  await refused((draft) => { truncateSync(picture(draft), 10) }, /^media\/avatars\/\S+ of account \d+ is missing, or is not what was exported\n$/)
  const first = (draft: string, change: (line: string) => string | Buffer) => {
    const [line = '', ...rest] = readFileSync(join(draft, 'people.jsonl'), 'utf8').split('\n')
    writeFileSync(join(draft, 'people.jsonl'), Buffer.concat([Buffer.from(change(line)), Buffer.from(['', ...rest].join('\n'))]))
  }
  const renamed = (name: string) => (draft: string) => {
    const person = (line: string) => JSON.parse(line) as { pictures: { name: string }[] }
    const lines = readFileSync(join(draft, 'people.jsonl'), 'utf8').trimEnd().split('\n')
    writeFileSync(join(draft, 'people.jsonl'), lines.map((line) => `${JSON.stringify({ ...person(line), pictures: person(line).pictures.map((picture) => ({ ...picture, name })) })}\n`).join(''))
  }
  await refused(renamed('../../../../evil'), /^account \d+ has a picture as none is called: "\.\.\/\.\.\/\.\.\/\.\.\/evil"\n$/)
  await refused((draft) => first(draft, (line) => line.replace('"id":1,', '"id":-1,')), /people\.jsonl:1 is no row\n$/)
  await refused((draft) => first(draft, (line) => Buffer.from(line.replace('person-0', 'person-\u00e9'), 'latin1')), /people\.jsonl:1 is no UTF-8\n$/)
  await refused((draft) => first(draft, () => 'x'.repeat(17 * 1_024 ** 2)), /people\.jsonl:1 is longer than any row\n$/)
  await refused((draft) => first(draft, () => ''), /people\.jsonl:1 is no JSON\n$/)
  await refused((draft) => { writeFileSync(join(draft, 'changes.jsonl'), '') }, /^changes\.jsonl has 0 rows, and \d+ were exported\n$/)
  await refused((draft) => { writeFileSync(join(draft, 'manifest.json'), 'null') }, /manifest\.json is not what an export writes\n$/)
  await refused((draft) => { writeFileSync(join(draft, 'manifest.json'), '{"format": 1, "counts": {}, "highest": {"users": "many"}, "left": []}') }, /manifest\.json is not what an export writes\n$/)
  await refused((draft) => {
    const file = picture(draft)
    renameSync(file, `${file}.moved`)
    symlinkSync(`${file}.moved`, file)
  }, /^media\/avatars\/\S+ of account \d+ is missing, or is not what was exported\n$/)
  t.match(await visage(folder, ['import', folder]), { code: 2, stderr: /is not empty\n$/ })
  t.match(await visage(folder, ['import']), { code: 2, stderr: 'this takes one FOLDER; --help tells more\n' })
})

t.test('a picture that cannot be read is named, and no export is left', async (t) => {
  const { dataDir, folder } = await exported(t, 5)
  t.match(await visage(dataDir, ['export', folder]), { code: 2, stderr: /is not empty\n$/ })
  truncateSync(join(dataDir, 'media/covers', readdirSync(join(dataDir, 'media/covers'))[0] ?? ''), 1)
  const other = join(folderFor(t), 'export')
  t.match(await visage(dataDir, ['export', other]), { code: 2, stdout: '', stderr: /^covers\/\S+\.webp of account \d+ is missing or damaged: run fsck first\n$/ })
  t.notOk(existsSync(other))
})

t.test('killed at any moment, export and import leave what was there, and the next run succeeds', { skip: only.file }, async (t) => {
  const { dataDir, folder } = await exported(t, 300)
  const home = folderFor(t)
  const wanted = rowsOf(dataDir)
  const below = sequence(5)
  let cut = 0
  // What was over before it was killed says how long there is for it.
  const longest = { export: 750, import: 750 }
  for (let i = 0; i < KILLS || (cut < KILLS && i < 20 * KILLS); i++) {
    for (const [command, from, target] of [['export', dataDir, join(home, 'out')], ['import', join(home, 'new'), folder]] as const) {
      const child = spawn(process.execPath, [PROGRAM, command, target], { env: { ...process.env, VISAGE_DATA_DIR: from }, stdio: 'ignore' })
      const began = performance.now()
      const timer = setTimeout(() => child.kill('SIGKILL'), longest[command] / 3 + below(Math.floor(longest[command] / 1.5)))
      const [, signal] = await once(child, 'exit') as [number | null, NodeJS.Signals | null]
      if (signal !== null) cut++
      else longest[command] = Math.min(longest[command], performance.now() - began)
      clearTimeout(timer)
      const made = command === 'export' ? target : from
      if (existsSync(made)) t.ok(existsSync(join(made, command === 'export' ? 'manifest.json' : 'visage.db')), 'all of it')
      rmSync(made, { recursive: true, force: true })
    }
  }
  t.ok(cut >= KILLS, `${cut} kills found it under way`)
  t.same(rowsOf(dataDir), wanted)
  for (const [dir, args] of [[dataDir, ['export', join(home, 'out')]], [join(home, 'new'), ['import', folder]]] as const) t.match(await visage(dir, [...args]), { code: 0 })
  t.same(rowsOf(join(home, 'new')), wanted)
  t.same(readdirSync(home).toSorted(), ['new', 'out'])
})

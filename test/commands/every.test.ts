import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { COMMANDS } from '../../src/commands/index.ts'
import { engine, only } from '../engines.ts'
import { build, folderFor, PASSWORD } from '../helper.ts'
import { newFolder, visage } from './visage.ts'

interface Place { backups: string, exported: string, imported: string, moved: string }

/** What one command is asked for, in the order of a life: how it succeeds, what it says then, and an input that is no good. */
interface Step { name: string, good: string[], says: RegExp, bad: string[], because: RegExp, isAloneOnly?: RegExp, dataDir?: string }

const DJANGO = join(import.meta.dirname, '../transfer/django/db.sqlite3')
const ADA = ['--username', 'ada']
const NOBODY = ['--username', 'nobody']
const NO_ACCOUNT = /^there is no account called nobody\n$/
const NOT_FOUND = /^Not found\.\n$/
const ONE_OF_TWO = /^--username or --id is needed, and one of them\n$/
const RUNNING = /^a server is running on this data folder|is running/
const FOLDER = /^this takes one FOLDER; --help tells more\n$/

const stepsOf = ({ backups, exported, imported, moved }: Place): Step[] => [
  { name: 'users create', good: [...ADA, '--email', 'ada@example.com', '--password', PASSWORD], says: /"username": ?"ada"/, bad: ['--username', 'no good'], because: /^username: / },
  { name: 'users list', good: ['isActive=true'], says: /"username":"ada"/, bad: ['isActiv=true'], because: /^isActiv: / },
  { name: 'users show', good: ADA, says: /"id": ?1/, bad: NOBODY, because: NO_ACCOUNT },
  { name: 'users set', good: [...ADA, 'bio=Hello'], says: /"bio": ?"Hello"/, bad: [...ADA, 'bip=x'], because: /^bip: / },
  { name: 'users password', good: [...ADA, '--mail'], says: /a link is on its way to ada@|"email":"ada@/, bad: ADA, because: /^--password or --mail is needed/ },
  { name: 'users deactivate', good: ADA, says: /is deactivated|"isActive":false/, bad: NOBODY, because: NO_ACCOUNT },
  { name: 'users activate', good: ADA, says: /is active|"isActive":true/, bad: [], because: ONE_OF_TWO },
  { name: 'users hide', good: ADA, says: /is hidden|"id":1/, bad: ['--id', '9'], because: /^there is no account 9\n$/ },
  { name: 'users restore', good: ADA, says: /is back|"id":1/, bad: NOBODY, because: NO_ACCOUNT },
  { name: 'sessions list', good: ADA, says: /^$/, bad: [...ADA, '--limit', '0'], because: /^--limit takes/ },
  { name: 'sessions end', good: ADA, says: /all sessions have ended|"session":null/, bad: [...ADA, '--session', '9'], because: NOT_FOUND },
  { name: 'second-factor off', good: [...ADA, '--yes'], says: /has no second factor any more|"isOn":false/, bad: ADA, because: /--yes does it\n$/ },
  { name: 'tokens create', good: [...ADA, '--name', 'backup'], says: /[0-9a-f]{40}/, bad: [...ADA, '--expires-in', 'x'], because: /^--expires-in takes/ },
  { name: 'tokens list', good: ADA, says: /^\{"id":1,"name":"backup","prefix":"[0-9a-f]+","createdAt":"2\S+Z","expiresAt":null,"lastUsedAt":null,"revokedAt":null\}\n$/, bad: NOBODY, because: NO_ACCOUNT },
  { name: 'tokens revoke', good: ['--id', '1'], says: /is revoked|"id":1/, bad: ['--id', '9'], because: /^there is no API token 9/ },
  { name: 'groups list', good: [], says: /^$/, bad: ['colour=red'], because: /^colour: / },
  { name: 'groups create', good: ['--name', 'Crew'], says: /"name": ?"Crew"/, bad: ['--name', ''], because: /^name: / },
  { name: 'groups set', good: ['--group', '1', 'name=Old crew'], says: /"name": ?"Old crew"/, bad: ['--group', '9', 'name=x'], because: NOT_FOUND },
  { name: 'groups add', good: ['--group', '1', ...ADA], says: /is in group 1|"changed":\[1\]/, bad: ['--group', '9', ...ADA], because: NOT_FOUND },
  { name: 'groups members', good: ['--group', '1'], says: /"username":"ada"/, bad: ['--group', 'x'], because: NOT_FOUND },
  { name: 'groups drop', good: ['--group', '1', ...ADA], says: /is not in group 1|"changed":\[1\]/, bad: ['--group', '1', ...NOBODY], because: NO_ACCOUNT },
  { name: 'groups remove', good: ['--group', '1', '--yes'], says: /group 1 is removed|"id":1/, bad: ['--group', '1'], because: /--yes does it\n$/ },
  { name: 'tags create', good: ['name=Expert'], says: /"name": ?"Expert"/, bad: ['name=Expert', 'color=blue'], because: /^color: / },
  { name: 'tags list', good: [], says: /"name":"Expert"/, bad: ['shape=round'], because: /^shape: / },
  { name: 'tags set', good: ['--tag', '1', 'isVisible=false'], says: /"isVisible": ?false/, bad: ['--tag', '9', 'name=x'], because: NOT_FOUND },
  { name: 'tags give', good: ['--tag', '1', ...ADA], says: /has tag 1|"tags":\[\{"id":1/, bad: ['--tag', '9', ...ADA], because: NOT_FOUND },
  { name: 'tags take', good: ['--tag', '1', ...ADA], says: /has tag 1 no more|"tags":\[\]/, bad: ['--tag', '1', ...NOBODY], because: NO_ACCOUNT },
  { name: 'fields create', good: ['--key', 'shoe', '--label', 'Shoe'], says: /"isEditable": ?true/, bad: ['--key', 'Shoe'], because: /^key: / },
  { name: 'fields list', good: [], says: /\{"key":"shoe","label":"Shoe","type":"string","options":\[\],"isMandatory":false,"isEditable":true,"isSearchable":false,"read":"public","write":"self"\}\n$/, bad: ['--limit', 'x'], because: /^--limit takes/ },
  { name: 'fields change', good: ['--key', 'shoe', '--searchable', 'yes'], says: /"isSearchable": ?true/, bad: ['--key', 'hat'], because: /^there is no profile field called hat\n$/ },
  { name: 'fields drop', good: ['--key', 'shoe'], says: /shoe is removed|"key":"shoe"/, bad: ['--key', 'hat'], because: /^there is no profile field called hat\n$/ },
  { name: 'mail list', good: [], says: /^(\{"id":\d+,.*"template":".*\}\n)*$/, bad: ['--limit', '1.5'], because: /^--limit takes/ },
  { name: 'mail retry', good: ['--all'], says: /made due|"count":/, bad: ['--id', '99'], because: /^there is no message 99\n$/ },
  { name: 'mail drop', good: ['--all', '--yes'], says: /dropped|"count":/, bad: ['--all'], because: /--yes does it\n$/ },
  { name: 'audit', good: [...ADA, 'noun=account'], says: /"family":"operator"/, bad: ['colour=red'], because: /^colour: / },
  { name: 'settings', good: [], says: /VISAGE_DATA_DIR/, bad: ['all'], because: /all/ },
  { name: 'check', good: [], says: /ok|degraded/, bad: ['all'], because: /all/ },
  { name: 'disk', good: [], says: /database/, bad: ['all'], because: /all/ },
  { name: 'migrate', good: [], says: /the database is as|"missing":0/, bad: ['all'], because: /all/ },
  { name: 'backup', good: [backups], says: /1 accounts|"accounts":1/, bad: [], because: FOLDER },
  { name: 'backup list', good: [backups], says: /1 accounts|"accounts":1,"pictures":0,"withSecrets":false/, bad: [], because: FOLDER },
  { name: 'backup verify', good: [backups], says: /all in order|"wrong":\[\]/, bad: [], because: FOLDER },
  { name: 'backup drill', good: [backups], says: /a sign-in worked|"signIn":1/, bad: [], because: FOLDER },
  { name: 'restore', good: [backups], says: /1 accounts|"accounts":1/, bad: [], because: FOLDER, isAloneOnly: RUNNING },
  { name: 'export', good: [exported], says: /1 people|"people":1/, bad: [], because: FOLDER },
  { name: 'import', good: [exported], says: /1 people|"people":1/, bad: [], because: FOLDER, dataDir: imported },
  { name: 'import django', good: ['--database', DJANGO], says: /\d imported|"imported":\d/, bad: ['--database', 'none.sqlite3'], because: /none\.sqlite3/ },
  { name: 'move', good: ['--to', moved], says: /imported is at \S+\/moved now: \d+ rows, 0 pictures|"found":0/, bad: [], because: /^--to, --store or --reopen is needed, and the last of them goes alone\n$/, dataDir: imported },
  { name: 'users remove', good: [...ADA, '--yes'], says: /is removed|"id":1/, bad: ADA, because: /--yes does it\n$/ },
  { name: 'keys reset-seal', good: ['--yes'], says: /there is a new seal\.key|"secondFactors":/, bad: [], because: /--yes does it\n$/, isAloneOnly: RUNNING },
  { name: 'fsck', good: [], says: /all in order|"found":0/, bad: ['--force'], because: /--force/ },
]

/** They work on what `backup` and `import` have made. */
const OF_FOLDERS = new Set(['backup list', 'backup verify', 'move'])

/** Shell code, for a shell. */
const SCRIPTS: Step[] = ['bash', 'zsh'].map((shell) => ({ name: `completion ${shell}`, good: [], says: /complete -o default -F _visage visage\n$/, bad: ['fish'], because: /fish/ }))

/** Every name in it, but for those that people gave. */
function namesIn (value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...name === 'attributes' ? [] : namesIn(inner)])
}

/** Does it all in this folder. */
async function live (t: Test, dataDir: string, isBesideServer: boolean, look: (stdout: string, name: string) => void = () => {}): Promise<void> {
  const home = folderFor(t)
  const steps = [...stepsOf({ backups: join(home, 'backups'), exported: join(home, 'exported'), imported: join(home, 'imported'), moved: join(home, 'moved') }), ...SCRIPTS]
  t.same(steps.map(({ name }) => name).toSorted(), Object.keys(COMMANDS).toSorted(), 'every command there is')
  for (const { name, good, says, bad, because, isAloneOnly, dataDir: other } of steps) {
    const ask = async (...args: string[]) => await visage(other ?? dataDir, [...name.split(' '), ...args])
    // What is wrong with an input does not depend on a server.
    const isOfFolder = engine === 'PostgreSQL' && COMMANDS[name]?.overPostgres !== undefined
    if (!isBesideServer && !isOfFolder) {
      const wrong = await ask(...bad)
      t.match(wrong, { code: 2, stdout: '', stderr: because }, `${name}: bad input`)
      t.equal(wrong.stderr.trimEnd().split('\n').length, 1, `${name}: one line`)
    }
    if (isOfFolder) t.match(await ask(...good), { code: 2, stdout: '', stderr: /^.* is for a database in the data folder, and VISAGE_DATABASE_URL names another: .*\n$/ }, `${name}: says what to do instead`)
    if (isOfFolder || (engine === 'PostgreSQL' && OF_FOLDERS.has(name))) continue
    const done = await ask(...good, ...isBesideServer && !name.startsWith('completion ') ? ['--json'] : [])
    if (isBesideServer && isAloneOnly !== undefined) {
      t.match(done, { code: 2, stdout: '', stderr: isAloneOnly }, `${name}: not beside a server`)
      continue
    }
    t.equal(done.code, name === 'import django' ? 1 : 0, `${name}: ${done.stderr}`)
    t.match(done.stdout, says, name)
    look(done.stdout, name)
  }
}

t.test('every command without a server', async (t) => {
  await live(t, await newFolder(t), false)
})

t.test('every command beside a server, as programs read it: lines of JSON in the words of the native family', async (t) => {
  const { dataDir } = await build(t)
  await live(t, dataDir, true, (stdout, name) => {
    if (name.startsWith('completion ')) return
    for (const line of stdout.split('\n').filter((line) => line !== '')) {
      const said = JSON.parse(line) as object
      t.equal(Array.isArray(said), false, name)
      t.notOk('says' in said, `${name}: an outcome, and no sentence`)
      t.same(namesIn(said).filter((word) => !/^[a-z][A-Za-z]*$/.test(word)), [], name)
    }
  })
})

t.test('a database that is none, or not whole, is told in one line', { skip: only.file }, async (t) => {
  const dataDir = await newFolder(t)
  const file = join(dataDir, 'visage.db')
  await visage(dataDir, ['users', 'create', ...ADA, '--password', PASSWORD])
  const sound = new Sqlite(file)
  sound.pragma('journal_mode = DELETE')
  sound.close()
  const whole = readFileSync(file)
  const noise = Buffer.from(whole).fill('noise', 8_192)
  for (const [title, bytes] of [['noise', Buffer.alloc(20_000, 'x')], ['its first page', whole.subarray(0, 4_096)], ['a half', whole.subarray(0, whole.length / 2)], ['a good beginning', noise]] as const) {
    for (const args of [['users', 'list'], ['users', 'show', ...ADA], ['users', 'set', ...ADA, 'bio=x'], ['groups', 'list'], ['export', join(folderFor(t), 'export')], ['sessions', 'end', ...ADA]]) {
      for (const name of readdirSync(dataDir)) if (name.startsWith('visage.db')) rmSync(join(dataDir, name))
      writeFileSync(file, bytes)
      const { code, stdout, stderr } = await visage(dataDir, args)
      t.match({ code, stdout, stderr }, { code: 2, stdout: '', stderr: /^the database in \S+ is broken \(.+\): restore puts a backup in its place\n$/ }, `${title}: ${args.join(' ')}`)
    }
  }
})

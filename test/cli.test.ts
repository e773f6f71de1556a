import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import t from 'tap'
import Sqlite from 'better-sqlite3'
import { newFolder, visage } from './commands/visage.ts'
import type { Outcome } from './commands/visage.ts'
import { COMMANDS } from '../src/commands/index.ts'
import { build, PASSWORD, signUp } from './helper.ts'

const PROGRAM = join(import.meta.dirname, '../src/cli.ts')

/** Runs the operator's program as a person would; `input` goes to its standard input. */
function start (dataDir: string, args: string[], { input = '', env = {} }: { input?: string, env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], { env: { ...process.env, VISAGE_DATA_DIR: dataDir, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const CREATE = ['users', 'create', '--username', 'ada', '--email', 'ada@example.com', '--password', PASSWORD]

t.test('without a server: an account, a token, and the end of it', async (t) => {
  const dataDir = await newFolder(t)
  const created = await start(dataDir, [...CREATE, '--staff'])
  t.equal(created.code, 0, created.stderr)
  t.match(JSON.parse(created.stdout), { id: 1, username: 'ada', email: 'ada@example.com', isStaff: true, isAdmin: false, isActive: true })

  const made = await visage(dataDir, ['tokens', 'create', '--username', 'ADA'])
  t.match(made.stdout, /^[0-9a-f]{40}\n$/, 'the key alone')
  const listed = await visage(dataDir, ['tokens', 'list', '--username', 'ada'])
  t.match(JSON.parse(listed.stdout), { id: 1, prefix: made.stdout.slice(0, 6), revokedAt: null })
  t.notOk(listed.stdout.includes(made.stdout.trim()), 'it is shown once')

  t.equal((await visage(dataDir, ['tokens', 'revoke', '--id', '1'])).stdout, 'API token 1 is revoked\n')
  t.type(JSON.parse((await visage(dataDir, ['tokens', 'list', '--username', 'ada'])).stdout).revokedAt, 'string')
})

t.test('what is not read is no fault, and what cannot be printed is one', async (t) => {
  const dataDir = await newFolder(t)
  async function runInto (stdout: 'pipe' | number, ...args: string[]): Promise<Omit<Outcome, 'stdout'>> {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, VISAGE_DATA_DIR: dataDir }, stdio: ['ignore', stdout, 'pipe'] })
    child.stdout?.destroy()
    const [stderr, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit') as Promise<[number]>])
    return { code, stderr }
  }
  for (const name of ['one', 'two', 'three']) await visage(dataDir, ['users', 'create', '--username', name])
  t.same(await runInto('pipe', 'users', 'list'), { code: 0, stderr: '' }, 'by `head`')
  const full = openSync('/dev/full', 'w')
  t.teardown(() => { closeSync(full) })
  for (const args of [['users', 'list'], CREATE]) t.same(await runInto(full, ...args), { code: 1, stderr: 'what was asked for could not be printed: ENOSPC: no space left on device, write\n' })
})

t.test('beside a running server: what it does counts on the next request', async (t) => {
  const { app, dataDir } = await build(t)
  await start(dataDir, [...CREATE.slice(0, -1), '-', '--admin'], { input: `${PASSWORD}\n` })
  const signedIn = await app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: 'ada@example.com', password: PASSWORD } })
  t.equal(signedIn.statusCode, 200, 'the password came from standard input, without its line end')

  const key = (await visage(dataDir, ['tokens', 'create', '--username', 'ada'])).stdout.trim()
  const ask = () => app.inject({ url: '/api/users/1/', headers: { authorization: `Token ${key}` } })
  t.match((await ask()).json(), { username: 'ada', is_admin: true })
  await visage(dataDir, ['tokens', 'revoke', '--id', '1'])
  t.equal((await ask()).statusCode, 401)
})

t.test('fields: declared, changed and dropped beside a running server, which knows at the next request', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const fields = async (command: string, ...flags: string[]) => {
    const { code, stdout, stderr } = await visage(dataDir, ['fields', command, ...flags])
    t.equal(code, 0, stderr)
    return { said: stdout, notes: stderr, json: () => JSON.parse(stdout) as unknown }
  }
  const shown = async () => (await app.inject({ url: '/api/profile/', headers: ada.headers })).json<{ attributes: object }>().attributes
  const write = async (attributes: object) => (await app.inject({ method: 'PUT', url: `/api/profile/${ada.id}/update/`, headers: ada.headers, payload: { attributes } })).statusCode
  t.same(await shown(), { company_name: '', company_role: '' })

  const flags = ['--key', 'shoe', '--type', 'enum', '--label', 'Shoe', '--options', 'left, right', '--mandatory', '--not-editable', '--searchable', '--read', 'member', '--write', 'staff']
  t.same((await fields('create', '--dry-run', ...flags)).json(), { accounts: 1, values: 0, breaks: 1 })
  t.same(await shown(), { company_name: '', company_role: '' })
  const declared = { key: 'shoe', label: 'Shoe', type: 'enum', options: ['left', 'right'], isMandatory: true, isEditable: false, isSearchable: true, read: 'member', write: 'staff' }
  t.match((await fields('create', ...flags)).json(), declared)
  t.same(await shown(), { company_name: '', company_role: '', shoe: '' })
  t.match((await fields('list')).said.trimEnd().split('\n').map((line) => JSON.parse(line) as object), [{ key: 'company_name' }, { key: 'company_role' }, declared])

  t.match((await fields('change', '--key', 'shoe', '--mandatory', 'no', '--editable', 'yes', '--searchable', 'no', '--write', 'self')).json(),
    { ...declared, isMandatory: false, isEditable: true, isSearchable: false, write: 'self' }, 'the rest is kept')
  t.equal(await write({ shoe: 'right' }), 200)
  t.same(await shown(), { company_name: '', company_role: '', shoe: 'right' })
  t.same((await fields('change', '--key', 'shoe', '--options', 'left', '--dry-run')).json(), { accounts: 1, values: 1, breaks: 1 })
  t.match((await fields('change', '--key', 'shoe', '--type', 'string', '--options', '')).json(), { type: 'string', options: [] })
  t.match((await fields('change', '--key', 'shoe', '--type', 'checkbox', '--force')).json(), { type: 'checkbox' })
  t.same(await shown(), { company_name: '', company_role: '', shoe: null })

  const file = new Sqlite(join(dataDir, 'visage.db'))
  t.teardown(() => file.close())
  const insert = file.prepare('insert into users (username, attributes, created_at, updated_at, email_confirmed, is_active, is_staff, is_admin, reg_approved, community_badge, can_receive_messages) values (?, ?, 1, 1, 0, 1, 0, 0, 0, 0, 0)')
  file.transaction(() => { for (let i = 0; i < 1_300; i++) insert.run(`crowd-${i}`, '{"shoe":true}') })()
  t.same((await fields('drop', '--key', 'shoe', '--dry-run')).json(), { accounts: 1_301, values: 1_301, breaks: 0 })
  t.match(await shown(), { shoe: null })
  const dropped = await fields('drop', '--key', 'shoe')
  t.equal(dropped.said, 'shoe is removed, and from 1301 accounts\n')
  t.equal(dropped.notes, 'removed from 1000 accounts\n')
  t.same(await shown(), { company_name: '', company_role: '' })
  t.equal(file.prepare("select count(*) from users where attributes <> '{}'").pluck().get(), 0)
})

t.test('bad input: one sentence on stderr, exit 2', async (t) => {
  const dataDir = await newFolder(t)
  await visage(dataDir, CREATE)
  const bad: [string[], RegExp][] = [
    [['users', '--staff'], /^there is no command "users"; --help lists them all\n$/],
    [['user'], /^there is no command "user"; --help lists them all\n$/],
    [['help', 'user'], /^there is no command "user"; --help lists them all\n$/],
    [['users', 'destroy', '--help'], /^there is no command "users destroy"; --help lists them all\n$/],
    [['constructor'], /^there is no command "constructor"/],
    [['users', 'destroy'], /^there is no command "users destroy"/],
    [['users', 'create'], /^--username is needed\n$/],
    [['users', 'create', '--username'], /username/],
    [['users', 'create', '--username', 'x', '--what'], /^Unknown option '--what'\n$/],
    [CREATE, /^username: A user with that username already exists\. email: user with this email already exists\.\n$/],
    [['users', 'create', '--username', 'no good'], /^username: Enter a valid username\./],
    [['users', 'create', '--username', 'b'.repeat(256)], /^username: Ensure this field has no more than 255 characters\.\n$/],
    [['users', 'create', '--username', 'bob', '--email', 'bob'], /^email: Enter a valid email address\.\n$/],
    [['users', 'create', '--username', 'bob', '--password', 'short'], /^password: Ensure this field has at least 8 characters\.\n$/],
    [['users', 'create', '--username', 'bob', '--password-hash', 'plain'], /^password: Use an argon2, bcrypt, scrypt or pbkdf2_sha256 hash\.\n$/],
    [['users', 'create', '--username', 'bob', '--password', 'a long enough one', '--password-hash', 'plain'], /^--password and --password-hash are two ways to say one thing\n$/],
    [['tokens', 'create', '--username', 'nobody'], /^there is no account called nobody\n$/],
    [['tokens', 'create', '--username', 'ada', '--expires-in', 'a day'], /^--expires-in takes a whole number of seconds, or a whole number and s, m, h or d like 30d, at most 3650d\n$/],
    [['tokens', 'list'], /^--username is needed\n$/],
    [['fields', 'create'], /^--key is needed\n$/],
    [['fields', 'create', '--key', 'Shoe', '--type', 'colour', '--read', 'staff'], /^key: Use small letters.* type: "colour" is not a valid choice\. read: "staff" is not a valid choice\.\n$/],
    [['fields', 'create', '--key', 'email'], /^key: A built-in field has this name\.\n$/],
    [['fields', 'create', '--key', 'shoe', '--type', 'enum', '--dry-run'], /^options: This field is required\.\n$/],
    [['fields', 'change', '--key', 'shoe'], /^there is no profile field called shoe\n$/],
    [['fields', 'change', '--key', 'company_name', '--mandatory', 'maybe'], /^--mandatory takes yes or no\n$/],
    [['fields', 'change', '--key', 'company_name', '--mandatory', 'yes'], /^input: 1 account would no longer fit\./],
    [['fields', 'drop', '--key', 'shoe'], /^there is no profile field called shoe\n$/],
    [['tokens', 'revoke', '--id', '7'], /^there is no API token 7 that could be revoked\n$/],
  ]
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await visage(dataDir, args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
  }
  const misconfigured = ['tokens', 'list', '--username', 'ada']
  for (const outcome of [await visage(dataDir, misconfigured, { VISAGE_PORT: 'x' }), await start(dataDir, misconfigured, { env: { VISAGE_PORT: 'x' } })]) {
    t.match(outcome, { code: 2, stdout: '', stderr: /^VISAGE_PORT: / })
  }
})

t.test('I5 --help everywhere, help, a noun alone, --version; none of them needs a folder', async (t) => {
  const dataDir = join(t.testdir({}), 'none')
  const all = Object.keys(COMMANDS)
  const cases: [string[], string[]][] = [
    [[], all], [['--help'], all], [['help'], all], [['-h'], all],
    ...['users', 'tokens', 'fields', 'keys'].flatMap((noun): typeof cases => {
      const verbs = all.filter((name) => name.startsWith(`${noun} `))
      return [[[noun], verbs], [[noun, '--help'], verbs], [['help', noun], verbs]]
    }),
    ...all.flatMap((name): typeof cases => {
      const shown = all.filter((other) => other === name || other.startsWith(`${name} `))
      return [[[...name.split(' '), '--help'], shown], [['help', ...name.split(' ')], shown], [[...name.split(' '), '-h'], shown]]
    }),
  ]
  for (const [args, shown] of cases) {
    const { code, stdout } = await visage(dataDir, args)
    t.equal(code, 0, args.join(' '))
    for (const name of all) t.equal(stdout.includes(`\n  ${name}  `), shown.includes(name), `${args.join(' ')}: ${name}`)
  }
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }
  t.same(await visage(dataDir, ['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  t.notOk(existsSync(dataDir))
})

t.test('I5 a folder that is none: every command says so and makes nothing', async (t) => {
  const [empty, strange] = [join(t.testdir({ empty: {}, strange: { 'visage.db': '', 'notes.txt': 'mine' } }), 'empty'), join(t.testdirName, 'strange')]
  const none = join(t.testdirName, 'none')
  const needed: Record<string, string> = { username: 'ada', key: 'shoe', id: '1' }
  for (const [name, { flags, run }] of Object.entries(COMMANDS)) {
    if (run === undefined) continue
    const args = [...name.split(' '), ...Object.entries(flags).flatMap(([flag, { required }]) => required ? [`--${flag}`, needed[flag] ?? ''] : [])]
    for (const dataDir of [none, empty, strange]) {
      t.same(await visage(dataDir, args), { code: 2, stdout: '', stderr: `${dataDir} is not the data folder of a service: it holds no visage.db. Set VISAGE_DATA_DIR to the folder; the first start of the service makes one\n` }, name)
    }
  }
  t.same([existsSync(none), readdirSync(empty), readdirSync(strange), statSync(join(strange, 'visage.db')).size], [false, [], ['notes.txt', 'visage.db'], 0])
})

t.test('I5 a token lives as long as settings would write it', async (t) => {
  const dataDir = await newFolder(t)
  await visage(dataDir, CREATE)
  for (const life of ['30d', '12h', '90s', '86400']) t.match(await visage(dataDir, ['tokens', 'create', '--username', 'ada', '--expires-in', life]), { code: 0 }, life)
  const listed = (await visage(dataDir, ['tokens', 'list', '--username', 'ada'])).stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { createdAt: string, expiresAt: string }).toReversed()
  t.same(listed.map(({ createdAt: from, expiresAt: to }) => (Date.parse(to) - Date.parse(from)) / 1_000), [30 * 86_400, 12 * 3_600, 90, 86_400])
  for (const life of ['30 d', '1w', '0d', '3651d', '1.5h', 'd', '-1d']) t.match(await visage(dataDir, ['tokens', 'create', '--username', 'ada', `--expires-in=${life}`]), { code: 2, stderr: /^--expires-in takes/ }, life)
})

t.test('a folder that cannot be used is our fault, not the input\'s', async (t) => {
  const dataDir = t.testdir({ data: 'a file' })
  const { code, stderr } = await start(join(dataDir, 'data'), ['tokens', 'list', '--username', 'ada'])
  t.equal(code, 1)
  t.match(stderr, /EEXIST|ENOTDIR/)
})

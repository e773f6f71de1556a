import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { build, PASSWORD } from './helper.ts'

const PROGRAM = join(import.meta.dirname, '../src/cli.ts')

interface Outcome { code: number, stdout: string, stderr: string }

/** Runs the operator's program as a person would; `input` goes to its standard input. */
function visage (dataDir: string, args: string[], { input = '', env = {} }: { input?: string, env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], { env: { ...process.env, VISAGE_DATA_DIR: dataDir, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const CREATE = ['users', 'create', '--username', 'ada', '--email', 'ada@example.com', '--password', PASSWORD]

t.test('without a server: an account, a token, and the end of it', async (t) => {
  const dataDir = t.testdir({})
  const created = await visage(dataDir, [...CREATE, '--staff'])
  t.equal(created.code, 0, created.stderr)
  t.match(JSON.parse(created.stdout), { id: 1, username: 'ada', email: 'ada@example.com', is_staff: true, is_admin: false, is_active: true })

  const made = await visage(dataDir, ['tokens', 'create', '--username', 'ADA'])
  t.match(made.stdout, /^[0-9a-f]{40}\n$/, 'the key alone')
  const listed = await visage(dataDir, ['tokens', 'list', '--username', 'ada'])
  t.match(JSON.parse(listed.stdout), [{ id: 1, prefix: made.stdout.slice(0, 6), revoked_at: null }])
  t.notOk(listed.stdout.includes(made.stdout.trim()), 'it is shown once')

  t.equal((await visage(dataDir, ['tokens', 'revoke', '--id', '1'])).stdout, 'API token 1 is revoked\n')
  t.type(JSON.parse((await visage(dataDir, ['tokens', 'list', '--username', 'ada'])).stdout)[0].revoked_at, 'string')
})

t.test('beside a running server: what it does counts on the next request', async (t) => {
  const { app, dataDir } = await build(t)
  await visage(dataDir, [...CREATE.slice(0, -1), '-', '--admin'], { input: `${PASSWORD}\n` })
  const signedIn = await app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: 'ada@example.com', password: PASSWORD } })
  t.equal(signedIn.statusCode, 200, 'the password came from standard input, without its line end')

  const key = (await visage(dataDir, ['tokens', 'create', '--username', 'ada'])).stdout.trim()
  const ask = () => app.inject({ url: '/api/users/1/', headers: { authorization: `Token ${key}` } })
  t.match((await ask()).json(), { username: 'ada', is_admin: true })
  await visage(dataDir, ['tokens', 'revoke', '--id', '1'])
  t.equal((await ask()).statusCode, 401)
})

t.test('bad input: one sentence on stderr, exit 2', async (t) => {
  const dataDir = t.testdir({})
  await visage(dataDir, CREATE)
  const bad: [string[], RegExp][] = [
    [['users'], /^there is no command "users"; --help lists them all\n$/],
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
    [['tokens', 'create', '--username', 'ada', '--expires-in', 'a day'], /^--expires-in takes a whole number of seconds\n$/],
    [['tokens', 'list'], /^--username is needed\n$/],
    [['tokens', 'revoke', '--id', '7'], /^there is no API token 7 that could be revoked\n$/],
  ]
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await visage(dataDir, args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
  }
  const misconfigured = await visage(dataDir, ['tokens', 'list', '--username', 'ada'], { env: { VISAGE_PORT: 'x' } })
  t.match(misconfigured, { code: 2, stderr: /^VISAGE_PORT: / })
})

t.test('--help everywhere', async (t) => {
  const dataDir = t.testdir({})
  const all = ['users create', 'tokens create', 'tokens list', 'tokens revoke']
  for (const [args, shown] of [[[], all], [['--help'], all], [['users', '--help'], all.slice(0, 1)], [['tokens', 'list', '-h'], ['tokens list']]] as const) {
    const { code, stdout } = await visage(dataDir, [...args])
    t.equal(code, 0)
    for (const name of all) t.equal(stdout.includes(`\n  ${name} `), (shown as readonly string[]).includes(name), `${args.join(' ')}: ${name}`)
  }
})

t.test('a folder that cannot be used is our fault, not the input\'s', async (t) => {
  const dataDir = t.testdir({ data: 'a file' })
  const { code, stderr } = await visage(join(dataDir, 'data'), ['tokens', 'list', '--username', 'ada'])
  t.equal(code, 1)
  t.match(stderr, /EEXIST|ENOTDIR/)
})

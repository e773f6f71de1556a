import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { KEY_NAME_MAX, openCore, OPERATOR, sentenceOf, toAccountJson } from './app.ts'
import type { Core } from './app.ts'
import { loadConfig } from './config.ts'

type Flags = Record<string, string | boolean | undefined>

interface Command {
  says: string
  flags: Record<string, { type: 'string' | 'boolean', says: string, required?: boolean }>
  /** Resolves to what is printed. */
  run: (core: Core, flags: Flags) => Promise<string>
}

/** Bad input: one sentence on stderr, exit 2. */
class UsageError extends Error {}

const username = { type: 'string', says: 'whose', required: true } as const

const COMMANDS: Record<string, Command> = {
  'users create': {
    says: 'makes an account and prints it as JSON',
    flags: {
      username: { type: 'string', says: 'letters, digits and @ . + - _', required: true },
      email: { type: 'string', says: 'an address nobody else has' },
      password: { type: 'string', says: 'at least 8 characters; - reads it from standard input' },
      'password-hash': { type: 'string', says: 'instead: what another service stored (argon2, bcrypt, scrypt, pbkdf2_sha256)' },
      staff: { type: 'boolean', says: 'may edit ordinary people' },
      admin: { type: 'boolean', says: 'may do everything' },
    },
    async run (core, { username, email, password, 'password-hash': passwordHash, staff, admin }) {
      if (password !== undefined && passwordHash !== undefined) throw new UsageError('--password and --password-hash are two ways to say one thing')
      const secret = password === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : password
      const account = await core.users.create(OPERATOR, {
        username: String(username),
        ...typeof email === 'string' && { email },
        ...typeof secret === 'string' && { password: secret },
        ...typeof passwordHash === 'string' && { passwordHash },
        isStaff: staff === true,
        isAdmin: admin === true,
      }, { family: 'operator' })
      return toAccountJson(account)
    },
  },

  'tokens create': {
    says: 'makes an API token and prints it, this once',
    flags: {
      username,
      name: { type: 'string', says: 'what its owner will know it by' },
      'expires-in': { type: 'string', says: 'seconds; until it is revoked unless told' },
    },
    async run (core, { name, 'expires-in': seconds, ...flags }) {
      if (seconds !== undefined && !/^[1-9]\d{0,9}$/.test(String(seconds))) throw new UsageError('--expires-in takes a whole number of seconds')
      if (typeof name === 'string' && [...name].length > KEY_NAME_MAX) throw new UsageError(`--name takes at most ${KEY_NAME_MAX} characters`)
      const { secret } = await core.keys.create(await idOf(core, flags), {
        ...typeof name === 'string' && { name },
        ...seconds !== undefined && { expiresAt: Date.now() + Number(seconds) * 1000 },
      })
      return secret
    },
  },

  'tokens list': {
    says: 'prints the API tokens of an account as JSON, never the tokens themselves',
    flags: { username },
    async run (core, flags) {
      const keys = await core.keys.list(await idOf(core, flags))
      const time = (at: number | null) => at === null ? null : new Date(at).toISOString()
      return JSON.stringify(keys.map(({ id, name, prefix, createdAt, expiresAt, lastUsedAt, revokedAt }) =>
        ({ id, name, prefix, created_at: time(createdAt), expires_at: time(expiresAt), last_used_at: time(lastUsedAt), revoked_at: time(revokedAt) })), null, 2)
    },
  },

  'tokens revoke': {
    says: 'ends an API token; it fails from the next request on',
    flags: { id: { type: 'string', says: 'the id that `tokens list` shows', required: true } },
    async run (core, { id }) {
      if (!await core.keys.revoke(Number(id))) throw new UsageError(`there is no API token ${String(id)} that could be revoked`)
      return `API token ${String(id)} is revoked`
    },
  },
}

async function idOf (core: Core, { username }: Flags): Promise<number> {
  const person = await core.users.findByUsername(String(username))
  if (person === undefined) throw new UsageError(`there is no account called ${String(username)}`)
  return person.id
}

/** All commands, or those that begin with the given word. */
function help (start = ''): string {
  const shown = Object.entries(COMMANDS).filter(([name]) => name.startsWith(start))
  const lines = shown.map(([name, { says, flags }]) => [
    `  ${name.padEnd(16)}${says}`,
    ...Object.entries(flags).map(([flag, { type, says, required }]) =>
      `    --${`${flag}${type === 'string' ? ' …' : ''}`.padEnd(14)}${says}${required ? ' (needed)' : ''}`),
  ].join('\n'))
  return ['Usage: npm run -s visage -- <command> [flags]', '', ...lines, '', 'Works beside a running server and without one; VISAGE_DATA_DIR says where the data is.'].join('\n')
}

async function main (args: string[]): Promise<string> {
  const words = args.slice(0, 2).filter((word) => !word.startsWith('-'))
  const name = words.join(' ')
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (args.includes('--help') || args.includes('-h') || args.length === 0) return help(name)
  if (command === undefined) throw new UsageError(`there is no command ${JSON.stringify(name)}; --help lists them all`)

  const flags = read(args.slice(2), command)
  const core = await openCore({ config: loadConfig(process.env), exclusive: false })
  try {
    return await command.run(core, flags)
  } finally {
    await core.close()
  }
}

function read (args: string[], { flags }: Command): Flags {
  let values: Flags
  try {
    ({ values } = parseArgs({ args, options: Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }])) }))
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/)[0])
  }
  const missing = Object.keys(flags).find((name) => flags[name]?.required && values[name] === undefined)
  if (missing !== undefined) throw new UsageError(`--${missing} is needed`)
  return values
}

try {
  console.log(await main(process.argv.slice(2)))
} catch (error) {
  const sentence = error instanceof UsageError ? error.message : sentenceOf(error)
  console.error(sentence ?? error)
  process.exitCode = sentence === undefined ? 1 : 2
}

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { DURATION, DURATION_SAYS, toSeconds } from './core/durations.ts'
import { PASSWORD_MAX, PASSWORD_MIN, TTL_MAX_S } from './core/fields/index.ts'

const LOG_LEVELS = ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]
/** What has a level of its own where one is given. */
const LOG_PARTS = ['requests', 'mail', 'images', 'house'] as const
export type LogPart = (typeof LOG_PARTS)[number]

export const SECRET_MIN = 32
const SECRET = `a secret of at least ${SECRET_MIN} characters`
const SEAL_KEY = '32 random bytes in base64url, which are 43 characters'
const isSealKey = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)
const URL_ACCEPTED = 'an http or https address without a user or password'
const DATABASE_ACCEPTED = 'the address of a PostgreSQL database like postgres://user:password@db.example.com:5432/visage'
const STORE_ACCEPTED = 'the address of a bucket like s3://key:secret@s3.example.com/pictures?region=eu-central-1'
/** By which AWS and its tools know who asks. */
const AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION'] as const
const SMTP_ACCEPTED = 'an smtp or smtps address like smtp://user:password@mail.example.com:587'
/** A longer one would let whoever has stolen a refresh token go unnoticed. */
const GRACE_MAX_S = 3_600
/** Each is a process of the server's; PostgreSQL has 100 of them by default, for everybody. */
const CONNECTIONS_MAX = 1_000
/** Nobody who stops a service waits for longer. */
const DRAIN_MAX_S = 600
/** Far more than the largest picture that may be sent takes; sums of a few stay exact. */
const SIZE_MAX = 1_024 ** 3
const AUDIT_DAYS_MAX = 3_650
const BYTES = { '': 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const

const LEVEL = `(${LOG_LEVELS.join('|')})`

// `description` says what a variable accepts; it is what a bad value is answered with.
const duration = (value: string) => Type.String({ default: value, pattern: `^${DURATION}$`, description: `${DURATION_SAYS}, like 15m` })
const grace = (value: string) => Type.String({ default: value, pattern: `^(0|${DURATION})$`, description: `0, or ${DURATION_SAYS}, like 30s` })
const url = () => Type.Optional(Type.String({ pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$', description: URL_ACCEPTED }))
const size = (value: string) => Type.String({ default: value, pattern: '^[1-9][0-9]{0,11}(KiB|MiB|GiB)?$', description: 'bytes, or a whole number and KiB, MiB or GiB, like 8MiB' })
const choice = (...values: readonly [string, ...string[]]) => Type.String({ default: values[0], enum: [...values], description: `one of ${values.join(', ')}` })

/** What a file may hold instead, named by the variable with `_FILE` behind it. */
const SECRETS = ['VISAGE_JWT_SECRET', 'VISAGE_JWT_PRIVATE_KEY', 'VISAGE_SEAL_KEY', 'VISAGE_SMTP_URL', 'VISAGE_DATABASE_URL', 'VISAGE_STORE_URL'] as const

/** Told back in no message, because it ends in a log: secrets, and addresses with what may be one. */
const isSecret = (name: string, value: string) => SECRETS.some((secret) => secret === name) || (name !== 'VISAGE_MAIL_FROM' && /[@?]/.test(value))
const got = (name: string, value = '') => isSecret(name, value) ? '' : `, got ${JSON.stringify(value)}`

/** Every variable of the environment that counts, with its default. */
export const Environment = Type.Object({
  VISAGE_HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'a host name or an IP address' }),
  VISAGE_PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'a port from 0 to 65535' }),
  VISAGE_DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'a folder' }),
  VISAGE_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://[^\\s]+$', description: DATABASE_ACCEPTED })),
  VISAGE_DATABASE_POOL: Type.Integer({ default: 16, minimum: 4, maximum: CONNECTIONS_MAX, description: `a number of connections from 4 to ${CONNECTIONS_MAX}` }),
  VISAGE_STORE_URL: Type.Optional(Type.String({ pattern: '^s3://[^\\s]+$', description: STORE_ACCEPTED })),
  VISAGE_BACKUP_DIR: Type.Optional(Type.String({ minLength: 1, description: 'a folder of backups' })),
  VISAGE_PUBLIC_URL: url(),
  VISAGE_LINK_URL: url(),
  VISAGE_JWT_SECRET: Type.Optional(Type.String({ description: SECRET })),
  VISAGE_JWT_PRIVATE_KEY: Type.Optional(Type.String({ description: 'a private Ed25519 key (PKCS8, PEM)' })),
  VISAGE_SEAL_KEY: Type.Optional(Type.String({ description: SEAL_KEY })),
  VISAGE_ACCESS_TTL: duration('1h'),
  VISAGE_REFRESH_TTL: duration('30d'),
  VISAGE_REFRESH_GRACE: grace('30s'),
  VISAGE_JWT_ALG: choice('HS256', 'EdDSA'),
  VISAGE_JWKS_URL: url(),
  VISAGE_JWT_ISSUER: Type.Optional(Type.String({ minLength: 1, description: 'the issuer that tokens must name' })),
  VISAGE_JWT_AUDIENCE: Type.Optional(Type.String({ minLength: 1, description: 'the audience that tokens must name' })),
  VISAGE_JWT_PROVISION: choice('off', 'on'),
  VISAGE_MINTED_TOKENS: choice('off', 'on'),
  VISAGE_SIGN_UP: choice('open', 'closed'),
  VISAGE_DIRECTORY: choice('members', 'public'),
  VISAGE_RESERVED_USERNAMES: Type.String({ default: '', description: 'a comma-separated list of names' }),
  VISAGE_PASSWORD_MIN: Type.Integer({ default: PASSWORD_MIN, minimum: PASSWORD_MIN, maximum: PASSWORD_MAX, description: `a number of characters from ${PASSWORD_MIN} to ${PASSWORD_MAX}` }),
  VISAGE_SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://[^\\s]+$', description: SMTP_ACCEPTED })),
  VISAGE_MAIL_FROM: Type.String({ default: 'Visage <visage@localhost>', pattern: '^[^\\r\\n]*[^\\s@]+@[^\\s@]+$', description: 'an address like Example <hello@example.com>' }),
  VISAGE_RATE_LIMIT: choice('on', 'off'),
  VISAGE_TOKEN_RATE: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'requests in 10 seconds for each API token' })),
  VISAGE_AVATAR_MAX_BYTES: size('8MiB'),
  VISAGE_COVER_MAX_BYTES: size('16MiB'),
  VISAGE_MEDIA: choice('public', 'private'),
  VISAGE_GRAVATAR_MD5: choice('off', 'on'),
  VISAGE_CORS_ORIGINS: Type.String({ default: '', pattern: '^(\\*|(https?://[^/,\\s]+)(\\s*,\\s*https?://[^/,\\s]+)*)?$', description: 'a comma-separated list of origins like https://app.example.com, or *' }),
  VISAGE_TRUST_PROXY: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f.:/,\\s]+$', description: 'a comma-separated list of the proxies\' addresses or networks' })),
  VISAGE_DISK_FLOOR: size('256MiB'),
  VISAGE_DRAIN: grace('0'),
  VISAGE_METRICS_PORT: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$', description: 'a port from 0 to 65535' })),
  VISAGE_METRICS_HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'a host name or an IP address' }),
  VISAGE_LOG_LEVEL: Type.String({ default: 'info', pattern: `^${LEVEL}(,(${LOG_PARTS.join('|')})=${LEVEL})*$`, description: `one of ${LOG_LEVELS.join(', ')}, and behind a comma others for parts (${LOG_PARTS.join(', ')}), like info,requests=warn` }),
  VISAGE_LOG_ADDRESS: choice('on', 'off'),
  VISAGE_AUDIT_DAYS: Type.Integer({ default: 90, minimum: 1, maximum: AUDIT_DAYS_MAX, description: `a number of days from 1 to ${AUDIT_DAYS_MAX}` }),
})

/** Reads numbers, and sets what is unset to its default. The schema is checked by a test and not at each start, where that would take as long as all the rest. */
const isEnvironment = new Ajv({ coerceTypes: true, useDefaults: true, meta: false, validateSchema: false, code: { optimize: false } }).compile<Static<typeof Environment>>(Environment)

export interface Config {
  host: string
  port: number
  dataDir: string
  /** Unset: a file in the data folder. */
  databaseUrl?: string
  /** Connections to that at most. */
  databasePool: number
  /** A bucket that keeps the pictures. Unset: the data folder. */
  storeUrl?: string
  /** Of AWS's own variables those that are set, for an address that does not say as much. */
  storeKey?: Partial<Record<(typeof AWS)[number], string>>
  /** The folder of backups that is told at once who was removed for good. */
  backupDir?: string
  /** Where clients find the service, with the path that a proxy strips and a plugin's prefix, without a trailing slash. Unset: the address that the server listens on. */
  publicUrl?: string
  /** Unset: read from the data folder, where the first start makes one. */
  jwtSecret?: string
  /** The key of EdDSA, as PEM. Unset: as with the secret. */
  jwtPrivateKey?: string
  /** What is sealed in the database is sealed by it. Unset: as with the secret. */
  sealKey?: string
  /** Seconds. */
  accessTtl: number
  refreshTtl: number
  /** How long a spent refresh token still yields what took its place. */
  refreshGrace: number
  /** What this service signs with: the shared secret, or a key of its own that others can only verify. */
  jwtAlg: 'HS256' | 'EdDSA'
  /** The issuer whose tokens count beside ours: where its keys are, and what its tokens must name. All three or none. */
  jwksUrl?: string
  jwtIssuer?: string
  jwtAudience?: string
  /** Makes an account for a subject of that issuer that is not known yet. */
  jwtProvision: boolean
  /** Accept tokens that were minted elsewhere with the shared secret. */
  mintedTokens: boolean
  signUp: boolean
  /** Whether the people's search and autocompletion are there for everybody, not just for who is signed in. */
  publicDirectory: boolean
  /** Names that nobody can give to themselves, beside those that the service reserves. */
  reservedUsernames: string[]
  /** The fewest characters of a new password. */
  passwordMin: number
  /** What links in mails begin with: an application's own pages. Unset: the service's public address. */
  linkUrl?: string
  /** Unset: mails become files in the data folder. */
  smtpUrl?: string
  mailFrom: string
  rateLimit: boolean
  /** Requests in 10 seconds for each API token; unset: as many as it likes. */
  tokenRate?: number
  avatarMaxBytes: number
  coverMaxBytes: number
  /** Every picture only under an address that was told, and that holds for a while. */
  privateMedia: boolean
  /** Whether avatars are found by the MD5 of an address as well, as older clients of Gravatar ask. */
  gravatarMd5: boolean
  corsOrigins: string[]
  /** Addresses of proxies whose X-Forwarded headers are believed. */
  trustProxy?: string[]
  /** With fewer bytes left on the disk the service calls itself degraded. */
  diskFloor: number
  /** Seconds from being asked to stop until requests are not taken any more: meanwhile `/health/ready` says so. */
  drain: number
  /** Where figures and health are told to whoever runs the service; unset: nowhere. */
  metricsPort?: number
  metricsHost: string
  logLevel: LogLevel
  /** Levels of parts that have one of their own. */
  logLevels?: Partial<Record<LogPart, LogLevel>>
  /** Whether the line of a request in the log has the client's network address. */
  logAddress: boolean
  /** How long the log of changes tells of what was done. */
  auditDays: number
}

/** What the settings that are numbers may be, and how the variable spells the most. */
const RANGES = [
  ['VISAGE_PORT', 'port', 0, 65_535, '65535'],
  ['VISAGE_ACCESS_TTL', 'accessTtl', 1, TTL_MAX_S, '3650d'],
  ['VISAGE_METRICS_PORT', 'metricsPort', 0, 65_535, '65535'],
  ['VISAGE_REFRESH_TTL', 'refreshTtl', 1, TTL_MAX_S, '3650d'],
  ['VISAGE_REFRESH_GRACE', 'refreshGrace', 0, GRACE_MAX_S, '1h'],
  ['VISAGE_DRAIN', 'drain', 0, DRAIN_MAX_S, '10m'],
  ['VISAGE_DATABASE_POOL', 'databasePool', 4, CONNECTIONS_MAX, String(CONNECTIONS_MAX)],
  ['VISAGE_PASSWORD_MIN', 'passwordMin', PASSWORD_MIN, PASSWORD_MAX, `${PASSWORD_MAX}`],
  ['VISAGE_TOKEN_RATE', 'tokenRate', 1, 999_999_999, '999999999'],
  ['VISAGE_AUDIT_DAYS', 'auditDays', 1, AUDIT_DAYS_MAX, `${AUDIT_DAYS_MAX}`],
  ['VISAGE_AVATAR_MAX_BYTES', 'avatarMaxBytes', 1, SIZE_MAX, '1GiB'],
  ['VISAGE_COVER_MAX_BYTES', 'coverMaxBytes', 1, SIZE_MAX, '1GiB'],
  ['VISAGE_DISK_FLOOR', 'diskFloor', 1, 2 ** 50, '1048576GiB'],
] as const

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The names of all variables. */
export const VARIABLES: readonly string[] = [...Object.keys(Environment.properties), ...SECRETS.map((name) => `${name}_FILE`)]

/** The configuration that an environment describes. Throws a ConfigError of one line that names the variable and what it accepts. */
export function loadConfig (env: Record<string, string | undefined> = {}): Config {
  const set = Object.fromEntries(Object.entries({ ...env, ...secretsOf(env) }).filter(([name, value]) => name in Environment.properties && value !== ''))
  const values = read(set)
  return checked({
    host: values.VISAGE_HOST,
    port: values.VISAGE_PORT,
    dataDir: values.VISAGE_DATA_DIR,
    ...values.VISAGE_DATABASE_URL !== undefined && { databaseUrl: values.VISAGE_DATABASE_URL },
    databasePool: values.VISAGE_DATABASE_POOL,
    ...values.VISAGE_STORE_URL !== undefined && { storeUrl: values.VISAGE_STORE_URL, storeKey: Object.fromEntries(AWS.flatMap((name) => env[name] ? [[name, env[name]]] : [])) },
    ...values.VISAGE_BACKUP_DIR !== undefined && { backupDir: values.VISAGE_BACKUP_DIR },
    ...values.VISAGE_PUBLIC_URL !== undefined && { publicUrl: values.VISAGE_PUBLIC_URL },
    ...values.VISAGE_JWT_SECRET !== undefined && { jwtSecret: values.VISAGE_JWT_SECRET },
    ...values.VISAGE_JWT_PRIVATE_KEY !== undefined && { jwtPrivateKey: values.VISAGE_JWT_PRIVATE_KEY },
    ...values.VISAGE_SEAL_KEY !== undefined && { sealKey: values.VISAGE_SEAL_KEY },
    accessTtl: toSeconds(values.VISAGE_ACCESS_TTL) ?? 0,
    refreshTtl: toSeconds(values.VISAGE_REFRESH_TTL) ?? 0,
    refreshGrace: toSeconds(values.VISAGE_REFRESH_GRACE) ?? 0,
    jwtAlg: values.VISAGE_JWT_ALG as Config['jwtAlg'],
    ...values.VISAGE_JWKS_URL !== undefined && { jwksUrl: values.VISAGE_JWKS_URL },
    ...values.VISAGE_JWT_ISSUER !== undefined && { jwtIssuer: values.VISAGE_JWT_ISSUER },
    ...values.VISAGE_JWT_AUDIENCE !== undefined && { jwtAudience: values.VISAGE_JWT_AUDIENCE },
    jwtProvision: values.VISAGE_JWT_PROVISION === 'on',
    mintedTokens: values.VISAGE_MINTED_TOKENS === 'on',
    signUp: values.VISAGE_SIGN_UP === 'open',
    publicDirectory: values.VISAGE_DIRECTORY === 'public',
    reservedUsernames: toList(values.VISAGE_RESERVED_USERNAMES),
    passwordMin: values.VISAGE_PASSWORD_MIN,
    ...values.VISAGE_LINK_URL !== undefined && { linkUrl: values.VISAGE_LINK_URL },
    ...values.VISAGE_SMTP_URL !== undefined && { smtpUrl: values.VISAGE_SMTP_URL },
    mailFrom: values.VISAGE_MAIL_FROM,
    rateLimit: values.VISAGE_RATE_LIMIT === 'on',
    ...values.VISAGE_TOKEN_RATE !== undefined && { tokenRate: Number(values.VISAGE_TOKEN_RATE) },
    avatarMaxBytes: toBytes(values.VISAGE_AVATAR_MAX_BYTES),
    coverMaxBytes: toBytes(values.VISAGE_COVER_MAX_BYTES),
    privateMedia: values.VISAGE_MEDIA === 'private',
    gravatarMd5: values.VISAGE_GRAVATAR_MD5 === 'on',
    corsOrigins: toList(values.VISAGE_CORS_ORIGINS),
    ...values.VISAGE_TRUST_PROXY !== undefined && { trustProxy: toList(values.VISAGE_TRUST_PROXY) },
    diskFloor: toBytes(values.VISAGE_DISK_FLOOR),
    drain: toSeconds(values.VISAGE_DRAIN) ?? 0,
    ...values.VISAGE_METRICS_PORT !== undefined && { metricsPort: Number(values.VISAGE_METRICS_PORT) },
    metricsHost: values.VISAGE_METRICS_HOST,
    ...toLevels(values.VISAGE_LOG_LEVEL),
    logAddress: values.VISAGE_LOG_ADDRESS === 'on',
    auditDays: values.VISAGE_AUDIT_DAYS,
  })
}

/** Every setting as it counts, in words that may be shown: of a secret only that it is set. */
export function effective (env: Record<string, string | undefined>): { name: string, value: string | null, from: 'environment' | 'file' | 'default' }[] {
  const inFiles = secretsOf(env)
  return (Object.keys(Environment.properties) as Variable[]).map((name) => {
    const value = env[name]
    if (name in inFiles) return { name, value: 'set', from: 'file' }
    if (value) return { name, value: isSecret(name, value) ? 'set' : value, from: 'environment' }
    const { default: standard } = Environment.properties[name] as { default?: string | number }
    return { name, value: standard === undefined ? null : String(standard), from: 'default' }
  })
}

/** The configuration of an application that embeds the service: its options, and defaults for the rest. The same rules hold. */
export const configFrom = (options: Partial<Config>): Config => checked({ ...loadConfig(), ...options })

/** Whether as many processes as wanted run on the same database and store, each with a data folder of its own for what it is just working on. */
export const isMany = ({ databaseUrl, storeUrl }: Pick<Config, 'databaseUrl' | 'storeUrl'>): boolean => databaseUrl !== undefined && storeUrl !== undefined

/** What no single variable can tell. */
function checked (config: Config): Config {
  const { publicUrl, linkUrl, smtpUrl, databaseUrl, storeUrl, trustProxy, jwtSecret, corsOrigins } = config
  if (trustProxy !== undefined && publicUrl === undefined) {
    throw new ConfigError('VISAGE_PUBLIC_URL: needed behind a proxy (VISAGE_TRUST_PROXY is set): the http or https address that clients use')
  }
  const notANetwork = trustProxy?.find((address) => !isNetwork(address))
  if (notANetwork !== undefined) throw new ConfigError(`VISAGE_TRUST_PROXY: expected addresses or networks like 10.0.0.0/8, got ${JSON.stringify(notANetwork)}`)
  if (trustProxy?.some((address) => /::ffff:/i.test(address))) {
    throw new ConfigError('VISAGE_TRUST_PROXY: write IPv4 networks as IPv4; a mapped one (::ffff:…) would trust everybody')
  }
  const addresses = { VISAGE_PUBLIC_URL: publicUrl, VISAGE_LINK_URL: linkUrl, VISAGE_JWKS_URL: config.jwksUrl }
  for (const [name, address] of Object.entries(addresses)) {
    if (address !== undefined && !isAddress(address)) throw new ConfigError(`${name}: expected ${URL_ACCEPTED}${got(name, address)}`)
  }
  const unheard = corsOrigins.find((origin) => origin !== '*' && !isOrigin(origin))
  if (unheard !== undefined) throw new ConfigError(`VISAGE_CORS_ORIGINS: expected origins as browsers send them, like https://app.example.com or http://localhost:5173${got('VISAGE_CORS_ORIGINS', unheard)}`)
  const issuer = { VISAGE_JWKS_URL: config.jwksUrl, VISAGE_JWT_ISSUER: config.jwtIssuer, VISAGE_JWT_AUDIENCE: config.jwtAudience }
  const isNamed = Object.values(issuer).some((value) => value !== undefined)
  const unnamed = Object.entries(issuer).find(([, value]) => value === undefined)
  // A token that was made for another service of the same issuer must not count here.
  if (isNamed && unnamed !== undefined) throw new ConfigError(`${unnamed[0]}: needed to accept the tokens of another issuer, with the other two of ${Object.keys(issuer).join(', ')}`)
  for (const [name, key, least, most, spelled] of RANGES) {
    const value = config[key] ?? least
    if (value > most) throw new ConfigError(`${name}: expected at most ${spelled}`)
    if (!Number.isInteger(value) || value < least) throw new ConfigError(`${name}: expected a whole number, at least ${least}`)
  }
  if (databaseUrl !== undefined && !isDatabase(databaseUrl)) throw new ConfigError(`VISAGE_DATABASE_URL: expected ${DATABASE_ACCEPTED}`)
  if (storeUrl !== undefined && !isStore(storeUrl)) throw new ConfigError(`VISAGE_STORE_URL: expected ${STORE_ACCEPTED}`)
  if (isMany(config) && config.sealKey === undefined) throw new ConfigError(`VISAGE_SEAL_KEY: needed where VISAGE_DATABASE_URL and VISAGE_STORE_URL are set, the same for all processes: ${SEAL_KEY}`)
  if (smtpUrl !== undefined && !URL.canParse(smtpUrl)) throw new ConfigError(`VISAGE_SMTP_URL: expected ${SMTP_ACCEPTED}`)
  if (jwtSecret !== undefined && jwtSecret.length < SECRET_MIN) throw new ConfigError(`VISAGE_JWT_SECRET: expected ${SECRET}`)
  if (config.sealKey !== undefined && !isSealKey(config.sealKey)) throw new ConfigError(`VISAGE_SEAL_KEY: expected ${SEAL_KEY}`)
  if (config.jwtPrivateKey !== undefined && config.jwtAlg !== 'EdDSA') throw new ConfigError('VISAGE_JWT_PRIVATE_KEY: signs nothing unless VISAGE_JWT_ALG=EdDSA is set')
  return {
    ...config,
    ...publicUrl !== undefined && { publicUrl: publicUrl.replace(/\/+$/, '') },
    ...linkUrl !== undefined && { linkUrl: linkUrl.replace(/\/+$/, '') },
  }
}

/** Where a client on this machine finds a server; one that listens everywhere is found on localhost. */
export function originOf (host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  if (host === '0.0.0.0' || host === '::') return `${scheme}://localhost:${port}`
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function read (env: Record<string, string | undefined>): Static<typeof Environment> {
  // A number is written as people write it: the library would take `0x10`, `1e3` and `+1` as well.
  const unwritten = Object.entries(env).find(([name, value = '']) => Environment.properties[name as Variable].type === 'integer' && !/^(0|[1-9][0-9]*)$/.test(value))?.[0]
  if (unwritten !== undefined) throw unusable(unwritten as Variable, env)
  const values: Record<string, unknown> = { ...env }
  if (isEnvironment(values)) return values
  throw unusable(isEnvironment.errors?.[0]?.instancePath.slice(1) as Variable, env)
}

type Variable = keyof typeof Environment.properties

const unusable = (name: Variable, env: Record<string, string | undefined>) => new ConfigError(`${name}: expected ${Environment.properties[name].description}${got(name, env[name])}`)

/** Whoever fetched it or was told it would not use a password in it. */
const isAddress = (text: string): boolean => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === ''

/** With the name of a database; where it is may stand in its query, as libpq has it. */
const isDatabase = (text: string): boolean => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol) && new URL(text).pathname.length > 1

/** With the name of a bucket; what else it says is read where it is used. */
const isStore = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 's3:' && new URL(text).pathname.length > 1

/** Whether a browser can send this: in small letters, in ASCII, with no port that goes without saying. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text && !text.includes('*')

function isNetwork (text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const longest = { 4: 32, 6: 128 }[isIP(address)]
  return longest !== undefined && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
}

/** The secrets that lie in files, as container engines hand them in: without the line end. */
function secretsOf (env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(SECRETS.flatMap((name) => {
    const file = env[`${name}_FILE`]
    if (!file) return []
    if (env[name]) throw new ConfigError(`${name}_FILE: ${name} is set as well; one of them is enough`)
    const secret = contentOf(`${name}_FILE`, file)
    // Whoever names a file means what should be in it, and not that there is none.
    if (secret === '') throw new ConfigError(`${name}_FILE: ${JSON.stringify(file)} is empty`)
    return [[name, secret]]
  }))
}

function contentOf (name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}`)
  }
}

function toLevels (text: string): Pick<Config, 'logLevel' | 'logLevels'> {
  const [logLevel, ...parts] = text.split(',') as [LogLevel, ...string[]]
  return { logLevel, ...parts.length > 0 && { logLevels: Object.fromEntries(parts.map((part) => part.split('='))) as Partial<Record<LogPart, LogLevel>> } }
}

const toBytes = (text: string): number => parseInt(text) * BYTES[text.replace(/^\d+/, '') as keyof typeof BYTES]
const toList = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '')

import { isIP } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { envSchema } from 'env-schema'

const LOG_LEVELS = ['info', 'fatal', 'error', 'warn', 'debug', 'trace', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]

export const SECRET_MIN = 32
const SECRET = `a secret of at least ${SECRET_MIN} characters`
const URL_ACCEPTED = 'an http or https address'
const TTL_MAX_S = 3_650 * 86_400
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const
const BYTES = { '': 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const

// `description` says what a variable accepts; it is what a bad value is answered with.
const duration = (value: string) => Type.String({ default: value, pattern: '^[1-9][0-9]{0,8}[smhd]$', description: 'a whole number and s, m, h or d, like 15m' })
const size = (value: string) => Type.String({ default: value, pattern: '^[1-9][0-9]{0,11}(KiB|MiB|GiB)?$', description: 'bytes, or a whole number and KiB, MiB or GiB, like 8MiB' })
const choice = (...values: readonly [string, ...string[]]) => Type.String({ default: values[0], enum: [...values], description: `one of ${values.join(', ')}` })

/** Every variable of the environment that counts, with its default. */
const Environment = Type.Object({
  VISAGE_HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'a host name or an IP address' }),
  VISAGE_PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'a port from 0 to 65535' }),
  VISAGE_DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'a folder' }),
  VISAGE_PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://[^/?#\\s]+(/[^?#\\s]*)?$', description: URL_ACCEPTED })),
  VISAGE_JWT_SECRET: Type.Optional(Type.String({ description: SECRET })),
  VISAGE_ACCESS_TTL: duration('1h'),
  VISAGE_REFRESH_TTL: duration('30d'),
  VISAGE_MINTED_TOKENS: choice('off', 'on'),
  VISAGE_SIGN_UP: choice('open', 'closed'),
  VISAGE_AVATAR_MAX_BYTES: size('8MiB'),
  VISAGE_COVER_MAX_BYTES: size('16MiB'),
  VISAGE_CORS_ORIGINS: Type.String({ default: '', pattern: '^(\\*|(https?://[^/,\\s]+)(\\s*,\\s*https?://[^/,\\s]+)*)?$', description: 'a comma-separated list of origins like https://app.example.com, or *' }),
  VISAGE_TRUST_PROXY: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f.:/,\\s]+$', description: 'a comma-separated list of the proxies\' addresses or networks' })),
  VISAGE_LOG_LEVEL: choice(...LOG_LEVELS),
})

export interface Config {
  host: string
  port: number
  dataDir: string
  /** Without a trailing slash. Unset: the address that the server listens on. */
  publicUrl?: string
  /** Unset: read from the data folder, where the first start makes one. */
  jwtSecret?: string
  /** Seconds. */
  accessTtl: number
  refreshTtl: number
  /** Accept tokens that were minted elsewhere with the shared secret. */
  mintedTokens: boolean
  signUp: boolean
  avatarMaxBytes: number
  coverMaxBytes: number
  corsOrigins: string[]
  /** Addresses of proxies whose X-Forwarded headers are believed. */
  trustProxy?: string[]
  logLevel: LogLevel
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The configuration that an environment describes. Throws a ConfigError of one line that names the variable and what it accepts. */
export function loadConfig (env: Record<string, string | undefined> = {}): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in Environment.properties && value !== ''))
  const values = read(set)
  return checked({
    host: values.VISAGE_HOST,
    port: values.VISAGE_PORT,
    dataDir: values.VISAGE_DATA_DIR,
    ...values.VISAGE_PUBLIC_URL !== undefined && { publicUrl: values.VISAGE_PUBLIC_URL },
    ...values.VISAGE_JWT_SECRET !== undefined && { jwtSecret: values.VISAGE_JWT_SECRET },
    accessTtl: toSeconds(values.VISAGE_ACCESS_TTL),
    refreshTtl: toSeconds(values.VISAGE_REFRESH_TTL),
    mintedTokens: values.VISAGE_MINTED_TOKENS === 'on',
    signUp: values.VISAGE_SIGN_UP === 'open',
    avatarMaxBytes: toBytes(values.VISAGE_AVATAR_MAX_BYTES),
    coverMaxBytes: toBytes(values.VISAGE_COVER_MAX_BYTES),
    corsOrigins: toList(values.VISAGE_CORS_ORIGINS),
    ...values.VISAGE_TRUST_PROXY !== undefined && { trustProxy: toList(values.VISAGE_TRUST_PROXY) },
    logLevel: values.VISAGE_LOG_LEVEL as LogLevel,
  })
}

/** The configuration of an application that embeds the service: its options, and defaults for the rest. The same rules hold. */
export const configFrom = (options: Partial<Config>): Config => checked({ ...loadConfig(), ...options })

/** What no single variable can tell. */
function checked (config: Config): Config {
  const { publicUrl, trustProxy, jwtSecret, accessTtl, refreshTtl } = config
  if (trustProxy !== undefined && publicUrl === undefined) {
    throw new ConfigError('VISAGE_PUBLIC_URL: needed behind a proxy (VISAGE_TRUST_PROXY is set): the http or https address that clients use')
  }
  const notANetwork = trustProxy?.find((address) => !isNetwork(address))
  if (notANetwork !== undefined) throw new ConfigError(`VISAGE_TRUST_PROXY: expected addresses or networks like 10.0.0.0/8, got ${JSON.stringify(notANetwork)}`)
  if (trustProxy?.some((address) => /::ffff:/i.test(address))) {
    throw new ConfigError('VISAGE_TRUST_PROXY: write IPv4 networks as IPv4; a mapped one (::ffff:…) would trust everybody')
  }
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) throw new ConfigError(`VISAGE_PUBLIC_URL: expected ${URL_ACCEPTED}, got ${JSON.stringify(publicUrl)}`)
  for (const [name, seconds] of [['VISAGE_ACCESS_TTL', accessTtl], ['VISAGE_REFRESH_TTL', refreshTtl]] as const) {
    if (seconds > TTL_MAX_S) throw new ConfigError(`${name}: expected at most 3650d`)
  }
  // Not told back: the line ends in a log, and a secret that is too short is still one.
  if (jwtSecret !== undefined && jwtSecret.length < SECRET_MIN) throw new ConfigError(`VISAGE_JWT_SECRET: expected ${SECRET}`)
  return publicUrl === undefined ? config : { ...config, publicUrl: publicUrl.replace(/\/+$/, '') }
}

function read (env: Record<string, string | undefined>): Static<typeof Environment> {
  try {
    return envSchema<Static<typeof Environment>>({ schema: Environment, data: env, env: false, dotenv: false })
  } catch (error) {
    const [first] = (error as { errors?: { instancePath: string }[] }).errors ?? []
    const name = first?.instancePath.slice(1) as keyof typeof Environment.properties | undefined
    if (name === undefined) throw error
    throw new ConfigError(`${name}: expected ${Environment.properties[name].description}, got ${JSON.stringify(env[name])}`)
  }
}

function isNetwork (text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const longest = { 4: 32, 6: 128 }[isIP(address)]
  return longest !== undefined && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
}

const toSeconds = (text: string): number => parseInt(text) * SECONDS[text.slice(-1) as keyof typeof SECONDS]
const toBytes = (text: string): number => parseInt(text) * BYTES[text.replace(/^\d+/, '') as keyof typeof BYTES]
const toList = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '')

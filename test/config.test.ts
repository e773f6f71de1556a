import t from 'tap'
import { configFrom, loadConfig } from '../src/config.ts'

t.test('an empty environment gives the defaults', async (t) => {
  t.same(loadConfig({}), {
    host: '127.0.0.1',
    port: 3000,
    dataDir: './data',
    accessTtl: 3_600,
    refreshTtl: 30 * 86_400,
    mintedTokens: false,
    signUp: true,
    avatarMaxBytes: 8 * 1_024 ** 2,
    coverMaxBytes: 16 * 1_024 ** 2,
    corsOrigins: [],
    logLevel: 'info',
  })
  t.same(loadConfig({ VISAGE_PORT: '', HOME: '/nowhere', VISAGE_UNKNOWN: 'x' }), loadConfig({}), 'an empty value is an unset one')
})

t.test('every variable is read', async (t) => {
  t.same(loadConfig({
    VISAGE_HOST: '0.0.0.0',
    VISAGE_PORT: '0',
    VISAGE_DATA_DIR: '/srv/visage',
    VISAGE_PUBLIC_URL: 'https://people.example.com/visage//',
    VISAGE_JWT_SECRET: 's'.repeat(32),
    VISAGE_ACCESS_TTL: '15m',
    VISAGE_REFRESH_TTL: '90s',
    VISAGE_MINTED_TOKENS: 'on',
    VISAGE_SIGN_UP: 'closed',
    VISAGE_AVATAR_MAX_BYTES: '1000',
    VISAGE_COVER_MAX_BYTES: '2KiB',
    VISAGE_CORS_ORIGINS: 'https://a.example, http://localhost:5173',
    VISAGE_TRUST_PROXY: '10.0.0.0/8, ::1',
    VISAGE_LOG_LEVEL: 'silent',
  }), {
    host: '0.0.0.0',
    port: 0,
    dataDir: '/srv/visage',
    publicUrl: 'https://people.example.com/visage',
    jwtSecret: 's'.repeat(32),
    accessTtl: 900,
    refreshTtl: 90,
    mintedTokens: true,
    signUp: false,
    avatarMaxBytes: 1_000,
    coverMaxBytes: 2_048,
    corsOrigins: ['https://a.example', 'http://localhost:5173'],
    trustProxy: ['10.0.0.0/8', '::1'],
    logLevel: 'silent',
  })
})

t.test('a bad value is answered with one line that names the variable and what it accepts', async (t) => {
  const bad: [Record<string, string>, RegExp][] = [
    [{ VISAGE_PORT: '70000' }, /^VISAGE_PORT: expected a port from 0 to 65535, got "70000"$/],
    [{ VISAGE_PORT: 'http' }, /^VISAGE_PORT: expected a port/],
    [{ VISAGE_PUBLIC_URL: 'example.com' }, /^VISAGE_PUBLIC_URL: expected an http or https address/],
    [{ VISAGE_JWT_SECRET: 'short' }, /^VISAGE_JWT_SECRET: expected a secret of at least 32 characters$/],
    [{ VISAGE_ACCESS_TTL: '1 hour' }, /^VISAGE_ACCESS_TTL: expected a whole number and s, m, h or d/],
    [{ VISAGE_REFRESH_TTL: '0d' }, /^VISAGE_REFRESH_TTL: /],
    [{ VISAGE_MINTED_TOKENS: 'true' }, /^VISAGE_MINTED_TOKENS: expected one of off, on, got "true"$/],
    [{ VISAGE_SIGN_UP: 'maybe' }, /^VISAGE_SIGN_UP: expected one of open, closed/],
    [{ VISAGE_AVATAR_MAX_BYTES: '8MB' }, /^VISAGE_AVATAR_MAX_BYTES: expected bytes/],
    [{ VISAGE_COVER_MAX_BYTES: '-1' }, /^VISAGE_COVER_MAX_BYTES: expected bytes/],
    [{ VISAGE_CORS_ORIGINS: 'https://a.example/path' }, /^VISAGE_CORS_ORIGINS: expected a comma-separated list of origins/],
    [{ VISAGE_TRUST_PROXY: 'everybody', VISAGE_PUBLIC_URL: 'https://x.example' }, /^VISAGE_TRUST_PROXY: expected a comma-separated list/],
    [{ VISAGE_TRUST_PROXY: '10.0.0.0/99', VISAGE_PUBLIC_URL: 'https://x.example' }, /^VISAGE_TRUST_PROXY: expected addresses or networks like 10\.0\.0\.0\/8, got "10\.0\.0\.0\/99"$/],
    [{ VISAGE_TRUST_PROXY: '::1,face', VISAGE_PUBLIC_URL: 'https://x.example' }, /^VISAGE_TRUST_PROXY: .*"face"$/],
    [{ VISAGE_PUBLIC_URL: 'http://[bad' }, /^VISAGE_PUBLIC_URL: expected an http or https address/],
    [{ VISAGE_ACCESS_TTL: '4000d' }, /^VISAGE_ACCESS_TTL: expected at most 3650d$/],
    [{ VISAGE_TRUST_PROXY: '10.0.0.1' }, /^VISAGE_PUBLIC_URL: needed behind a proxy/],
    [{ VISAGE_TRUST_PROXY: '::ffff:10.0.0.0/104', VISAGE_PUBLIC_URL: 'https://x.example' }, /^VISAGE_TRUST_PROXY: write IPv4 networks as IPv4/],
    [{ VISAGE_LOG_LEVEL: 'loud' }, /^VISAGE_LOG_LEVEL: expected one of info, fatal/],
  ]
  for (const [env, message] of bad) t.throws(() => loadConfig(env), { name: 'ConfigError', message })
})

t.test('the options of an embedding application are held to the same rules', async (t) => {
  t.same(configFrom({ port: 1, publicUrl: 'https://example.com/' }), { ...loadConfig(), port: 1, publicUrl: 'https://example.com' })
  t.throws(() => configFrom({ trustProxy: ['10.0.0.1'] }), { message: /^VISAGE_PUBLIC_URL: needed behind a proxy/ })
  t.throws(() => configFrom({ trustProxy: ['::ffff:0:0/96'], publicUrl: 'https://example.com' }), { message: /^VISAGE_TRUST_PROXY: write IPv4/ })
  t.throws(() => configFrom({ jwtSecret: 'x' }), { message: /^VISAGE_JWT_SECRET: / })
})

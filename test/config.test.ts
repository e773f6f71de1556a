import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Ajv } from 'ajv'
import t from 'tap'
import { configFrom, Environment, loadConfig } from '../src/config.ts'
import { unknownSettings } from '../src/unknown-settings.ts'
import { visage } from './commands/visage.ts'

t.test('an empty environment gives the defaults', async (t) => {
  t.same(loadConfig({}), {
    host: '127.0.0.1',
    port: 3000,
    dataDir: './data',
    databasePool: 16,
    accessTtl: 3_600,
    refreshTtl: 30 * 86_400,
    refreshGrace: 30,
    reservedUsernames: [],
    jwtAlg: 'HS256',
    jwtProvision: false,
    mintedTokens: false,
    signUp: true,
    publicDirectory: false,
    passwordMin: 8,
    mailFrom: 'Visage <visage@localhost>',
    rateLimit: true,
    avatarMaxBytes: 8 * 1_024 ** 2,
    coverMaxBytes: 16 * 1_024 ** 2,
    privateMedia: false,
    gravatarMd5: false,
    corsOrigins: [],
    diskFloor: 256 * 1_024 ** 2,
    drain: 0,
    metricsHost: '127.0.0.1',
    logLevel: 'info',
    logAddress: true,
    auditDays: 90,
  })
  t.same(loadConfig({ VISAGE_PORT: '', HOME: '/nowhere', VISAGE_UNKNOWN: 'x' }), loadConfig({}), 'an empty value is an unset one')
})

t.test('docs/settings.md has every variable, with its default', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../docs/settings.md'), 'utf8')
  const told = [...page.matchAll(/^\| `(VISAGE_\w+)` \| (?:`(.+?)`)?/gm)].map(([, name, value]) => [name, value])
  // Of these the page says in words what stands for them.
  t.same(Object.fromEntries(told), Object.fromEntries(Object.entries(Environment.properties).map(([name, { default: value }]) => [name, value === '' || value === undefined ? undefined : String(value)])))
})

t.test('every variable is read', async (t) => {
  t.same(loadConfig({
    VISAGE_HOST: '0.0.0.0',
    VISAGE_PORT: '0',
    VISAGE_DATA_DIR: '/srv/visage',
    VISAGE_PUBLIC_URL: 'https://people.example.com/visage//',
    VISAGE_JWT_SECRET: 's'.repeat(32),
    VISAGE_JWT_PRIVATE_KEY: 'a key, which the signer judges',
    VISAGE_SEAL_KEY: 'k'.repeat(43),
    VISAGE_ACCESS_TTL: '15m',
    VISAGE_REFRESH_TTL: '90s',
    VISAGE_REFRESH_GRACE: '0',
    VISAGE_DATABASE_URL: 'postgres://user:secret@db.example.com/visage',
    VISAGE_DATABASE_POOL: '8',
    VISAGE_STORE_URL: 's3://key:secret@s3.example.com/pictures',
    AWS_REGION: 'eu-central-1',
    AWS_SESSION_TOKEN: '',
    VISAGE_RESERVED_USERNAMES: 'ceo, Support-Team',
    VISAGE_JWT_ALG: 'EdDSA',
    VISAGE_JWKS_URL: 'https://issuer.example.com/jwks.json',
    VISAGE_JWT_ISSUER: 'https://issuer.example.com/',
    VISAGE_JWT_AUDIENCE: 'visage',
    VISAGE_JWT_PROVISION: 'on',
    VISAGE_MINTED_TOKENS: 'on',
    VISAGE_SIGN_UP: 'closed',
    VISAGE_DIRECTORY: 'public',
    VISAGE_PASSWORD_MIN: '15',
    VISAGE_LINK_URL: 'https://app.example.com/account/',
    VISAGE_SMTP_URL: 'smtp://user:secret@mail.example.com:587',
    VISAGE_MAIL_FROM: 'Example <hello@example.com>',
    VISAGE_RATE_LIMIT: 'off',
    VISAGE_TOKEN_RATE: '50',
    VISAGE_AVATAR_MAX_BYTES: '1000',
    VISAGE_COVER_MAX_BYTES: '2KiB',
    VISAGE_MEDIA: 'private',
    VISAGE_GRAVATAR_MD5: 'on',
    VISAGE_CORS_ORIGINS: 'https://a.example, http://localhost:5173',
    VISAGE_TRUST_PROXY: '10.0.0.0/8, ::1',
    VISAGE_DISK_FLOOR: '1GiB',
    VISAGE_DRAIN: '15s',
    VISAGE_METRICS_PORT: '9464',
    VISAGE_METRICS_HOST: '::1',
    VISAGE_LOG_LEVEL: 'silent,mail=debug,requests=info',
    VISAGE_LOG_ADDRESS: 'off',
    VISAGE_AUDIT_DAYS: '7',
  }), {
    host: '0.0.0.0',
    port: 0,
    dataDir: '/srv/visage',
    databaseUrl: 'postgres://user:secret@db.example.com/visage',
    databasePool: 8,
    storeUrl: 's3://key:secret@s3.example.com/pictures',
    storeKey: { AWS_REGION: 'eu-central-1' },
    publicUrl: 'https://people.example.com/visage',
    jwtSecret: 's'.repeat(32),
    jwtPrivateKey: 'a key, which the signer judges',
    sealKey: 'k'.repeat(43),
    accessTtl: 900,
    refreshTtl: 90,
    refreshGrace: 0,
    reservedUsernames: ['ceo', 'Support-Team'],
    jwtAlg: 'EdDSA',
    jwksUrl: 'https://issuer.example.com/jwks.json',
    jwtIssuer: 'https://issuer.example.com/',
    jwtAudience: 'visage',
    jwtProvision: true,
    mintedTokens: true,
    signUp: false,
    publicDirectory: true,
    passwordMin: 15,
    linkUrl: 'https://app.example.com/account',
    smtpUrl: 'smtp://user:secret@mail.example.com:587',
    mailFrom: 'Example <hello@example.com>',
    rateLimit: false,
    tokenRate: 50,
    avatarMaxBytes: 1_000,
    coverMaxBytes: 2_048,
    privateMedia: true,
    gravatarMd5: true,
    corsOrigins: ['https://a.example', 'http://localhost:5173'],
    trustProxy: ['10.0.0.0/8', '::1'],
    diskFloor: 1_024 ** 3,
    drain: 15,
    metricsPort: 9_464,
    metricsHost: '::1',
    logLevel: 'silent',
    logLevels: { mail: 'debug', requests: 'info' },
    logAddress: false,
    auditDays: 7,
  })
})

t.test('the schema of the settings, which no start checks, is one', async (t) => {
  const ajv = new Ajv({ strict: true })
  t.equal(ajv.validateSchema(Environment), true, JSON.stringify(ajv.errors))
})

t.test('a bad value is answered with one line that names the variable and what it accepts', async (t) => {
  const bad: [Record<string, string>, RegExp][] = [
    [{ VISAGE_PORT: '70000' }, /^VISAGE_PORT: expected a port from 0 to 65535, got "70000"$/],
    [{ VISAGE_PASSWORD_MIN: '7' }, /^VISAGE_PASSWORD_MIN: expected a number of characters from 8 to 128, got "7"$/],
    [{ VISAGE_LINK_URL: 'app.example.com' }, /^VISAGE_LINK_URL: expected an http or https address/],
    [{ VISAGE_JWKS_URL: 'https://issuer.example.com/jwks' }, /^VISAGE_JWT_ISSUER: needed to accept the tokens of another issuer, with the other two of/],
    [{ VISAGE_JWT_ISSUER: 'x', VISAGE_JWT_AUDIENCE: 'y' }, /^VISAGE_JWKS_URL: needed/],
    [{ VISAGE_JWT_ALG: 'none' }, /^VISAGE_JWT_ALG: expected one of HS256, EdDSA/],
    [{ VISAGE_STORE_URL: 'https://key:hunter2@s3.example.com/pictures' }, /^VISAGE_STORE_URL: expected the address of a bucket like s3:\/\/key:secret@s3\.example\.com\/pictures\?region=eu-central-1$/],
    [{ VISAGE_STORE_URL: 's3://key:hunter2@s3.example.com' }, /^VISAGE_STORE_URL: expected the address of a bucket/],
    [{ VISAGE_SMTP_URL: 'mail.example.com' }, /^VISAGE_SMTP_URL: expected an smtp or smtps address/],
    [{ VISAGE_MAIL_FROM: 'nobody' }, /^VISAGE_MAIL_FROM: expected an address like/],
    [{ VISAGE_MAIL_FROM: 'a@example.com\nBcc: b@example.com' }, /^VISAGE_MAIL_FROM: expected an address like/],
    [{ VISAGE_RATE_LIMIT: 'maybe' }, /^VISAGE_RATE_LIMIT: expected one of on, off/],
    [{ VISAGE_TOKEN_RATE: '0' }, /^VISAGE_TOKEN_RATE: expected requests in 10 seconds for each API token/],
    [{ VISAGE_PORT: 'http' }, /^VISAGE_PORT: expected a port/],
    [{ VISAGE_PUBLIC_URL: 'example.com' }, /^VISAGE_PUBLIC_URL: expected an http or https address/],
    [{ VISAGE_JWT_SECRET: 'short' }, /^VISAGE_JWT_SECRET: expected a secret of at least 32 characters$/],
    [{ VISAGE_SEAL_KEY: 'k'.repeat(42) }, /^VISAGE_SEAL_KEY: expected 32 random bytes in base64url, which are 43 characters$/],
    [{ VISAGE_JWT_PRIVATE_KEY: 'hunter2' }, /^VISAGE_JWT_PRIVATE_KEY: signs nothing unless VISAGE_JWT_ALG=EdDSA is set$/],
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

t.test('A8 I6 every setting that is a number, at both ends, and as people write numbers', async (t) => {
  const good: [Record<string, string>, object][] = [
    [{ VISAGE_PORT: '0' }, { port: 0 }], [{ VISAGE_PORT: '65535' }, { port: 65_535 }],
    [{ VISAGE_ACCESS_TTL: '1s' }, { accessTtl: 1 }], [{ VISAGE_REFRESH_TTL: '3650d' }, { refreshTtl: 315_360_000 }], [{ VISAGE_REFRESH_GRACE: '1h' }, { refreshGrace: 3_600 }],
    [{ VISAGE_PASSWORD_MIN: '128' }, { passwordMin: 128 }], [{ VISAGE_TOKEN_RATE: '999999999' }, { tokenRate: 999_999_999 }],
    [{ VISAGE_AVATAR_MAX_BYTES: '1' }, { avatarMaxBytes: 1 }], [{ VISAGE_COVER_MAX_BYTES: '1GiB' }, { coverMaxBytes: 1_073_741_824 }], [{ VISAGE_AVATAR_MAX_BYTES: '1073741824' }, { avatarMaxBytes: 1_073_741_824 }],
  ]
  for (const [env, config] of good) t.match(loadConfig(env), config, JSON.stringify(env))

  const none = ['-1', '-0', '0.5', '+1', '0x10', '1e21', '1e308', '1e400', 'NaN', 'Infinity', '9007199254740992', '9'.repeat(400)]
  const spellings = ['0x1', '0b11', '0o17', '1e1', '1E1', '10.0', '+9', '-0', '010', ' 10', '10 ', '1_0', '1n', '٣']
  const bad: Record<string, string[]> = {
    VISAGE_PORT: ['65536', ...none, ...spellings],
    VISAGE_ACCESS_TTL: ['0', '1', '0s', '3651d', '999999999d', '999999999s', ...none.map((text) => `${text}s`)],
    VISAGE_REFRESH_TTL: ['0', '0s', '3651d', '87601h', '999999999d', ...none.map((text) => `${text}d`)],
    VISAGE_REFRESH_GRACE: ['0s', '3601s', '61m', '2h', '999999999d', ...none.map((text) => `${text}s`)],
    VISAGE_DRAIN: ['0s', '601s', '11m', '1h', ...none.map((text) => `${text}s`)],
    VISAGE_PASSWORD_MIN: ['0', '7', '129', '8.5', ...none, ...spellings],
    VISAGE_TOKEN_RATE: ['0', '1000000000', ...none],
    VISAGE_AVATAR_MAX_BYTES: ['0', '0GiB', '1073741825', '2GiB', '1025MiB', '999999999999', '999999999999GiB', ...none, ...none.map((text) => `${text}KiB`)],
    VISAGE_COVER_MAX_BYTES: ['0', '2GiB', '999999999999KiB', '999999999999GiB', '9007199254740993', ...none],
    VISAGE_SMTP_URL: ['65536', '99999', '-1', '1e3', '0x19', '9'.repeat(400)].map((port) => `smtp://user:hidden@mail.example.com:${port}`),
    VISAGE_PUBLIC_URL: ['65536', '-1', '1e3'].map((port) => `https://example.com:${port}`),
    VISAGE_TRUST_PROXY: ['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/1e1', '::1/129', '10.0.0.256', '10.0.0.0/0x8', '10.0.0.0/9999'],
  }
  for (const [name, values] of Object.entries(bad)) {
    const more = name === 'VISAGE_TRUST_PROXY' ? { VISAGE_PUBLIC_URL: 'https://example.com' } : {}
    for (const value of values) {
      t.throws(() => loadConfig({ ...more, [name]: value }), { name: 'ConfigError', message: new RegExp(`^${name}: expected (?!.*hidden)`) }, `${name}=${value.slice(0, 60)}`)
    }
  }

  const told = {
    port: [-1, 65_536, 0.5, NaN], accessTtl: [0, -1, 1.5, 1e13, Infinity, NaN], refreshTtl: [0, -1, 1.5, 1e13, Infinity, NaN], refreshGrace: [-1, 0.5, 3_601, NaN], passwordMin: [0, 7, 129, NaN],
    tokenRate: [0, -1, 0.5, 1e21, NaN], avatarMaxBytes: [0, -1, 0.5, 2 ** 53, Infinity, NaN], coverMaxBytes: [0, 2 ** 30 + 1],
  }
  for (const [key, values] of Object.entries(told)) {
    for (const value of values) t.throws(() => configFrom({ [key]: value }), { name: 'ConfigError', message: /^VISAGE_[A-Z_]+: expected / }, `${key}: ${value}, by an application around`)
  }
})

t.test('I6 an origin that no browser sends is refused', async (t) => {
  const never = ['http://localhost:*', 'https://*.example.com', 'https://*', 'https://app.example.com/', 'https://app.example.com/path', 'https://App.example.com', 'HTTPS://app.example.com', 'https://app.example.com:443', 'http://app.example.com:80', 'https://app.example.com:0443',
    'https://müller.example', 'https://user@app.example.com', 'https://app.example.com?x', 'https://app.example.com#x', 'https://app.example.com:', 'https://app.example.com:99999', 'http://127.1', 'http://[::1', 'app.example.com', 'null', 'file://']
  for (const origin of never) {
    for (const list of [origin, `https://a.example, ${origin}`]) t.throws(() => loadConfig({ VISAGE_CORS_ORIGINS: list }), { name: 'ConfigError', message: /^VISAGE_CORS_ORIGINS: expected / }, list)
    t.throws(() => configFrom({ corsOrigins: ['https://a.example', origin] }), { name: 'ConfigError', message: /^VISAGE_CORS_ORIGINS: expected / }, origin)
  }
  const sent = ['https://app.example.com', 'http://localhost:5173', 'http://127.0.0.1:8080', 'http://[::1]:3000', 'https://xn--mller-kva.example', 'https://app.example.com:8443']
  t.same(loadConfig({ VISAGE_CORS_ORIGINS: sent.join(', ') }).corsOrigins, sent)
  t.same(loadConfig({ VISAGE_CORS_ORIGINS: '*' }).corsOrigins, ['*'])
  t.throws(() => loadConfig({ VISAGE_CORS_ORIGINS: 'http://localhost:*' }), { message: 'VISAGE_CORS_ORIGINS: expected origins as browsers send them, like https://app.example.com or http://localhost:5173, got "http://localhost:*"' })
})

t.test('I6 no message repeats a secret, whatever is wrong with it or beside it', async (t) => {
  const bad: Record<string, string>[] = [
    ...['smtp://user:hunter2@mail.example.com:x', 'smtp://user:hunter2 @mail.example.com', 'user:hunter2@mail.example.com', 'http://user:hunter2@mail.example.com', 'smtp://user:hunter2@', 'hunter2'].map((url) => ({ VISAGE_SMTP_URL: url })),
    { VISAGE_JWT_SECRET: 'hunter2' },
    ...['VISAGE_PUBLIC_URL', 'VISAGE_LINK_URL', 'VISAGE_JWKS_URL'].flatMap((name) => ['https://user:hunter2@example.com', 'https://user:hunter2@example.com:x', 'user:hunter2@example.com', 'https://hunter2@example.com', 'https://user:hunter2@exa mple.com'].map((url) => ({ [name]: url }))),
    { VISAGE_JWKS_URL: 'https://example.com/keys?key=hunter2' },
    { VISAGE_CORS_ORIGINS: 'https://user:hunter2@example.com' },
    { VISAGE_SMTP_URL: 'smtp://user:hunter2@mail.example.com', VISAGE_JWT_SECRET: 'hunter2'.repeat(5), VISAGE_PORT: 'x' },
  ]
  for (const env of bad) {
    const name = Object.keys(env).find((name) => env.VISAGE_PORT === undefined || name === 'VISAGE_PORT') ?? ''
    try {
      loadConfig(env)
      t.fail(JSON.stringify(env))
    } catch (error) {
      t.match(error, { name: 'ConfigError', message: new RegExp(`^${name}: expected `) })
      t.notMatch(inspect(error, { depth: Infinity, showHidden: true }), /hunter2/, JSON.stringify(env))
    }
  }
  t.throws(() => configFrom({ smtpUrl: 'smtp://user:hunter2@mail.example.com:x' }), { message: /^VISAGE_SMTP_URL: expected an smtp or smtps address like smtp:\/\/user:password@mail\.example\.com:587$/ })
  t.equal(loadConfig({ VISAGE_SMTP_URL: 'smtp://us%40er:p%25ss@mail.example.com' }).smtpUrl, 'smtp://us%40er:p%25ss@mail.example.com')
})

t.test('I6 a variable that is no setting is named, with the one that was meant', async (t) => {
  t.same(unknownSettings({ VISAGE_DATADIR: './x', VISAGE_PROT: '1', visage_port: '1', VISAGE_SMTP: 'x', VISAGE_SOMETHING_ELSE: 'hunter2', HOME: '/', VISAGE: 'x', VISAGE_PORT: '1', npm_package_config_visage_prot: 'x' }), [
    'VISAGE_DATADIR is no setting and does nothing; did you mean VISAGE_DATA_DIR?',
    'VISAGE_PROT is no setting and does nothing; did you mean VISAGE_PORT?',
    'visage_port is no setting and does nothing; did you mean VISAGE_PORT?',
    'VISAGE_SMTP is no setting and does nothing; did you mean VISAGE_SMTP_URL?',
    'VISAGE_SOMETHING_ELSE is no setting and does nothing',
  ])
  const byOthers = ['VISAGE_SERVICE_HOST', 'VISAGE_SERVICE_PORT', 'VISAGE_SERVICE_PORT_HTTP', 'VISAGE_PORT_3000_TCP', 'VISAGE_PORT_3000_TCP_ADDR', 'VISAGE_PORT_3000_TCP_PORT', 'VISAGE_PORT_3000_TCP_PROTO', 'VISAGE_NAME', 'VISAGE_ENV_NODE_VERSION']
  t.same(unknownSettings(Object.fromEntries(byOthers.map((name) => [name, 'x']))), [], 'what Kubernetes and Docker set for whoever is called visage')
  const { stderr } = await visage(join(t.testdir({}), 'none'), ['fields', 'list'], { VISAGE_PROT: '1' })
  t.match(stderr, /^VISAGE_PROT is no setting and does nothing; did you mean VISAGE_PORT\?\n.* is not the data folder/)
})

t.test('secrets from files: without the line end, never told, and never beside the variable itself', async (t) => {
  const folder = t.testdir({ secret: `${'s'.repeat(32)}\n`, smtp: 'smtp://ada:hunter2@mail.example.com:587\r\n', short: 'hunter2\n', empty: '\n' })
  const at = (name: string) => join(folder, name)
  t.match(loadConfig({ VISAGE_JWT_SECRET_FILE: at('secret'), VISAGE_SMTP_URL_FILE: at('smtp') }), { jwtSecret: 's'.repeat(32), smtpUrl: 'smtp://ada:hunter2@mail.example.com:587' })
  t.same(loadConfig({ VISAGE_JWT_SECRET_FILE: '' }), loadConfig({}))
  const cases: [env: Record<string, string>, says: RegExp][] = [
    [{ VISAGE_JWT_SECRET_FILE: at('nowhere') }, /^VISAGE_JWT_SECRET_FILE: ENOENT/],
    [{ VISAGE_JWT_SECRET_FILE: at('secret'), VISAGE_JWT_SECRET: 'x'.repeat(32) }, /^VISAGE_JWT_SECRET_FILE: VISAGE_JWT_SECRET is set as well; one of them is enough$/],
    [{ VISAGE_JWT_SECRET_FILE: at('short') }, /^VISAGE_JWT_SECRET: expected a secret of at least 32 characters$/],
    [{ VISAGE_SMTP_URL_FILE: at('short') }, /^VISAGE_SMTP_URL: expected an smtp or smtps address/],
    [{ VISAGE_JWT_SECRET_FILE: at('empty') }, /^VISAGE_JWT_SECRET_FILE: ".*empty" is empty$/],
    [{ VISAGE_SMTP_URL_FILE: at('empty') }, /^VISAGE_SMTP_URL_FILE: ".*empty" is empty$/],
  ]
  for (const [env, message] of cases) {
    t.throws(() => loadConfig(env), { name: 'ConfigError', message })
    t.throws(() => loadConfig(env), { message: /^(?!.*hunter2)/s })
  }
  const { stdout } = await visage(folder, ['settings', '--json'], { VISAGE_JWT_SECRET_FILE: at('secret') })
  t.match(stdout, /^{"name":"VISAGE_JWT_SECRET","value":"set","from":"file"}$/m)
  t.same(unknownSettings({ VISAGE_SMTP_URL_FILE: 'x', VISAGE_HOST_FILE: 'x' }), ['VISAGE_HOST_FILE is no setting and does nothing'])
})

t.test('a .env beside the program holds what the environment does not say', async (t) => {
  const folder = t.testdir({ src: {}, '.env': 'VISAGE_PORT=4000\nVISAGE_HOST=from-the-file\n' })
  copyFileSync(join(import.meta.dirname, '../src/env-file.cjs'), join(folder, 'src/env-file.cjs'))
  const run = () => execFileSync(process.execPath, ['-r', join(folder, 'src/env-file.cjs'), '-p', 'process.env.VISAGE_PORT + process.env.VISAGE_HOST'], { encoding: 'utf8', env: { ...process.env, VISAGE_HOST: '::1' } })
  t.equal(run(), '4000::1\n')
  rmSync(join(folder, '.env'))
  t.equal(run(), 'undefined::1\n')
})

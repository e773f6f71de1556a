import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'

const DEADLINE_MS = 5_000
/** What is wrong with the machine or the settings, by the error's code and the call that failed; anything else is told with all its details. */
const SETTINGS: [code: RegExp, call: RegExp, setting: string][] = [
  [/^(EADDRINUSE|EACCES)$/, /^listen$/, 'VISAGE_PORT'],
  [/^(ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL)$/, /^(listen|getaddrinfo)$/, 'VISAGE_HOST'],
  [/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT)$/, /^(mkdir|open|chmod)$/, 'VISAGE_DATA_DIR'],
]

function sentenceOf (error: unknown): string | undefined {
  const { code = '', syscall = '', message } = error as { code?: string, syscall?: string, message: string }
  if (error instanceof ConfigError || code === 'INSTANCE_LOCKED') return message
  const setting = SETTINGS.find(([codes, calls]) => codes.test(code) && calls.test(syscall))?.[2]
  return setting && `${setting}: ${message}`
}

async function start (): Promise<void> {
  const config = loadConfig(process.env)
  // The process that decodes strangers' pictures inherits the environment, and has no use for these.
  delete process.env.VISAGE_JWT_SECRET
  delete process.env.VISAGE_SMTP_URL
  const app = await buildApp(config)
  try {
    await app.listen({ host: config.host, port: config.port, listenTextResolver: (address) => `Visage listens on ${address}` })
  } catch (error) {
    await app.close()
    throw error
  }
  closeWithGrace({ delay: DEADLINE_MS, logger: app.log }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'closing after an error')
    await app.close()
  })
}

try {
  await start()
} catch (error) {
  console.error(sentenceOf(error) ?? error)
  process.exitCode = 1
}

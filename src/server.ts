import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'

const DEADLINE_MS = 5_000
/** What a person can put right; anything else is told with all its details. */
const EXPECTED: unknown[] = ['INSTANCE_LOCKED', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES']

async function start (): Promise<void> {
  const config = loadConfig(process.env)
  // The process that decodes strangers' pictures inherits the environment, and has no use for this.
  delete process.env.VISAGE_JWT_SECRET
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
  const { code, message } = error as { code?: unknown, message: string }
  console.error(error instanceof ConfigError || EXPECTED.includes(code) ? message : error)
  process.exitCode = 1
}

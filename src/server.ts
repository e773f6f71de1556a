import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'

const DEADLINE_MS = 5_000

try {
  const config = loadConfig(process.env)
  const app = await buildApp(config)
  closeWithGrace({ delay: DEADLINE_MS, logger: app.log }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'closing after an error')
    await app.close()
  })
  await app.listen({ host: config.host, port: config.port, listenTextResolver: (address) => `Visage listens on ${address}` })
} catch (error) {
  const { code, message } = error as { code?: unknown, message: string }
  const isExpected = error instanceof ConfigError || code === 'INSTANCE_LOCKED' || code === 'EADDRINUSE'
  console.error(isExpected ? message : error)
  process.exitCode = 1
}

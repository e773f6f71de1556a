import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp, sentenceOf } from './app.ts'
import { loadConfig } from './config.ts'
import type { Config } from './config.ts'
import { breakageOf } from './disk.ts'
import { STOP } from './stop.ts'
import { unknownSettings } from './unknown-settings.ts'

/** By which a stop is asked for. npm hands on what the terminal has sent to the whole group, so one stop may be asked for twice. */
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const
/** What is wrong with the machine or the settings, by the error's code and the call that failed; anything else is told with all its details. */
const SETTINGS: [code: RegExp, call: RegExp, setting: string][] = [
  [/^(EADDRINUSE|EACCES)$/, /^listen$/, 'VISAGE_PORT'],
  [/^(ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL)$/, /^(listen|getaddrinfo)$/, 'VISAGE_HOST'],
  [/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT)$/, /^(mkdir|open|chmod|l?stat|scandir)$/, 'VISAGE_DATA_DIR'],
]

function saidOf (error: unknown): string | undefined {
  const { code = '', syscall = '', message } = error as { code?: string, syscall?: string, message: string }
  const setting = SETTINGS.find(([codes, calls]) => codes.test(code) && calls.test(syscall))?.[2]
  return sentenceOf(error) ?? (setting && `${setting}: ${message}`)
}

async function start (config: Config): Promise<void> {
  const unknown = unknownSettings(process.env)
  // The process that decodes strangers' pictures inherits the environment, and has no use for these.
  delete process.env.VISAGE_JWT_SECRET
  delete process.env.VISAGE_JWT_PRIVATE_KEY
  delete process.env.VISAGE_SEAL_KEY
  delete process.env.VISAGE_SMTP_URL
  delete process.env.VISAGE_DATABASE_URL
  delete process.env.VISAGE_STORE_URL
  delete process.env.AWS_SECRET_ACCESS_KEY
  delete process.env.AWS_SESSION_TOKEN
  const building = buildApp(config)
  // Before anybody can connect, and before there is anything that would have to be closed.
  const stop = bindStop(building, config.drain)
  try {
    const app = stop.app = await building
    for (const says of unknown) app.log.warn(says)
    if (!stop.isAsked) await app.listen({ host: config.host, port: config.port, listenTextResolver: (address) => `Visage listens on ${address}` })
  } catch (error) {
    // What fails because it is being closed has not failed.
    if (stop.isAsked) return
    stop.unbind()
    await stop.app?.close()
    throw error
  }
}

interface Stop {
  isAsked: boolean
  /** Once it has been built. */
  app?: FastifyInstance
  unbind: () => void
}

/**
 * Closes the application and ends the process, once a signal asks for it or an error comes that nobody foresaw. `drain`: the seconds
 * in which whoever sends requests here may learn that they should send them elsewhere.
 */
function bindStop (building: Promise<FastifyInstance>, drain: number): Stop {
  const logger = { error: (said: unknown) => { (stop.app?.log ?? console).error(said) } }
  const grace = closeWithGrace({ delay: STOP.process, logger, skip: [...SIGNALS] }, async ({ err }) => {
    if (err !== undefined && stop.app === undefined) console.error(err)
    const app = await building
    if (err !== undefined) app.log.fatal({ err }, 'closing after an error')
    await app.close()
    app.log.info('the database is closed')
  })

  function onSignal (signal: NodeJS.Signals): void {
    if (stop.isAsked) return
    stop.isAsked = true
    stop.app?.log.info({ signal }, 'closing')
    stop.app?.server.emit('draining')
    if (drain === 0 || stop.app?.server.listening !== true) grace.close()
    else setTimeout(() => { grace.close() }, drain * 1_000)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)

  const stop: Stop = {
    isAsked: false,
    unbind () {
      grace.uninstall()
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
  return stop
}

/** Runs the service until a signal asks it to stop. Resolves when it listens, or when it has said why it cannot. */
export async function serve (): Promise<void> {
  let config: Config | undefined
  try {
    config = loadConfig(process.env)
    await start(config)
  } catch (error) {
    console.error(saidOf(error) ?? breakageOf(config?.dataDir ?? '', error) ?? error)
    process.exitCode = 1
  }
}

import { join } from 'node:path'
import { boundMemory } from '../../.ci/memory-bound.ts'
import { freePort, start } from '../process.ts'
import type { Running } from '../process.ts'
import type { Dialect } from '../requests.ts'
import type { Peer } from './index.ts'

const ROOT = join(import.meta.dirname, '../..')
/** How `npm start` starts it. */
export const FROM_CLONE = [process.execPath, '-r', join(ROOT, 'src/needs-node.cjs'), '-r', join(ROOT, 'src/env-file.cjs'), join(ROOT, 'src/server.ts')]
const MEMORY_MB = 512

const DIALECT: Dialect = {
  own: '/api/v2/user/{id}/',
  native: '/v1/me',
  authorization: 'Token {key}',
  list: '/api/v2/user/?limit=20',
  search: '/api/v2/user/search/?user=quetzalcoatl&limit=20',
}

interface Options { dataDir: string, command?: readonly string[], settings?: Record<string, string>, log?: string, cores?: 'one' | 'all' }

/** The service, without limits and with a log of warnings unless `settings` say otherwise. */
export async function startService ({ dataDir, command = FROM_CLONE, settings = {}, ...rest }: Options): Promise<Running> {
  const port = await freePort()
  const env = { VISAGE_DATA_DIR: dataDir, VISAGE_PORT: String(port), VISAGE_LOG_LEVEL: 'warn', VISAGE_RATE_LIMIT: 'off', ...settings }
  return await start({ command, env, url: `http://127.0.0.1:${port}`, until: { path: '/health/live', status: 200 }, ...rest })
}

const here = { version: async () => 'of this folder', install: '' }

function serviceWith (options: (folder: string) => Omit<Options, 'dataDir'>): Peer {
  return {
    ...here,
    async start ({ folder, copyData }) {
      const { dataDir, tokens } = await copyData(join(folder, 'data'))
      return { ...await startService({ dataDir, ...options(folder) }), dialect: DIALECT, tokens }
    },
  }
}

export const service = serviceWith(() => ({}))
export const allCores = serviceWith(() => ({ cores: 'all' }))
/** Limits count and never refuse, and every request has its line. */
export const defaults = serviceWith((folder) => ({ settings: { VISAGE_RATE_LIMIT: 'on', VISAGE_TOKEN_RATE: '999999999', VISAGE_LOG_LEVEL: 'info' }, log: join(folder, 'log') }))

/** All its processes together in so much memory. */
export const bounded: Peer = {
  install: 'run it where a control group for memory can be made, as root on the machine itself',
  async version () {
    const bound = boundMemory(MEMORY_MB)
    await bound?.remove()
    return bound && 'held to it by a control group'
  },
  async start (place) {
    const bound = boundMemory(MEMORY_MB)
    if (bound === undefined) throw new Error('there is no control group for memory')
    const program = await serviceWith(() => ({ command: [...bound.under, ...FROM_CLONE] })).start(place)
    return {
      ...program,
      async end () {
        const kills = bound.kills()
        await program.end()
        await bound.remove()
        if (kills > 0) throw new Error(`${kills} processes were killed for their memory`)
      },
    }
  },
}

/** Bare node:http over the same statements and the same commit: `limit.ts`. */
export const limit: Peer = {
  ...here,
  async start ({ folder, copyData }) {
    const { dataDir, tokens } = await copyData(join(folder, 'data'))
    const port = await freePort()
    const running = await start({ command: [process.execPath, join(import.meta.dirname, '../limit.ts'), String(port), dataDir], url: `http://127.0.0.1:${port}` })
    return { ...running, dialect: DIALECT, tokens }
  },
}

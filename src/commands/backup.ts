import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { BackedUp } from '../backup/index.ts'
import { DURATION_SAYS, toSeconds } from '../core/durations.ts'
import { takingOne, UsageError } from './command.ts'
import type { Command, Flags, Said } from './command.ts'
import { telling } from './progress.ts'

const json = { type: 'boolean', says: 'as a JSON object' } as const
const generation = { type: 'string', says: 'which one, by its name in `backup list`; the newest unless told' } as const

export const backup: Record<string, Command> = {
  backup: {
    says: 'copies accounts and pictures as they are at one moment, also beside a running server; exit 1 when pictures were missing already',
    flags: {
      'with-secrets': { type: 'boolean', says: 'takes seal.key, jwt.secret and jwt.ed25519.pem along: whoever has the backup can then speak for everybody' },
      keep: { type: 'string', says: 'how many backups stay; all unless told' },
      every: { type: 'string', says: `goes on until it is stopped, and makes one each time: ${DURATION_SAYS}, like 6h` },
      json,
    },
    ...takingOne('FOLDER', async (dir, flags, { config, note }) => {
      const every = flags.every === undefined ? undefined : toSeconds(String(flags.every))
      if (flags.every !== undefined && every === undefined) throw new UsageError(`--every takes ${DURATION_SAYS}, like 6h`)
      if (flags.keep !== undefined && !/^[1-9]\d{0,5}$/.test(String(flags.keep))) throw new UsageError('--keep takes a whole number, at least 1')
      if (every === undefined) return await once(config, dir, flags, note)
      return await again(every * 1_000, note, () => once(config, dir, flags, note))
    }),
  },

  'backup list': {
    says: 'tells which backups there are, the oldest first',
    flags: { json: { type: 'boolean', says: 'one JSON object a line' } },
    ...takingOne('FOLDER', async (dir, flags) => {
      const [{ generationsIn }, { readManifest }] = [await import('../backup/layout.ts'), await import('../backup/manifest.ts')]
      const lines = generationsIn(dir).map((name) => {
        const { made, version, accounts, files, secrets } = readManifest(dir, name)
        const about = { generation: name, made, version, accounts, pictures: files, with_secrets: Object.keys(secrets).length > 0 }
        return flags.json === true ? JSON.stringify(about) : `${name}  ${accounts} accounts, ${about.pictures} files of pictures${about.with_secrets ? ', with secrets' : ''}`
      })
      return lines.length === 0 ? `${dir} holds no backup` : lines.join('\n')
    }),
  },

  'backup verify': {
    says: 'reads every backup in a folder to its end and names what is damaged or missing; exit 1 when anything is',
    flags: { json },
    ...takingOne('FOLDER', async (dir, flags, { note }) => {
      const { verify } = await import('../backup/verify.ts')
      const { generations, files, wrong } = await telling(note, (onProgress) => verify(dir, onProgress))
      const sum = `${generations} ${generations === 1 ? 'backup' : 'backups'}, ${files} files of pictures: ${wrong.length === 0 ? 'all in order' : `${wrong.length} wrong`}`
      return { says: flags.json === true ? JSON.stringify({ generations, files, wrong }) : [...wrong, sum].join('\n'), exitCode: wrong.length === 0 ? 0 : 1 }
    }),
  },

  'backup drill': {
    says: 'restores a backup into a temporary folder, proves it by fsck and by a sign-in, and removes the folder; exit 1 when anything is wrong',
    flags: {
      generation,
      figures: { type: 'string', says: 'a file for the text collector of Prometheus' },
      json,
    },
    ...takingOne('FOLDER', async (dir, flags, { config, note }) => {
      const { drill } = await import('./drill.ts')
      return await drill(config, dir, flags, note)
    }),
  },
}

async function once ({ dataDir }: Config, dir: string, flags: Flags, note: (line: string) => void): Promise<Said> {
  const { backUp } = await import('../backup/index.ts')
  const keep = flags.keep === undefined ? undefined : Number(flags.keep)
  const made = await telling(note, (onProgress) => backUp(dir, { dataDir, withSecrets: flags['with-secrets'] === true, keep, onProgress }))
  return { says: flags.json === true ? JSON.stringify(made) : inWords(made), exitCode: made.missing.length + made.damaged.length > 0 ? 1 : 0 }
}

function inWords ({ generation, accounts, pictures, copied, bytes, missing, damaged, left_out, removed }: BackedUp): string {
  return [
    `${generation}: ${accounts} accounts, ${pictures} files of pictures, of which ${copied} are new, ${(bytes / 1_024 ** 2).toFixed(1)} MiB`,
    ...missing.map((file) => `missing in the data folder already: media/${file}`),
    ...damaged.map((file) => `damaged in the data folder already, and kept so: media/${file}`),
    ...removed.map((name) => `removed: ${name}`),
    `left out: ${left_out.join(', ')}`,
  ].join('\n')
}

/** Until a signal comes. One that fails is told, and the next is made all the same. */
async function again (everyMs: number, note: (line: string) => void, work: () => Promise<Said>): Promise<string> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { stop.abort() })
  while (!stop.signal.aborted) {
    const began = performance.now()
    try {
      const said = await work()
      note(typeof said === 'string' ? said : said.says)
    } catch (error) {
      const { sentenceOf } = await import('../app.ts')
      note(sentenceOf(error) ?? String((error as Error).stack))
    }
    await sleep(Math.max(0, everyMs - (performance.now() - began)), undefined, { signal: stop.signal }).catch(() => {})
  }
  return 'stopped'
}

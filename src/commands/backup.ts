import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { BackedUp } from '../backup/index.ts'
import { DURATION_SAYS, toSeconds } from '../core/durations.ts'
import { takingOne, UsageError } from './command.ts'
import type { Command, Flags, Output, Said } from './command.ts'
import { telling } from './progress.ts'

const generation = { type: 'string', says: 'which one, by its name in `backup list`; the newest unless told' } as const

/** Pictures are never changed, so of both the later copy has all that the earlier one names. */
const overPostgres = 'copy it with pg_dump, and after it the data folder'
const overBucket = 'keep the versions of its objects or a replica of it, and a copy of the database'

export const backup: Record<string, Command> = {
  backup: {
    overPostgres,
    overBucket,
    says: 'copies accounts and pictures as they are at one moment, also beside a running server; exit 1 when pictures were missing already',
    flags: {
      'with-secrets': { type: 'boolean', says: 'takes seal.key, jwt.secret and jwt.ed25519.pem along: whoever has the backup can then speak for everybody' },
      keep: { type: 'string', says: 'how many backups stay; all unless told' },
      every: { type: 'string', says: `goes on until it is stopped, and makes one each time: ${DURATION_SAYS}, like 6h` },
    },
    ...takingOne('FOLDER', async (dir, flags, { config, print, note }) => {
      const every = flags.every === undefined ? undefined : toSeconds(String(flags.every))
      if (flags.every !== undefined && every === undefined) throw new UsageError(`--every takes ${DURATION_SAYS}, like 6h`)
      if (flags.keep !== undefined && !/^[1-9]\d{0,5}$/.test(String(flags.keep))) throw new UsageError('--keep takes a whole number, at least 1')
      if (every === undefined) return await once(config, dir, flags, note)
      return await again(every * 1_000, { print, note, isForPrograms: flags.json === true }, () => once(config, dir, flags, note))
    }),
  },

  'backup list': {
    says: 'tells which backups there are, the oldest first; exit 1 when one cannot be read',
    flags: {},
    ...takingOne('FOLDER', async (dir) => {
      const [{ generationsIn }, { readManifest }] = [await import('../backup/layout.ts'), await import('../backup/manifest.ts')]
      const found = generationsIn(dir).map((generation) => {
        try {
          const { made, version, accounts, files, secrets } = readManifest(dir, generation)
          return { generation, made, version, accounts, pictures: files, withSecrets: Object.keys(secrets).length > 0 }
        } catch (error) {
          if ((error as Error).name !== 'FolderError') throw error
          return { generation, damaged: (error as Error).message }
        }
      })
      const lines = found.map((one) => 'damaged' in one ? one.damaged : `${one.generation}  ${one.accounts} accounts, ${one.pictures} files of pictures${one.withSecrets ? ', with secrets' : ''}`)
      return { says: lines.length === 0 ? `${dir} holds no backup` : lines.join('\n'), json: found, exitCode: found.some((one) => 'damaged' in one) ? 1 : 0 }
    }),
  },

  'backup verify': {
    says: 'reads every backup in a folder to its end and names what is damaged or missing; exit 1 when anything is',
    flags: {},
    ...takingOne('FOLDER', async (dir, _flags, { note }) => {
      const { verify } = await import('../backup/verify.ts')
      const { generations, files, wrong } = await telling(note, (onProgress) => verify(dir, onProgress))
      const sum = `${generations} ${generations === 1 ? 'backup' : 'backups'}, ${files} files of pictures: ${wrong.length === 0 ? 'all in order' : `${wrong.length} wrong`}`
      return { says: [...wrong, sum].join('\n'), json: { generations, files, wrong }, exitCode: wrong.length === 0 ? 0 : 1 }
    }),
  },

  'backup drill': {
    overPostgres,
    overBucket,
    says: 'restores a backup into a temporary folder, proves it by fsck and by a sign-in, and removes the folder; exit 1 when anything is wrong',
    flags: {
      generation,
      figures: { type: 'string', says: 'a file for the text collector of Prometheus' },
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
  return { says: inWords(made), json: made, exitCode: made.missing.length + made.damaged.length + made.unreadable.length > 0 ? 1 : 0 }
}

function inWords ({ generation, accounts, pictures, copied, bytes, missing, damaged, leftOut, removed, unreadable }: BackedUp): string {
  return [
    `${generation}: ${accounts} accounts, ${pictures} files of pictures, of which ${copied} are new, ${(bytes / 1_024 ** 2).toFixed(1)} MiB`,
    ...missing.map((file) => `missing in the data folder already: media/${file}`),
    ...damaged.map((file) => `damaged in the data folder already, and kept so: media/${file}`),
    ...removed.map((name) => `removed: ${name}`),
    ...unreadable.map((says) => `${says}; no picture was removed`),
    `left out: ${leftOut.join(', ')}`,
  ].join('\n')
}

/** Until a signal comes. One that fails is told, and the next is made all the same. */
async function again (everyMs: number, { print, note, isForPrograms }: Pick<Output, 'print' | 'note'> & { isForPrograms: boolean }, work: () => Promise<Said>): Promise<Said> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { stop.abort() })
  while (!stop.signal.aborted) {
    const began = performance.now()
    try {
      const { says, json } = await work()
      if (isForPrograms) print(JSON.stringify(json))
      else note(says)
    } catch (error) {
      const { sentenceOf } = await import('../app.ts')
      note(sentenceOf(error) ?? String((error as Error).stack))
    }
    await sleep(Math.max(0, everyMs - (performance.now() - began)), undefined, { signal: stop.signal }).catch(() => {})
  }
  return { says: 'stopped', json: [] }
}

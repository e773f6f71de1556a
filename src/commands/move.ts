import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { loadConfig } from '../config.ts'
import type { Moved } from '../move/index.ts'
import { unknownSettings } from '../unknown-settings.ts'
import { UsageError } from './command.ts'
import type { Command, Flags, Said } from './command.ts'
import { examine } from './fsck.ts'
import { telling } from './progress.ts'
import { typed } from './typed.ts'

export const move: Record<string, Command> = {
  move: {
    says: 'moves the service to another place: pictures beside the running service, then rows while nobody writes; exit 1 when fsck finds something there',
    flags: {
      to: { type: 'string', says: 'a new data folder, or a new database of PostgreSQL: postgres://user:password@host/name; - reads it from standard input' },
      store: { type: 'string', says: 'another place for the pictures: a bucket, s3://key:secret@host/bucket, or `folder`, which is the data folder; - reads it from standard input' },
      reopen: { type: 'boolean', says: 'takes the place that was moved away from into use again, as it was then' },
    },
    async tell ({ to, store, reopen }, { env, note }) {
      if ((to === undefined && store === undefined) === (reopen === undefined)) throw new UsageError('--to, --store or --reopen is needed, and the last of them goes alone')
      const from = loadConfig(env)
      for (const says of unknownSettings(env)) note(says)
      const moving = await import('../move/index.ts')
      if (reopen !== undefined) {
        const place = await moving.reopen(from)
        return { says: `the service is here again, without what was written at ${place}`, json: { reopened: true, place } }
      }
      if (to === '-' && store === '-') throw new UsageError('standard input says one address: --to - or --store -')
      for (const [flag, said] of Object.entries({ to, store })) if (SECRET.test(String(said))) note(`whoever is on this machine can read the password in --${flag} while this runs: --${flag} - reads the address from standard input`)
      const there = loadConfig(settingsOf({ to: to && await typed(to), store: store && await typed(store) }, env))
      if (to === undefined) return await onlyPictures({ from, there, note })
      const moved = await telling(note, (onProgress) => moving.move({ from, to: there, onProgress }))
      note(`${moved.to} is open`)
      return inWords(moved, await proved(there, note))
    },
  },
}

/** In an address, or in its query. */
const SECRET = /^\w+:\/\/([^/?#]*:[^/?#]+@|.*[?&]password=)/

/** The settings of the service as they are to be. A folder holds all of it but what is told; a database leaves pictures and keys where they are. */
function settingsOf ({ to, store }: Pick<Flags, 'to' | 'store'>, env: Record<string, string | undefined>): Record<string, string | undefined> {
  const isFolder = to !== undefined && !/^postgres(ql)?:/.test(String(to))
  const rows = isFolder ? { VISAGE_DATA_DIR: resolve(String(to)), VISAGE_DATABASE_URL: undefined } : { VISAGE_DATABASE_URL: String(to) }
  return {
    ...env,
    ...to !== undefined && { ...rows, VISAGE_DATABASE_URL_FILE: undefined },
    ...(isFolder || store !== undefined) && { VISAGE_STORE_URL: store === undefined || store === 'folder' ? undefined : String(store), VISAGE_STORE_URL_FILE: undefined },
  }
}

/** Rows stay where they are. */
async function onlyPictures ({ from, there, note }: { from: Config, there: Config, note: (line: string) => void }): Promise<Said> {
  const { moveStore } = await import('../move/store.ts')
  const { isOver, ...moved } = await telling(note, (onProgress) => moveStore({ from, to: there, onProgress }))
  if (!isOver) return { says: `${moved.pictures} pictures are in ${moved.to} as well; stop the server and repeat this, which brings what is new and is over in seconds`, json: { ...moved, moved: false }, exitCode: 1 }
  const proof = await proved(there, note)
  return {
    says: [
      `${moved.pictures} pictures of ${moved.from} are in ${moved.to} now`,
      `start the service ${there.storeUrl === undefined ? 'without VISAGE_STORE_URL' : 'with VISAGE_STORE_URL'}; what is left in ${moved.from} may go`,
      proof.says,
    ].join('\n'),
    json: [...proof.json, { ...moved, moved: true }],
    exitCode: proof.exitCode,
  }
}

type Examined = Awaited<ReturnType<typeof examine>>

/** By fsck at the new place, which is open whatever comes of it. */
async function proved (there: Config, note: (line: string) => void): Promise<Examined> {
  const { openService } = await import('../app.ts')
  try {
    const core = await openService({ config: there, exclusive: false })
    try {
      return await examine(core, { repair: false, note })
    } finally {
      await core.close()
    }
  } catch (error) {
    const detail = (error as Error).message
    return { says: `fsck was broken off (${detail}): run it there`, json: [{ code: 'check_failed', detail }], exitCode: 1 }
  }
}

function inWords (moved: Moved, proof: Examined): Said {
  const { from, to, rows, pictures, stoppedMs } = moved
  return {
    says: [
      `${from} is at ${to} now: ${rows} rows, ${pictures} pictures; nobody could write for ${(stoppedMs / 1_000).toFixed(1)} s`,
      `stop what still runs on ${from}, which takes no more writes, and start the service with ${to.startsWith('postgres:') ? 'VISAGE_DATABASE_URL' : `VISAGE_DATA_DIR=${to}`}`,
      proof.says,
    ].join('\n'),
    json: [...proof.json, { ...moved, stoppedMs: Math.round(stoppedMs) }],
    exitCode: proof.exitCode,
  }
}

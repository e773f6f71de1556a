import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { loadConfig } from '../config.ts'
import type { Moved } from '../move/index.ts'
import { unknownSettings } from '../unknown-settings.ts'
import { UsageError } from './command.ts'
import type { Command, Said } from './command.ts'
import { examine } from './fsck.ts'
import { telling } from './progress.ts'

export const move: Record<string, Command> = {
  move: {
    says: 'moves the service to another place: pictures beside the running service, then rows while nobody writes; exit 1 when fsck finds something there',
    flags: {
      to: { type: 'string', says: 'a new data folder' },
      reopen: { type: 'boolean', says: 'takes the place that was moved away from into use again, as it was then' },
    },
    async tell ({ to, reopen }, { env, note }) {
      if ((to === undefined) === (reopen === undefined)) throw new UsageError('--to or --reopen is needed, and one of them')
      const from = loadConfig(env)
      for (const says of unknownSettings(env)) note(says)
      const moving = await import('../move/index.ts')
      if (to === undefined) {
        const place = await moving.reopen(from)
        return { says: `the service is here again, without what was written at ${place}`, json: { reopened: true, place } }
      }
      const there: Config = { ...from, dataDir: resolve(String(to)) }
      const moved = await telling(note, (onProgress) => moving.move({ from, to: there, onProgress }))
      note(`${moved.to} is open: start the service there`)
      const core = await (await import('../app.ts')).openService({ config: there, exclusive: false })
      try {
        return inWords(moved, await examine(core, { repair: false, note }))
      } finally {
        await core.close()
      }
    },
  },
}

function inWords (moved: Moved, proof: Awaited<ReturnType<typeof examine>>): Said {
  const { from, to, rows, pictures, stoppedMs } = moved
  return {
    says: [
      `${from} is at ${to} now: ${rows} rows, ${pictures} pictures; nobody could write for ${(stoppedMs / 1_000).toFixed(1)} s`,
      `stop what still runs on ${from}, which takes no more writes, and set the service to ${to}`,
      proof.says,
    ].join('\n'),
    json: [...proof.json, { ...moved, stoppedMs: Math.round(stoppedMs) }],
    exitCode: proof.exitCode,
  }
}

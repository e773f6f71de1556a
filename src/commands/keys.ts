import { loadConfig } from '../config.ts'
import { UsageError } from './command.ts'
import type { Command } from './command.ts'

export const keys: Record<string, Command> = {
  'keys reset-seal': {
    says: 'goes on with a new seal.key where it is lost: second factors, emails on their way and mailed codes are removed; whoever had a second factor is told by email',
    flags: { yes: { type: 'boolean', says: 'does it; otherwise it only tells how much would be lost' } },
    hasNewSeal: true,
    async run ({ db, sealReset }, { yes }, { env }) {
      const { lossOf } = await import('../app.ts')
      if (yes !== true) throw new UsageError(`this loses ${lossOf(await sealReset.sealed())}; --yes does it`)
      const lock = await db.lock()
      if (lock === undefined) throw new UsageError('a server is running on this data folder: stop it first')
      try {
        const lost = await sealReset.run()
        return { says: `${loadConfig(env).sealKey === undefined ? 'there is a new seal.key' : 'VISAGE_SEAL_KEY counts from now on'}; lost: ${lossOf(lost)}`, json: lost }
      } finally {
        await lock.release()
      }
    },
  },
}

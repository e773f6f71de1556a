import { loadConfig } from '../config.ts'
import { VERSION } from '../version.ts'
import type { Command } from './command.ts'

const steps = (count: number) => `${count} ${count === 1 ? 'step' : 'steps'}`

export const migrate: Record<string, Command> = {
  migrate: {
    says: 'brings the database up to this version, as a start does; a copy is made first where something is taken away',
    flags: { check: { type: 'boolean', says: 'only tells what is missing; exit 1 when anything is' } },
    async tell ({ check }, { env }) {
      const { missingMigrations } = await import('../app.ts')
      const { dataDir, databaseUrl: url } = loadConfig(env)
      const missing = await missingMigrations({ dataDir, ...url !== undefined && { url } })
      if (missing.steps === 0) return { says: `the database is as ${VERSION} needs it`, json: { version: VERSION, missing: 0 } }
      if (check !== true) return undefined
      return {
        says: `${steps(missing.steps)} are missing for ${VERSION}${missing.makesCopy ? ', and a copy is made first' : ''}`,
        json: { version: VERSION, missing: missing.steps, makesCopy: missing.makesCopy },
        exitCode: 1,
      }
    },
    async run ({ db }) {
      return {
        says: `the database is as ${VERSION} needs it${db.backup === undefined ? '' : `; ${db.backup} is the copy from before, for a week`}`,
        json: { version: VERSION, missing: 0, ...db.backup !== undefined && { copy: db.backup } },
      }
    },
  },
}

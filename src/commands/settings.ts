import { effective, loadConfig } from '../config.ts'
import { unknownSettings } from '../unknown-settings.ts'
import type { Command } from './command.ts'

export const settings: Record<string, Command> = {
  settings: {
    says: 'prints every setting, what it is and where that is from; of a secret only that it is set',
    flags: {
      check: { type: 'boolean', says: 'only tells whether they are right; exit 1 when one does nothing' },
    },
    async tell ({ check }, { env }) {
      // Throws what is wrong with one.
      loadConfig(env)
      const unknown = unknownSettings(env)
      if (check === true) return { says: unknown.length === 0 ? 'the settings are right' : unknown.join('\n'), json: { unknown }, exitCode: unknown.length === 0 ? 0 : 1 }
      const rows = effective(env)
      const widest = Math.max(...rows.map(({ name }) => name.length))
      return {
        says: rows.map(({ name, value, from }) => `${name.padEnd(widest)}  ${value ?? '(unset)'}${from === 'default' ? '' : `  (${from})`}`).join('\n'),
        json: rows.map(({ name, value, from }) => ({ name, value, from })),
      }
    },
  },
}

import type { Command } from './command.ts'

export const check: Record<string, Command> = {
  check: {
    says: 'tries what requests need, the mail server included; exit 1 when they would fail',
    flags: {},
    isThorough: true,
    async run ({ health }) {
      const { status, checks } = await health.look()
      const lines = [...checks.map(({ name, status, detail }) => `${name.padEnd(12)}${status}${detail === undefined ? '' : `: ${detail}`}`), status]
      return { says: lines.join('\n'), json: [...checks, { status }], exitCode: status === 'unavailable' ? 1 : 0 }
    },
  },
}

import type { Command } from './command.ts'

export const check: Record<string, Command> = {
  check: {
    says: 'tries what requests need, the mail server included; exit 1 when they would fail',
    flags: { json: { type: 'boolean', says: 'one JSON object a line' } },
    isThorough: true,
    async run ({ health }, { json }) {
      const { status, checks } = await health.look()
      const lines = json === true
        ? [...checks, { status }].map((line) => JSON.stringify(line))
        : [...checks.map(({ name, status, detail }) => `${name.padEnd(12)}${status}${detail === undefined ? '' : `: ${detail}`}`), status]
      return { says: lines.join('\n'), exitCode: status === 'unavailable' ? 1 : 0 }
    },
  },
}

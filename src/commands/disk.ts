import type { Command } from './command.ts'

const MIB = 1_024 ** 2

export const disk: Record<string, Command> = {
  disk: {
    says: 'tells what takes how much of the disk',
    flags: {},
    async run ({ db, images }) {
      const { bytes: database, logBytes: log } = db.figures()
      const sizes = { database, log, ...await images.bytes() }
      const sum = Object.values(sizes).reduce((total, bytes) => total + bytes, 0)
      const says = [...Object.entries(sizes), ['all', sum] as const].map(([name, bytes]) => `${name.padEnd(12)}${(bytes / MIB).toFixed(1).padStart(12)} MiB`).join('\n')
      // In bytes.
      return { says, json: sizes }
    },
  },
}

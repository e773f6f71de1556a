import type { Command } from './command.ts'
import { listFlags, pairsOf, printList } from './table.ts'
import { idOf, who } from './who.ts'

export const audit: Record<string, Command> = {
  audit: {
    says: 'prints what was done: to what and whom, by whom, through what and from where, which fields and when; the newest first',
    operands: '[noun=session actor=1 field=bio family=staff from=2026-01-01T00:00:00Z …]',
    flags: { ...who, ...listFlags },
    async run (core, flags, means) {
      const query = pairsOf(means.operands)
      if (flags.username !== undefined || flags.id !== undefined) query.set('person', String(await idOf(core, flags)))
      return await printList(means, flags, '/v1/changes', ['at', 'noun', 'verb', 'subject', 'person', 'actor', 'family', 'address', 'fields'], query)
    },
  },
}

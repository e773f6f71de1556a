import { document } from './command.ts'
import type { Command, Flags } from './command.ts'
import { listFlags, pairsOf, printList } from './table.ts'
import { idOf, who } from './who.ts'

const tag = { type: 'string', says: 'the id that `tags list` shows', required: true } as const
const path = ({ tag }: Flags) => `/v1/tags/${encodeURIComponent(String(tag))}`

export const tags: Record<string, Command> = {
  'tags list': {
    says: 'prints tags; filters are like those of `users list`',
    operands: '[field=value …]',
    flags: listFlags,
    run: async (_core, flags, means) => await printList(means, flags, '/v1/tags', ['id', 'type', 'name', 'color', 'isActive', 'isVisible'], pairsOf(means.operands)),
  },

  'tags create': {
    says: 'makes a tag, like name=Expert color=#aabbcc, and prints it as JSON',
    operands: 'field=value …',
    flags: {},
    run: async (_core, _flags, { ask, operands }) => document(await ask('POST', '/v1/tags', pairsOf(operands))),
  },

  'tags set': {
    says: 'changes a tag, like isVisible=false, and prints it',
    operands: 'field=value …',
    flags: { tag },
    run: async (_core, flags, { ask, operands }) => document(await ask('PATCH', path(flags), pairsOf(operands))),
  },

  'tags give': {
    says: 'gives somebody a tag',
    flags: { tag, ...who },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('PUT', `/v1/people/${id}/tags/${encodeURIComponent(String(flags.tag))}`)
      return { says: `account ${id} has tag ${String(flags.tag)}`, json }
    },
  },

  'tags take': {
    says: 'takes a tag from somebody',
    flags: { tag, ...who },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('DELETE', `/v1/people/${id}/tags/${encodeURIComponent(String(flags.tag))}`)
      return { says: `account ${id} has tag ${String(flags.tag)} no more`, json }
    },
  },
}

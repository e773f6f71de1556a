import { document } from './command.ts'
import type { Command, Flags } from './command.ts'
import { listFlags, pairsOf, printList } from './table.ts'
import { idOf, requireYes, who, yes } from './who.ts'

const group = { type: 'string', says: 'the id that `groups list` shows', required: true } as const
const path = ({ group }: Flags) => `/v1/groups/${encodeURIComponent(String(group))}`
const name = { type: 'string', says: 'what it is called', required: true } as const
const notes = { type: 'string', says: 'what it is for' } as const

export const groups: Record<string, Command> = {
  'groups list': {
    says: 'prints groups; filters are like those of `users list`',
    operands: '[field=value …]',
    flags: listFlags,
    run: async (_core, flags, means) => await printList(means, flags, '/v1/groups', ['id', 'name', 'notes', 'membersCount', 'createdAt'], pairsOf(means.operands)),
  },

  'groups create': {
    says: 'makes a group and prints it as JSON',
    flags: { name, notes },
    run: async (_core, { name, notes }, { ask }) => document(await ask('POST', '/v1/groups', { name, ...notes !== undefined && { notes } })),
  },

  'groups set': {
    says: 'changes a group, like name=Crew, and prints it',
    operands: 'field=value …',
    flags: { group },
    run: async (_core, flags, { ask, operands }) => document(await ask('PATCH', path(flags), pairsOf(operands))),
  },

  'groups remove': {
    says: 'removes a group; its people stay',
    flags: { group, yes },
    async run (_core, flags, { ask }) {
      requireYes(flags, `this removes group ${String(flags.group)}`)
      await ask('DELETE', path(flags))
      return { says: `group ${String(flags.group)} is removed`, json: { id: Number(flags.group) } }
    },
  },

  'groups members': {
    says: 'prints who is in a group',
    flags: { group, ...listFlags },
    run: async (_core, flags, means) => await printList(means, flags, `${path(flags)}/members`, ['id', 'username', 'email', 'fullName']),
  },

  'groups add': {
    says: 'puts somebody into a group',
    flags: { group, ...who },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('POST', `${path(flags)}/members`, { ids: [id] })
      return { says: `account ${id} is in group ${String(flags.group)}`, json }
    },
  },

  'groups drop': {
    says: 'takes somebody out of a group',
    flags: { group, ...who },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('DELETE', `${path(flags)}/members`, { ids: [id] })
      return { says: `account ${id} is not in group ${String(flags.group)}`, json }
    },
  },
}

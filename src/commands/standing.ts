import type { Command } from './command.ts'
import { idOf, requireYes, who, yes } from './who.ts'

/** Whether somebody can be in, and whether they are there at all. */
export const standing: Record<string, Command> = {
  'users deactivate': {
    says: 'lets somebody in no more; ends all sessions and API tokens',
    flags: who,
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('PATCH', `/v1/people/${id}`, { isActive: false })
      return { says: `account ${id} is deactivated`, json }
    },
  },

  'users activate': {
    says: 'lets somebody in again',
    flags: who,
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('PATCH', `/v1/people/${id}`, { isActive: true })
      return { says: `account ${id} is active`, json }
    },
  },

  'users hide': {
    says: 'deletes somebody so that they can be restored for thirty days',
    flags: who,
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      await ask('DELETE', `/v1/people/${id}`)
      return { says: `account ${id} is hidden; within thirty days \`users restore --id ${id}\` brings it back`, json: { id } }
    },
  },

  'users restore': {
    says: 'brings somebody back who was deleted less than thirty days ago',
    flags: who,
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const json = await ask('POST', `/v1/people/${id}/restore`)
      return { says: `account ${id} is back`, json }
    },
  },

  'users remove': {
    says: 'removes somebody for good, with everything that is theirs',
    flags: { ...who, yes },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      requireYes(flags, `this removes account ${id} for good`)
      await ask('DELETE', `/v1/people/${id}?hard=1`)
      return { says: `account ${id} is removed`, json: { id } }
    },
  },
}

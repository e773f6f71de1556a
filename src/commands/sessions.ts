import type { Command } from './command.ts'
import { UsageError } from './command.ts'
import { listFlags, printList } from './table.ts'
import { idOf, requireYes, who, yes } from './who.ts'

export const sessions: Record<string, Command> = {
  'sessions list': {
    says: 'prints where somebody is signed in',
    flags: { ...who, ...listFlags },
    run: async (core, flags, means) => await printList(means, flags, `/v1/people/${await idOf(core, flags)}/sessions`, ['id', 'device', 'address', 'createdAt', 'lastSeenAt', 'expiresAt']),
  },

  'sessions end': {
    says: 'signs somebody out, from one session or from all',
    flags: {
      ...who,
      session: { type: 'string', says: 'the id that `sessions list` shows; all of them unless told' },
      tokens: { type: 'boolean', says: 'ends the API tokens as well' },
    },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      const path = `/v1/people/${id}/sessions`
      const tokens = flags.tokens === true
      if (flags.session === undefined) {
        await ask('DELETE', tokens ? `${path}?tokens=true` : path)
        return { says: tokens ? 'all sessions and API tokens have ended' : 'all sessions have ended', json: { id, session: null, tokens } }
      }
      if (tokens) throw new UsageError('--session ends one session, and --tokens ends what belongs to none')
      await ask('DELETE', `${path}/${encodeURIComponent(String(flags.session))}`)
      return { says: `session ${String(flags.session)} has ended`, json: { id, session: Number(flags.session), tokens } }
    },
  },
}

export const secondFactor: Record<string, Command> = {
  'second-factor off': {
    says: 'turns the second factor of somebody off who has lost it; they are told by email',
    flags: { ...who, yes },
    async run (core, flags, { ask }) {
      const id = await idOf(core, flags)
      requireYes(flags, `this lets whoever knows the password of account ${id} in without a second factor`)
      await ask('DELETE', `/v1/people/${id}/second-factor`)
      return { says: `account ${id} has no second factor any more`, json: { id, isOn: false } }
    },
  },
}

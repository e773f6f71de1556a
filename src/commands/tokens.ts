import type { Service } from '../app.ts'
import { DURATION_SAYS, toSeconds } from '../core/durations.ts'
import { UsageError } from './command.ts'
import type { Command, Flags } from './command.ts'
import { listFlags, printList } from './table.ts'

const username = { type: 'string', says: 'whose', required: true } as const

export const tokens: Record<string, Command> = {
  'tokens create': {
    says: 'makes an API token and prints it, this once',
    flags: {
      username,
      name: { type: 'string', says: 'what its owner will know it by' },
      'expires-in': { type: 'string', says: `how long it lives: ${DURATION_SAYS}, or seconds; until it is revoked unless told` },
    },
    async run (core, { name, 'expires-in': life, ...flags }) {
      const { KEY_NAME_MAX, TTL_MAX_S } = await import('../app.ts')
      const seconds = life === undefined ? undefined : toSeconds(/^\d+$/.test(String(life)) ? `${String(life)}s` : String(life))
      if (life !== undefined && (seconds === undefined || seconds > TTL_MAX_S)) throw new UsageError(`--expires-in takes a whole number of seconds, or ${DURATION_SAYS} like 30d, at most ${TTL_MAX_S / 86_400}d`)
      if (typeof name === 'string' && [...name].length > KEY_NAME_MAX) throw new UsageError(`--name takes at most ${KEY_NAME_MAX} characters`)
      const { secret, key: { id } } = await core.keys.create(await idOf(core, flags), {
        ...typeof name === 'string' && { name },
        ...seconds !== undefined && { expiresIn: seconds },
      })
      return { says: secret, json: { id, token: secret } }
    },
  },

  'tokens list': {
    says: 'prints the API tokens of an account, the newest first, never the tokens themselves',
    flags: { username, ...listFlags },
    run: async (core, flags, means) => await printList(means, flags, `/v1/people/${await idOf(core, flags)}/tokens`, ['id', 'name', 'prefix', 'createdAt', 'expiresAt', 'lastUsedAt', 'revokedAt']),
  },

  'tokens revoke': {
    says: 'ends an API token; it fails from the next request on',
    flags: { id: { type: 'string', says: 'the id that `tokens list` shows', required: true } },
    async run (core, { id }) {
      if (!/^[1-9]\d{0,14}$/.test(String(id)) || !await core.keys.revoke(Number(id))) throw new UsageError(`there is no API token ${String(id)} that could be revoked`)
      return { says: `API token ${String(id)} is revoked`, json: { id: Number(id) } }
    },
  },
}

async function idOf (core: Service, { username }: Flags): Promise<number> {
  const person = await core.users.findByUsername(String(username))
  if (person === undefined) throw new UsageError(`there is no account called ${String(username)}`)
  return person.id
}

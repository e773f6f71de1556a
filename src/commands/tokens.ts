import type { Service } from '../app.ts'
import { DURATION_SAYS, toSeconds } from '../core/durations.ts'
import { UsageError } from './command.ts'
import type { Command, Flags } from './command.ts'

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
      const { secret } = await core.keys.create(await idOf(core, flags), {
        ...typeof name === 'string' && { name },
        ...seconds !== undefined && { expiresIn: seconds },
      })
      return secret
    },
  },

  'tokens list': {
    says: 'prints the API tokens of an account as JSON, never the tokens themselves',
    flags: { username },
    async run (core, flags) {
      const keys = await core.keys.list(await idOf(core, flags))
      const time = (at: number | null) => at === null ? null : new Date(at).toISOString()
      return JSON.stringify(keys.map(({ id, name, prefix, createdAt, expiresAt, lastUsedAt, revokedAt }) =>
        ({ id, name, prefix, created_at: time(createdAt), expires_at: time(expiresAt), last_used_at: time(lastUsedAt), revoked_at: time(revokedAt) })), null, 2)
    },
  },

  'tokens revoke': {
    says: 'ends an API token; it fails from the next request on',
    flags: { id: { type: 'string', says: 'the id that `tokens list` shows', required: true } },
    async run (core, { id }) {
      if (!/^[1-9]\d{0,14}$/.test(String(id)) || !await core.keys.revoke(Number(id))) throw new UsageError(`there is no API token ${String(id)} that could be revoked`)
      return `API token ${String(id)} is revoked`
    },
  },
}

async function idOf (core: Service, { username }: Flags): Promise<number> {
  const person = await core.users.findByUsername(String(username))
  if (person === undefined) throw new UsageError(`there is no account called ${String(username)}`)
  return person.id
}

import { document, UsageError } from './command.ts'
import type { Command, Means, Said } from './command.ts'
import { listFlags, pairsOf, printList } from './table.ts'
import { typed } from './typed.ts'
import { idOf, who } from './who.ts'

const COLUMNS = ['id', 'username', 'email', 'fullName', 'isActive', 'isStaff', 'isAdmin', 'lastLoginAt']

export const users: Record<string, Command> = {
  'users create': {
    says: 'makes an account and prints it as JSON',
    flags: {
      username: { type: 'string', says: 'letters, digits and @ . + - _', required: true },
      email: { type: 'string', says: 'an address nobody else has' },
      password: { type: 'string', says: 'at least 8 characters; - reads it from standard input' },
      'password-hash': { type: 'string', says: 'instead: what another service stored (argon2, bcrypt, scrypt, pbkdf2_sha256)' },
      staff: { type: 'boolean', says: 'may edit ordinary people' },
      admin: { type: 'boolean', says: 'may do everything' },
    },
    async run (core, { username, email, password, 'password-hash': passwordHash, staff, admin }, means) {
      if (password !== undefined && passwordHash !== undefined) throw new UsageError('--password and --password-hash are two ways to say one thing')
      const { OPERATOR } = await import('../app.ts')
      const { id } = await core.users.create(OPERATOR, {
        username: String(username),
        ...typeof email === 'string' && { email },
        ...password !== undefined && { password: await typed(password) },
        ...typeof passwordHash === 'string' && { passwordHash },
        isStaff: staff === true,
        isAdmin: admin === true,
      }, { family: 'operator' })
      return await shown(means, id)
    },
  },

  'users list': {
    says: 'prints people; each filter is a field, like isActive=true, group=3, q=ada, order=-createdAt',
    operands: '[field=value …]',
    flags: listFlags,
    run: async (_core, flags, means) => await printList(means, flags, '/v1/people', COLUMNS, pairsOf(means.operands)),
  },

  'users show': {
    says: 'prints an account as JSON',
    flags: who,
    run: async (core, flags, means) => await shown(means, await idOf(core, flags)),
  },

  'users set': {
    says: 'changes fields of an account, like bio=Hello isStaff=true attributes.shoe=42, and prints it; an empty value clears',
    operands: 'field=value …',
    flags: { ...who, 'dry-run': { type: 'boolean', says: 'only tells what would change' } },
    async run (core, flags, { ask, operands }) {
      const path = `/v1/people/${await idOf(core, flags)}`
      const unsaid = operands.find((operand) => !operand.includes('='))
      if (operands.length === 0 || unsaid !== undefined) throw new UsageError(unsaid === undefined ? 'there is nothing to set: name a field, like bio=Hello' : `${unsaid} says no value: write ${unsaid}=…, or ${unsaid}= to clear it`)
      const isDry = flags['dry-run'] === true
      const answer = await ask('PATCH', `${path}${isDry ? '?dryRun=true' : ''}`, pairsOf(operands))
      return document(isDry ? (answer as { changes: object }).changes : answer)
    },
  },

  'users password': {
    says: 'sets a password, or mails a link to set one; ends all sessions and API tokens',
    flags: {
      ...who,
      password: { type: 'string', says: 'the new one; - reads it from standard input' },
      mail: { type: 'boolean', says: 'instead: mails a link to whoever has the account, and ends nothing' },
    },
    async run (core, flags, { ask }) {
      if ((flags.password === undefined) === (flags.mail !== true)) throw new UsageError('--password or --mail is needed, and one of them')
      const id = await idOf(core, flags)
      const { username, email } = await core.users.get(id)
      if (flags.mail !== true) {
        await core.passwordChange.set(id, await typed(flags.password), { family: 'operator' })
        return { says: `${username} has a new password; all sessions and API tokens have ended`, json: { id } }
      }
      if (email === null) throw new UsageError(`${username} has no email address`)
      await ask('POST', `/v1/people/${id}/password-mail`)
      return { says: `a link is on its way to ${email}; a running server sends it`, json: { id, email } }
    },
  },
}

const shown = async ({ ask }: Pick<Means, 'ask'>, id: number): Promise<Said> => document(await ask('GET', `/v1/people/${id}`))

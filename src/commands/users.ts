import { text } from 'node:stream/consumers'
import { OPERATOR, toAccountJson } from '../app.ts'
import { UsageError } from './command.ts'
import type { Command } from './command.ts'

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
    async run (core, { username, email, password, 'password-hash': passwordHash, staff, admin }) {
      if (password !== undefined && passwordHash !== undefined) throw new UsageError('--password and --password-hash are two ways to say one thing')
      const secret = password === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : password
      const account = await core.users.create(OPERATOR, {
        username: String(username),
        ...typeof email === 'string' && { email },
        ...typeof secret === 'string' && { password: secret },
        ...typeof passwordHash === 'string' && { passwordHash },
        isStaff: staff === true,
        isAdmin: admin === true,
      }, { family: 'operator' })
      return toAccountJson(account, core)
    },
  },
}

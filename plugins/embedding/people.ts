import type { FastifyInstance } from 'fastify'
import { OPERATOR, requireReach, requireSelfOrAdmin } from '../../src/core/access.ts'
import type { Actor, Rights } from '../../src/core/access.ts'
import { AppError } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Account } from '../../src/core/people/users.ts'
import type { Acting, NewPerson, People, Person, WriteOptions } from '../../src/visage.ts'

/** Persons in words, which is the routes' to know. */
export interface Wording {
  /** The values without what is wrong with them, whoever writes them, and all that is. */
  judge: (values: object, isNew: boolean) => { values: Record<string, unknown>, errors: FieldError[] }
  toChanges: (values: Record<string, unknown>) => Changes
  toPerson: (reader: Rights, account: Account) => Promise<Person>
}

/** What the log of changes calls it. */
const family = 'application'

export function createPeople ({ core: { users, deletion } }: Pick<FastifyInstance, 'core'>, { judge, toChanges, toPerson }: Wording, actorOf: (as: NonNullable<Acting['as']>) => Promise<Actor>): People {
  const acting = async ({ as }: Acting): Promise<Actor> => as === undefined ? OPERATOR : await actorOf(as)
  const written = ({ version }: WriteOptions) => ({ family, ifMatch: version === undefined ? undefined : [version] })

  return {
    async get (id, options = {}) {
      return await toPerson(await acting(options), await users.get(id))
    },

    async find (by, options = {}) {
      const actor = await acting(options)
      const found = await users.search(by).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'not_found') return null
        throw error
      })
      const person = found && await toPerson(actor, found)
      // Nobody finds anybody by what they may not see.
      return person !== null && Object.keys(by).some((name) => person.hidden.includes(name)) ? null : person
    },

    async create (person: NewPerson, { isConfirmed = false, ...who } = {}) {
      const actor = await acting(who)
      // Signing up is the families' to offer, and making people is for staff.
      if (!actor.isStaff && !actor.isAdmin) throw new AppError('permission_denied')
      const { values: { password, ...values }, errors } = judge(person, true)
      const options = { family, errors, ...isConfirmed && { invited: async () => {} } }
      const account = await users.create(actor, { attributes: {}, ...toChanges(values), ...typeof password === 'string' && { password } }, options)
      return await toPerson(actor, account)
    },

    async edit (id, changes, options = {}) {
      const actor = await acting(options)
      const { values, errors } = judge(changes, false)
      return await toPerson(actor, await users.edit(actor, id, toChanges(values), { ...written(options), errors }))
    },

    async remove (id, { forGood = false, ...options } = {}) {
      const actor = await acting(options)
      if (forGood) await deletion.remove(actor, id, requireSelfOrAdmin, written(options))
      else await deletion.hide(actor, id, requireReach, written(options))
    },
  }
}

import { actingAs, OPERATOR } from '../../src/core/access.ts'
import type { Person } from '../../src/core/access.ts'
import type { AppError } from '../../src/core/errors.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Service } from '../../src/app.ts'
import { PASSWORD } from '../helper.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'

/** What was thrown, in the core's words: the findings where there are any. */
export const refusalOf = (work: Promise<unknown>): Promise<string | undefined> => work.then(() => undefined, (error: unknown) => {
  const { code, fields } = error as AppError
  return fields.length === 0 ? code : fields.map((found) => `${found.field}: ${found.code}`).join()
})

/** People of a core in sessions, as a family would hand them to it. */
export function entrance (core: Service) {
  const sessions = core.credentialsBy({ sign: String, verify: String }).sessions

  /** Somebody there is, in a new session. */
  async function enter (id: number): Promise<Person & { sessionId: number }> {
    await core.db.write((tx) => sessions.beginWithKey(tx, { id }, { device: 'test', address: '' }))
    const [session] = await sessions.list(id)
    const sessionId = Number(session?.id)
    const { isStaff, isAdmin } = await core.users.get(id)
    return { ...actingAs({ id, isStaff, isAdmin }), credential: { kind: 'session', id: sessionId, userId: id, shownAt: Date.now() }, sessionId }
  }

  return {
    sessions,
    enter,

    /** Somebody new with a password, in a session. */
    async person (username: string, roles: Changes = {}) {
      const { id } = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, password: PASSWORD, ...roles }, { family: 'operator' })
      return await enter(id)
    },

    /** Turns somebody's second factor on. Resolves to the recovery codes. */
    async turnOn (person: Person): Promise<string[]> {
      const { secret } = await core.secondFactor.begin(person, { password: PASSWORD, address: '' })
      await wellWithinStep()
      return await core.secondFactor.confirm(person, { otp: codesOf(secret)(-1), address: '' })
    },
  }
}

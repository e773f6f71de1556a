import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { buildApp } from '../index.ts'
import type { Mail, NewPerson, Options, Person } from '../index.ts'
import { fill, newFolder } from './folder.ts'

/** Of a test: how it is told what to do when it is over, in the words of node:test, tap or vitest. */
export type TestContext =
  | { after: (fn: () => Promise<void>) => unknown }
  | { teardown: (fn: () => Promise<void>) => unknown }
  | { onTestFinished: (fn: () => Promise<void>) => unknown }

/** Requests of somebody who is signed in. */
export interface As {
  /** For requests by other ways. */
  headers: () => Promise<{ authorization: string }>
  inject: (request: InjectOptions | string) => Promise<LightMyRequestResponse>
}

export interface TestVisage {
  /** Hooks, routes and plugins can be added to it until the first request. */
  app: FastifyInstance
  /** Somebody new, who has proved their address: `await person({ isStaff: true })`. Only a `password` that is given costs the work of one. */
  person: (values?: Partial<NewPerson>) => Promise<Person>
  as: (person: { id: number }) => As
  /** The mails that were sent, which happens only when `app` listens. */
  mails: Mail[]
  dataDir: string
  /** Ends it and removes its folder. Not needed where a test was given. */
  close: () => Promise<void>
}

/**
 * A whole service in a temporary folder of its own, with no port and nothing to mock. It is quiet, counts no requests against
 * limits, and goes with the test that it is given, or when `close` says so.
 */
export async function testVisage (test?: TestContext, options: Options = {}): Promise<TestVisage> {
  const folder = newFolder()
  const { path: dataDir } = folder
  const mails: Mail[] = []
  try {
    await fill(dataDir)
    const mailer = { send: async (mail: Mail) => { mails.push(mail) } }
    const app = await buildApp({ logLevel: 'silent', rateLimit: false, mailer, ...options, dataDir })
    const { visage } = app
    const bearers = new Map<number, Promise<{ authorization: string }>>()
    let made = 0

    async function close (): Promise<void> {
      await app.close()
      folder.remove()
    }
    if (test !== undefined) whenOver(test)(close)

    async function signIn (id: number): Promise<{ authorization: string }> {
      return { authorization: `Bearer ${(await visage.tokens.issue(id, { device: 'test' })).access}` }
    }

    return {
      app,
      mails,
      dataDir,
      close,

      async person (values = {}) {
        const { username = `person-${++made}` } = values
        return await visage.people.create({ email: `${username}@example.com`, ...values, username }, { isConfirmed: true })
      },

      as ({ id }) {
        const headers = async () => {
          const bearer = bearers.get(id) ?? signIn(id)
          bearers.set(id, bearer)
          return await bearer
        }
        return {
          headers,
          async inject (request) {
            const asked = typeof request === 'string' ? { url: request } : request
            return await app.inject({ ...asked, headers: { ...await headers(), ...asked.headers } })
          },
        }
      },
    }
  } catch (error) {
    folder.remove()
    throw error
  }
}

function whenOver (test: TestContext): (fn: () => Promise<void>) => unknown {
  if ('after' in test) return test.after.bind(test)
  return 'teardown' in test ? test.teardown.bind(test) : test.onTestFinished.bind(test)
}

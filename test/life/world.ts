import { Writable } from 'node:stream'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import visage, { openService, OPERATOR } from '../../src/app.ts'
import type { Options, Service } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'

export type Headers = { authorization: string }

/** A message as it left; `code` is what stands in it, if anything does. */
export interface Mail { id: number, subject: string, text: string, code: string | undefined }

export interface World {
  app: FastifyInstance
  core: Service
  /** That of the service itself; `core` works beside it. */
  served: Service
  dataDir: string
  admin: Headers
  /** Everything that was logged so far, at the finest level. */
  log: () => string
  ask: (method: NonNullable<InjectOptions['method']>, url: string, payload?: object, headers?: Headers, agent?: string) => Promise<LightMyRequestResponse>
  /** Everything that was mailed to an address, the oldest first. */
  mailsTo: (address: string) => Promise<Mail[]>
  /** The code of the newest mail to an address that has one. */
  codeTo: (address: string) => Promise<string>
}

/** Resolves when nothing is left to be sent. */
async function settled (left: () => Promise<number>): Promise<void> {
  const giveUp = performance.now() + 10_000
  while (await left() > 0 && performance.now() < giveUp) await nextTurn()
}

/** A service inside an application whose log can be read, and an admin of it. */
export async function createWorld (t: Test, options: Options = {}): Promise<World> {
  const dataDir = folderFor(t)
  const lines: string[] = []
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => { lines.push(chunk.toString()); done() } })
  const app = Fastify({ logger: { level: 'trace', stream } })
  const scopes: FastifyInstance[] = []
  app.addHook('onRegister', (scope) => { scopes.push(scope) })
  await app.register(visage, { rateLimit: false, ...options, ...placeOf(dataDir) })
  await app.ready()
  t.teardown(() => app.close())
  const served = scopes.find((scope) => scope.hasDecorator('core'))?.core as Service
  const core = await openService({ config: { ...loadConfig(), ...options, ...placeOf(dataDir) }, exclusive: false })
  t.teardown(() => core.close())
  const { id } = await core.users.create(OPERATOR, { username: 'root', email: 'root@example.com', isAdmin: true }, { family: 'operator' })
  const { secret } = await core.keys.create(id)

  async function mailsTo (address: string): Promise<Mail[]> {
    await core.mail.deliver()
    // The server sends as well, and may have been first.
    await settled(async () => (await core.db.read.mails.due(Number.MAX_SAFE_INTEGER, 1)).length)
    const folder = join(dataDir, 'mail')
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('=\r\n', ''))
    return texts.filter((text) => text.includes(`\r\nTo: ${address}\r\n`)).map((text) => ({
      id: Number(/Message-ID: <(\d+)\./i.exec(text)?.[1]),
      subject: /\r\nSubject: (.*)\r\n/.exec(text)?.[1] ?? '',
      text,
      code: /\b([A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5})\b/.exec(text)?.[1],
    })).sort((a, b) => a.id - b.id)
  }

  return {
    app,
    core,
    served,
    dataDir,
    admin: { authorization: `Token ${secret}` },
    log: () => lines.join(''),
    async ask (method, url, payload, headers, agent = 'test') {
      return await app.inject({ method, url, headers: { ...headers, 'user-agent': agent }, ...payload && { payload } })
    },
    mailsTo,
    async codeTo (address) {
      const newest = (await mailsTo(address)).findLast(({ code }) => code !== undefined)?.code
      if (newest === undefined) throw new Error(`no code was mailed to ${address}`)
      return newest
    },
  }
}

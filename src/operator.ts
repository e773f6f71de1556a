import Fastify from 'fastify'
import type { FastifyRequest, InjectOptions } from 'fastify'
import fp from 'fastify-plugin'
import address from '../plugins/address.ts'
import auth from '../plugins/auth.ts'
import body from '../plugins/body/index.ts'
import declared from '../plugins/declared.ts'
import etag from '../plugins/etag.ts'
import limits from '../plugins/limits.ts'
import media from '../plugins/media/index.ts'
import paths from '../plugins/paths/index.ts'
import methods from '../plugins/paths/methods.ts'
import signer from '../plugins/signer/index.ts'
import validation from '../plugins/validation.ts'
import { pluginOf } from '../routes/family.ts'
import { native } from '../routes/native/index.ts'
import type { Config } from './config.ts'
import { OPERATOR } from './core/access.ts'
import type { Service } from './service.ts'

/** `cause`: what nobody foresaw, where that is why. */
export interface Answer { status: number, body: unknown, cause?: unknown }

/** The native family, for whoever is at the machine: the log of changes tells their edits from those of admins. */
const operator = { ...native, name: 'operator' }

/**
 * The native family without a socket, all of whose requests are the operator's: commands judge, convert and explain as it does.
 * Whoever can open the data folder may do everything already. The core stays its opener's.
 */
export async function openOperator (core: Service, config: Config): Promise<{ ask: (request: InjectOptions) => Promise<Answer>, close: () => Promise<void> }> {
  const app = Fastify()
  const causes = new WeakMap<object, unknown>()
  app.addHook('onError', async ({ raw }, _reply, error) => { causes.set(raw, error) })
  await app.register(methods)
  await app.register(address, { config })
  await app.register(fp(async (app) => { app.decorate('core', core) }, { name: 'core' }))
  await app.register(limits)
  await app.register(signer, { config })
  await app.register(auth)
  app.addHook('onRequest', async (request) => { request.actor = OPERATOR as Partial<FastifyRequest['actor']> as FastifyRequest['actor'] })
  await app.register(validation)
  await app.register(declared)
  await app.register(body, { config })
  await app.register(etag)
  await app.register(paths)
  await app.register(media, { config })
  await app.register(pluginOf(operator), { signUp: config.signUp, publicDirectory: config.publicDirectory, passwordMin: config.passwordMin })
  await app.ready()
  return {
    async ask (request) {
      const { statusCode: status, payload, raw } = await app.inject(request)
      return { status, body: payload === '' ? null : JSON.parse(payload) as unknown, cause: causes.get(raw.req) }
    },
    close: () => app.close(),
  }
}

import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { Test } from 'tap'
import address from '../../plugins/address.ts'
import auth from '../../plugins/auth.ts'
import body from '../../plugins/body/index.ts'
import connection, { onClientError } from '../../plugins/connection/index.ts'
import core from '../../plugins/core/index.ts'
import declared from '../../plugins/declared.ts'
import limits from '../../plugins/limits.ts'
import log from '../../plugins/log/index.ts'
import methods from '../../plugins/paths/methods.ts'
import signer from '../../plugins/signer/index.ts'
import validation from '../../plugins/validation.ts'
import { picture as pictureField, text } from '../../routes/shapes.ts'
import { sendError } from '../../routes/staff/errors.ts'
import { loadConfig } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'

/** The parts that read a body, with one route for everybody and one that is strict, and with less patience or room than in the service. */
export async function listenForBodies (t: Test, less: { patience?: number, disk?: number }, settings: Partial<Config> = {}) {
  const dataDir = folderFor(t)
  const config = { ...loadConfig(), ...settings, ...placeOf(dataDir) }
  const app = Fastify({ clientErrorHandler: onClientError, trustProxy: ['127.0.0.1'] })
  t.teardown(() => app.close())
  await app.register(methods)
  await app.register(log, { config })
  await app.register(connection)
  await app.register(address, { config })
  await app.register(core, { config, reservedKeys: new Set<string>() })
  await app.register(limits)
  await app.register(signer, { config })
  await app.register(auth)
  await app.register(validation)
  await app.register(declared)
  await app.register(body, { config, ...less })
  app.setErrorHandler(sendError)
  const schema = { body: Type.Partial(Type.Object({ bio: text('bio'), avatar: pictureField('avatar') })) }
  app.post('/', { config: { access: 'open' }, schema }, async (request) => ({ got: Object.keys(request.body as object) }))
  app.post('/strict', { config: { access: 'open', isStrict: true }, schema }, async (request) => ({ got: Object.keys(request.body as object) }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, dataDir, port: (app.server.address() as AddressInfo).port }
}

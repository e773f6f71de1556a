import type { AddressInfo } from 'node:net'
import fp from 'fastify-plugin'
import { originOf } from '../src/config.ts'
import type { Config } from '../src/config.ts'

declare module 'fastify' {
  interface FastifyInstance { publicAddress: PublicAddress }
}

/** Where clients find the service: VISAGE_PUBLIC_URL, or what it listens on and its prefix. Never made from anything that a request says. */
export interface PublicAddress {
  /** The absolute address of a path of the service, like `/media/…`. */
  url: (path: string) => string
  /** The same from the first slash behind the host. */
  path: (path: string) => string
  /** The path and query of the service that a request's URL names, without the prefix. */
  below: (url: string) => string
}

const ORIGIN = /^[^/]*\/\/[^/]*/

/** `app.publicAddress`: every address that is told is made here. */
export default fp(async (app, { config }: { config: Config }) => {
  const prefix = app.prefix.replace(/\/$/, '')
  // By segments, because a client may write the prefix in another way (`/%70eople`).
  const depth = prefix.split('/').length
  let listening = originOf(config.host, config.port)
  app.addHook('onListen', async () => {
    const bound = app.server.address() as AddressInfo | string
    // A socket in the file system has no address that a client could be told.
    if (typeof bound === 'object') listening = originOf(bound.address, bound.port, app.initialConfig.https ? 'https' : 'http')
  })
  const url = (path: string): string => `${config.publicUrl ?? `${listening}${prefix}`}${path}`

  app.decorate('publicAddress', {
    url,
    path: (path) => url(path).replace(ORIGIN, ''),
    below: (url) => `/${url.split('/').slice(depth).join('/')}`,
  })
}, { name: 'address' })

import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../src/core/errors.ts'
import { METHODS, STAND_IN } from './methods.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * After the last route of a scope and of those in it: every other method of their paths answers 405, and OPTIONS tells what
     * there is. `ownsPrefix`: the scope answers whatever is asked for below its prefix, also what has no route.
     */
    answerOtherMethods: (options?: { ownsPrefix: boolean }) => void
  }
}

// Every Accept is answered with JSON; clients of the originals find here what they asked for.
const RENDERS = ['application/json', 'text/html']
const PARSES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

const PARAMETER = /:\w+/g
/** Browsers ask for the one before they send anything; the other is what the rest is routed as. */
const ASKED: ReadonlySet<string> = new Set(['OPTIONS', STAND_IN])

interface Path { methods: Set<string>, name: string, accesses: Set<Access> }
type Access = NonNullable<RouteOptions['config']>['access']

/** Every path is served with and without its trailing slash, never redirected: clients differ in what they do on a redirect. */
export default fp(async (app) => {
  const pathsOf = new Map<FastifyInstance, Map<string, Path>>()

  app.decorate('answerOtherMethods', function (this: FastifyInstance, { ownsPrefix } = { ownsPrefix: false }) {
    const isWithin = (scope: FastifyInstance) => scope === this || Object.prototype.isPrototypeOf.call(this, scope)
    for (const [scope, paths] of pathsOf) if (isWithin(scope)) for (const [url, path] of paths) {
      const others = METHODS.filter((method) => !path.methods.has(method))
      answerOthers(scope, url, path, ownsPrefix ? others.filter((method) => isNeeded(scope, url, method)) : others)
    }
  })

  app.addHook('onRoute', function (route) {
    const { prefix } = this
    const url = route.url.slice(prefix.length)
    const methods = [route.method].flat()
    if (!url.endsWith('/') || route.schema?.hide === true) return

    const paths = pathsOf.get(this) ?? new Map<string, Path>()
    pathsOf.set(this, paths)
    const path = paths.get(url) ?? { methods: new Set(), name: route.schema?.summary ?? '', accesses: new Set() }
    for (const method of methods) path.methods.add(method)
    path.accesses.add(route.config?.access)
    paths.set(url, path)
    if (methods.includes('HEAD')) return
    // Both names of it: an empty `url` would give way to the `path` that Fastify keeps beside it.
    const bare = { url: url.slice(0, -1), path: url.slice(0, -1) }
    this.route({ ...route, ...bare, prefixTrailingSlash: 'no-slash', schema: { ...route.schema, hide: true } })
  })
}, { name: 'paths', dependencies: ['methods'] })

/** What finds no route is routed once more (`methods.ts`), so a method needs one of its own only where another path's would be found. */
const isNeeded = (app: FastifyInstance, url: string, method: string): boolean =>
  ASKED.has(method) || app.findRoute({ method, url: app.prefix + url.replaceAll(PARAMETER, 'x') }) !== null

function answerOthers (app: FastifyInstance, url: string, { methods, name, accesses }: Path, others: HTTPMethods[]): void {
  const allow = [...new Set([...methods, 'OPTIONS'])].sort().join(', ')
  // Credentials come before the method, except where nobody needs any.
  const [access] = accesses.size === 1 ? accesses : []
  const config = access === undefined ? {} : { access }
  // One route for all of them, because each costs a start as much as one that serves something.
  for (const form of [url, url.slice(0, -1)]) {
    app.route({
      method: others,
      url: form,
      // Below a prefix, `/` alone would be taken for both.
      prefixTrailingSlash: form === url ? 'slash' : 'no-slash',
      schema: { hide: true },
      config,
      onRequest: async (request, reply) => {
        if (request.method === 'OPTIONS') return
        reply.header('allow', allow)
        throw new AppError('method_not_allowed', { params: { method: request.sentMethod } })
      },
      handler: async (_request, reply) => reply.header('allow', allow).send({ name, description: '', renders: RENDERS, parses: PARSES }),
    })
  }
}

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import type { About, openDocument } from './generated.ts'
import { answerWith } from './document.ts'
import type { openPages } from './pages.ts'

interface Options extends Pick<About, 'families'> {
  config: Config
}

/** Of the answers in memory that the pages come as; the rest is said anew for the client's own connection. */
const HOP = new Set(['connection', 'date', 'transfer-encoding'])

/** The API document at `/openapi.json`, readable at `/docs`. What makes them is loaded by whoever first asks: it takes some 20 ms and 3 MB. */
export default fp(async (app, { config, families }: Options) => {
  const { publicAddress } = app
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => { if (route.method !== 'HEAD') routes.push(route) })

  let document: ReturnType<typeof openDocument> | undefined
  const documentOf = () => document ??= import('./generated.ts').then(async ({ openDocument }) => await openDocument(routes, {
    // Without a public address, wherever this document was found.
    server: config.publicUrl ?? (publicAddress.path('') || '/'),
    families,
    below: publicAddress.below,
  }))
  let pages: ReturnType<typeof openPages> | undefined

  async function answerPage (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const inject = await (pages ??= import('./pages.ts').then(async ({ openPages }) => await openPages()))
    const { statusCode, headers, rawPayload } = await inject({ url: publicAddress.below(request.url), headers: request.headers })
    if (statusCode === 404) {
      reply.callNotFound()
      return reply
    }
    const kept = Object.entries(headers).filter(([name]) => !HOP.has(name))
    return reply.code(statusCode).headers(Object.fromEntries(kept)).send(rawPayload.length > 0 ? rawPayload : undefined)
  }

  const answer = answerWith(async () => app.withDeclared((await documentOf())()))
  const hide = { schema: { hide: true } }
  const open = { access: 'open' } as const
  for (const url of ['/docs', '/docs/', '/docs/static/*']) app.get(url, { config: { ...open, isUnlimited: true }, ...hide }, answerPage)
  // The page's plugin would make its own document for each request, which takes a tenth of a second in YAML.
  for (const language of ['json', 'yaml'] as const) app.get(`/docs/${language}`, { config: open, ...hide }, answer(language))
  app.get('/openapi.json', { config: open, ...hide }, answer('json'))
}, { name: 'openapi', dependencies: ['address', 'declared', 'etag'] })

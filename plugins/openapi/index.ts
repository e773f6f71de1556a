import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { answerWith } from './document.ts'
import type { Language } from './document.ts'
import type { Document } from './examples.ts'
import { withNames } from './names.ts'
import { PAGE } from './page.ts'
import { documented } from './schema.ts'
import { VERSION } from '../../src/version.ts'

interface Options {
  config: Config
  /** Each by the tag of its routes. */
  families: { name: string, description: string }[]
}

/** The API document at `/openapi.json`, readable at `/docs`. */
export default fp(async (app, { config, families }: Options) => {
  const { publicAddress } = app
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Visage',
        version: VERSION,
        description: 'A self-hosted profile service. Three families of endpoints show the same accounts: community, staff and personal.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      // Without a public address, wherever this document was found.
      servers: [{ url: config.publicUrl ?? (publicAddress.path('') || '/') }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          token: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Token <key>`' },
        },
      },
      tags: [
        ...families,
        { name: 'limits', description: 'For clients that would rather ask than be refused.' },
        { name: 'keys', description: 'For services that verify the tokens of this one.' },
        { name: 'health', description: 'For whoever watches over the process.' },
      ],
    },
    // A public address may end like the paths begin.
    stripBasePath: false,
    transform: ({ schema, url, route }) => ({ schema: documented(schema, url, route.config), url: publicAddress.below(url) }),
    transformObject: (made) => 'openapiObject' in made ? withNames(made.openapiObject) : made.swaggerObject,
  })
  const answer = answerWith(() => app.withDeclared(app.swagger() as Document))
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      const language = /\/(json|yaml)$/.exec(route.url)?.[1] as Language | undefined
      route.config = { ...route.config, access: 'open', ...language === undefined && { isUnlimited: true } }
      // The plugin would make its own document for each request, which takes a tenth of a second in YAML.
      if (language !== undefined) route.handler = answer(language)
      // Its own goes by the path of the request, which a proxy may have shortened.
      if (route.url.endsWith('/index.html')) route.handler = (_request, reply) => reply.redirect('../')
    })
    await docs.register(swaggerUi, { routePrefix: '/docs', indexPrefix: '.', uiConfig: PAGE as object })
  })
  app.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, answer('json'))
}, { name: 'openapi', dependencies: ['address', 'declared', 'etag'] })

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify from 'fastify'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { VERSION } from '../../src/version.ts'
import type { Document } from './examples.ts'
import { withNames } from './names.ts'
import { PAGE } from './page.ts'
import { documented } from './schema.ts'

/** What the document says that no route does. */
export interface About {
  server: string
  /** Each by the tag of its routes. */
  families: { name: string, description: string }[]
  /** The path of a route as clients know it. */
  below: (url: string) => string
}

export interface Docs {
  document: () => Document
  /** Answers below `/docs`. */
  inject: FastifyInstance['inject']
}

/** An application that serves nothing but the documentation of the routes of another. */
export async function openDocs (routes: readonly RouteOptions[], { server, families, below }: About): Promise<Docs> {
  const docs = Fastify()
  docs.setValidatorCompiler(() => () => true)
  docs.setSerializerCompiler(() => JSON.stringify)
  await docs.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Visage',
        version: VERSION,
        description: `A self-hosted profile service. Families of endpoints show the same accounts: ${families.map(({ name }) => name).join(', ')}.`,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: server }],
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
    transform: ({ schema, url, route }) => ({ schema: documented(schema, url, route.config), url: below(url) }),
    transformObject: (made) => 'openapiObject' in made ? withNames(made.openapiObject) : made.swaggerObject,
  })
  await docs.register(async (page) => {
    page.addHook('onRoute', (route) => {
      // Its own goes by the path of the request, which a proxy may have shortened.
      if (route.url.endsWith('/index.html')) route.handler = (_request, reply) => reply.redirect('../')
    })
    await page.register(swaggerUi, { routePrefix: '/docs', indexPrefix: '.', uiConfig: PAGE as object })
  })
  const shown = routes.filter(({ schema }) => schema?.hide !== true)
  for (const { method, url, schema = {}, config = {} } of shown) docs.route({ method, url, schema, config, handler: async () => undefined })
  await docs.ready()
  return { document: () => docs.swagger() as Document, inject: docs.inject.bind(docs) }
}

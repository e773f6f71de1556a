import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import type { RouteOptions } from 'fastify'
import { VERSION } from '../../src/version.ts'
import type { Document } from './examples.ts'
import { withNames } from './names.ts'
import { documented } from './schema.ts'

/** What the document says that no route does. */
export interface About {
  server: string
  /** Each by the tag of its routes, and what its paths begin with. */
  families: { name: string, description: string, paths: string[] }[]
  /** The path of a route as clients know it. */
  below: (url: string) => string
}

/** Makes the document, of routes that another application serves. */
export async function openDocument (routes: readonly RouteOptions[], { server, families, below }: About): Promise<() => Document> {
  const docs = Fastify({ exposeHeadRoutes: false })
  docs.setValidatorCompiler(() => () => true)
  docs.setSerializerCompiler(() => JSON.stringify)
  await docs.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Visage',
        version: VERSION,
        description: introduction(families, below),
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
        ...families.map(({ name, description }) => ({ name, description })),
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
  const shown = routes.filter(({ schema }) => schema?.hide !== true)
  for (const { method, url, schema = {}, config = {} } of shown) docs.route({ method, url, schema, config, handler: async () => undefined })
  await docs.ready()
  return () => docs.swagger() as Document
}

/** What the page begins with, in CommonMark: which family is for whom. The first is the one to take when in doubt. */
const introduction = (families: About['families'], below: About['below']): string => `A self-hosted profile service. Every family of endpoints shows the same accounts: what you write through one, you read through all.

| Family | Paths | For whom |
|---|---|---|
${families.map(({ name, description, paths }) => `| **${name}** | ${paths.map((path) => `\`${below(path)}/…\``).join(' ')} | ${description} |`).join('\n')}

If you build something new, take **${families[0]?.name}**. The others speak as the services do whose clients they were made for: take one of them if you have such a client already.`

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { documented } from './schema.ts'

/** The API document at `/openapi.json`, readable at `/docs`. */
export default fp(async (app) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Visage',
        version: '0.1.0',
        description: 'A self-hosted profile service. Three families of endpoints show the same accounts: community, staff and personal.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          token: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Token <key>`' },
        },
      },
      tags: [
        { name: 'community', description: 'For clients of the community API.' },
        { name: 'staff', description: 'For servers and back offices.' },
        { name: 'personal', description: 'For the browser of the person concerned.' },
        { name: 'limits', description: 'For clients that would rather ask than be refused.' },
        { name: 'keys', description: 'For services that verify the tokens of this one.' },
        { name: 'health', description: 'For whoever watches over the process.' },
      ],
    },
    transform: ({ schema, url, route }) => ({ schema: documented(schema, url, route.config), url }),
  })
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => { route.config = { ...route.config, access: 'open', isUnlimited: true } })
    await docs.register(swaggerUi, { routePrefix: '/docs', transformSpecification: (document) => app.withDeclared(document) })
  })
  app.get('/openapi.json', { config: { access: 'open', isUnlimited: true }, schema: { hide: true } }, async () => app.withDeclared(app.swagger()))
}, { name: 'openapi', dependencies: ['declared'] })

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { PAGE } from './page.ts'

/** Answers below `/docs`, in memory: an application that serves the pages, and nothing of the document that they show. */
export async function openPages (): Promise<FastifyInstance['inject']> {
  const pages = Fastify()
  pages.addHook('onRoute', (route) => {
    // Its own goes by the path of the request, which a proxy may have shortened.
    if (route.url.endsWith('/index.html')) route.handler = (_request, reply) => reply.redirect('../')
  })
  await pages.register(swagger)
  await pages.register(swaggerUi, { routePrefix: '/docs', indexPrefix: '.', uiConfig: PAGE as object })
  await pages.ready()
  return pages.inject.bind(pages)
}

import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Which requests are forms, and their reading. */
export interface Forms {
  has: (request: FastifyRequest) => boolean
  /** Runs `read`, in which `request.parts` may be asked for. */
  reading: <T>(request: FastifyRequest, read: () => Promise<T>) => Promise<T>
}

/**
 * The library for forms, which an application around the service may use as well: before the service or after it, and with hooks
 * that read every form they see. So a request is a form to the library only while it is read here.
 */
export async function openForms (app: FastifyInstance): Promise<Forms> {
  const forms = new WeakSet<FastifyRequest>()
  // What it puts on requests can be put there once.
  if (!app.hasRequestDecorator('isMultipart')) await app.register(multipart)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('multipart/form-data', async (request: FastifyRequest) => { forms.add(request) })

  return {
    has: (request) => forms.has(request),
    async reading (request, read) {
      const mark = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'multipart') ?? ''
      Reflect.set(request, mark, true)
      try {
        return await read()
      } finally {
        Reflect.set(request, mark, false)
      }
    },
  }
}

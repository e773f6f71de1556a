import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import type { RouteOptions } from 'fastify'
import t from 'tap'
import methods from '../../plugins/paths/methods.ts'
import paths from '../../plugins/paths/index.ts'
import validation from '../../plugins/validation.ts'
import { pluginOf } from '../../routes/family.ts'
import { findingsOf } from '../../routes/findings.ts'

const body = Type.Object({ size: Type.Integer() })
const ok = Type.Object({ said: Type.String() })

/** A family that says `{ wrong: … }`, and what its handlers were given. */
async function fourth () {
  const handled: string[] = []
  const routes: RouteOptions[] = []
  const app = Fastify()
  app.decorateRequest('actor', null)
  app.addHook('onRoute', (route) => { if (route.schema?.hide !== true) routes.push(route) })
  await app.register(methods)
  await app.register(paths)
  await app.register(validation)
  await app.register(pluginOf({
    name: 'fourth',
    description: 'For a test.',
    voice: {
      challenge: 'Fourth',
      names: { size: 'length' },
      toBody: ({ code, fields }, names) => ({ wrong: code, fields: fields.map(({ field }) => field), names: Object.keys(names) }),
      represent: { schema: ok, show: () => ({}) },
    },
    problems: { '4xx': Type.Object({ wrong: Type.String(), fields: Type.Array(Type.String()), names: Type.Array(Type.String()) }) },
    creates: body,
    routes: {
      '/fourth': async (app) => {
        const config = { access: 'open' } as const
        app.get('/own/', { schema: { response: { 200: ok } } }, async () => ({ said: 'own' }))
        app.post('/judged/', { config, schema: { body, response: { 201: ok } } }, async () => {
          handled.push('judged')
          return { said: 'made', more: 'than the schema lists' }
        })
        app.post('/collected/', { config: { ...config, names: { size: 'width' }, collectsFindings: true }, schema: { body, response: { 200: ok } } }, async (request) => {
          handled.push(...findingsOf(request).map(({ field }) => field ?? ''))
          return { said: 'seen' }
        })
        app.delete('/done/', { config, schema: { response: { 204: Type.Null() } } }, async () => {})
        app.delete('/either/', { config, schema: { response: { 200: ok, 204: Type.Null() } } }, async () => ({ said: 'either' }))
      },
    },
  }), { signUp: true, publicDirectory: false, passwordMin: 8 })
  return { app, handled, routes }
}

t.test('a family says of itself what its routes have in common, and need not say', async (t) => {
  const { app, handled, routes } = await fourth()
  t.teardown(() => app.close())
  const answer = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
    const { statusCode, body, headers } = await app.inject({ method, url: `/fourth/${url}`, ...payload && { payload } })
    return [statusCode, body === '' ? '' : JSON.parse(body) as unknown, headers['www-authenticate'] ?? headers.allow]
  }

  t.same(await answer('GET', 'own/'), [401, { wrong: 'not_authenticated', fields: [], names: ['size'] }, 'Fourth'], 'credentials, where a route does not say that it goes without')
  t.same(await answer('POST', 'judged/', { size: 'x' }), [400, { wrong: 'invalid', fields: ['length'], names: ['size'] }, undefined], 'who judges a body, in which words')
  t.same(handled, [], 'before the handler')
  t.same(await answer('POST', 'judged/', { size: 1 }), [201, { said: 'made' }, undefined], 'the status of the one way to succeed')
  t.same(await answer('POST', 'collected/', { size: 'x' }), [200, { said: 'seen' }, undefined])
  t.same(handled, ['judged', 'width'], 'a route that collects is handed the findings, in words of its own')
  t.same(await answer('DELETE', 'done'), [204, '', undefined], 'with or without the slash')
  t.same(await answer('DELETE', 'either/'), [200, { said: 'either' }, undefined])
  t.same(await answer('PUT', 'judged/', { size: 1 }), [405, { wrong: 'method_not_allowed', fields: [], names: ['size'] }, 'OPTIONS, POST'])
  for (const { schema } of routes) t.match(schema, { tags: ['fourth'], response: { '4xx': {} } }, 'its tag and its errors in the document')
})

import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import { Ajv } from 'ajv'
import fastJson from 'fast-json-stringify'
import Fastify from 'fastify'
import type { FastifySchema } from 'fastify'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { validatorOf } from '../plugins/validation.ts'
import visage, { buildApp } from '../src/app.ts'
import { placeOf } from './engines.ts'
import { PASSWORD } from './helper.ts'

const ADA = { username: 'ada', email: 'ada@example.com', password: PASSWORD }

t.test('an application embeds the plugin and stays as it was', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((_error, _request, reply) => reply.code(418).send('mine'))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('not mine'))
  await app.register(visage, { ...placeOf(t.testdir({})), prefix: '/people', publicUrl: 'https://example.com' })
  await app.register(jwt, { secret: 'of the application around it' })
  await app.register(multipart)
  app.post('/echo', async (request) => request.body)
  app.get('/broken', async () => { throw new Error('of the application') })

  t.test('its families answer below the prefix', async (t) => {
    const created = await app.inject({ method: 'POST', url: '/people/api/sign-up/', payload: ADA })
    t.equal(created.statusCode, 201)
    t.match((await app.inject('/people/api/v2/user/1')).json(), { username: 'ada' })
    t.same((await app.inject('/people/api/v2/user/9/')).json(), { errors: [{ code: 'not_found', message: 'Not found.' }] })
    t.equal((await app.inject('/people/openapi.json')).statusCode, 200)
    t.equal((await app.inject('/people/docs')).statusCode, 200)
  })

  t.test('the application keeps its parsers, validators, errors and paths', async (t) => {
    t.equal((await app.inject({ method: 'POST', url: '/echo', payload: '', headers: { 'content-type': 'application/json' } })).statusCode, 418)
    t.equal((await app.inject('/broken')).statusCode, 418)
    t.equal((await app.inject('/nowhere')).body, 'not mine')
    t.equal((await app.inject({ url: '/nowhere', headers: { authorization: 'Bearer nonsense' } })).statusCode, 404)
  })
})

t.test('absolute addresses are made from the public address and nothing that a request says', async (t) => {
  const { form, build, signUp } = await import('./helper.ts')
  const { picture } = await import('./images/pictures.ts')
  const built = await build(t, { publicUrl: 'https://example.com/people' })
  const ada = await signUp(built, 'ada')
  const { payload, headers } = form([['avatar', { file: await picture() }]])
  const response = await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' } })
  t.match(response.json(), { avatar: /^https:\/\/example\.com\/people\/media\/avatars\/[0-9a-f]{32}\.webp$/ })
})

t.test('the API document is for everybody, whatever they send along', async (t) => {
  const app = await buildApp({ ...placeOf(t.testdir({})), logLevel: 'silent' })
  t.teardown(() => app.close())
  for (const url of ['/docs/', '/docs/json', '/docs/static/swagger-ui.css', '/openapi.json', '/health/live']) {
    t.equal((await app.inject({ url, headers: { authorization: 'Bearer expired' } })).statusCode, 200, url)
  }
})

t.test('a second server on the same folder is refused', async (t) => {
  const dataDir = t.testdir({})
  const first = await buildApp({ ...placeOf(dataDir), logLevel: 'silent' })
  await t.rejects(buildApp({ ...placeOf(dataDir), logLevel: 'silent' }), { code: 'INSTANCE_LOCKED' })
  await first.close()
  const third = await buildApp({ ...placeOf(dataDir), logLevel: 'silent' })
  await third.close()
})

t.test('a secret that was cut off is said to be, and the folder is let go of', async (t) => {
  const dataDir = t.testdir({ 'jwt.secret': 'abc' })
  await t.rejects(buildApp({ ...placeOf(dataDir), logLevel: 'silent' }), { name: 'ConfigError', message: /jwt\.secret: expected at least 32 characters/ })
  rmSync(join(dataDir, 'jwt.secret'))
  const app = await buildApp({ ...placeOf(dataDir), logLevel: 'silent' })
  await app.close()
})

t.test('paths that no router can read still answer in their family\'s words', async (t) => {
  const app = await buildApp({ ...placeOf(t.testdir({})), logLevel: 'silent' })
  t.teardown(() => app.close())
  for (const bad of ['%zz', 'a'.repeat(200)]) {
    t.same((await app.inject(`/api/v2/user/${bad}/`)).json(), { errors: [{ code: 'not_found', message: 'Not found.' }] })
    t.same((await app.inject(`/api/users/${bad}/`)).json(), { detail: 'Not found.' })
    t.same((await app.inject(`/api/profile/${bad}/update/`)).json(), { detail: 'Not found.' })
    t.same((await app.inject(`/${bad}`)).json(), { detail: 'Not found.' })
  }
})

t.test('every schema can be compiled, which a start leaves to the first request that needs it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const schemas: FastifySchema[] = []
  app.addHook('onRoute', ({ schema }) => { if (schema !== undefined) schemas.push(schema) })
  await app.register(visage, { ...placeOf(t.testdir({})), logLevel: 'silent' })
  await app.ready()
  const judged = new Set(schemas.flatMap(({ body, querystring, params, headers }) => [body, querystring, params, headers]).filter((schema) => schema !== undefined))
  const answers = new Set(schemas.flatMap(({ response }) => Object.values(response ?? {})))
  t.ok(judged.size > 60 && answers.size > 20, `${judged.size} for requests, ${answers.size} for answers`)
  for (const schema of judged) t.type(validatorOf(schema as object)({}), 'boolean')
  const ajv = new Ajv({ strict: false })
  for (const schema of judged) t.equal(ajv.validateSchema(schema as object), true, JSON.stringify(ajv.errors))
  t.equal(ajv.validateSchema({ maxLength: 'many' }), false)
  for (const schema of answers) t.doesNotThrow(() => fastJson(schema as object))
  t.throws(() => validatorOf({ type: 'nothing' })({}), /type/)
})

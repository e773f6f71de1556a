import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import t from 'tap'
import visage, { buildApp } from '../src/index.ts'
import type { Happened, Mail, Visage } from '../src/index.ts'
import { testVisage } from '../src/testing/index.ts'
import { placeOf } from './engines.ts'
import { dataFolderFor, folderFor, form } from './helper.ts'
import { picture } from './images/pictures.ts'
import { generated } from './volume.ts'

const quiet = { logLevel: 'silent', rateLimit: false } as const
const bearer = (access: string) => ({ authorization: `Bearer ${access}` })

/** Resolves when everybody has been told: listeners are not waited for by who writes. */
async function until (isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => { setImmediate(resolve) })
}

t.test('what an application has after registering is what the types say', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), prefix: '/people' })
  t.ok(app.hasDecorator('visage'))
  for (const name of ['core', 'sessions', 'identify', 'signer', 'media', 'publicAddress']) t.notOk(app.hasDecorator(name), name)
  t.ok(app.hasRequestDecorator('person'))
  t.notOk(app.hasRequestDecorator('actor'))
})

t.test('routes of the application know who sent a request', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), prefix: '/people', publicUrl: 'https://example.com/people' })
  const { authenticate, optional, people, tokens } = app.visage
  let kept: Parameters<typeof people.get>[1] = {}
  app.get('/mine', { onRequest: authenticate }, async ({ person }) => {
    if (person !== null) kept = { as: person }
    return { is: person?.username }
  })
  app.get('/ours', { onRequest: optional }, async ({ person }) => ({ is: person?.username ?? null }))
  app.patch('/mine', { onRequest: authenticate }, async ({ person, body }) => await people.edit(person?.id ?? 0, body as object, { ...person && { as: person } }))
  const ada = await people.create({ username: 'ada', email: 'ada@example.com', isStaff: true })
  const { access } = await tokens.issue(ada.id)
  const { token, id: keyId } = await tokens.issueKey(ada.id, { name: 'sync' })
  t.type(keyId, 'number')
  for (const text of ['a\0b', 'a\ud800']) {
    const code = text.includes('\0') ? 'null_characters' : 'not_a_string'
    await t.rejects(tokens.issue(ada.id, { device: text }), { code: 'invalid', findings: [{ field: 'device', code }] })
    await t.rejects(tokens.issue(ada.id, { address: text }), { code: 'invalid', findings: [{ field: 'address', code }] })
    await t.rejects(tokens.issueKey(ada.id, { name: text }), { code: 'invalid', findings: [{ field: 'name', code }] })
    t.equal(await people.find({ username: text }), null)
  }

  for (const authorization of [`Bearer ${access}`, `Token ${token}`]) {
    t.same((await app.inject({ url: '/mine', headers: { authorization } })).json(), { is: 'ada' })
    t.same((await app.inject({ url: '/ours', headers: { authorization } })).json(), { is: 'ada' })
  }
  t.same((await app.inject('/ours')).json(), { is: null })

  for (const [url, headers] of [['/mine', {}], ['/mine', bearer('nonsense')], ['/ours', bearer('nonsense')]] as const) {
    const refused = await app.inject({ url, headers })
    const asFamily = await app.inject({ url: '/people/v1/me', headers })
    t.equal(refused.statusCode, 401)
    for (const name of ['content-type', 'www-authenticate']) t.equal(refused.headers[name], asFamily.headers[name])
    t.same({ ...refused.json<object>(), requestId: '' }, { ...asFamily.json<object>(), requestId: '' })
  }

  t.test('and act for them, for as long as what they showed counts', async (t) => {
    const sent = { method: 'PATCH', url: '/mine', headers: bearer(access) } as const
    t.match((await app.inject({ ...sent, payload: { bio: 'Wrote the first program.' } })).json(), { bio: 'Wrote the first program.', hidden: [] })
    t.match((await app.inject({ ...sent, payload: { isAdmin: true } })).json(), { statusCode: 403, code: 'permission_denied' })
    t.match((await app.inject({ ...sent, payload: { bio: 'x'.repeat(6_000), biography: '', username: null } })).json(), { statusCode: 400, code: 'invalid' })
    const bob = await people.create({ username: 'bob', email: 'bob@example.com' })
    t.match(await people.get(bob.id, kept), { email: 'bob@example.com' }, 'as staff, who a program may keep for longer than a request')
    await people.edit(ada.id, { isStaff: false })
    t.match(await people.get(bob.id, kept), { email: null }, 'and as nobody special')
    t.equal(await people.find({ email: 'bob@example.com' }, kept), null, 'nobody is found by what they may not see')
    t.match(await people.find({ email: 'ada@example.com' }, kept), { id: ada.id })
    await people.edit(ada.id, { isActive: false })
    t.equal((await app.inject({ ...sent, payload: { bio: '' } })).statusCode, 401)
    await t.rejects(people.get(bob.id, kept), { code: 'account_inactive' })
    await t.rejects(tokens.issue(ada.id), { name: 'VisageError', code: 'account_inactive', statusCode: 401 })
  })
})

t.test('the verbs are the core\'s, with its findings and its access', async (t) => {
  const { app: { visage: { people } }, person } = await testVisage(t)
  const ada = await people.create({ username: 'ada', email: 'ada@example.com', password: 'correct horse battery', firstName: 'Ada' }, { isConfirmed: true })
  t.match(ada, { emailConfirmed: true, firstName: 'Ada', avatar: null, version: 1 })
  const [bob, carol] = [await person(), await person({ isStaff: true })]

  t.same(await people.find({ email: 'Ada@example.com' }), ada)
  t.same(await people.find({ username: 'ADA' }), ada)
  t.equal(await people.find({ extId: 'nobody' }), null)
  t.match(await people.get(ada.id, { as: bob }), { email: null, firstName: null, username: 'ada' })
  t.match(await people.get(ada.id, { as: carol }), { email: 'ada@example.com' })
  await t.rejects(people.get(99), { code: 'not_found', statusCode: 404, findings: [] })
  await t.rejects(people.get(ada.id, { as: { id: 99 } }), { code: 'account_unknown' })

  await t.rejects(people.create({ username: 'ada', bio: 'x'.repeat(5_001), nonsense: 1 } as never), {
    code: 'invalid',
    findings: [{ field: 'nonsense', code: 'unknown_field' }, { field: 'bio', code: 'max_length' }, { field: 'username', code: 'username_taken', message: /already exists/ }],
  }, 'all at once')
  await t.rejects(people.create({ username: 'dora' }, { as: bob }), { code: 'permission_denied' })
  await t.rejects(people.create({ username: 'dora', isAdmin: true }, { as: carol }), { code: 'permission_denied' })

  const edited = await people.edit(ada.id, { bio: 'Poet.', gender: null }, { as: carol, version: ada.version })
  t.match(edited, { bio: 'Poet.', version: 2 })
  await t.rejects(people.edit(ada.id, { bio: 'Late.' }, { version: ada.version }), { code: 'precondition_failed', statusCode: 412 })
  await t.rejects(people.edit(ada.id, { bio: 'Not mine.' }, { as: bob }), { code: 'permission_denied' })
  await t.rejects(people.edit(ada.id, { id: 7, version: 9 } as never), { code: 'invalid', findings: [{ field: 'id', code: 'unknown_field' }, { field: 'version', code: 'unknown_field' }] })

  await t.rejects(people.remove(ada.id, { as: bob }), { code: 'permission_denied' })
  await people.remove(ada.id, { as: carol })
  await t.rejects(people.get(ada.id), { code: 'not_found' })
  await t.rejects(people.remove(ada.id, { as: carol, forGood: true }), { code: 'permission_denied' })
  await people.remove(ada.id, { forGood: true })
  t.match(await people.create({ username: 'ada' }), { username: 'ada' }, 'the name is free')
})

t.test('what was committed is told by its names, and never with a value', async (t) => {
  const { app, as, person } = await testVisage(t)
  const { visage } = app
  const told: Happened[] = []
  for (const event of ['created', 'changed', 'removed', 'signedIn'] as const) visage.on(event, (happened) => { told.push(happened) })
  const ada = await person({ username: 'ada' })
  await as(ada).inject({ method: 'PATCH', url: '/v1/me', payload: { bio: 'A secret.', website: 'https://example.com' } })
  await as(ada).inject({ method: 'PATCH', url: '/v1/me?dryRun=true', payload: { bio: 'Never.' } })
  await as(ada).inject({ method: 'PATCH', url: '/v1/me', payload: { bio: {} } })
  await visage.people.remove(ada.id, { as: ada })
  await visage.people.remove(ada.id, { forGood: true })
  await until(() => told.length === 5)
  t.match(told.map(({ event, id, actorId, fields }) => [event, id, actorId, [...fields].sort().join()]), [
    ['created', ada.id, null, 'attributes,email,username'],
    ['signedIn', ada.id, ada.id, ''],
    ['changed', ada.id, ada.id, 'bio,website'],
    ['changed', ada.id, ada.id, /deletedAt/],
    ['removed', ada.id, null, '*'],
  ])
  t.notMatch(JSON.stringify(told), /secret|example/)
})

t.test('each commit is told exactly once, in order for each person, and nothing else is', async (t) => {
  const { app: { visage }, person, as } = await testVisage(t)
  const { people, on } = visage
  // Of each of sixteen writers, two at once: ten thousand edits.
  const EDITS = generated(313, 60)
  const everybody = await Promise.all(Array.from({ length: 16 }, () => person()))
  const told = new Map<number, (number | null)[]>(everybody.map(({ id }) => [id, []]))
  const committed = new Map<number, number[]>(everybody.map(({ id }) => [id, []]))
  const slow: number[] = []
  let held: (() => void) | undefined
  on('changed', ({ id, version }) => { told.get(id)?.push(version) })
  on('changed', () => { throw new Error('of the application') })
  on('changed', async () => { throw new Error('of the application') })
  on('changed', async ({ id, version }) => {
    slow.push(id)
    // The first of the first person keeps the others of that person waiting, and nobody else.
    if (id === everybody[0]?.id && version === 2) await new Promise<void>((resolve) => { held = resolve })
  })
  const cancelled = on('changed', () => { t.fail('ended') })
  cancelled()

  await Promise.all(everybody.map(async (one, i) => {
    const { id } = one
    for (let n = 0; n < EDITS; n++) {
      const isBad = (n + i) % 5 === 0
      if (n % 10 === 0) await as(one).inject({ method: 'PATCH', url: '/v1/me?dryRun=true', payload: { bio: `dry ${n}` } })
      // Two at once for a person, so that one of them meets a version that has moved.
      const [first, second] = await Promise.allSettled([
        people.edit(id, { bio: `${n}`, ...isBad && { username: everybody[(i + 1) % 16]?.username ?? '' } }),
        people.edit(id, { location: `${n}` }, n % 3 === 0 ? { version: 1 } : {}),
      ])
      for (const done of [first, second]) if (done.status === 'fulfilled') committed.get(id)?.push(done.value.version)
    }
  }))
  const all = [...committed.values()].reduce((sum, { length }) => sum + length, 0)
  await until(() => [...told.values()].reduce((sum, { length }) => sum + length, 0) >= all && held !== undefined)
  for (const { id } of everybody) {
    t.same(told.get(id), committed.get(id)?.sort((a, b) => a - b))
  }
  await until(() => slow.length === all - (committed.get(everybody[0]?.id ?? 0)?.length ?? 0) + 1)
  t.equal(slow.filter((id) => id === everybody[0]?.id).length, 1, 'the next of that person waits')
  held?.()
  await until(() => slow.length === all)
})

t.test('of a listener that never comes to an end the log tells', async (t) => {
  const lines: string[] = []
  const log = { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } }
  const { app: { visage }, person } = await testVisage(t, { log: Fastify({ logger: log }).log })
  const ada = await person({ username: 'ada' })
  const forget = visage.on('changed', () => new Promise(() => {}))
  const heard: number[] = []
  visage.on('changed', ({ version }) => { heard.push(Number(version)) })
  const edit = async (times: number) => { await Promise.all(Array.from({ length: times }, async (_, i) => await visage.people.edit(ada.id, { bio: `${times} ${i}` }))) }
  await edit(999)
  t.same(lines, [])
  await edit(1_500)
  const told = lines.map((line) => JSON.parse(line) as { msg: string, waiting: number, event: string, person: number })
  t.match(told, [1_000, 2_000].map((waiting) => ({ waiting, event: 'changed', person: ada.id, msg: /^a listener is behind: / })))
  await until(() => heard.length === 2_499)
  forget()
})

t.test('two services with folders of their own live in one application beside what it has itself', async (t) => {
  const own = async (app: FastifyInstance) => {
    await app.register(cors, { origin: 'https://app.example' })
    await app.register(cookie)
    await app.register(jwt, { secret: 'of the application around it' })
    await app.register(multipart, { attachFieldsToBody: true })
    await app.register(swagger, { openapi: { info: { title: 'of the application', version: '1' } } })
  }
  const services = async (app: FastifyInstance) => {
    await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), prefix: '/staff' })
    await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), prefix: '/customers', decorate: 'customers' })
  }
  for (const [order, steps] of Object.entries({ before: [own, services], after: [services, own] })) {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const step of steps) await step(app)
    const [staff, customers] = [app.visage, app.getDecorator<Visage>('customers')]
    app.post('/upload', async ({ body }) => Object.keys(body as object))
    app.get('/cookie', async ({ cookies }) => cookies)
    app.get('/token', async () => app.jwt.verify(app.jwt.sign({ of: 'the application' })))
    app.get('/who', { onRequest: customers.authenticate }, async ({ person }) => person?.username)

    const ada = await staff.people.create({ username: 'ada' })
    const bob = await customers.people.create({ username: 'bob' })
    t.equal(ada.id, bob.id, order)
    const [ofStaff, ofCustomers] = [await staff.tokens.issue(ada.id), await customers.tokens.issue(bob.id)]
    t.equal((await app.inject({ url: '/who', headers: bearer(ofCustomers.access) })).body, 'bob')
    t.equal((await app.inject({ url: '/who', headers: bearer(ofStaff.access) })).statusCode, 401, 'a token counts where it was issued')

    const { payload, headers } = form([['bio', 'Both.'], ['avatar', { file: await picture() }]])
    for (const [prefix, { access }] of [['/staff', ofStaff], ['/customers', ofCustomers]] as const) {
      const edited = await app.inject({ method: 'PATCH', url: `${prefix}/v1/me`, payload, headers: { ...headers, ...bearer(access), origin: 'https://app.example' } })
      t.match(edited.json(), { bio: 'Both.', avatar: { url: new RegExp(`${prefix}/media/`) } }, `${order} ${prefix}`)
      t.equal(edited.headers['access-control-allow-origin'], 'https://app.example')
      t.equal((await app.inject(`${prefix}/openapi.json`)).statusCode, 200)
      if (order === 'after') continue
      const preflight = await app.inject({ method: 'OPTIONS', url: `${prefix}/v1/me`, headers: { origin: 'https://app.example', 'access-control-request-method': 'PATCH' } })
      t.equal(preflight.headers['access-control-allow-origin'], 'https://app.example')
    }

    t.same((await app.inject({ method: 'POST', url: '/upload', payload, headers })).json(), ['bio', 'avatar'])
    t.same((await app.inject({ url: '/cookie', headers: { cookie: 'a=b' } })).json(), { a: 'b' })
    t.match((await app.inject('/token')).json(), { of: 'the application' })
    t.equal(app.swagger().info.title, 'of the application')
    await app.close()
  }
})

t.test('a second service under the same name, or origins beside an application\'s own, are refused in a sentence', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(cors)
  await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)) })
  await t.rejects(async () => await app.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), prefix: '/b' }), { name: 'ConfigError', message: /decorate: .* visage already/ })
  const other = Fastify()
  await other.register(cors)
  await t.rejects(async () => await other.register(visage, { ...quiet, ...placeOf(await dataFolderFor(t)), corsOrigins: ['*'] }), { name: 'ConfigError', message: /VISAGE_CORS_ORIGINS: .* already/ })
})

t.test('mails and log lines go where the application says', async (t) => {
  const [failed, answered, came] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<Mail>()]
  const write = (_details: object, message: string) => {
    if (/could not be sent; it will be tried again/.test(message)) failed.resolve()
    if (message === 'request') answered.resolve()
  }
  const log = { level: 'info', info: write, warn: write, error: write, debug () {}, trace () {}, fatal: write, silent () {} } as unknown as FastifyBaseLogger
  Object.assign(log, { child: () => log })
  const app = Fastify()
  t.teardown(() => app.close())
  const dataDir = folderFor(t)
  let failures = 1
  await app.register(visage, {
    ...placeOf(dataDir),
    log,
    mailer: {
      async send (mail) {
        if (failures-- > 0) throw new Error('out of order')
        came.resolve(mail)
      },
    },
  })
  await app.visage.people.create({ username: 'ada', email: 'ada@example.com' })
  await app.listen()
  await failed.promise
  t.notOk(existsSync(`${dataDir}/mail`), 'no file')
  await app.visage.people.create({ username: 'bob', email: 'bob@example.com' })
  t.match(await came.promise, { to: { address: 'bob@example.com' }, subject: /\w/, text: /bob/, html: /<p>/, messageId: /^<.*@localhost>$/ })
  t.equal((await app.inject('/health/live')).statusCode, 200)
  await answered.promise
})

t.test('the pages behind mailed links can be the application\'s', async (t) => {
  const { app } = await testVisage(t, { pages: false, linkUrl: 'https://app.example' })
  t.equal((await app.inject('/reset-password?code=x')).statusCode, 404)
  await t.rejects(testVisage(t, { pages: false }), { name: 'ConfigError', message: /VISAGE_LINK_URL/ })
})

t.test('an application of our own takes hooks and routes until it is ready', async (t) => {
  const app = await buildApp({ ...quiet, ...placeOf(await dataFolderFor(t)) })
  t.teardown(() => app.close())
  app.addHook('onSend', async (_request, reply) => { reply.header('x-application', 'mine') })
  app.get('/who', { onRequest: app.visage.optional }, async ({ person }) => ({ person }))
  t.same((await app.inject('/who')).json(), { person: null })
  t.equal((await app.inject('/v1/me')).headers['x-application'], 'mine')
})

t.test('a service ends before its application, and its folder is free', async (t) => {
  const dataDir = await dataFolderFor(t)
  const app = await buildApp({ ...quiet, ...placeOf(dataDir) })
  t.teardown(() => app.close())
  const { id } = await app.visage.people.create({ username: 'ada' })
  const told: string[] = []
  app.visage.on('changed', async ({ fields }) => {
    await new Promise((resolve) => { setImmediate(resolve) })
    told.push(...fields)
  })
  await app.visage.people.edit(id, { bio: 'Last words.' })
  await Promise.all([app.visage.close(), app.visage.close()])
  t.same(told, ['bio'], 'whoever listens has heard everything')
  t.equal((await app.inject('/v1/me')).statusCode, 503)
  const next = await buildApp({ ...quiet, ...placeOf(dataDir) })
  t.match(await next.visage.people.get(id), { bio: 'Last words.' })
  await next.close()
})

t.test('a whole service for a test', async (t) => {
  await t.test('ten side by side share nothing', async (t) => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => testVisage()))
    t.equal(new Set(ten.map(({ dataDir }) => dataDir)).size, 10)
    const everybody = await Promise.all(ten.map(async ({ person }) => await person({ isStaff: true })))
    t.same(everybody.map(({ id, isStaff, email }) => [id, isStaff, email]), ten.map(() => [1, true, 'person-1@example.com']))
    for (const { app } of ten) t.notOk(app.server.listening)
    await Promise.all(ten.map(({ close }) => close()))
    for (const { dataDir } of ten) t.notOk(existsSync(dataDir))
  })

  for (const verb of ['after', 'teardown', 'onTestFinished']) {
    let over: (() => Promise<void>) | undefined
    const { dataDir, as, person } = await testVisage({ [verb]: (fn: () => Promise<void>) => { over = fn } } as never)
    const ada = await person({ username: 'ada' })
    t.match((await as(ada).inject('/v1/me')).json(), { username: 'ada', emailConfirmed: true, isStaff: false })
    t.match(await as(ada).headers(), { authorization: /^Bearer / })
    t.ok(existsSync(dataDir))
    await over?.()
    t.notOk(existsSync(dataDir), verb)
  }

  await t.rejects(testVisage(undefined, { publicUrl: 'nonsense' }), { name: 'ConfigError' })
})

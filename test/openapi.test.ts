import { runInNewContext } from 'node:vm'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import t from 'tap'
import { OPERATOR } from '../src/core/access.ts'
import { TYPES } from '../src/core/fields/declarations.ts'
import { documentOf } from './document.ts'
import { createScenes } from './examples.ts'
import type { Body } from './examples.ts'
import { build, form, urlencoded } from './helper.ts'
import { picture } from './images/pictures.ts'
import { skippableClock } from './limits/clock.ts'

interface Operation { tags: string[], requestBody?: { content: Record<string, { schema: { properties: Record<string, { format?: string, type?: unknown, properties?: object }>, required?: string[] } }> }, responses: Record<string, unknown>, security?: object[] }

const MEDIA_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
const COMMUNITY = ['username', 'real_name', 'avatar', 'avatar_base64', 'cover', 'avatar_focus', 'avatar_crop', 'cover_focus', 'bio', 'location', 'location_lat_lng', 'position_lat_lng', 'date_of_birth', 'description', 'gender', 'website', 'company_name', 'company_role']
const STAFF = ['username', 'mobile_number', 'email', 'first_name', 'last_name', 'gender', 'avatar', 'avatar_focus', 'avatar_crop', 'is_staff', 'is_admin', 'is_active', 'groups', 'attributes']
const STAFF_OWN = ['username', 'mobile_number', 'email', 'first_name', 'last_name', 'gender', 'avatar', 'avatar_focus', 'avatar_crop', 'attributes']
const FED = ['ext_id', 'reg_approved', 'community_badge', 'can_send_pm_to', 'reputation', 'followings_counter', 'followers_counter', 'posts_counter', 'discussions_counter', 'statuses_counter', 'polls_counter', 'categories_counter', 'unseen_interactions_counter', 'unseen_notification_banners_counter']
const PERSONAL = ['username', 'email', 'first_name', 'last_name', 'number_phone', 'avatar', 'avatar_focus', 'avatar_crop', 'attributes']

/** In JSON; a form names them one by one. */
const DECLARED = 'attributes'
const inForm = (field: string): string[] => field === DECLARED ? ['attributes.company_name', 'attributes.company_role'] : [field]

/** A body that is no object. */
const LIST: string[] = []
const NARROWED = ['real_name', 'avatar', 'cover', 'bio', 'location', 'description', 'gender', 'website', 'avatar_by_email', 'attributes']

const SETTINGS = ['qa_frequency', 'email_notification_not_qa', 'mobile_notifications_scmty', 'show_toast_notifications', 'toast_notifications_emit_sound']
const TAG = ['active', 'name', 'type', 'description', 'color', 'visible', 'visibility_boost']
const FIELD = ['label', 'type', 'type_options', 'mandatory', 'editable', 'searchable', 'read', 'write']

/** Path, method, tag, and for an update its fields and which of them it needs. */
const ENDPOINTS: [path: string, method: string, tag: string, fields?: string[], required?: string[]][] = [
  ['/api/v2/user/{id}/', 'get', 'community'],
  ['/api/v2/user/{id}/images/', 'get', 'community'],
  ['/api/v2/user/{id}/', 'put', 'community', COMMUNITY, ['username']],
  ['/api/v2/user/{id}/', 'patch', 'community', COMMUNITY],
  ['/api/v2/user/', 'get', 'community'],
  ['/api/v2/user/search/', 'get', 'community'],
  ['/api/v2/user/autocomplete/', 'get', 'community'],
  ['/api/v2/user/match/', 'post', 'community', LIST],
  ['/api/v2/user/me/', 'get', 'community'],
  ['/api/v2/user/{id}/', 'delete', 'community'],
  ['/api/v2/user/me/avatar/', 'get', 'community'],
  ['/api/v2/user/me/permission/', 'get', 'community'],
  ['/api/v2/user/avatar/', 'get', 'community'],
  ['/api/v2/user/avatar/', 'post', 'community', ['avatar', 'avatar_base64', 'avatar_focus', 'avatar_crop']],
  ['/api/v2/user/avatar/', 'patch', 'community', ['avatar_id'], ['avatar_id']],
  ['/api/v2/user/avatar/', 'delete', 'community', ['avatar_id']],
  ['/api/v2/user/{id}/counters/', 'get', 'community'],
  ['/api/v2/user/{id}/settings/', 'get', 'community'],
  ['/api/v2/user/{id}/settings/', 'patch', 'community', SETTINGS],
  ['/api/v2/user/{id}/change_email/', 'patch', 'community', ['new_email'], ['new_email']],
  ['/api/v2/user/{id}/confirm_email/', 'post', 'community', ['new_email', 'validation_code'], ['new_email', 'validation_code']],
  ['/api/v2/user/{id}/check_email_token/', 'get', 'community'],
  ['/api/v2/user/{id}/change_password/', 'patch', 'community', ['password', 'new_password', 'end_tokens'], ['password', 'new_password']],
  ['/api/v2/user/me/confirm_email/', 'post', 'community'],
  ['/api/v2/account/create/', 'post', 'community', [...COMMUNITY.filter((name) => !/avatar|cover/.test(name)), 'email', 'password'], ['username', 'email', 'password']],
  ['/api/v2/account/search/', 'get', 'community'],
  ['/api/v2/account/recover/', 'post', 'community', ['email'], ['email']],
  ['/api/v2/account/reset/', 'post', 'community', ['validation_code', 'password', 'otp'], ['validation_code', 'password']],
  ['/api/v2/account/verify/', 'post', 'community', ['validation_code', 'otp'], ['validation_code']],
  ['/api/v2/account/revert_email/', 'post', 'community', ['validation_code'], ['validation_code']],
  ['/api/v2/jwt/verify_token/', 'post', 'community', ['token'], ['token']],
  ['/api/v2/user/{id}/tags/', 'get', 'community'],
  ['/api/v2/tag/', 'get', 'community'],
  ['/api/v2/tag/', 'post', 'community', TAG, ['name']],
  ['/api/v2/tag/search/', 'get', 'community'],
  ['/api/v2/tag/user/', 'get', 'community'],
  ['/api/v2/tag/{tag_id}/', 'get', 'community'],
  ['/api/v2/tag/{tag_id}/', 'put', 'community', TAG, ['name']],
  ['/api/v2/tag/{tag_id}/', 'patch', 'community', TAG],
  ['/api/v2/tag/{tag_id}/assign/', 'post', 'community', ['user'], ['user']],
  ['/api/v2/tag/{tag_id}/add/', 'post', 'community', ['user'], ['user']],
  ['/api/v2/tag/{tag_id}/remove/', 'post', 'community', ['user'], ['user']],
  ['/oauth/token/', 'post', 'community', ['grant_type', 'username', 'password', 'otp', 'refresh_token'], ['grant_type']],
  ...security('/api/v2/user/me', 'second_factor', 'community'),
  ['/api/users/', 'get', 'staff'],
  ['/api/users/{id}/', 'get', 'staff'],
  ['/api/users/{id}/', 'put', 'staff', [...STAFF, ...FED], ['username']],
  ['/api/users/{id}/', 'patch', 'staff', [...STAFF, ...FED]],
  ['/api/users/', 'post', 'staff', [...STAFF, ...FED, 'password'], ['username']],
  ['/api/users/{id}/', 'delete', 'staff'],
  ['/api/users/{id}/restore/', 'post', 'staff'],
  ['/api/users/{id}/tokens/', 'get', 'staff'],
  ['/api/users/{id}/tokens/', 'post', 'staff', ['name', 'expires_in', 'password', 'otp'], ['name']],
  ['/api/users/{id}/tokens/{token_id}/', 'delete', 'staff'],
  ['/api/users/me/', 'get', 'staff'],
  ['/api/users/me/', 'put', 'staff', STAFF_OWN, ['username']],
  ['/api/users/me/', 'patch', 'staff', STAFF_OWN],
  ...security('/api/users/me', 'second-factor', 'staff'),
  ['/api/users/auth/pwd/signin/', 'post', 'staff', ['username', 'password', 'otp'], ['username', 'password']],
  ['/api/users/auth/pwd/signup/', 'post', 'staff', ['username', 'password1', 'password2', 'email'], ['username', 'password1', 'password2']],
  ['/api/users/auth/otp/signin/', 'post', 'staff', ['mobile_number'], ['mobile_number']],
  ['/api/users/auth/otp/verify/', 'post', 'staff', ['code', 'otp'], ['code']],
  ...recovery('/api/users/auth/pwd', '/api/users/auth/email', 'staff'),
  ['/api/users/groups/', 'get', 'staff'],
  ['/api/users/groups/', 'post', 'staff', ['name', 'notes'], ['name']],
  ['/api/sign-up/', 'post', 'personal', ['username', 'email', 'password', 'first_name', 'last_name', 'number_phone', 'attributes'], ['username', 'email', 'password']],
  ['/api/users/groups/{group_id}/', 'get', 'staff'],
  ['/api/users/groups/{group_id}/', 'put', 'staff', ['name', 'notes'], ['name']],
  ['/api/users/groups/{group_id}/', 'patch', 'staff', ['name', 'notes']],
  ['/api/users/groups/{group_id}/', 'delete', 'staff'],
  ['/api/users/fields/', 'get', 'staff'],
  ['/api/users/fields/', 'post', 'staff', ['key', ...FIELD], ['key']],
  ['/api/users/fields/{key}/', 'get', 'staff'],
  ['/api/users/fields/{key}/', 'patch', 'staff', FIELD],
  ['/api/users/fields/{key}/', 'delete', 'staff'],
  ['/api/sign-in/', 'post', 'personal', ['email', 'password', 'otp'], ['email', 'password']],
  ['/api/token/', 'post', 'personal', ['username', 'password', 'otp'], ['username', 'password']],
  ['/api/token/refresh/', 'post', 'personal', ['refresh'], ['refresh']],
  ['/api/profile/', 'get', 'personal'],
  ['/api/profile/', 'post', 'personal'],
  ['/api/profile/{id}/update/', 'put', 'personal', PERSONAL],
  ['/api/profile/{id}/delete/', 'delete', 'personal'],
  ['/api/limits/', 'get', 'limits'],
  ...recovery('/api/password', '/api/email', 'personal'),
  ...security('/api/profile', 'second-factor', 'personal'),
]

/** What two families have for passwords and addresses. */
function recovery (password: string, email: string, tag: string): typeof ENDPOINTS {
  return [
    [`${password}/change/`, 'post', tag, ['password', 'new_password', 'end_tokens'], ['password', 'new_password']],
    [`${password}/recover/`, 'post', tag, ['email'], ['email']],
    [`${password}/reset/`, 'post', tag, ['code', 'password', 'otp'], ['code', 'password']],
    [`${email}/change/`, 'post', tag, ['email'], ['email']],
    [`${email}/confirm/`, 'post', tag, ['code'], ['code']],
    [`${email}/revert/`, 'post', tag, ['code'], ['code']],
    [`${email}/send/`, 'post', tag],
  ]
}

/** What every family has for sessions, API tokens and the second factor. */
function security (base: string, factor: string, tag: string): typeof ENDPOINTS {
  return [
    [`${base}/sessions/`, 'get', tag],
    [`${base}/sessions/`, 'delete', tag, ['tokens']],
    [`${base}/sessions/{session_id}/`, 'delete', tag],
    [`${base}/sign-out/`, 'post', tag],
    [`${base}/visibility/`, 'get', tag],
    [`${base}/visibility/`, 'patch', tag, NARROWED],
    [`${base}/tokens/`, 'get', tag],
    [`${base}/tokens/`, 'post', tag, ['name', 'expires_in', 'password', 'otp'], ['name']],
    [`${base}/tokens/{token_id}/`, 'delete', tag],
    [`${base}/${factor}/`, 'get', tag],
    [`${base}/${factor}/`, 'post', tag, ['password', 'otp'], []],
    [`${base}/${factor}/`, 'delete', tag, ['password', 'otp'], []],
    [`${base}/${factor}/confirm/`, 'post', tag, ['otp'], ['otp']],
  ]
}

const { app, core } = await build(t)

t.test('GET /openapi.json', async (t) => {
  const response = await app.inject({ url: '/openapi.json' })
  t.equal(response.statusCode, 200)
  const { openapi, paths } = await documentOf<{ openapi: string, paths: Record<string, Record<string, Operation>> }>(app)
  t.match(openapi, /^3\.1\./)

  for (const [path, method, tag, fields, required = []] of ENDPOINTS) {
    await t.test(`${method.toUpperCase()} ${path}`, async (t) => {
      const operation = paths[path]?.[method]
      t.ok(operation, 'is listed')
      if (operation === undefined) return
      t.same(operation.tags, [tag])
      t.ok(Object.keys(operation.responses).some((status) => /^20[014]$/.test(status)))
      for (const status of ['4XX', '5XX']) t.ok(operation.responses[status], status)
      if (fields === undefined) {
        t.notOk(operation.requestBody, 'reads no body')
        return
      }
      const content = operation.requestBody?.content ?? {}
      if (fields === LIST) {
        t.match(content, { 'application/json': { schema: { type: 'array' } } }, 'takes a list')
        return
      }
      t.same(Object.keys(content).sort(), MEDIA_TYPES)
      for (const [type, { schema }] of Object.entries(content)) {
        t.same(Object.keys(schema.properties).sort(), (type === 'application/json' ? [...fields] : fields.flatMap(inForm)).sort(), type)
        t.same(schema.required ?? [], required, type)
      }
      if (fields.includes(DECLARED)) t.same(Object.keys(content['application/json']?.schema.properties[DECLARED]?.properties ?? {}), ['company_name', 'company_role'])
      for (const kind of ['avatar', 'cover'].filter((name) => fields.includes(name) && fields !== NARROWED)) {
        t.equal(content['multipart/form-data']?.schema.properties[kind]?.format, 'binary', `${kind} is a file`)
        t.same(content['application/json']?.schema.properties[kind]?.type, 'null', `${kind} can be removed in JSON`)
      }
    })
  }

  const listed = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).filter((line) => / \/(api|oauth)\//.test(line))
  t.same(listed.sort(), ENDPOINTS.map(([path, method]) => `${method} ${path}`).sort(), 'and nothing else of the families')
})

t.test('C5 the document is made once, and sent to nobody who has it', async (t) => {
  const ask = (url: string, method: 'GET' | 'HEAD' = 'GET', headers: Record<string, string> = {}) => app.inject({ url, method, headers })
  const first = await ask('/openapi.json')
  const etag = String(first.headers.etag)
  t.match(etag, /^"[\w-]{43}"$/, 'a strong one')
  t.match(first.headers, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' })
  for (const url of ['/openapi.json', '/docs/json', '/docs/yaml']) {
    const again = await ask(url)
    t.equal(again.statusCode, 200)
    t.equal(again.headers.etag, etag, url)
    t.equal(again.body, first.body, 'what is JSON is YAML')
    const head = await ask(url, 'HEAD')
    t.match(head, { statusCode: 200, body: '', headers: { etag, 'content-length': String(first.rawPayload.length) } }, `HEAD ${url}`)
    for (const method of ['GET', 'HEAD'] as const) {
      for (const known of [etag, `"other", W/${etag}`, '*']) {
        const response = await ask(url, method, { 'if-none-match': known })
        t.match(response, { statusCode: 304, body: '', headers: { etag, 'cache-control': 'no-cache' } }, `${method} ${url} with ${known}`)
        t.notOk(response.headers['content-type'])
      }
      t.equal((await ask(url, method, { 'if-none-match': '"other"' })).statusCode, 200)
    }
  }
  t.equal((await ask('/docs/yaml')).headers['content-type'], 'application/yaml')

  await core.profileFields.declare(OPERATOR, { key: 'shoe_size', type: 'integer' })
  const next = await ask('/openapi.json', 'GET', { 'if-none-match': etag })
  t.equal(next.statusCode, 200, 'a field was declared, and the next request knows it')
  t.match(next.body, 'shoe_size')
  t.not(next.headers.etag, etag)
  await core.profileFields.drop(OPERATOR, 'shoe_size')
  t.equal((await ask('/docs/json')).headers.etag, etag, 'and is the same again without it')
})

t.test('C5 whoever asks for the document again and again is told to wait, and the pages are there', async (t) => {
  skippableClock(t)
  const { app } = await build(t, { rateLimit: true })
  const told = await app.inject({ url: '/openapi.json' })
  t.match(told.headers, { 'ratelimit-limit': '300', 'ratelimit-remaining': '299' })
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => app.inject({ url: ['/openapi.json', '/docs/json', '/docs/yaml'][i % 3] as string, method: i % 2 === 0 ? 'HEAD' : 'GET' })))
  t.equal(answers.filter(({ statusCode }) => statusCode === 429).length, 1)
  t.equal((await app.inject({ url: '/docs/' })).statusCode, 200)
})

t.test('GET /docs/', async (t) => {
  t.match(await app.inject({ url: '/docs/' }), { statusCode: 200, headers: { 'content-type': /^text\/html/ } })
  // The page shows the tags in their order, and the description above them.
  const { tags, info } = await documentOf<{ tags: { name: string, description: string }[], info: { description: string } }>(app)
  t.same(tags.slice(0, 4).map(({ name }) => name), ['native', 'community', 'staff', 'personal'])
  const table = info.description.split('\n').filter((line) => line.startsWith('|')).slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
  t.same(table, tags.slice(0, 4).map(({ name, description }, i) => [`**${name}**`, ['`/v1/…`', '`/api/v2/…` `/oauth/…`', '`/api/users/…`', '`/api/…`'][i], description]), 'which family is for whom')
  t.match(info.description, 'If you build something new, take **native**.')
})

interface Described { description: string, content?: Record<string, { schema: object }> }
interface Exampled { operationId: string, security: object[], parameters?: { in: string, name: string, example?: unknown }[], requestBody?: { content: Record<string, { schema: object, example?: Body }> }, responses: Record<string, Described> }
type Paths = Record<string, Record<string, Exampled>>

/** The files that a form must bring, with what stands for their bytes. */
function filesIn (document: object, schema: { $ref?: string }): Record<string, string> {
  const { properties = {}, required = [] } = (document as Schemas).components.schemas[schema.$ref?.replace(/^.*\//, '') ?? ''] ?? {}
  return Object.fromEntries(required.filter((name) => properties[name]?.format === 'binary').map((name) => [name, 'bytes']))
}
interface Schemas { components: { schemas: Record<string, { properties?: Record<string, { format?: string }>, required?: string[] }> } }

const operationsOf = (paths: Paths) => Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase() as 'POST', ...operation })))

t.test('J every example of the document can be sent as it stands, and answers as it says', async (t) => {
  const { app, core, prepare } = await createScenes(t)
  const png = await picture()
  /** Sends the examples of all operations, or of those below the given paths. Resolves to how many. */
  async function send (below = /^/): Promise<number> {
    const document = (await app.inject('/openapi.json')).json<{ paths: Paths }>()
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'document')
    const validators = new Map<string, ValidateFunction>()
    /** What is wrong with a value; nothing when it is as the schema says. */
    const faultsOf = (schema: object, value: unknown) => {
      const text = JSON.stringify(schema).replaceAll('"#/', '"document#/')
      const validate = validators.get(text) ?? ajv.compile(JSON.parse(text) as object)
      validators.set(text, validate)
      return validate(value) ? undefined : ajv.errorsText(validate.errors)
    }
    let sent = 0
    for (const { path, method, security, requestBody, responses } of operationsOf(document.paths).filter((one) => below.test(one.path))) {
      for (const [type, { schema, example }] of Object.entries(requestBody?.content ?? {})) {
        const title = `${method} ${path} as ${type}`
        const files = filesIn(document, schema)
        if (!t.ok(example ?? (type === 'image/*' || Object.keys(files).length > 0), `${title} has an example`)) continue
        t.equal(faultsOf(schema, type === 'image/*' ? 'bytes' : Array.isArray(example) ? example : { ...example, ...files }), undefined, title)
        const { url, headers, body } = await prepare({ method, path, isOpen: security.length === 0, example: example ?? {} })
        const pairs = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)])
        if (type === 'image/*') {
          t.equal((await app.inject({ method, url, headers: { ...headers, 'content-type': 'image/png' }, payload: png })).statusCode, method.toUpperCase() === 'POST' ? 201 : 200, title)
          continue
        }
        const { payload, headers: encoding } = type === 'application/json'
          ? { payload: JSON.stringify(body), headers: { 'content-type': type } }
          : type === 'multipart/form-data' ? form([...pairs, ...Object.keys(files).map((name): [string, { file: Buffer }] => [name, { file: png }])]) : urlencoded(pairs)
        const answer = await app.inject({ method, url, headers: { ...headers, ...encoding }, payload })
        const promised = responses[answer.statusCode]
        t.ok(answer.statusCode < 300 && promised !== undefined, `${title}: ${answer.statusCode} ${answer.body.slice(0, 200)}`)
        const answered = promised?.content?.['application/json']?.schema
        if (answered === undefined) t.equal(answer.body, '', title)
        else t.equal(faultsOf(answered, answer.json()), undefined, title)
        sent++
      }
    }
    return sent
  }

  t.ok(await send() > 150)
  for (const type of TYPES) {
    await core.profileFields.declare(OPERATOR, { key: `my_${type}`, type, isMandatory: true, ...type === 'enum' && { options: ['left', 'right'] } })
  }
  t.equal(await send(/sign-up\/$|account\/create\/$|^\/(?:api\/users|v1\/people)\/$/), 15, 'and with fields that have become mandatory')
})

t.test('J what is generated from the document has names, and every answer a meaning', async (t) => {
  const response = await app.inject('/openapi.json')
  t.ok(response.rawPayload.length < 480_000, `${response.rawPayload.length} bytes`)
  const { paths, components: { schemas } } = response.json<{ paths: Paths, components: { schemas: Record<string, object> } }>()
  t.same(['CommunityUser', 'CommunityMe', 'StaffUser', 'StaffMe', 'PersonalUser', 'StaffUserPatch', 'Session', 'Image'].filter((name) => !(name in schemas)), [])
  const named = new Set([...response.body.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name))
  t.same([...named].sort(), Object.keys(schemas).sort(), 'all that are there are used, and the other way round')
  const isNamed = (schema: object): boolean => {
    const { $ref, items, anyOf } = schema as { $ref?: string, items?: object, anyOf?: object[] }
    return $ref !== undefined || [items, anyOf].flat().some((inner) => inner !== undefined && isNamed(inner))
  }
  for (const { path, method, responses, requestBody, parameters = [] } of operationsOf(paths)) {
    for (const [type, { schema }] of Object.entries(requestBody?.content ?? {})) t.ok(type === 'image/*' || isNamed(schema), `${method} ${path} as ${type}`)
    for (const [status, { description, content = {} }] of Object.entries(responses)) {
      t.match(description, /^(?!Default)[A-Z].*\.$/, `${method} ${path} ${status}`)
      for (const { schema } of Object.values(content)) t.ok(isNamed(schema), `${method} ${path} ${status}`)
    }
    for (const { name, example } of parameters.filter((one) => one.in === 'path')) t.ok(example, `${method} ${path} ${name}`)
  }
  const ids = operationsOf(paths).map(({ operationId }) => operationId)
  t.equal(new Set(ids).size, ids.length)
})

t.test('J the page closes the locks that credentials open, and fills in examples alone', async (t) => {
  interface Props { isAuthorized?: boolean, isIncludedOptions?: object }
  interface Plugin { wrapComponents?: Record<string, (button: unknown, system: object) => (props: Props) => Props>, afterLoad?: (this: { fn: { getSampleSchema: (...given: unknown[]) => unknown } }) => void }
  let plugins: (() => Plugin)[] = []
  const page = { window: {} as { onload?: () => void, location?: object }, document: { createElement: () => ({}), querySelector: () => ({ appendChild () {} }), body: {} }, SwaggerUIStandalonePreset: {} }
  page.window.location = { href: 'http://localhost/docs' }
  const SwaggerUIBundle = Object.assign((config: { plugins: typeof plugins }) => {
    plugins = config.plugins
    return { initOAuth () {} }
  }, { plugins: { DownloadUrl: 'their own' }, presets: {} })
  runInNewContext((await app.inject('/docs/static/swagger-initializer.js')).body, { ...page, SwaggerUIBundle })
  page.window.onload?.()
  const [theirs, ...ours] = plugins.map((plugin) => plugin())
  t.equal(theirs, 'their own')
  const React = { createElement: (_: unknown, props: Props) => props }
  const wrapped = (name: string, props: Props) => ours.map(({ wrapComponents }) => wrapComponents?.[name]?.('it', { React })(props)).find((shown) => shown !== undefined)
  for (const name of ['authorizeBtn', 'authorizeOperationBtn']) {
    for (const isAuthorized of [true, false]) t.equal(wrapped(name, { isAuthorized })?.isAuthorized, !isAuthorized)
  }
  t.match(wrapped('ParameterIncludeEmpty', { isIncludedOptions: { key: 'bio', defaultValue: true } }), { isIncludedOptions: { key: 'bio', defaultValue: false } })
  const fn = { getSampleSchema: (...given: unknown[]): unknown => given }
  for (const { afterLoad } of ours) afterLoad?.call({ fn })
  t.equal(fn.getSampleSchema({ type: 'string' }, false), '')
  t.equal(fn.getSampleSchema({ toJS: () => ({ type: 'array' }) }, false), '[]')
  t.same(fn.getSampleSchema({ examples: ['London'] }, false), [{ examples: ['London'] }, false])
  t.same(fn.getSampleSchema({ type: 'object' }, 'application/json'), [{ type: 'object' }, 'application/json'])
})

import t from 'tap'
import { createWorld, NOT_FOUND, UNAUTHENTICATED, whole } from './world.ts'
import type { Method } from './world.ts'

/* CONTRACT §1 rows 7, 8 and 10, on the endpoints of §2.6 and on those that are ours. */
const world = await createWorld(t)
const { app, ask, ada, admin } = world
const OWN = '/api/v2/user/me'
const PATHS: [path: string, methods: Method[], access: 'needed' | 'open'][] = [
  [`/api/v2/user/${ada.id}/change_email/`, ['PATCH'], 'needed'],
  [`/api/v2/user/${ada.id}/change_password/`, ['PATCH'], 'needed'],
  [`/api/v2/user/${ada.id}/confirm_email/`, ['POST'], 'open'],
  [`/api/v2/user/${ada.id}/check_email_token/`, ['GET', 'HEAD'], 'open'],
  ['/api/v2/account/create/', ['POST'], 'needed'],
  ['/api/v2/account/search/', ['GET', 'HEAD'], 'needed'],
  ['/api/v2/account/recover/', ['POST'], 'open'],
  ['/api/v2/account/reset/', ['POST'], 'open'],
  ['/api/v2/account/verify/', ['POST'], 'open'],
  ['/api/v2/jwt/verify_token/', ['POST'], 'open'],
  ['/oauth/token/', ['POST'], 'open'],
  [`${OWN}/confirm_email/`, ['POST'], 'needed'],
  [`${OWN}/sessions/`, ['GET', 'HEAD', 'DELETE'], 'needed'],
  [`${OWN}/sessions/1/`, ['DELETE'], 'needed'],
  [`${OWN}/sign-out/`, ['POST'], 'needed'],
  [`${OWN}/tokens/`, ['GET', 'HEAD', 'POST'], 'needed'],
  [`${OWN}/tokens/1/`, ['DELETE'], 'needed'],
  [`${OWN}/second_factor/`, ['GET', 'HEAD', 'POST', 'DELETE'], 'needed'],
  [`${OWN}/second_factor/confirm/`, ['POST'], 'needed'],
]
const METHODS: Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

t.test('both slash forms, other methods, OPTIONS, no credentials', async (t) => {
  for (const [path, methods, access] of PATHS) {
    // An ordinary person is told 403 there, whatever the method.
    const { headers } = path.startsWith('/api/v2/account/') ? { headers: admin } : ada
    const allow = [...methods, 'OPTIONS'].sort().join(', ')
    for (const url of [path, path.slice(0, -1)]) {
      for (const method of METHODS.filter((name) => !methods.includes(name))) {
        const response = await ask(method, url, undefined, headers)
        t.equal(response.statusCode, 405, `${method} ${url}`)
        t.same(response.json(), whole('method_not_allowed', `Method "${method}" not allowed.`))
        t.equal(response.headers.allow, allow)
      }
      t.equal((await ask('OPTIONS', url, undefined, headers)).headers.allow, allow)
      if (access === 'open') continue
      for (const method of METHODS) t.same((await ask(method, url)).json(), UNAUTHENTICATED, `${method} ${url}`)
    }
  }
})

t.test('an id has one spelling', async (t) => {
  const { id } = ada
  for (const spelling of [`0${id}`, `+${id}`, `${id}.0`, `${id}e0`, '0', '-1', 'abc', 'me%20', '9007199254740993']) {
    for (const [method, rest] of [['PATCH', 'change_email'], ['PATCH', 'change_password'], ['POST', 'confirm_email'], ['GET', 'check_email_token']] as const) {
      const response = await ask(method, `/api/v2/user/${spelling}/${rest}/`, method === 'GET' ? undefined : { new_email: 'x@example.com' }, ada.headers)
      t.equal(response.statusCode, 404, `${method} ${spelling} ${rest}`)
      t.same(response.json(), NOT_FOUND)
    }
  }
})

t.test('a body that is none, or of no kind', async (t) => {
  for (const [path, methods, access] of PATHS) {
    for (const method of methods.filter((name) => name !== 'GET' && name !== 'HEAD' && name !== 'DELETE' && !/sign-out|me\/confirm_email/.test(path))) {
      const headers = path.includes('/account/create') ? world.admin : access === 'open' ? {} : ada.headers
      const send = (type: string, payload: string) => app.inject({ method, url: path, headers: { ...headers, 'content-type': type }, payload })
      for (const [type, payload, status, code] of [['application/json', '{', 400, 'parse_error'], ['application/json', '[]', 400, 'invalid'], ['application/json', 'null', 400, 'null'], ['text/plain', 'x', 415, 'unsupported_media_type']] as const) {
        const response = await send(type, payload)
        t.equal(response.statusCode, status, `${method} ${path} ${payload}`)
        t.match(response.json(), { errors: [{ code }] })
      }
    }
  }
})

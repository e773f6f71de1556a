import t from 'tap'
import { form, PASSWORD, signUp, urlencoded } from '../helper.ts'
import { json } from './cases.ts'
import type { Sent } from './cases.ts'
import { createWorld, ORIGIN } from './world.ts'

/** What was recorded of the originals, to the byte: the order of keys, and of what stands in an address. */
const world = await createWorld(t)
const { app, store, ada, token } = world
const post = async (path: string, { payload, headers }: Sent) => await app.inject({ method: 'POST', url: `/api/${path}/`, headers, payload })
const ENCODINGS: [string, (pairs: [string, string][]) => Sent][] = [['JSON', (pairs) => json(Object.fromEntries(pairs))], ['urlencoded', urlencoded], ['multipart', form]]
const TOKEN = '[\\w-]+\\.[\\w-]+\\.[\\w-]+'
const REFRESHED = new RegExp(`^\\{"access":"${TOKEN}","refresh":"${TOKEN}"\\}$`)
const PAIR = new RegExp(`^\\{"refresh":"${TOKEN}","access":"${TOKEN}"[,}]`)
const REQUIRED = 'This field is required.'

for (const [encoding, encode] of ENCODINGS) {
  t.test(`B4 personal sign-in without a password, ${encoding}`, async (t) => {
    for (const email of ['ada@example.com', 'nobody@example.com', 'no address']) {
      for (const rest of [[], [['password', '']], [['otp', '123456']], [['password', ''], ['otp', '']]] as [string, string][][]) {
        const response = await post('sign-in', encode([['email', email], ...rest]))
        t.equal(response.statusCode, 400)
        t.equal(response.body, '{"error":"Invalid password"}', `${email} ${JSON.stringify(rest)}`)
      }
    }
    for (const pairs of [[], [['password', '']], [['password', PASSWORD]]] as [string, string][][]) t.match((await post('sign-in', encode(pairs))).json(), { email: [REQUIRED] }, 'without an address that is what is wrong')
    t.equal((await post('token', encode([['username', 'ada']]))).body, `{"password":["${REQUIRED}"]}`, 'and elsewhere the field is told')
  })

  t.test(`B4 the access token before the refresh token, where one was traded, ${encoding}`, async (t) => {
    const { refresh } = await signUp(world, `traded-${encoding}`)
    const answers = [await post('token/refresh', encode([['refresh', refresh]])), await post('token/refresh', encode([['refresh', refresh]]))]
    for (const { statusCode, body } of answers) {
      t.equal(statusCode, 200)
      t.match(body, REFRESHED)
    }
    for (const [path, pairs] of [['sign-in', [['email', 'ada@example.com'], ['password', PASSWORD]]], ['token', [['username', 'ada'], ['password', PASSWORD]]]] as [string, [string, string][]][]) {
      t.match((await post(path, encode(pairs))).body, PAIR, `${path} the other way round`)
    }
  })

  t.test(`B4 the password first among what is wrong with a sign-up, ${encoding}`, async (t) => {
    const cases: [pairs: [string, string][], names: string[]][] = [
      [[], ['password', 'username', 'email']],
      [[['username', 'a b'], ['email', 'x'], ['password', ''], ['number_phone', '12345678901']], ['password', 'username', 'email', 'number_phone']],
      [[['number_phone', '12345678901'], ['username', 'ada'], ['email', 'ada@example.com'], ['password', 'short']], ['password', 'username', 'email', 'number_phone']],
      [[['username', 'admin'], ['password', 'password123'], ['email', 'new@example.com']], ['password', 'username']],
    ]
    for (const [pairs, names] of cases) {
      const response = await post('sign-up', encode(pairs))
      t.equal(response.statusCode, 400)
      t.same(Object.keys(response.json<object>()), names)
    }
  })
}

t.test('B4 personal sign-in with null for a password', async (t) => {
  t.equal((await post('sign-in', json({ email: 'ada@example.com', password: null }))).body, '{"error":"Invalid password"}')
})

/** As the original makes an address: what is kept and what is replaced, by name, and of one name in the order in which it came. */
function addressOf (path: string, query: string, limit: number, offset: number): string {
  const kept = [...new URLSearchParams(query)].filter(([name]) => name !== 'limit' && name !== 'offset')
  const pairs: [string, string][] = [...kept, ['limit', `${limit}`], ...offset > 0 ? [['offset', `${offset}`] as [string, string]] : []]
  const names = [...new Set(pairs.map(([name]) => name))].sort()
  return `${ORIGIN}${path}?${new URLSearchParams(names.flatMap((name) => pairs.filter(([other]) => other === name)))}`
}

t.test('B4 the addresses of the next and the previous page', async (t) => {
  const insert = store.sql.prepare('insert into users (username, created_at, updated_at) values (?, 1, 2)')
  for (let i = 0; i < 30; i++) insert.run(`crowd-${i}`)
  const lists = [['/api/users/', token], ['/api/users/groups/', token], ['/api/v2/user/', ada.headers], ['/api/v2/user/search/', ada.headers]] as const
  const queries = ['', 'search=', 'zoom=1&about=2', 'x=1&ordering=-id&X=2', 'ordering=id&ordering=-id&gender=', 'z=a+b&y=%C3%A9&x=%26']
  for (const [path, headers] of lists) {
    for (const query of queries) {
      for (const [limit, offset] of [[2, 0], [1, 1], [2, 1], [1, 2]] as const) {
        for (const asked of [`limit=${limit}&offset=${offset}&${query}`, `${query}&offset=${offset}&limit=${limit}`]) {
          const page = (await app.inject({ url: `${path}?${asked}`, headers })).json<{ count: number, next: string | null, previous: string | null }>()
          t.equal(page.next, offset + limit < page.count ? addressOf(path, asked, limit, offset + limit) : null, asked)
          t.equal(page.previous, offset > 0 ? addressOf(path, asked, limit, Math.max(0, offset - limit)) : null, asked)
        }
      }
    }
  }
  const first = (await app.inject({ url: '/api/users/?ordering=id&offset=2&is_active=true&limit=2', headers: token })).json<{ next: string, previous: string }>()
  t.equal(first.next, `${ORIGIN}/api/users/?is_active=true&limit=2&offset=4&ordering=id`)
  t.equal(first.previous, `${ORIGIN}/api/users/?is_active=true&limit=2&ordering=id`, 'the first page has no offset')
})

import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { build, signUp } from '../helper.ts'

interface Page { count: number, next: string | null, previous: string | null, results: { name: string }[] }

t.test('GET /api/users/groups/ in pages (CONTRACT §1 row 11)', async (t) => {
  const built = await build(t, { publicUrl: 'https://people.example' })
  const { headers } = await signUp(built, 'grace', { isStaff: true })
  for (let n = 1; n <= 25; n++) await built.core.groups.create(OPERATOR, { name: `group ${n}` })
  const get = async (query: string): Promise<Page> => (await built.app.inject({ url: `/api/users/groups/${query}`, headers })).json<Page>()
  const at = (query: string) => `https://people.example/api/users/groups/${query}`

  t.match(await get(''), { count: 25, next: at('?limit=10&offset=10'), previous: null })
  t.same((await get('')).results.map(({ name }) => name), Array.from({ length: 10 }, (_, i) => `group ${i + 1}`), 'in a stable order')
  t.match(await get('?limit=10&offset=10'), { next: at('?limit=10&offset=20'), previous: at('?limit=10') }, 'the first page has no offset')
  t.match(await get('?limit=10&offset=20'), { next: null, previous: at('?limit=10&offset=10'), results: { length: 5 } })
  t.match(await get('?limit=10&offset=15'), { next: null, previous: at('?limit=10&offset=5') })
  t.same(await get('?limit=4&offset=99'), { count: 25, next: null, previous: at('?limit=4&offset=95'), results: [] }, 'beyond the end')
  t.match(await get('?x=y&limit=24'), { next: at('?limit=24&offset=24&x=y') }, 'the other parameters stay')
  for (const limit of ['0', '-3', 'x', '', '1e1', '1.5']) t.equal((await get(`?limit=${limit}`)).results.length, 10, `limit=${limit}`)
  for (const offset of ['-3', 'x', '', '1e1']) t.equal((await get(`?offset=${offset}`)).results[0]?.name, 'group 1', `offset=${offset}`)
  t.equal((await get('?limit=99999')).results.length, 25)
  t.equal((await get('?limit=3&limit=5')).results.length, 10, 'twice is not a number')
})

t.test('the addresses of neighbouring pages never follow the request', async (t) => {
  const built = await build(t, { publicUrl: 'https://people.example/below/' })
  const { headers } = await signUp(built, 'grace', { isStaff: true })
  for (const name of ['a', 'b']) await built.core.groups.create(OPERATOR, { name })
  const origin = new URL(await built.app.listen({ port: 0, host: '127.0.0.1' }))
  const asked = request({ port: origin.port, path: 'http://evil.example/api/users/groups/?limit=1', headers: { ...headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' } }).end()
  const [response] = await once(asked, 'response') as [IncomingMessage]
  t.match(await json(response), { next: 'https://people.example/below/api/users/groups/?limit=1&offset=1' })
})

t.test('groups count their people, and a name is taken in any case', async (t) => {
  const built = await build(t)
  const grace = await signUp(built, 'grace', { isStaff: true })
  const ada = await signUp(built, 'ada')
  const post = (payload: object) => built.app.inject({ method: 'POST', url: '/api/users/groups/', payload, headers: grace.headers })
  t.match((await post({ name: 'Editors', notes: 'who write' })).json(), { id: 1, name: 'Editors', notes: 'who write', users_count: 0 })
  t.match((await post({ name: ' editors ' })).json(), { name: ['group with this name already exists.'] })
  t.match((await post({ notes: 'x'.repeat(5_001) })).json(), { name: ['This field is required.'], notes: ['Ensure this field has no more than 5000 characters.'] })
  await built.app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, payload: { groups: [1] }, headers: grace.headers })
  t.match((await built.app.inject({ url: '/api/users/groups/', headers: grace.headers })).json(), { results: [{ users_count: 1 }] })
  const both = await Promise.all([post({ name: 'Writers' }), post({ name: 'writers' })])
  t.same(both.map(({ statusCode }) => statusCode).sort(), [201, 400], 'also when two come at once')
})

import t from 'tap'
import { openSql } from '../engines.ts'
import { build, form, signUp, tokenOf, urlencoded } from '../helper.ts'
import { NOT_FOUND, UPDATES, WITH_ID, at, named } from './routes.ts'
import { openRows } from './traces.ts'

// Accounts that a careless reader of numbers would take the spellings for.
const ALIASED = [1, 8, 10, 16, 17, 100, 1_000, 9_007_199_254_740_991, 9_007_199_254_740_992]

const SPELLINGS = [
  '9007199254740992', '9007199254740993', '9007199254740994', '9999999999999999', '18446744073709551617', '4294967297', '-9007199254740991',
  '0x1', '0x10', '0X10', '0b1', '0o10', '1e0', '1e3', '1E3', '1e+3', '10e-1', '+1', '%2B1', '1.0', '1.', '.1e1', '1.5', '1,0', '1_000', '1n',
  '01', '001', '010', '0', '00', '-0', '-1', '--1', '1-', '1;', '1;1', "1'", '1%00', '1%0A', '1%0D', '%201', '1%20', '1+', '%091', '1%09',
  '%2531', '%D9%A1', '%EF%BC%91', '%C2%B9', '%E2%82%81', '%F0%9D%9F%8F', '%E4%B8%80', '1%E2%80%8B', '%EF%BB%BF1',
  'NaN', 'Infinity', 'null', 'undefined', 'true', 'abc', '[1]', '{1}', '%5B1%5D', '1%2F', '%2F1', '1%5C', '*', ':id', '$1', '1=1', '1%20or%201=1',
  '__proto__', 'constructor', '%zz', '%', '%ff', '%ED%A0%80', '1'.repeat(17), '1'.repeat(100), '1'.repeat(101), '9'.repeat(5_000),
]

t.test('only the one spelling of an id names its account', async (t) => {
  const built = await build(t)
  const { app, dataDir, core } = built
  const first = await signUp(built, 'first', { isStaff: true, isAdmin: true })
  t.equal(first.id, 1)
  const headers = await tokenOf(built, first)
  for (const id of ALIASED.slice(1, -1)) await core.db.write((tx) => tx.users.insert({ id, username: `person${id}`, createdAt: 1, updatedAt: 1 }))
  // This one no id can name: a number that is read as a double only looks like it.
  const raw = openSql(dataDir)
  raw.prepare('insert into users (id, username, created_at, updated_at) values (9007199254740992, \'beyond\', 1, 1)').run()
  raw.close()
  const rows = openRows(dataDir)
  t.teardown(rows.close)

  const before = rows.all()
  let cells = 0
  const wrong: string[] = []
  for (const route of WITH_ID) {
    for (const spelling of SPELLINGS) {
      for (const url of [at(route, spelling), at(route, spelling).slice(0, -1)]) {
        const response = await app.inject({ method: route.method, url, headers, ...route.method !== 'GET' && { payload: { username: 'taken-over', first_name: 'x', bio: 'x' } } })
        cells++
        if (response.statusCode !== 404 || response.body !== JSON.stringify(NOT_FOUND[route.family])) wrong.push(`${named(route)} ${url}: ${response.statusCode} ${response.body}`)
      }
    }
  }
  t.same(wrong, [])
  t.same(rows.all(), before, 'no row has changed')

  for (const route of UPDATES) {
    for (const { payload, headers: type } of [urlencoded([['username', 'taken-over']]), form([['username', 'taken-over']])]) {
      for (const spelling of ['01', '0x1', '9007199254740993']) {
        const response = await app.inject({ method: route.method, url: at(route, spelling), headers: { ...headers, ...type }, payload })
        cells++
        t.equal(response.statusCode, 404, `${named(route)} ${spelling}`)
      }
    }
  }
  t.same(rows.all(), before, 'no row has changed')

  // The same with the right spelling, or the test would prove nothing.
  for (const id of ALIASED.slice(0, -1)) {
    const response = await app.inject({ url: `/api/users/${id}/`, headers })
    t.equal(response.json<{ id: number }>().id, id)
  }
  t.comment(`${cells} cells: ${SPELLINGS.length} spellings, ${WITH_ID.length} routes`)
})

t.test('without credentials a bad id is 401 where an id is 401', async (t) => {
  const { app } = await build(t)
  for (const route of WITH_ID) {
    const isPublic = route.family === 'community' && route.method === 'GET'
    for (const spelling of ['1', '01', 'abc']) {
      const response = await app.inject({ method: route.method, url: at(route, spelling) })
      t.equal(response.statusCode, isPublic ? 404 : 401, `${named(route)} ${spelling}`)
    }
  }
})

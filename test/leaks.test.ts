import t from 'tap'
import type { Test } from 'tap'
import { openSql } from './engines.ts'
import { build, form, signUp, tokenOf, urlencoded } from './helper.ts'
import { retried } from './retried.ts'

const FAILED = {
  community: { errors: [{ code: 'error', message: 'A server error occurred.' }] },
  staff: { detail: 'A server error occurred.' },
  personal: { error: 'A server error occurred.' },
}
const BUSY = 'The service is busy. Try again in a moment.'
const UNAVAILABLE = { community: { errors: [{ code: 'unavailable', message: BUSY }] }, staff: { detail: BUSY }, personal: { detail: BUSY } }
type Family = keyof typeof FAILED

/** One person, every family's way to write and to read the person, and the database file beside the service. */
async function open (t: Test) {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const token = await tokenOf(built, await signUp(built, 'regina', { isAdmin: true }))
  const file = openSql(built.dataDir, { timeout: 0 })
  t.teardown(() => { file.close() })
  const families: [Family, 'PUT' | 'PATCH', string, string, { authorization: string }][] = [
    ['community', 'PATCH', `/api/v2/user/${ada.id}/`, `/api/v2/user/${ada.id}/`, ada.headers],
    ['staff', 'PATCH', `/api/users/${ada.id}/`, `/api/users/${ada.id}/`, token],
    ['personal', 'PUT', `/api/profile/${ada.id}/update/`, '/api/profile/', ada.headers],
  ]
  return { ...built, ada, file, families }
}

/** A word of these in an answer would tell what is inside. */
const INSIDE = /sqlite|no such|constraint|table|column|visage\.db|node_modules|\.ts\b|stack|Error:/i

function tellsNothing (t: Test, response: { body: string, headers: object }, what: string): void {
  t.notMatch(response.body + JSON.stringify(response.headers), INSIDE, what)
}

t.test('an error that nobody foresaw leaks through none', async (t) => {
  const { app, ada, file, families } = await open(t)
  const row = () => file.prepare('select * from users where id = ?').get(ada.id)
  const before = row()

  // The log of changes is gone, so the transaction of every edit fails after its UPDATE.
  file.exec('alter table changes rename to hidden')
  for (const [family, method, url, read, headers] of families) {
    for (const body of [{ payload: JSON.stringify({ username: 'eve' }), headers: { 'content-type': 'application/json' } }, urlencoded([['username', 'eve']]), form([['username', 'eve']])]) {
      const response = await app.inject({ method, url, payload: body.payload, headers: { ...headers, ...body.headers } })
      t.equal(response.statusCode, 500)
      t.same(response.json(), FAILED[family], `${family} as ${body.headers['content-type']}`)
      tellsNothing(t, response, family)
    }
    t.match((await app.inject({ url: read, headers })).json(), { username: 'ada' }, 'and nothing was written')
  }
  t.same(row(), before)
  file.exec('alter table hidden rename to changes')

  // No account can be read any more, and already the credentials fail.
  file.exec('alter table users rename to hidden')
  for (const [family, method, url, read, headers] of families) {
    for (const request of [{ method, url, payload: { username: 'eve' }, headers }, { method: 'GET' as const, url: read, headers }]) {
      const response = await app.inject(request)
      t.equal(response.statusCode, 500)
      t.same(response.json(), FAILED[family], `${family} ${request.method}`)
      tellsNothing(t, response, family)
    }
  }
  for (const url of ['/api/sign-up/', '/api/sign-in/', '/api/token/']) {
    const payload = { username: 'grace', email: 'grace@example.com', password: 'correct horse battery' }
    const response = await app.inject({ method: 'POST', url, payload })
    t.equal(response.statusCode, 500)
    t.same(response.json(), FAILED.personal, url)
    tellsNothing(t, response, url)
  }
  file.exec('alter table hidden rename to users')
  for (const [, method, url, , headers] of families) t.equal((await app.inject({ method, url, payload: { username: 'ada-2' }, headers })).statusCode, 200, 'and it recovers')
})

t.test('a database that is held by somebody else is a 503 in every family, and is still read', async (t) => {
  const { app, file, families } = await open(t)
  file.exec('begin immediate')
  const ms = await retried(async () => {
    const started = performance.now()
    const writes = families.map(async ([family, method, url, , headers]) => ({ family, response: await app.inject({ method, url, payload: { username: 'eve' }, headers }) }))
    for (const [, , , read, headers] of families) t.match((await app.inject({ url: read, headers })).json(), { username: 'ada' })
    const ms = performance.now() - started
    for (const { family, response } of await Promise.all(writes)) {
      t.match(response, { statusCode: 503, headers: { 'retry-after': /^[1-9]\d*$/ } })
      t.same(response.json(), UNAVAILABLE[family], family)
      tellsNothing(t, response, family)
    }
    return ms
  }, (ms) => ms < 1_500)
  t.ok(ms < 1_500, 'reads do not wait')
  file.exec('rollback')
  for (const [, method, url, , headers] of families) t.equal((await app.inject({ method, url, payload: { username: 'ada-2' }, headers })).statusCode, 200, 'and it recovers')
})

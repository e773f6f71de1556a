import t from 'tap'
import { accepts, json, refuses } from './cases.ts'
import type { Sent } from './cases.ts'
import { FAMILIES, NAMES, problem, refusal } from './families.ts'
import type { FamilyName, Finding } from './families.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1.1, row by row, in each family. Elsewhere or not at all:
 *
 *   no credentials, and the families' other 401 bodies   credentials.test.ts
 *   methods (405), OPTIONS, order of the checks          order.test.ts
 *   throttle (429)                                       nothing is throttled yet
 *   412, 413, 503, 507 (DESIGN §9)                       etag.test.ts, limits.test.ts, trouble.test.ts
 */
const world = await createWorld(t)
const { app, store, ada } = world
const raw = (payload: string, type: string): Sent => ({ payload, headers: { 'content-type': type } })

const SEVERAL: Record<FamilyName, { body: object, findings: Finding[] }> = {
  community: {
    body: { website: 'x', description: 'd'.repeat(51), username: 'a b', bio: 'fine' },
    findings: [
      ['username', 'invalid', 'Enter a valid value.'],
      ['description', 'max_length', 'Ensure this field has no more than 50 characters.', { limit: 50, found: 51 }],
      ['website', 'invalid', 'Enter a valid URL.'],
    ],
  },
  staff: {
    body: { groups: [77], is_active: 'x', email: 'x', username: 'bob', first_name: 'fine' },
    findings: [
      ['username', 'unique', 'A user with that username already exists.'],
      ['email', 'invalid', 'Enter a valid email address.'],
      ['is_active', 'invalid', 'Must be a valid boolean.'],
      ['groups', 'does_not_exist', 'Invalid pk "77" - object does not exist.'],
    ],
  },
  personal: {
    body: { avatar: 'x', number_phone: '12345678901', email: 'bob@example.com', username: '', first_name: 'fine' },
    findings: [
      ['username', 'blank', 'This field may not be blank.'],
      ['email', 'unique', 'user with this email already exists.'],
      ['number_phone', 'max_length', 'Ensure this field has no more than 10 characters.'],
      ['avatar', 'invalid', 'The submitted data was not a file. Check the encoding type on the form.'],
    ],
  },
}

const NOT_OBJECTS: [text: string, type: string][] = [['[]', 'list'], ['[{"username":"x"}]', 'list'], ['"x"', 'str'], ['1', 'int'], ['1.5', 'float'], ['true', 'bool']]

for (const family of NAMES) {
  await t.test(`${family}: field errors, all failing fields at once, in the order of the schema`, async (t) => {
    const { body, findings } = SEVERAL[family]
    await refuses(t, world, { family, sent: json(body), status: 400, body: refusal(family, findings) })
  })

  for (const [text, type] of NOT_OBJECTS) {
    await t.test(`${family}: the object as a whole, ${text}`, async (t) => {
      const findings: Finding[] = [[null, 'invalid', `Invalid data. Expected a dictionary, but got ${type}.`]]
      await refuses(t, world, { family, sent: raw(text, 'application/json'), status: 400, body: refusal(family, findings) })
    })
  }

  await t.test(`${family}: the object as a whole, null`, async (t) => {
    await refuses(t, world, { family, sent: raw('null', 'application/json'), status: 400, body: refusal(family, [[null, 'null', 'No data provided']]) })
  })

  for (const text of ['{', '{"bio":}', "{'bio':1}", '{"bio":1,}', 'bio', '{"bio":"\u0001"}', '{} {}']) {
    await t.test(`${family}: bad JSON, ${JSON.stringify(text)}`, async (t) => {
      const before = store.dump()
      const { edit, actor } = FAMILIES[family]
      const response = await app.inject({ ...edit(ada.id), headers: { ...actor(world), 'content-type': 'application/json' }, payload: text })
      t.equal(response.statusCode, 400)
      // What follows the dash is ours to say (DESIGN §9).
      const said = family === 'community' ? response.json().errors[0].message : response.json().detail
      t.match(said, /^JSON parse error - ./)
      t.same(response.json(), problem(family, 'parse_error', said))
      t.strictSame(store.dump(), before)
    })
  }

  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=""']) {
    await t.test(`${family}: multipart without a boundary, ${type}`, async (t) => {
      const body = problem(family, 'parse_error', 'Multipart form parse error - Invalid boundary in multipart: None')
      await refuses(t, world, { family, sent: raw('{"bio":"x"}', type), status: 400, body })
    })
  }

  await t.test(`${family}: permission`, async (t) => {
    const before = store.dump()
    const response = await app.inject({ ...FAMILIES[family].edit(ada.id), headers: { ...world.bob.headers, ...json({}).headers }, payload: '{"username":"x"}' })
    t.equal(response.statusCode, 403)
    t.same(response.json(), problem(family, 'permission_denied', 'You do not have permission to perform this action.'))
    t.equal(response.headers['www-authenticate'], undefined)
    t.strictSame(store.dump(), before)
  })

  await t.test(`${family}: not found`, async (t) => {
    const response = await app.inject({ ...FAMILIES[family].edit(999), headers: FAMILIES[family].actor(world), payload: {} })
    t.equal(response.statusCode, 404)
    t.same(response.json(), problem(family, 'not_found', 'Not found.'))
  })

  for (const id of ['abc', '-1', '1.0', '%31x', '']) {
    await t.test(`${family}: a path that matches no route, id ${JSON.stringify(id)}`, async (t) => {
      const response = await app.inject({ ...FAMILIES[family].edit(id), headers: FAMILIES[family].actor(world), payload: {} })
      t.equal(response.statusCode, 404)
      t.same(response.json(), problem(family, 'not_found', 'Not found.'))
      t.match(response.headers['content-type'], /^application\/json/)
    })
  }
  await t.test(`${family}: a path that matches no route, with and without credentials`, async (t) => {
    const url = { community: '/api/v2/nothing/here/', staff: '/api/users/1/nothing/', personal: '/api/nothing/' }[family]
    for (const headers of [{}, FAMILIES[family].actor(world)]) {
      const response = await app.inject({ method: 'GET', url, headers })
      t.equal(response.statusCode, 404)
      t.same(response.json(), problem(family, 'not_found', 'Not found.'))
    }
  })

  for (const accept of ['*/*', 'application/json, text/plain, */*', 'text/html', 'image/png']) {
    await t.test(`${family}: always JSON, never 406, Accept: ${accept}`, async (t) => {
      world.reset()
      await accepts(t, world, { family, sent: json({}), headers: { accept }, stored: {} })
    })
  }

  for (const type of ['text/plain', 'application/vnd.api+json', 'application/xml', 'application/jsonx', 'text/json; charset=utf-8']) {
    await t.test(`${family}: media type ${type}`, async (t) => {
      await refuses(t, world, { family, sent: raw('{"username":"x"}', type), status: 415, body: problem(family, 'unsupported_media_type', `Unsupported media type "${type}" in request.`) })
    })
  }

  await t.test(`${family}: a crash`, async (t) => {
    // A fault of the database that nothing foresees, with words that nobody may read.
    store.sql.exec("create trigger broken before update on users begin select raise(abort, 'inner workings'); end")
    t.teardown(() => store.sql.exec('drop trigger if exists broken'))
    const before = store.dump()
    const { edit, actor } = FAMILIES[family]
    const response = await app.inject({ ...edit(ada.id), headers: actor(world), payload: { username: 'other' } })
    t.equal(response.statusCode, 500)
    t.same(response.json(), family === 'personal' ? { error: 'A server error occurred.' } : problem(family, 'error', 'A server error occurred.'))
    t.notMatch(response.body, /inner workings|SQLITE/)
    t.strictSame(store.dump(), before)
  })
}

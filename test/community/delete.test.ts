import t from 'tap'
import { signUp } from '../helper.ts'
import { createWorld, FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, whole } from './world.ts'

/* CONTRACT §2.6: DELETE /user/{id}/?hard=1, self or admin, soft by default; DESIGN §9: 403 for the last active admin. */
const world = await createWorld(t)
const { ask, core, admin } = world
const url = (id: number | string, query = '') => `/api/v2/user/${id}/${query}`
const row = (id: number) => core.db.read.users.find(id)
const hidden = (id: number) => core.db.read.users.findDeleted(id)

t.test('softly, by oneself: hidden, the sessions dead', async (t) => {
  const person = await signUp(world, 'soft')
  const gone = await ask('DELETE', url(person.id), undefined, person.headers)
  t.equal(gone.statusCode, 204)
  t.equal(gone.body, '')
  t.equal(await row(person.id), undefined)
  t.ok((await hidden(person.id))?.deletedAt)
  t.equal((await ask('GET', '/api/v2/user/me/', undefined, person.headers)).statusCode, 401)
  t.same((await ask('GET', url(person.id))).json(), NOT_FOUND)

  const again = await ask('DELETE', url(person.id), undefined, admin)
  t.equal(again.statusCode, 400)
  t.same(again.json(), whole('invalid', 'The user has already been soft deleted'))
  for (const headers of [world.ada.headers, world.keys.helper]) {
    t.same((await ask('DELETE', url(person.id), undefined, headers)).json(), NOT_FOUND, 'to others there is nobody')
    t.equal((await ask('DELETE', url(person.id, '?hard=1'), undefined, headers)).statusCode, 404)
  }
  t.equal((await ask('DELETE', url(person.id, '?hard=1'), undefined, admin)).statusCode, 204, 'for good, by an admin')
  t.equal(await hidden(person.id), undefined)
  t.equal((await ask('DELETE', url(person.id, '?hard=1'), undefined, admin)).statusCode, 404)
})

t.test('which of the two it is', async (t) => {
  for (const [i, [query, isHard]] of ([['?hard=1', true], ['?hard=true', true], ['?hard=0', false], ['?hard=false', false], ['?hard=', false], ['?hard=1&hard=0', false], ['', false]] as const).entries()) {
    const person = await signUp(world, `which-${i}`)
    t.equal((await ask('DELETE', url(person.id, query), undefined, person.headers)).statusCode, 204, query)
    t.equal(await row(person.id), undefined)
    t.equal(await hidden(person.id) === undefined, isHard, query)
  }
})

t.test('the slash, and any body', async (t) => {
  for (const [i, payload] of ['1', '{', ''].entries()) {
    const person = await signUp(world, `body-${i}`)
    const response = await world.app.inject({ method: 'DELETE', url: url(person.id).slice(0, -1), headers: { ...person.headers, 'content-type': 'application/json' }, payload })
    t.equal(response.statusCode, 204, payload)
  }
})

t.test('who may not', async (t) => {
  const { ada, bob } = world
  const before = await row(ada.id)
  const refused = async (headers: { authorization: string } | undefined, id: number | string, status: number, body: object) => {
    for (const query of ['', '?hard=1']) {
      const response = await ask('DELETE', url(id, query), undefined, headers)
      t.equal(response.statusCode, status)
      t.same(response.json(), body)
    }
  }
  await refused(undefined, ada.id, 401, UNAUTHENTICATED)
  await refused(undefined, 999, 401, UNAUTHENTICATED)
  await refused(bob.headers, ada.id, 403, FORBIDDEN)
  await refused(world.keys.helper, ada.id, 403, FORBIDDEN)
  for (const id of [999, '01', '1e0', 'abc', '9007199254740993']) {
    await refused(bob.headers, id, 404, NOT_FOUND)
    await refused(admin, id, 404, NOT_FOUND)
  }
  t.same(await row(ada.id), before)
})

t.test('the last active admin stays; a second one may go', async (t) => {
  const { id: root } = (await ask('GET', '/api/v2/user/me/', undefined, admin)).json<{ id: number }>()
  for (const query of ['', '?hard=1']) {
    const response = await ask('DELETE', url(root, query), undefined, admin)
    t.equal(response.statusCode, 403)
    t.same(response.json(), FORBIDDEN)
  }
  t.ok(await row(root))
  const second = await signUp(world, 'second', { isAdmin: true })
  t.equal((await ask('DELETE', url(second.id), undefined, admin)).statusCode, 204)
})

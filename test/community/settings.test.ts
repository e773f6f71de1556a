import t from 'tap'
import { OPERATOR } from '../../src/app.ts'
import { form, urlencoded } from '../helper.ts'
import { createWorld, findings, FORBIDDEN, NOT_FOUND, UNAUTHENTICATED } from './world.ts'

/* CONTRACT §2.6: settings, counters, permission. */
const world = await createWorld(t)
const { app, ask, core, ada, bob } = world
const STANDARD = { qa_frequency: -1, email_notification_not_qa: 1, mobile_notifications_scmty: 1, show_toast_notifications: 1, toast_notifications_emit_sound: 1 }
const url = `/api/v2/user/${ada.id}/settings/`
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const patch = (payload?: object, headers: object = ada.headers) => app.inject({ method: 'PATCH', url, headers: { ...headers }, ...payload && { payload } })
const stored = async () => (await core.db.read.users.find(ada.id))?.settings

t.test('settings are one\'s own', async (t) => {
  const admin = world.admin
  for (const method of ['GET', 'PATCH'] as const) {
    t.same((await ask(method, url)).json(), UNAUTHENTICATED)
    for (const headers of [bob.headers, world.keys.helper, admin]) t.same((await ask(method, url, undefined, headers)).json(), FORBIDDEN)
    for (const id of ['999999', '0', 'me', '01']) t.same((await ask(method, `/api/v2/user/${id}/settings/`, undefined, ada.headers)).json(), NOT_FOUND, id)
  }
})

t.test('read, change, keep', async (t) => {
  const got = await ask('GET', url, undefined, ada.headers)
  t.equal(got.statusCode, 200)
  t.same(got.json(), STANDARD)
  t.match(got.headers, { etag: /^"1-/, 'cache-control': 'private, no-cache' })

  for (const [title, sent] of [['no body', {}], ['an empty form', { headers: FORM, payload: '' }], ['an empty object', { payload: {} }]] as const) {
    const response = await app.inject({ method: 'PATCH', url, ...sent, headers: { ...'headers' in sent && sent.headers, ...ada.headers } })
    t.equal(response.statusCode, 200, title)
    t.same(response.json(), STANDARD)
  }
  t.same(await stored(), {})
  t.match(await core.db.read.users.find(ada.id), { version: 1 })

  const changed = await patch({ qa_frequency: 0, show_toast_notifications: '0', username: 'eve' })
  t.same(changed.json(), { ...STANDARD, qa_frequency: 0, show_toast_notifications: 0 })
  t.match(changed.headers.etag, /^"2-/)
  t.same(await stored(), { qaFrequency: 0, showToastNotifications: 0 })
  t.match((await core.db.read.changes.list(ada.id)).at(-1), { actorId: ada.id, family: 'community', fields: ['settings'], version: 2 })
  t.match(await core.db.read.users.find(ada.id), { username: 'ada' })

  const sent = { ...urlencoded([['qa_frequency', '1'], ['email_notification_not_qa', '']]) }
  t.match((await app.inject({ method: 'PATCH', url, payload: sent.payload, headers: { ...sent.headers, ...ada.headers } })).json(), { qa_frequency: 1, email_notification_not_qa: 1, show_toast_notifications: 0 })
  const parts = form([['toast_notifications_emit_sound', '0']])
  t.match((await app.inject({ method: 'PATCH', url: url.slice(0, -1), payload: parts.payload, headers: { ...parts.headers, ...ada.headers } })).json(), { qa_frequency: 1, toast_notifications_emit_sound: 0 })
  t.equal((await app.inject({ method: 'PATCH', url, headers: ada.headers, payload: (await ask('GET', url, undefined, ada.headers)).json<object>() })).statusCode, 200, 'the whole object goes back')
})

t.test('A8 a zero with a sign is the zero that is stored: nothing is written', async (t) => {
  await core.profileFields.declare(OPERATOR, { key: 'shoe', type: 'integer' })
  const send = (at: string, headers: object, payload: string | object) => app.inject({ method: 'PATCH', url: at, headers: { ...headers, 'content-type': 'application/json' }, payload })
  const own = `/api/v2/user/${bob.id}/`
  for (const [at, headers, names] of [
    [`${own}settings/`, bob.headers, ['qa_frequency', 'email_notification_not_qa']], [own, bob.headers, ['shoe']], [`/api/users/${bob.id}/`, world.admin, ['reputation', 'polls_counter']],
  ] as const) {
    await send(at, headers, Object.fromEntries(names.map((name) => [name, 0])))
    const before = await core.db.read.users.find(bob.id)
    for (const zero of ['-0', '"-0"', '0', '"0"']) {
      t.equal((await send(at, headers, `{${names.map((name) => `"${name}":${zero}`).join()}}`)).statusCode, 200)
      t.same(await core.db.read.users.find(bob.id), before, `${names.join()}: ${zero}`)
    }
  }
})

t.test('what no setting can be', async (t) => {
  const before = await stored()
  const NO_INTEGER = 'A valid integer is required.'
  t.same((await patch({ qa_frequency: 2, email_notification_not_qa: -1, mobile_notifications_scmty: true, show_toast_notifications: 'yes', toast_notifications_emit_sound: null })).json(), findings(
    ['qa_frequency', 'invalid_choice', '"2" is not a valid choice.'],
    ['email_notification_not_qa', 'invalid_choice', '"-1" is not a valid choice.'],
    ['mobile_notifications_scmty', 'invalid', NO_INTEGER],
    ['show_toast_notifications', 'invalid', NO_INTEGER],
    ['toast_notifications_emit_sound', 'null', 'This field may not be null.'],
  ))
  t.equal((await patch({ qa_frequency: 0, show_toast_notifications: 7 })).statusCode, 400)
  t.same(await stored(), before, 'all or nothing')
})

t.test('nobody overwrites blindly', async (t) => {
  const { etag } = (await ask('GET', url, undefined, ada.headers)).headers
  t.equal((await patch({ qa_frequency: 0 }, { ...ada.headers, 'if-match': etag })).statusCode, 200)
  const late = await patch({ qa_frequency: -1 }, { ...ada.headers, 'if-match': etag })
  t.equal(late.statusCode, 412)
  t.equal(late.headers.etag, (await ask('GET', url, undefined, ada.headers)).headers.etag, 'the tag of the settings as they are')
  t.match(await stored(), { qaFrequency: 0 })
})

t.test('GET /user/{id}/counters/', async (t) => {
  await core.users.edit(OPERATOR, ada.id, { posts: 7, discussions: 2, statuses: 3, polls: 4, followings: 5, followers: 6, categories: 1 }, { family: 'operator' })
  const expected = { discussions: 2, posts: 7, statuses: 3, polls: 4, followings: 5, followers: 6, categories: 1 }
  for (const headers of [undefined, ada.headers, bob.headers]) t.same((await ask('GET', `/api/v2/user/${ada.id}/counters/`, undefined, headers)).json(), expected)
  t.same((await ask('GET', '/api/v2/user/999999/counters/')).json(), NOT_FOUND)
})

t.test('GET /user/me/permission/', async (t) => {
  const response = await ask('GET', '/api/v2/user/me/permission/', undefined, ada.headers)
  t.equal(response.statusCode, 200)
  t.same(response.json(), (await ask('GET', '/api/v2/user/me/', undefined, ada.headers)).json<{ permission: object }>().permission)
  t.match(response.json(), { create_post: false, accept_connection: false })
  t.equal(Object.keys(response.json<object>()).length, 11)
  t.same((await ask('GET', '/api/v2/user/me/permission/')).json(), UNAUTHENTICATED)
})

import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { openSql } from '../engines.ts'
import { form, PASSWORD, urlencoded } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { createWorld, faultsOf } from './world.ts'
import type { Answer } from './world.ts'

t.test('oneself: what is named is set or cleared, and nothing else', async (t) => {
  const { ada, send } = await createWorld(t)
  const first = await send(ada, 'GET', '/me')
  t.match(first, { status: 200, etag: /^"1-/, body: { username: 'ada', email: 'ada@example.com', gender: 'unspecified', hidden: [], isAdmin: false } })
  const second = await send(ada, 'PATCH', '/me', { bio: 'Wrote the first program.', gender: 'female', dateOfBirth: '1815-12-10' })
  t.match(second, { status: 200, etag: /^"2-/, body: { bio: 'Wrote the first program.', gender: 'female', dateOfBirth: '1815-12-10' } })
  const form = urlencoded([['realName', 'Ada Lovelace'], ['gender', '']])
  t.match(await send(ada, 'PATCH', '/me/', form.payload, form.headers), { status: 200, body: { realName: 'Ada Lovelace', gender: 'female' } }, 'a form, and a slash at the end')
  t.match(await send(ada, 'PATCH', '/me', { bio: null, gender: null, dateOfBirth: null }), { status: 200, body: { bio: '', gender: 'unspecified', dateOfBirth: null, realName: 'Ada Lovelace' } })
  const whole = await send(ada, 'GET', '/me')
  t.match(await send(ada, 'PATCH', '/me', whole.body, { 'content-type': 'application/merge-patch+json' }), { status: 200, etag: whole.etag }, 'a whole object may be sent back, and changes nothing')
})

t.test('nothing is ignored silently', async (t) => {
  const { ada, grace, hedy, send, core } = await createWorld(t)
  await core.profileFields.declare(OPERATOR, { key: 'badge', write: 'admin' })
  await core.profileFields.declare(OPERATOR, { key: 'desk', write: 'staff' })
  await core.profileFields.declare(OPERATOR, { key: 'birthplace', isEditable: false })

  const unknown = await send(ada, 'PATCH', '/me', { bioo: 'x', 'real name': 'x', attributes: { bagde: 'x' }, toString: 'x' })
  t.equal(unknown.status, 400)
  t.same(faultsOf(unknown).sort(), ['attributes.bagde unknown_field', 'bioo unknown_field', 'real name unknown_field', 'toString unknown_field'])
  t.match(unknown.text, /Did you mean bio\?.*Did you mean realName\?.*Did you mean attributes\.badge\?/, 'with the nearest known name')

  const cases: [who: typeof ada, path: string, body: object, faults: string[]][] = [
    [ada, '/me', { isAdmin: true, isStaff: true, isActive: false }, ['isActive field_forbidden staff', 'isStaff field_forbidden admin', 'isAdmin field_forbidden admin']],
    [ada, '/me', { id: 5, version: 9, hidden: ['x'] }, ['id field_forbidden never', 'version field_forbidden never', 'hidden field_forbidden never']],
    [ada, '/me', { email: 'other@example.com', extId: 'x', groups: [] , tags: [1] }, ['email field_forbidden confirm', 'extId field_forbidden feed', 'tags field_forbidden never']],
    [ada, '/me', { attributes: { badge: 'x', desk: 'y', birthplace: 'London' } }, ['attributes.badge field_forbidden admin', 'attributes.desk field_forbidden staff']],
    [grace, `/people/${ada.id}`, { isStaff: true, attributes: { badge: 'x', desk: 'y' } }, ['isStaff field_forbidden admin', 'attributes.badge field_forbidden admin']],
    [ada, '/me', { isAdmin: true, gender: 'frog', nope: 1, username: 'grace' }, ['username username_taken', 'gender invalid_choice', 'isAdmin field_forbidden admin', 'nope unknown_field']],
  ]
  for (const [who, path, body, faults] of cases) {
    const answer = await send(who, 'PATCH', path, body)
    t.equal(answer.status, 403, JSON.stringify(body))
    t.same(faultsOf(answer).sort(), faults.sort(), JSON.stringify(body))
  }
  t.match(await send(ada, 'GET', '/me'), { etag: /^"1-/ }, 'and nothing was written')
  t.equal((await send(ada, 'PATCH', '/me', { isAdmin: false, email: 'ada@example.com', groups: [], isOnline: false, attributes: { badge: '' } })).status, 200, 'the present value is no fault')

  const lenient = await send(ada, 'PATCH', '/me', { bio: 'kept', nope: 1, isAdmin: true, attributes: { badge: 'x', birthplace: 'London' } }, { prefer: 'handling=lenient' })
  t.match(lenient, { status: 200, body: { bio: 'kept', ignored: ['nope', 'isAdmin', 'attributes.badge'], attributes: { badge: '', birthplace: 'London' } } }, 'or they are dropped, and named')
  t.same(faultsOf(await send(ada, 'PATCH', '/me', { attributes: { birthplace: 'Paris' } })), ['attributes.birthplace field_forbidden once'])
  const newcomer = { username: 'new', isStaff: true, extId: 'x', attributes: { badge: 'x', desk: 'y' }, nope: 1 }
  const made = await send(grace, 'POST', '/people', newcomer)
  t.equal(made.status, 403)
  t.same(faultsOf(made).sort(), ['attributes.badge field_forbidden admin', 'extId field_forbidden feed', 'isStaff field_forbidden admin', 'nope unknown_field'], 'nor of somebody new')
  t.match(await send(grace, 'POST', '/people', newcomer, { prefer: 'handling=lenient' }), { status: 201, body: { username: 'new', isStaff: false, extId: null, attributes: { badge: '', desk: 'y' }, ignored: ['nope', 'extId', 'isStaff', 'attributes.badge'] } })
  t.equal((await send(grace, 'POST', '/people', { username: 'newer', isStaff: false, isActive: true, extId: null })).status, 201, 'what a newcomer is anyway may be said')
  t.equal((await send(null, 'POST', '/sign-up', { username: 'x', password: 'correct horse battery', nope: 1 }, { prefer: 'handling=lenient' })).status, 400, 'where nothing could be named nothing is dropped')
  t.equal((await send(ada, 'PATCH', '/me', { gender: 'frog', nope: 1 }, { prefer: 'handling=lenient' })).status, 400, 'what is wrong stays wrong')
  t.match(await send(hedy, 'PATCH', `/people/${ada.id}`, { email: 'new@example.com', isStaff: true, extId: 'x-1' }), { status: 200, body: { email: 'new@example.com', isStaff: true, extId: 'x-1' } })
  t.equal((await send(grace, 'PATCH', `/people/${hedy.id}`, { bio: 'x' })).status, 403, 'out of reach')
  t.equal((await send(ada, 'PATCH', `/people/${grace.id}`, { bio: 'x' })).status, 403)
})

t.test('problems say what is wrong in the language of the reader, and where that is explained', async (t) => {
  const { ada, send } = await createWorld(t)
  const said = async (language: string) => await send(ada, 'PATCH', '/me', { gender: 'frog' }, { 'accept-language': language })
  const german = await said('fr, de-AT;q=0.8, en;q=0.5')
  t.match(german, { status: 400, type: 'application/problem+json; charset=utf-8', body: { type: 'http://127.0.0.1:3000/v1/problems/invalid', title: 'Ungültige Eingabe', status: 400, code: 'invalid', requestId: /./, errors: [{ field: 'gender', code: 'invalid_choice', message: '„frog“ steht nicht zur Wahl.' }] } })
  for (const language of ['en', 'fr', '', 'de;q=0', 'de;q=0.1, en', '*']) t.match(await said(language), { body: { title: 'Invalid input' } }, language)
  const { pathname } = new URL(String(german.body.type))
  t.match(await send(null, 'GET', pathname.slice('/v1'.length)), { status: 200, body: { code: 'invalid', status: 400, title: 'Invalid input' } })
  t.equal((await send(null, 'GET', '/problems/constructor')).status, 404)
  t.match(await send(null, 'GET', '/me'), { status: 401, body: { code: 'not_authenticated' } })
  t.match(await send(ada, 'GET', '/nothing'), { status: 404, body: { code: 'not_found' } })
  t.match(await send(ada, 'PUT', '/me', {}), { status: 405, body: { code: 'method_not_allowed' } })
  t.match(await send(ada, 'PATCH', '/me', '{', { 'content-type': 'application/json' }), { status: 400, body: { code: 'parse_error' } })
})

t.test('a write that was overtaken is told by what, and may go past it', async (t) => {
  const { ada, grace, send } = await createWorld(t)
  const { etag = '' } = await send(ada, 'GET', '/me')
  await send(ada, 'PATCH', '/me', { bio: 'x', phone: '1' })
  await send(grace, 'PATCH', `/people/${ada.id}`, { location: 'London' })
  const late = await send(ada, 'PATCH', '/me', { bio: 'y' }, { 'if-match': etag })
  t.match(late, { status: 412, body: { code: 'precondition_failed', person: { bio: 'x', version: 3 }, changed: ['bio', 'location', 'phone'] } })
  t.match(late.etag, /^"3-/)
  t.match(await send(ada, 'PATCH', '/me', { bio: 'y' }, { 'if-match': etag, prefer: 'merge=disjoint' }), { status: 412 }, 'not past itself')
  t.match(await send(ada, 'PATCH', '/me', { website: 'https://example.com' }, { 'if-match': etag, prefer: 'merge=disjoint' }), { status: 200, body: { bio: 'x', location: 'London', website: 'https://example.com', version: 4 } })
  t.match(await send(ada, 'PATCH', '/me', { website: '' }, { 'if-match': '"99-x"', prefer: 'merge=disjoint' }), { status: 412, body: { changed: null } }, 'of a version that never was nothing can be told')
  const stranger = await send(ada, 'DELETE', `/people/${grace.id}?hard=1`)
  t.equal(stranger.status, 403)
})

t.test('what is said of a picture is not said of the one that took its place', async (t) => {
  const { ada, grace, send } = await createWorld(t)
  const bytes = await picture({ width: 40, height: 30 })
  const upload = async () => await send(ada, 'PUT', '/me/avatar', bytes, { 'content-type': 'image/png' })
  const { etag = '' } = await upload()
  await upload()
  const past = { 'if-match': etag, prefer: 'merge=disjoint' }
  for (const path of ['/me', '/me/avatar']) t.match(await send(ada, 'PATCH', path, { avatarAlt: 'Ada at her desk' }, past), { status: 412, body: { person: { avatar: { alt: null } } } }, path)
  t.equal((await send(ada, 'PATCH', '/me/avatar', { avatarFocus: '0,0' }, past)).status, 412)
  const { etag: now = '' } = await send(ada, 'GET', '/me')
  await send(grace, 'PATCH', `/people/${ada.id}`, { location: 'London' })
  t.match(await send(ada, 'PATCH', '/me', { avatarAlt: 'Ada at her desk' }, { ...past, 'if-match': now }), { status: 200, body: { location: 'London', avatar: { alt: 'Ada at her desk' } } })
})

t.test('a picture that is overtaken while it is made is refused as any write is', async (t) => {
  const { ada, send } = await createWorld(t)
  const { etag = '' } = await send(ada, 'GET', '/me')
  const bytes = await picture({ width: 1_200, height: 900 })
  let answer: Answer | undefined
  async function put (): Promise<void> {
    answer = await send(ada, 'PUT', '/me/avatar', bytes, { 'content-type': 'image/png', 'if-match': etag, prefer: 'merge=disjoint' })
  }
  const ended = put()
  for (let i = 0; answer === undefined; i++) await send(ada, 'PATCH', '/me', { bio: `${i}` })
  await ended
  t.match(answer, { status: 412, body: { changed: ['bio'], person: { avatar: null } } })
})

t.test('what a write is asked for beside its body is understood, or nothing is done', async (t) => {
  const { ada, grace, hedy, send, stored } = await createWorld(t)
  const { body } = await send(hedy, 'POST', '/groups', { name: 'crew' })
  const [group, badge] = [`/groups/${String(body.id)}`, '/fields/company_name']
  await send(hedy, 'POST', '/proof', { password: PASSWORD })
  const before = stored()
  const cases: [method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object | undefined, fault: string][] = [
    ['PATCH', '/me?dryrun=true', { bio: 'x' }, 'dryrun unknown_field'],
    ['PATCH', `/people/${ada.id}?dryRun[]=true`, { bio: 'x' }, 'dryRun[] unknown_field'],
    ['PATCH', `/people/${ada.id}?dryRun=perhaps`, { bio: 'x' }, 'dryRun invalid_value'],
    ['PATCH', `${group}?dry_run=1`, { name: 'x' }, 'dry_run unknown_field'],
    ['DELETE', `${group}/members?dry=1`, { ids: [ada.id] }, 'dry unknown_field'],
    ['DELETE', '/me/sessions?others=perhaps', undefined, 'others invalid_value'],
    ['DELETE', `/people/${ada.id}/sessions?tokens=all`, undefined, 'tokens invalid_value'],
    ['DELETE', `/people/${ada.id}?hard=forever`, undefined, 'hard invalid_value'],
    ['DELETE', `/people/${ada.id}?hard=yes`, undefined, 'hard invalid_value'],
    ['DELETE', '/me?Hard=1', undefined, 'Hard unknown_field'],
    ['PATCH', `${badge}?force=sure`, { isMandatory: true }, 'force invalid_value'],
    ['POST', `/people/batch?atomik=true`, [{ id: ada.id, patch: { bio: 'x' } }], 'atomik unknown_field'],
    ['POST', `/people/${ada.id}/password-mail?preview=true`, undefined, 'preview unknown_field'],
    ['PATCH', '/me?dryRun', { bio: 'x' }, 'dryRun invalid_value'],
    ['DELETE', `${group}?dryRun=`, undefined, 'dryRun invalid_value'],
    ['DELETE', '/me/sessions?others', undefined, 'others invalid_value'],
    ['DELETE', `/people/${ada.id}?hard=`, undefined, 'hard invalid_value'],
    ['PATCH', `${badge}?force`, { isMandatory: true }, 'force invalid_value'],
    ['POST', `/people/batch?atomic=%20`, [{ id: ada.id, patch: { bio: 'x' } }], 'atomic invalid_value'],
  ]
  for (const [method, path, payload, fault] of cases) {
    const answer = await send(hedy, method, path, payload)
    t.equal(answer.status, 400, `${method} ${path}`)
    t.same(faultsOf(answer), [fault], `${method} ${path}`)
  }
  t.equal(stored(), before)
  t.equal((await send(hedy, 'DELETE', `/people/${ada.id}?hard=true`)).status, 204)
  t.equal((await send(hedy, 'DELETE', `/people/${grace.id}?hard=0`)).status, 204)
})

t.test('no route ignores a word of its query', async (t) => {
  const { ada, hedy, app, send, stored } = await createWorld(t)
  await send(hedy, 'POST', '/proof', { password: PASSWORD })
  const { body } = await send(hedy, 'POST', '/groups', { name: 'crew' })
  const named: Record<string, unknown> = { id: ada.id, group_id: body.id, key: 'company_name' }
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, object>> }>()
  const routes = Object.entries(paths).filter(([path]) => path.startsWith('/v1/')).flatMap(([path, methods]) => Object.keys(methods).map((method) => [method.toUpperCase() as 'GET', path.slice('/v1'.length)] as const))
  t.ok(routes.length > 80)
  const before = stored()
  for (const [method, path] of routes) {
    const answer = await send(hedy, method, `${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(named[name] ?? 1))}?nope=1`, method === 'GET' ? undefined : {})
    t.same([answer.status, ...faultsOf(answer)], [400, 'nope unknown_field'], `${method} ${path}`)
  }
  t.equal(stored(), before)
  for (const [path, fault] of [['/me?as=', 'as invalid_choice'], ['/me?fields=', 'fields invalid_choice'], ['/people?fields=', 'fields invalid_choice'], ['/me?dryRun', 'dryRun invalid_value'], [`/people/${ada.id}?as=public&fields=bio`, 'as unknown_field']] as const) {
    t.same(faultsOf(await send(hedy, 'GET', path)), [fault], path)
  }
  t.equal((await app.inject({ method: 'HEAD', url: '/v1/me?nope=1', headers: hedy.headers })).statusCode, 400)
  for (const query of ['nope=1', 'dryRun=true']) {
    t.equal((await app.inject({ method: 'PUT', url: `/v1/me?${query}`, headers: hedy.headers })).statusCode, 405, 'which no query would make better')
    t.equal((await app.inject({ method: 'PUT', url: `/v1/nowhere?${query}`, headers: hedy.headers })).statusCode, 404)
  }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/v1/me?nope=1', headers: hedy.headers })).statusCode, 200, 'which says only what there is')
})

t.test('a picture comes as it is, or in a form, and is cut and removed', async (t) => {
  const { ada, grace, send } = await createWorld(t, { avatarMaxBytes: 1_000_000 })
  const bytes = await picture({ width: 600, height: 400 })
  const shown = await send(ada, 'PUT', '/me/avatar', bytes, { 'content-type': 'image/png' })
  t.match(shown, { status: 200, body: { avatar: { url: /\/media\/avatars\/[0-9a-f]{32}\.webp$/, width: 600, height: 400, focus: null, isAnimated: false, blurhash: /./, color: /^#/ } } })
  t.same(Object.keys((shown.body.avatar as { sizes: object }).sizes).length > 1, true)
  const { payload, headers } = form([['cover', { file: bytes }]])
  t.match(await send(grace, 'PUT', `/people/${ada.id}/cover`, payload, headers), { status: 200, body: { cover: { width: 600 }, avatar: { width: 600 } } })
  t.match(await send(ada, 'PATCH', '/me/avatar', { avatarFocus: '0.5,0' }), { status: 200, body: { avatar: { focus: '0.5,0' } } })
  t.match(await send(ada, 'PATCH', '/me', { avatarAlt: 'Ada at her desk', coverAlt: 'x'.repeat(1_501) }), { status: 400, body: { errors: [{ field: 'coverAlt', code: 'max_length', limit: 1_500, found: 1_501 }] } })
  t.match(await send(ada, 'PATCH', '/me', { avatarAlt: 'Ada at her desk' }), { status: 200, body: { avatar: { alt: 'Ada at her desk' }, cover: { alt: null } } })
  const whole = await send(ada, 'GET', '/me')
  t.match(await send(ada, 'PATCH', '/me', whole.body), { status: 200, etag: whole.etag }, 'a whole object with pictures may be sent back')
  t.match(await send(ada, 'DELETE', '/me/avatar'), { status: 200, body: { avatar: null, cover: { width: 600 } } })
  t.match(await send(ada, 'PATCH', '/me', { cover: null }), { status: 200, body: { cover: null } })
  t.same(faultsOf(await send(ada, 'PUT', '/me/avatar', Buffer.from('no picture'), { 'content-type': 'image/png' })), ['avatar invalid_image'])
  t.same(faultsOf(await send(ada, 'PUT', '/me/avatar', { bio: 'x' })).sort(), ['avatar required', 'bio unknown_field'])
  t.equal((await send(ada, 'PUT', '/me/avatar', Buffer.alloc(1_000_001), { 'content-type': 'image/jpeg' })).status, 413)
  t.equal((await send(ada, 'PATCH', '/me', bytes, { 'content-type': 'image/png' })).status, 415, 'where there may be more than one')
})

t.test('whatever an answer is made of, the next one has it', async (t) => {
  const { ada, grace, hedy, send, core, dataDir } = await createWorld(t)
  const raw = openSql(dataDir)
  t.teardown(() => { raw.close() })
  const upload = async (width: number) => {
    const { payload, headers } = form([['avatar', { file: await picture({ width, height: 40 }) }], ['avatarAlt', 'at sea']])
    await send(ada, 'PATCH', '/me', payload, headers)
  }
  const group = await core.groups.create(OPERATOR, { name: 'Crew' })
  const steps: [title: string, act: () => Promise<unknown>, shows: object][] = [
    ['a field', () => send(ada, 'PATCH', '/me', { bio: 'first' }), { bio: 'first' }],
    ['an address that is asked for', async () => { await send(ada, 'POST', '/proof', { password: PASSWORD }); await send(ada, 'PUT', '/me/email', { email: 'new@example.com' }) }, { pendingEmail: 'new@example.com' }],
    ['and taken back', () => send(ada, 'DELETE', '/me/email'), { pendingEmail: null }],
    ['a picture', () => upload(64), { avatar: { width: 64, alt: 'at sea' } }],
    ['what is said of it', () => send(ada, 'PATCH', '/me/avatar', { avatarAlt: 'at her desk' }), { avatar: { alt: 'at her desk' } }],
    ['and what another process says of it', async () => raw.prepare('update pictures set blurhash = ?').run('L00000'), { avatar: { blurhash: 'L00000' } }],
    ['another picture', () => upload(80), { avatar: { width: 80 } }],
    ['whom a field is shown to', () => send(ada, 'PATCH', '/me/visibility', { bio: 'self' }), { visibility: { bio: 'self' } }],
    ['a group', () => send(hedy, 'PATCH', `/people/${ada.id}`, { groups: [group.id] }), { groups: [{ name: 'Crew' }] }],
    ['its name', () => send(hedy, 'PATCH', `/groups/${group.id}`, { name: 'Old crew' }), { groups: [{ name: 'Old crew' }] }],
    ['a declared field', () => core.profileFields.declare(OPERATOR, { key: 'motto' }), { attributes: { motto: '' } }],
    ['and without it', () => core.profileFields.drop(OPERATOR, 'motto'), { attributes: { motto: undefined } }],
    ['what another process writes', async () => raw.prepare('update users set location = ? where id = ?').run('London', ada.id), { location: 'London' }],
  ]
  for (const [title, act, shows] of steps) {
    const before = await Promise.all([ada, grace].map((who) => send(who, 'GET', `/people/${ada.id}`)))
    t.equal((await send(ada, 'GET', '/me', undefined, { 'if-none-match': String(before[0]?.etag) })).status, 304, `${title}: known until then`)
    await act()
    const after = await send(ada, 'GET', '/me', undefined, { 'if-none-match': String(before[0]?.etag) })
    t.match(after, { status: 200, body: shows }, title)
    t.same((await send(grace, 'GET', `/people/${ada.id}`)).body, after.body, 'staff see the same')
  }
  t.match((await send(ada, 'GET', '/me?as=public')).body, { bio: null, email: null })
  t.match((await send(null, 'GET', `/people/${ada.id}`)).body, { bio: null, email: null, location: 'London' })
})

import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { Account } from '../../src/core/people/users.ts'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { personFor } from '../../routes/native/shown.ts'
import { userOf } from '../../routes/staff/shown.ts'
import { createWorld, faultsOf } from './world.ts'

interface Shown { id: number, isShown: boolean, uploadedAt: string, picture: { url: string, width: number, alt: string | null, focus: string | null } }
interface Page { items: Shown[], next: string | null, total?: number }

t.test('the collection of avatars: added as a form or as it is, shown, and removed', async (t) => {
  const { ada, grace, hedy, send, app, core, stored, settled } = await createWorld(t)
  const png = (width: number) => picture({ width, height: 60 })
  const list = async (who: typeof ada, path = '/me/avatars', query = '') => (await send(who, 'GET', path + query)).body as unknown as Page
  const bare = await send(ada, 'POST', '/me/avatars', await png(100), { 'content-type': 'image/png' })
  t.match(bare, { status: 201, body: { id: 1, isShown: false, uploadedAt: /Z$/, picture: { width: 100, alt: null } } })
  const { payload, headers } = form([['avatar', { file: await png(200) }], ['avatarFocus', '0.5,0'], ['avatarAlt', 'Ada at sea']])
  const formed = await send(ada, 'POST', '/me/avatars', payload, headers)
  t.match(formed, { status: 201, body: { id: 2, isShown: false, picture: { width: 200, focus: '0.5,0', alt: 'Ada at sea' } } })
  t.equal((await send(ada, 'GET', '/me')).body.avatar, null, 'what is shown stays as it is')

  const { etag = '' } = await send(ada, 'GET', '/me')
  t.match(await send(ada, 'PATCH', '/me/avatars/2', { isShown: true }), { status: 200, body: { id: 2, isShown: true } })
  t.match((await send(ada, 'GET', '/me')).body, { avatar: { url: (formed.body as unknown as Shown).picture.url, alt: 'Ada at sea' } })
  t.match(await send(ada, 'PATCH', '/me/avatars/1', { isShown: true }, { 'if-match': etag }), { status: 412, body: { changed: ['avatar'] } })
  t.match((await list(ada)).items.map(({ id, isShown }) => [id, isShown]), [[2, true], [1, false]])
  const first = await list(ada, '/me/avatars', '?limit=1&count=exact')
  t.match(first, { items: [{ id: 2 }], next: /./, total: 2 })
  t.match(await list(ada, '/me/avatars', `?limit=1&after=${first.next}`), { items: [{ id: 1 }], next: null })
  t.match((await send(ada, 'GET', '/me/avatars/1')).body, { id: 1, isShown: false, picture: { width: 100 } })
  const { pathname } = new URL((bare.body as unknown as Shown).picture.url)
  t.equal((await app.inject(pathname)).statusCode, 200)

  t.same(faultsOf(await send(ada, 'POST', '/me/avatars', { avatarAlt: 'x', nope: 1 })).sort(), ['avatar required', 'nope unknown_field'])
  t.same(faultsOf(await send(ada, 'POST', '/me/avatars', Buffer.from('no picture'), { 'content-type': 'image/png' })), ['avatar invalid_image'])
  t.same(faultsOf(await send(ada, 'PATCH', '/me/avatars/1', { isShown: false })), ['isShown invalid_choice'])

  const before = stored()
  const dry = await send(ada, 'POST', '/me/avatars?dryRun=true', await png(120), { 'content-type': 'image/png' })
  t.match(dry, { status: 200, body: { dryRun: true, isShown: false, picture: { width: 120 }, changes: { picture: { from: null, to: { width: 120 } } } } }, 'a dry run judges and encodes')
  t.same(faultsOf(await send(ada, 'POST', '/me/avatars?dryRun=true', Buffer.from('no picture'), { 'content-type': 'image/png' })), ['avatar invalid_image'])
  t.match(await send(ada, 'PATCH', '/me/avatars/1?dryRun=true', { isShown: true }), { status: 200, body: { id: 1, isShown: true, dryRun: true, changes: { isShown: { from: false, to: true } } } })
  t.match(await send(ada, 'DELETE', '/me/avatars/2?dryRun=true'), { status: 200, body: { id: 2, isShown: true, dryRun: true } })
  t.equal((await send(ada, 'PATCH', '/me/avatars/1?dryRun=true', { isShown: true }, { 'if-match': etag })).status, 412)
  t.equal((await send(ada, 'DELETE', '/me/avatars/9?dryRun=true')).status, 404)
  t.equal((await send(ada, 'POST', '/me/avatars?dryRun=perhaps', await png(100), { 'content-type': 'image/png' })).status, 400, 'in doubt nothing is written')
  await settled()
  t.equal(stored(), before, 'and leaves nothing')
  for (const id of ['3', '01', 'x']) t.equal((await send(ada, 'GET', `/me/avatars/${id}`)).status, 404)

  const theirs = `/people/${ada.id}/avatars`
  t.same((await list(grace, theirs)).items.map(({ id }) => id), [2, 1])
  const third = await send(grace, 'POST', theirs, await png(300), { 'content-type': 'image/png' })
  t.equal(third.status, 201)
  t.match(await send(grace, 'PATCH', `${theirs}/${String(third.body.id)}`, { isShown: true }), { status: 200, body: { isShown: true } })
  t.match((await core.db.read.changes.list(ada.id)).at(-1), { actorId: grace.id, fields: ['avatar'] })
  t.equal((await send(grace, 'DELETE', `${theirs}/${String(third.body.id)}`)).status, 204)
  t.equal((await send(ada, 'GET', '/me')).body.avatar, null, 'of the shown one none takes the place')
  for (const [who, whose] of [[ada, grace], [grace, hedy]] as const) {
    for (const [method, path] of [['GET', ''], ['POST', ''], ['GET', '/1'], ['PATCH', '/1'], ['DELETE', '/1']] as const) t.equal((await send(who, method, `/people/${whose.id}/avatars${path}`, method === 'PATCH' ? { isShown: true } : undefined)).status, 403, `${method} ${path}`)
  }
  t.equal((await send(hedy, 'DELETE', `/people/${grace.id}/avatars/1`)).status, 404, 'of somebody else')
  const former = { id: grace.id, isStaff: true, isAdmin: false, credential: null, guards: [] }
  await core.users.edit(OPERATOR, grace.id, { isStaff: false }, { family: 'operator' })
  await t.rejects(core.avatars.remove(former, 1, { family: 'native', ownerId: ada.id }), { code: 'permission_denied' }, 'a right that was lost on the way')
  t.equal((await send(ada, 'DELETE', '/me/avatars/1')).status, 204)
  t.equal((await app.inject(pathname)).statusCode, 404, 'and its files have gone')
})

t.test('an account that was read before its picture was replaced is shown as it is now', async (t) => {
  const { ada, core, send } = await createWorld(t)
  const server = { core, media: { url: (kind: 'avatar', account: Account) => `/media/${account[kind]}.webp` } } as unknown as FastifyInstance
  const put = async () => await send(ada, 'PUT', '/me/avatar', await picture({ width: 300, height: 60 }), { 'content-type': 'image/png' })
  await put()
  const before = await core.users.get(ada.id)
  await put()
  const now = await core.users.get(ada.id)
  t.not(now.avatar, before.avatar)
  const url = `/media/${now.avatar}.webp`
  t.match(await personFor({ server, actor: null }, before, { as: 'self' }), { avatar: { url } })
  t.match(await userOf(server, before), { avatar: url, images: { avatar: { main: { url } } } })
  t.same(await core.users.replaced(ada.id, now, { avatar: undefined, cover: undefined }), undefined, 'a picture of which nothing is known is not asked for again')
})

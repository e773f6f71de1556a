import { join } from 'node:path'
import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import t from 'tap'
import { actingAs } from '../../src/core/access.ts'
import { form, signUp, urlencoded } from '../helper.ts'
import type { Person } from '../helper.ts'
import { staged } from '../hostile/traces.ts'
import { chunks, picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'
import { createWorld, findings, NOT_FOUND, REQUIRED, UNAUTHENTICATED, whole } from './world.ts'

/* CONTRACT §2.3 and §2.6: the avatars that a person keeps, and the one that is shown. */
interface Avatar { id: number, primary: boolean, avatar: string, date_uploaded: string, user: number }
interface Page { count: number, next: string | null, previous: string | null, results: Avatar[] }

const AVATARS = '/api/v2/user/avatar/'
const world = await createWorld(t)
const { app, ask, core, dataDir, ada, bob } = world
const png = await picture()
const base64 = `image/png;base64,${png.toString('base64')}`

const files = () => setsIn(join(dataDir, 'media/avatars'))
const nameOf = (address: string) => address.replace(/^.*\//, '')
const upload = (person: Person, file = png) => {
  const { payload, headers } = form([['avatar', { file }]])
  return app.inject({ method: 'POST', url: AVATARS, payload, headers: { ...headers, ...person.headers } })
}
const add = async (person: Person, file = png): Promise<Avatar> => (await upload(person, file)).json()
const list = async (person: Person, query = ''): Promise<Page> => (await ask('GET', `${AVATARS}${query}`, undefined, person.headers)).json()
const choose = (person: Person, avatar_id: unknown) => ask('PATCH', AVATARS, { avatar_id }, person.headers)
const remove = (person: Person, avatar_id: unknown) => ask('DELETE', AVATARS, { avatar_id }, person.headers)
const row = async ({ id }: Person) => (await core.db.read.users.find(id)) ?? t.fail('nobody') as never
const lastChange = async ({ id }: Person) => (await core.db.read.changes.list(id)).at(-1)
const colourOf = async (address: string) => [...(await sharp((await app.inject(address.replace(/^http:\/\/[^/]+/, ''))).rawPayload).raw().toBuffer()).subarray(-3)].map((n) => Math.round(n / 50))

t.test('the life of a collection', async (t) => {
  t.same(await list(ada), { count: 0, next: null, previous: null, results: [] })
  const before = await row(ada)

  const response = await upload(ada, await picture({ colour: { r: 250, g: 0, b: 0 } }))
  t.equal(response.statusCode, 201)
  const red = response.json<Avatar>()
  t.same(Object.keys(red), ['id', 'primary', 'avatar', 'date_uploaded', 'user'])
  t.match(red, { id: Number, primary: false, avatar: /^http:\/\/.*\/media\/avatars\/[0-9a-f]{32}\.webp$/, date_uploaded: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, user: ada.id })
  t.same(files(), [nameOf(red.avatar)])
  t.same(await row(ada), before, 'what is shown stays, and so does the version')
  t.match(await lastChange(ada), { actorId: ada.id, family: 'community', fields: ['avatars'], dropped: [], version: before.version })
  t.same(await colourOf(red.avatar), [5, 0, 0])

  t.equal((await choose(ada, red.id)).statusCode, 204)
  t.match((await ask('GET', `/api/v2/user/${ada.id}/`)).json(), { avatar: red.avatar })
  t.match(await row(ada), { version: before.version + 1 })
  t.match(await list(ada), { count: 1, results: [{ ...red, primary: true }] })
  t.match(await lastChange(ada), { fields: ['avatar'], dropped: [], version: before.version + 1 })
  t.equal((await choose(ada, String(red.id))).statusCode, 204)
  t.match(await row(ada), { version: before.version + 1 }, 'once more is no change')

  const blue = await add(ada, await picture({ colour: { r: 0, g: 0, b: 250 } }))
  t.equal((await app.inject({ method: 'PATCH', url: AVATARS.slice(0, -1), ...withHeaders(ada, form([['avatar_id', String(blue.id)]])) })).statusCode, 204)
  t.same((await list(ada)).results.map(({ id, primary }) => [id, primary]), [[blue.id, true], [red.id, false]], 'the newest first, the one before stays')
  t.equal(files().length, 2)

  await t.test('a new avatar by an update takes the place of the shown one', async (t) => {
    const { payload, headers } = form([['username', 'ada'], ['avatar', { file: await picture({ colour: { r: 0, g: 250, b: 0 } }) }]])
    const { avatar } = (await app.inject({ method: 'PUT', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })).json<{ avatar: string }>()
    const { count, results } = await list(ada)
    t.equal(count, 2)
    t.match(results, [{ avatar, primary: true }, { ...red, primary: false }])
    t.same(files(), [nameOf(avatar), nameOf(red.avatar)].sort())
    t.match(await lastChange(ada), { fields: ['avatar'], dropped: [nameOf(blue.avatar).slice(0, 32)] })
  })

  await t.test('one that is not shown is removed', async (t) => {
    const { version } = await row(ada)
    t.equal((await remove(ada, red.id)).statusCode, 204)
    t.equal((await list(ada)).count, 1)
    t.notOk(files().includes(nameOf(red.avatar)))
    t.equal((await app.inject(red.avatar.replace(/^http:\/\/[^/]+/, ''))).statusCode, 404)
    t.match(await lastChange(ada), { fields: ['avatars'], dropped: [nameOf(red.avatar).slice(0, 32)], version })
    t.match(await row(ada), { version })
    t.same((await remove(ada, red.id)).json(), NOT_FOUND, 'once')
  })

  await t.test('the shown one is removed', async (t) => {
    const other = await add(ada)
    const shown = (await list(ada)).results.find(({ primary }) => primary)
    t.equal((await ask('DELETE', `${AVATARS}?avatar_id=${shown?.id}`, undefined, ada.headers)).statusCode, 204)
    t.match((await ask('GET', `/api/v2/user/${ada.id}/`)).json(), { avatar: null }, 'and none takes its place')
    t.match(await list(ada), { count: 1, results: [{ id: other.id, primary: false }] })
    t.same(files(), [nameOf(other.avatar)])
    t.equal((await app.inject({ method: 'DELETE', url: AVATARS, ...withHeaders(ada, urlencoded([['avatar_id', String(other.id)]])) })).statusCode, 204)
    t.same(files(), [])
  })
})

const withHeaders = (person: Person, { payload, headers }: { payload: string | Buffer, headers: object }) => ({ payload, headers: { ...headers, ...person.headers } })

t.test('base64 in every body', async (t) => {
  const bodies = [{ payload: JSON.stringify({ avatar_base64: base64 }), headers: { 'content-type': 'application/json' } }, urlencoded([['avatar_base64', base64]]), form([['avatar_base64', `data:${base64}`]])]
  for (const body of bodies) {
    const response = await app.inject({ method: 'POST', url: AVATARS, ...withHeaders(ada, body) })
    t.equal(response.statusCode, 201, body.headers['content-type'])
    await remove(ada, response.json<Avatar>().id)
  }
  t.same(files(), [])
})

t.test('how squares are cut comes with the picture', async (t) => {
  const [cut, large] = [[['avatar_focus', '0.5,-1'], ['avatar_crop', '10,0,40,30']] as [string, string][], await picture({ width: 100, height: 80 })]
  const bodies = [form([...cut, ['avatar', { file: large }]]), urlencoded([['avatar_base64', large.toString('base64')], ...cut])]
  for (const body of bodies) {
    const response = await app.inject({ method: 'POST', url: AVATARS, ...withHeaders(ada, body) })
    t.equal(response.statusCode, 201, body.headers['content-type'])
    const { id } = response.json<Avatar>()
    await choose(ada, id)
    t.match((await ask('GET', `/api/v2/user/${ada.id}/images/`)).json(), { avatar: { focus: '0.5,-1', crop: '10,0,40,30', source_width: 100 } })
    await remove(ada, id)
  }
})

t.test('what is refused leaves nothing', async (t) => {
  const post = (body: { payload: string | Buffer, headers: object }) => app.inject({ method: 'POST', url: AVATARS, ...withHeaders(ada, body) })
  const json = (body: unknown) => ({ payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  const NO_FILE = findings(['avatar', 'required', 'No file was submitted.'])
  const NOT_A_FILE = 'The submitted data was not a file. Check the encoding type on the form.'
  const INVALID = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
  const OUTSIDE = 'Ensure this part (0,0,9000,1) lies within the image, which is 64 × 48 pixels.'
  const cut = (await picture({ format: 'avif' })).subarray(0, -10)
  const cases: [string, { payload: string | Buffer, headers: object }, object][] = [
    ['nothing', json({}), NO_FILE],
    ['an empty form', urlencoded([]), NO_FILE],
    ['an untouched input', form([['avatar', { file: Buffer.alloc(0), filename: '' }]]), NO_FILE],
    ['null', json({ avatar: null }), NO_FILE],
    ['a cut of nothing', json({ avatar_focus: '0,0', avatar_crop: '0,0,1,1' }), NO_FILE],
    ['a cut that is none', form([['avatar', { file: png }], ['avatar_focus', '2,2']]), findings(['avatar_focus', 'invalid', 'Enter a valid value.'])],
    ['a part outside', form([['avatar', { file: png }], ['avatar_crop', '0,0,9000,1']]), findings(['avatar_crop', 'invalid', OUTSIDE])],
    ['a text', json({ avatar: 'http://example.com/a.png' }), findings(['avatar', 'invalid', NOT_A_FILE])],
    ['no base64', json({ avatar_base64: '?' }), findings(['avatar_base64', 'invalid', NOT_A_FILE])],
    ['no picture in base64', json({ avatar_base64: 'image/png;base64,eHh4' }), findings(['avatar_base64', 'invalid_image', INVALID])],
    ['both', form([['avatar', { file: png }], ['avatar_base64', base64]]), findings(['avatar_base64', 'invalid', 'Only one file may be submitted (there are 2).', { limit: 1, found: 2 }])],
    ['a good head and no end', form([['avatar', { file: cut }]]), findings(['avatar', 'invalid_image', INVALID])],
  ]
  for (const [title, body, expected] of cases) {
    const response = await post(body)
    t.equal(response.statusCode, 400, title)
    t.same(response.json(), expected, title)
  }
  const whole = form([['avatar', { file: png }]])
  t.equal((await post({ ...whole, payload: whole.payload.subarray(0, -20) })).statusCode, 400, 'a body that ends early')
  t.same((await ask('POST', AVATARS, { avatar_base64: base64 })).json(), UNAUTHENTICATED)
  t.same([await staged(dataDir), files(), (await list(ada)).count], [[], [], 0])
})

t.test('which one', async (t) => {
  const mine = await add(ada)
  const hers = await add(bob)
  for (const [method, send] of [['PATCH', choose], ['DELETE', remove]] as const) {
    for (const id of [hers.id, 999_999, 0, -1]) t.same((await send(ada, id)).json(), NOT_FOUND, `${method} ${id}`)
    t.same((await send(ada, undefined)).json(), findings(['avatar_id', 'required', REQUIRED]), method)
    t.same((await send(ada, null)).json(), findings(['avatar_id', 'null', 'This field may not be null.']), method)
    for (const id of ['x', true, 1.5, [mine.id]]) t.same((await send(ada, id)).json(), findings(['avatar_id', 'invalid', 'A valid integer is required.']), `${method} ${String(id)}`)
    t.same((await ask(method, AVATARS, { avatar_id: mine.id })).json(), UNAUTHENTICATED)
  }
  for (const query of ['?avatar_id=x', '?avatar_id=', '?avatar_id=01']) t.equal((await ask('DELETE', `${AVATARS}${query}`, undefined, ada.headers)).statusCode, 400, query)
  t.equal((await ask('DELETE', `${AVATARS}?avatar_id=${mine.id}&avatar_id=${hers.id}`, undefined, ada.headers)).statusCode, 400, 'two of them')
  t.same((await ask('DELETE', `${AVATARS}?avatar_id=${hers.id}`, undefined, ada.headers)).json(), NOT_FOUND)
  t.same((await ask('PUT', AVATARS, {}, ada.headers)).json(), whole('method_not_allowed', 'Method "PUT" not allowed.'))
  t.equal(files().length, 2)
  t.match(await list(bob), { count: 1, results: [{ id: hers.id, user: bob.id }] })
  t.equal((await ask('DELETE', `${AVATARS}?avatar_id=${hers.id}`, { avatar_id: mine.id }, ada.headers)).statusCode, 204, 'the body goes first')
  await remove(bob, hers.id)
})

t.test('at most twenty, and pages of them', async (t) => {
  const carl = await signUp(world, 'carl')
  for (let i = 0; i < 19; i++) await add(carl)
  const answers: LightMyRequestResponse[] = await Promise.all([upload(carl), upload(carl), upload(carl)])
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, 400, 400], 'of three at once one finds room')
  const FULL = findings(['avatar', 'invalid', 'No more than 20 avatars are kept (there are 20). Remove one first.', { limit: 20, found: 20 }])
  t.same((await upload(carl)).json(), FULL)
  t.same((await ask('POST', AVATARS, { avatar_base64: base64 }, carl.headers)).json(), findings(['avatar_base64', 'invalid', 'No more than 20 avatars are kept (there are 20). Remove one first.', { limit: 20, found: 20 }]))
  t.same((await upload(carl, Buffer.from('no picture'))).json<{ errors: { messages: { code: string }[] }[] }>().errors[0]?.messages.map(({ code }) => code), ['invalid_image', 'invalid'], 'all that is wrong is told, before anything is made of it')
  t.same([(await list(carl)).count, files().length, await staged(dataDir)], [20, 20, []])

  const first = await list(carl, '?limit=15')
  t.equal(first.results.length, 15)
  t.match(first.next, /^http:\/\/.*\/api\/v2\/user\/avatar\/\?limit=15&offset=15$/)
  const rest = await list(carl, '?limit=15&offset=15')
  t.match(rest, { next: null, previous: /\?limit=15$/ })
  const ids = [...first.results, ...rest.results].map(({ id }) => id)
  t.same(ids, [...ids].sort((a, b) => b - a))

  await choose(carl, ids[0])
  const { payload, headers } = form([['avatar', { file: png }]])
  t.equal((await app.inject({ method: 'PATCH', url: `/api/v2/user/${carl.id}/`, payload, headers: { ...headers, ...carl.headers } })).statusCode, 200, 'an update always finds room')
  t.equal(files().length, 20)

  t.equal((await ask('DELETE', `/api/v2/user/${carl.id}/?hard=1`, undefined, carl.headers)).statusCode, 204)
  t.same(files(), [], 'who leaves for good leaves no picture')
})

t.test('two at once', async (t) => {
  const [a, b] = [await add(bob), await add(bob)]
  await Promise.all([choose(bob, a.id), choose(bob, b.id)])
  t.equal((await list(bob)).results.filter(({ primary }) => primary).length, 1)
  const [chosen, removed] = await Promise.all([choose(bob, a.id), remove(bob, a.id)])
  t.match([chosen.statusCode, removed.statusCode], [/^(204|404)$/, 204])
  t.notMatch((await row(bob)).avatar, nameOf(a.avatar).slice(0, 32), 'what is shown is there')
  t.equal((await list(bob)).count, 1)
  const gone = await Promise.all([remove(bob, b.id), remove(bob, b.id)])
  t.same(gone.map(({ statusCode }) => statusCode).sort(), [204, 404])
  t.same([files(), (await row(bob)).avatar], [[], null])
})

t.test('a right that is lost while the picture is on its way', async (t) => {
  const dora = await signUp(world, 'dora')
  const kept = await add(dora)
  const actor = actingAs(await row(dora))
  const stage = () => core.images.stage('avatar', chunks(png))
  await core.db.write((tx) => tx.users.update(dora.id, { isActive: false }))
  await t.rejects(stage().then((image) => core.avatars.add(actor, { avatar: image }, { family: 'community' })), { code: 'account_inactive' })
  await t.rejects(core.avatars.choose(actor, kept.id, { family: 'community' }), { code: 'account_inactive' })
  await t.rejects(core.avatars.remove(actor, kept.id, { family: 'community' }), { code: 'account_inactive' })
  await core.db.write((tx) => tx.users.update(dora.id, { deletedAt: Date.now() }))
  await t.rejects(stage().then((image) => core.avatars.add(actor, { avatar: image }, { family: 'community' })), { code: 'account_unknown' })
  await t.rejects(core.avatars.list(dora.id, 10, 0), { code: 'not_found' })
  t.same([files(), await staged(dataDir)], [[nameOf(kept.avatar)], []])
  t.equal((await app.inject(`/media/avatars/${nameOf(kept.avatar)}`)).statusCode, 404, 'of who is hidden nothing is served')
})

t.test('GET /user/me/avatar/', async (t) => {
  const shown = async () => (await ask('GET', '/api/v2/user/me/avatar/', undefined, ada.headers)).json<{ avatar: string }>()
  const mine = await add(ada)
  const neutral = await shown()
  t.match(neutral, { avatar: /^http:\/\/[^/]+\/media\/default-avatar\.svg$/ }, 'never null')
  const served = await app.inject(neutral.avatar.replace(/^http:\/\/[^/]+/, ''))
  t.match(served, { statusCode: 200, headers: { 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'cache-control': 'public, max-age=86400' } })
  t.match(await sharp(served.rawPayload).metadata(), { format: 'svg', width: 256, height: 256 })
  t.equal((await app.inject({ url: '/media/default-avatar.svg', headers: { authorization: 'Bearer expired' } })).statusCode, 200, 'nobody is asked who they are')
  await choose(ada, mine.id)
  t.same(await shown(), { avatar: mine.avatar })
  t.same((await ask('GET', '/api/v2/user/me/avatar/')).json(), UNAUTHENTICATED)

  await core.users.edit(actingAs(await row(ada)), ada.id, { visibility: { avatar: 'self' } }, { family: 'community' })
  const signed = await shown()
  t.match(signed.avatar, /\.webp\?/)
  t.match((await list(ada)).results[0]?.avatar, /\.webp\?/, 'what few may see is signed here as well')
  t.equal((await app.inject(signed.avatar.replace(/^http:\/\/[^/]+/, ''))).statusCode, 200)
  t.equal((await app.inject(signed.avatar.replace(/^http:\/\/[^/]+/, '').split('?')[0] ?? '')).statusCode, 404)
})

import t from 'tap'
import { build, form, signUp } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { picture } from '../images/pictures.ts'

const PATHS = { community: '/api/v2/user/me/visibility/', staff: '/api/users/me/visibility/', personal: '/api/profile/visibility/' }
const OPEN = { real_name: 'public', avatar: 'public', cover: 'public', bio: 'public', location: 'public', description: 'public', gender: 'public', website: 'public', avatar_by_email: false, attributes: { company_name: 'public', company_role: 'public' } }

const narrow = (built: Built, person: Person, payload: object) => built.app.inject({ method: 'PATCH', url: PATHS.community, headers: person.headers, payload })

t.test('a person narrows who sees each field, in any family', async (t) => {
  const built = await build(t)
  const { app } = built
  const ada = await signUp(built, 'ada')
  const [bob, staff] = [await signUp(built, 'bob'), await signUp(built, 'grace', { isStaff: true })]
  await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { real_name: 'Ada L', bio: 'Wrote', gender: 'Female', website: 'https://ada.example.com', company_name: 'Engines', company_role: 'Founder' } })
  for (const url of Object.values(PATHS)) t.same((await app.inject({ url, headers: ada.headers })).json(), OPEN)

  t.match((await narrow(built, ada, { real_name: 'member', bio: 'self', attributes: { company_role: 'self' } })).json(), { real_name: 'member', bio: 'self', website: 'public', attributes: { company_name: 'public', company_role: 'self' } })
  const inForm = await app.inject({ method: 'PATCH', url: PATHS.staff, ...merge(form([['gender', 'self'], ['attributes.company_name', 'member']]), ada) })
  t.equal(inForm.statusCode, 200)
  t.match((await app.inject({ url: PATHS.personal, headers: ada.headers })).json(), { real_name: 'member', bio: 'self', gender: 'self', attributes: { company_name: 'member', company_role: 'self' } }, 'what was not named stays')

  const shown = async (reader?: { headers: Record<string, string> }) => {
    const { real_name, bio, gender, website, company_name, company_role } = (await app.inject({ url: `/api/v2/user/${ada.id}/`, headers: reader?.headers ?? {} })).json<Record<string, string>>()
    return { real_name, bio, gender, website, company_name, company_role }
  }
  const whole = { real_name: 'Ada L', bio: 'Wrote', gender: 'Female', website: 'https://ada.example.com', company_name: 'Engines', company_role: 'Founder' }
  t.same(await shown(), { ...whole, real_name: '', bio: '', gender: 'Unspecified', company_name: '', company_role: '' })
  t.same(await shown(bob), { ...whole, bio: '', gender: 'Unspecified', company_role: '' })
  t.same(await shown(ada), whole)
  t.same(await shown(staff), whole)

  t.same((await narrow(built, ada, { real_name: null, bio: 'public', gender: 'public', attributes: { company_name: null, company_role: 'public' } })).json(), OPEN)
  t.same(await shown(), whole)
})

t.test('nothing can be widened, and what is no audience is refused with all that is wrong', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  await built.core.db.write((tx) => tx.profileFields.insert('badge', { label: '', type: 'string', options: [], isMandatory: false, isEditable: true, isSearchable: false, read: 'member', write: 'self' }, 0))
  const refused = await narrow(built, ada, { bio: 'everybody', real_name: 7, location: 'member', attributes: { badge: 'public', company_name: 'nobody' } })
  t.equal(refused.statusCode, 400)
  t.same(refused.json<{ errors: { field: string, messages: { code: string }[] }[] }>().errors.map(({ field, messages }) => [field, messages[0]?.code]).sort(),
    [['badge', 'invalid_choice'], ['bio', 'invalid_choice'], ['company_name', 'invalid_choice'], ['real_name', 'invalid_choice']])
  t.match((await built.app.inject({ url: PATHS.community, headers: ada.headers })).json(), { location: 'public', attributes: { badge: 'member' } }, 'nothing was changed')
  t.equal((await narrow(built, ada, { username: 'self', email: 'public', nothing: 'self' })).statusCode, 200, 'what cannot be narrowed is ignored')
  t.same((await built.core.db.read.users.find(ada.id))?.visibility, {})
})

t.test('it is an edit: a version, an If-Match, a row of changes', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const first = await narrow(built, ada, { bio: 'self' })
  const again = await narrow(built, ada, { bio: 'self' })
  t.equal(again.headers.etag, first.headers.etag, 'the same once more is no edit')
  const stale = await built.app.inject({ method: 'PATCH', url: PATHS.community, headers: { ...ada.headers, 'if-match': '"1-x"' }, payload: { bio: 'public' } })
  t.equal(stale.statusCode, 412)
  t.same((await built.core.db.read.changes.list(ada.id)).at(-1), { id: 3, userId: ada.id, actorId: ada.id, family: 'community', fields: ['visibility'], dropped: [], version: 2, at: (await built.core.db.read.users.find(ada.id))?.updatedAt, noun: 'account', verb: 'changed', subjectId: null, address: '127.0.0.1' })
})

t.test('a narrowed picture is served to whom its address was told, for a while', async (t) => {
  const built = await build(t, { publicUrl: 'http://visage.test' })
  const { app } = built
  const [ada, bob] = [await signUp(built, 'ada'), await signUp(built, 'bob')]
  const file = await picture({ format: 'png', width: 40, height: 40 })
  await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, ...merge(form([['avatar', { file }], ['cover', { file }]]), ada) })
  const pictures = async (reader?: { headers: Record<string, string> }) => {
    const { avatar, cover } = (await app.inject({ url: `/api/v2/user/${ada.id}/`, headers: reader?.headers ?? {} })).json<{ avatar: string | null, cover: string | null }>()
    return { avatar, cover }
  }
  const load = (address: string | null) => app.inject({ url: String(address).replace('http://visage.test', '') })
  const open = await pictures()
  t.equal((await load(open.avatar)).statusCode, 200)

  await narrow(built, ada, { avatar: 'member', cover: 'self' })
  t.same(await pictures(), { avatar: null, cover: null })
  t.equal((await load(open.avatar)).statusCode, 404, 'the address that was known leads nowhere')
  t.equal((await load(open.cover)).statusCode, 404)
  const toldBob = await pictures(bob)
  t.equal(toldBob.cover, null)
  const served = await load(toldBob.avatar)
  t.equal(served.statusCode, 200)
  t.match(served.headers, { 'cache-control': /^private/, 'content-type': 'image/webp', 'x-content-type-options': 'nosniff' })
  t.equal((await load((await pictures(ada)).cover)).statusCode, 200)
  const [path = '', query = ''] = String(toldBob.avatar).split('?')
  for (const other of [`${path}?${query.replace(/until=\d+/, 'until=9999999999')}`, `${path}?${query.slice(0, -1)}`, `${path}?until=1&signature=`, `${path}?${query.replace('signature=', 'signature=0')}`]) t.equal((await load(other)).statusCode, 404, other)
  const sentBack = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { avatar: `${path}?until=1&signature=old` } })
  t.equal(sentBack.statusCode, 200, 'an address of an earlier quarter of an hour is still that of the picture')

  await narrow(built, ada, { avatar: null, cover: null })
  t.same(await pictures(), open)
  t.equal((await load(open.avatar)).statusCode, 200)
})

t.test('ETags tell nothing that is hidden', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  await narrow(built, ada, { bio: 'self' })
  const tag = async () => (await built.app.inject({ url: `/api/v2/user/${ada.id}/` })).headers.etag
  const hashOf = (etag: unknown) => String(etag).split('-')[1]
  const before = hashOf(await tag())
  await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { bio: 'other' } })
  t.equal(hashOf(await tag()), before)
})

const merge = ({ payload, headers }: ReturnType<typeof form>, person: Person) => ({ payload, headers: { ...headers, ...person.headers } })

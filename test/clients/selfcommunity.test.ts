import t from 'tap'
import type { Test } from 'tap'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { createWorld } from '../life/world.ts'
import type { World } from '../life/world.ts'
import { accounts, as, call, connect, MULTIPART, pictureForm, tags, URLENCODED, users } from './sdk.ts'

interface Setting extends World { origin: string, ada: Person, bob: Person, root: string }

/** A service that the vendor's client speaks to, two people, and an admin's token. */
async function createSetting (t: Test): Promise<Setting> {
  const world = await createWorld(t)
  const [ada, bob] = [await signUp(world, 'ada'), await signUp(world, 'bob')]
  return { ...world, origin: await connect(t, world.app), ada, bob, root: world.admin.authorization.slice('Token '.length) }
}

/** What the client's types promise and its screens read of a person. */
const USER = {
  id: Number, username: String, real_name: String, bio: String, location: String, description: String, gender: String,
  website: String, tags: Array, date_joined: String, status: 'a', deleted: false, reputation: Number, community_badge: Boolean,
  followings_counter: Number, followers_counter: Number, posts_counter: Number, discussions_counter: Number, polls_counter: Number,
}

t.test('people, as the vendor\'s client asks for them', async (t) => {
  const { ada, bob, origin } = await createSetting(t)
  as(ada.access)
  await users.userPatch(ada.id, { real_name: 'Ada Lovelace', gender: 'Female', location: 'London' })

  const all = await users.getAllUsers({ limit: 2, offset: 0 })
  t.match(all, { count: 3, results: [USER, USER] })
  t.match(all.next, `${origin}/api/v2/user/?`, 'the next page is an address')
  const rest = await call('GET', all.next)
  t.match(rest, { count: 3, next: null, results: [USER] })
  t.equal(new Set([...all.results, ...rest.results].map(({ id }) => id)).size, 3, 'everybody once')
  t.match(await users.getAllUsers(), { count: 3 }, 'without parameters')

  t.match(await users.userAutocomplete({ search: 'ada' }), { count: 1, results: [{ id: ada.id, username: 'ada', real_name: 'Ada Lovelace', avatar: null, ext_id: null }] })
  t.notMatch(await users.userAutocomplete({ search: 'a', exclude: String(ada.id) }), { results: [{ id: ada.id }] })
  t.match(await users.userSearch({ user: 'lovelace' }), { count: 1, results: [{ id: ada.id }] })
  t.match(await users.userSearch({ gender: 'Female', location: 'london', ordering: '-username' }), { count: 1, results: [{ id: ada.id }] })
  t.match(await users.matchUsernames(['ada', 'bob', 'nobody-has-this']), [{ id: ada.id }, { id: bob.id, username: 'bob' }])
  t.match(await users.getUserCounters(bob.id), { discussions: 0, posts: 0, statuses: 0, polls: 0, followings: 0, followers: 0, categories: 0 })

  t.match(await users.getSpecificUser(bob.id), { ...USER, id: bob.id, username: 'bob', can_send_pm_to: Boolean, email: null })
  as(undefined)
  t.match(await users.getSpecificUser(bob.id), { ...USER, id: bob.id, can_send_pm_to: null }, 'nobody asks')
})

t.test('oneself, in every body that the client can send', async (t) => {
  const { ada, origin } = await createSetting(t)
  as(ada.access)
  t.match(await users.getCurrentUser(), { ...USER, id: ada.id, email: 'ada@example.com', role: null, permission: { create_post: Boolean }, unseen_interactions_counter: Number })
  t.match(await users.getCurrentUserPermission(), { create_contribute: Boolean, follow_user: Boolean, accept_connection: Boolean })
  t.match(await users.getCurrentUserAvatar(), { avatar: /^http/ }, 'never without one')

  t.match(await users.userUpdate(ada.id, { username: 'ada' }), { ...USER, username: 'ada' }, 'PUT of the one field that is needed')
  t.match(await users.userUpdate(ada.id, { username: 'ada', bio: 'Ünïcode 🦉', date_of_birth: '1815-12-10' }), { bio: 'Ünïcode 🦉', date_of_birth: '1815-12-10' })
  const me = await users.getCurrentUser()
  t.match(await users.userUpdate(ada.id, me), { username: 'ada', bio: 'Ünïcode 🦉' }, 'the whole object sent back')
  t.match(await users.userPatch(ada.id), { username: 'ada' }, 'PATCH without data')
  t.match(await users.userPatch(ada.id, { website: 'https://example.com/', date_of_birth: null }), { website: 'https://example.com/', date_of_birth: null })
  t.match(await users.userPatch(ada.id, { real_name: 'Ada Ü', description: 'a b&c' }, URLENCODED), { real_name: 'Ada Ü', description: 'a b&c' })
  t.match(await users.userUpdate(ada.id, { username: 'ada', location: 'London' }, URLENCODED), { location: 'London' })

  const avatar = new RegExp(`^${origin}/media/avatars/\\w{32}\\.webp$`)
  t.match(await users.userPatch(ada.id, await pictureForm('avatar', { bio: 'with a picture' }), MULTIPART), { avatar, bio: 'with a picture' })
  t.match(await users.userPatch(ada.id, { location: 'an object as a form' }, MULTIPART), { avatar, location: 'an object as a form' })
  t.match(await users.getCurrentUserAvatar(), { avatar })
  t.match(await users.userPatch(ada.id, await pictureForm('cover'), MULTIPART), { cover: /\/media\/covers\// })
  const empty = new FormData()
  empty.append('cover', '')
  t.match(await users.userPatch(ada.id, empty, MULTIPART), { cover: null, avatar }, 'the cover removed as the client removes it')
  t.match(await users.userPatch(ada.id, { avatar_base64: `image/png;base64,${(await picture()).toString('base64')}` }), { avatar })
})

t.test('the collection of avatars', async (t) => {
  const { ada, origin } = await createSetting(t)
  as(ada.access)
  const avatar = new RegExp(`^${origin}/media/avatars/\\w{32}\\.webp$`)
  const first = await users.addUserAvatar(await pictureForm('avatar'), MULTIPART)
  t.match(first, { id: Number, primary: false, avatar, date_uploaded: String })
  const second = await users.addUserAvatar({ avatar_base64: `image/png;base64,${(await picture()).toString('base64')}` })
  t.match(second, { id: Number, primary: false, avatar })

  t.equal(await users.setUserPrimaryAvatar(first.id), '', '204 has no body')
  t.match(await users.getCurrentUserAvatar(), { avatar: first.avatar })
  t.match(await users.getSpecificUser(ada.id), { avatar: first.avatar })
  const page = await users.getUserAvatars({ params: { limit: 1 } })
  t.match(page, { count: 2, next: `${origin}/api/v2/user/avatar/?`, results: [{ id: Number, avatar, user: ada.id, date_uploaded: String }] })
  // As the client's picker of avatars pages: by the address, through the same call.
  const last = await users.getUserAvatars({ url: page.next })
  t.match(last, { count: 2, next: null })
  t.same([...page.results, ...last.results].map(({ id, primary }) => [id, primary]).sort(), [[first.id, true], [second.id, false]].sort())

  t.equal(await users.removeUserAvatar(second.id), '')
  t.match(await users.getUserAvatars(), { count: 1, results: [{ id: first.id, primary: true }] })
  t.equal(await users.removeUserAvatar(first.id), '')
  t.match(await users.getUserAvatars(), { count: 0, results: [] })
})

t.test('settings, address, password, the end', async (t) => {
  const { ada, bob, codeTo } = await createSetting(t)
  as(ada.access)
  const settings = { qa_frequency: Number, email_notification_not_qa: Number, mobile_notifications_scmty: Number, show_toast_notifications: Number, toast_notifications_emit_sound: Number }
  t.match(await users.userSettings(ada.id), settings)
  t.match(await users.userSettingsPatch(ada.id), settings, 'PATCH without data')
  t.match(await users.userSettingsPatch(ada.id, { qa_frequency: -1, toast_notifications_emit_sound: 0 }), { ...settings, qa_frequency: -1, toast_notifications_emit_sound: 0 })
  t.match(await users.userSettings(ada.id), { qa_frequency: -1 })

  t.equal(await users.changeUserMail(ada.id, 'ada@new.example'), '', '204 has no body')
  const code = await codeTo('ada@new.example')
  t.match(await users.checkUserEmailToken(ada.id, code), { is_valid: true })
  as(undefined)
  t.equal(await users.confirmChangeUserMail(ada.id, 'ada@new.example', code), '')
  t.match(await users.checkUserEmailToken(ada.id, code), { is_valid: false })
  as(ada.access)
  t.match(await users.getCurrentUser(), { email: 'ada@new.example', email_isvalid: true })
  t.equal(await users.changeUserMail(ada.id, 'ada@other.example', true, true), '', 'with all that the client can say')

  t.equal(await users.changeUserPassword(ada.id, PASSWORD, 'Another secret 7'), '')
  t.match(await users.getCurrentUser(), { id: ada.id }, 'this session goes on')
  t.equal(await users.userDelete(ada.id), '', 'softly')
  as(bob.access)
  t.equal(await users.userDelete(bob.id, 1), '', 'for good')
})

t.test('accounts and tokens', async (t) => {
  const { codeTo, root } = await createSetting(t)
  as(root)
  const eve = await accounts.create({ username: 'eve', email: 'eve@example.com', password: PASSWORD, bio: 'new here' })
  t.match(eve, { ...USER, username: 'eve', email: 'eve@example.com', bio: 'new here' })
  t.match(await accounts.search({ username: 'eve' }), { id: eve.id, email: 'eve@example.com', status: 'a' })
  t.match(await accounts.search({ email: 'eve@example.com' }), { id: eve.id })

  as(undefined)
  const signedIn = { token: { access_token: String, refresh_token: String, token_type: 'Bearer', expires_in: Number, scope: String } }
  t.match(await accounts.verify({ validation_code: await codeTo('eve@example.com') }), signedIn)
  t.equal(await accounts.recover({ email: 'eve@example.com' }), '')
  const { token } = await accounts.reset({ validation_code: await codeTo('eve@example.com'), password: 'A second secret 2' })
  t.match({ token }, signedIn)

  const grant = await call('POST', '/oauth/token/', { grant_type: 'password', username: 'eve', password: 'A second secret 2', client_id: 'any' }, URLENCODED)
  t.match(grant, signedIn.token)
  t.match(await call('POST', '/oauth/token/', { grant_type: 'refresh_token', refresh_token: grant.refresh_token }), signedIn.token)
  as(token.access_token)
  t.match(await users.getCurrentUser(), { id: eve.id, email_isvalid: true })
})

t.test('tags', async (t) => {
  const { ada, bob, root } = await createSetting(t)
  as(root)
  const made = await tags.createTag({ name: 'Author', type: 'user', color: '#aabbcc', description: 'writes', visible: false, visibility_boost: true, active: true })
  const tag = { id: made.id, active: true, name: 'Author', type: 'user', description: 'writes', color: '#aabbcc', visible: false, visibility_boost: true, created_at: String, deleted: false }
  t.match(made, { ...tag, id: Number })
  t.match(await tags.getSpecificTag(made.id), tag)
  t.match(await tags.updateTag(made.id, { name: 'Writer', type: 'user' }), { ...tag, name: 'Writer' })
  t.match(await tags.patchTag(made.id, { color: '#000000' }), { ...tag, name: 'Writer', color: '#000000' })
  t.match(await tags.patchTag(made.id), { ...tag, name: 'Writer', color: '#000000' }, 'PATCH without data')
  t.match(await tags.getAllTags(), { count: 1, results: [{ id: made.id }] })
  t.match(await tags.getAllTags({ search: 'writ' }), { count: 1 })
  t.match(await call('GET', '/api/v2/tag/search/?search=writ'), { count: 1, results: [{ id: made.id }] })
  t.match(await call('GET', '/api/v2/tag/search/?search=nothing'), { count: 0, results: [] })

  t.equal(await tags.assignATag(made.id, ada.id), '', '204 has no body')
  t.equal(await call('POST', `/api/v2/tag/${made.id}/add/`, { user: bob.id }), '')
  t.equal(await call('POST', `/api/v2/tag/${made.id}/remove/`, { user: bob.id }), '')
  t.match(await call('GET', `/api/v2/tag/user/?tag_id=${made.id}`), { count: 1, results: [{ id: ada.id, username: 'ada' }] })

  as(ada.access)
  t.match(await call('GET', `/api/v2/user/${ada.id}/tags/`), { count: 1, results: [{ id: made.id, visible: false }] })
  t.match(await users.getSpecificUser(ada.id), { tags: [{ id: made.id }] })
  as(bob.access)
  t.same((await users.getSpecificUser(ada.id)).tags, [], 'what is invisible is not for others')
})

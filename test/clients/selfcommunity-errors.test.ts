import t from 'tap'
import { build, PASSWORD, signUp } from '../helper.ts'
import { createWorld } from '../community/world.ts'
import { picture } from '../images/pictures.ts'
import { accounts, as, call, connect, MULTIPART, refusalOf, tags, URLENCODED, users } from './sdk.ts'

type Findings = Record<string, { error: string }>

t.test('every kind of finding reaches the screen that asks for it', async (t) => {
  const { app, ada, admin } = await createWorld(t)
  await connect(t, app)
  as(ada.access)
  const form = (name: string, content: string) => {
    const data = new FormData()
    data.append(name, new Blob([content], { type: 'image/png' }), 'a.png')
    return data
  }
  const patch = (body: unknown, config?: object) => () => users.userPatch(ada.id, body, config)
  const asAdmin = (ask: () => Promise<unknown>) => async () => {
    as(admin.authorization.slice('Token '.length))
    return await ask().finally(() => as(ada.access))
  }
  const cases: [name: string, ask: () => Promise<unknown>, codes: Findings | { error: string }][] = [
    ['a name that is taken', patch({ username: 'bob' }), { usernameError: { error: 'unique' } }],
    ['no name in a PUT', () => users.userUpdate(ada.id, {}), { usernameError: { error: 'required' } }],
    ['an empty name', patch({ username: ' ' }), { usernameError: { error: 'blank' } }],
    ['null for a name', patch({ username: null }), { usernameError: { error: 'null' } }],
    ['a name with a letter that it may not have', patch({ username: 'ada lovelace' }), { usernameError: { error: 'invalid' } }],
    ['a text that is too long', patch({ location: 'x'.repeat(101) }), { locationError: { error: 'max_length' } }],
    ['a text with NUL', patch({ bio: 'a\0b' }), { bioError: { error: 'null_characters_not_allowed' } }],
    ['no text', patch({ real_name: ['a'] }), { realNameError: { error: 'invalid' } }],
    ['a date', patch({ date_of_birth: '10/12/1815' }), { dateOfBirthError: { error: 'invalid' } }],
    ['a choice', patch({ gender: 'female' }), { genderError: { error: 'invalid_choice' } }],
    ['a URL', patch({ website: 'www.example.com' }), { websiteError: { error: 'invalid' } }],
    ['a position', patch({ location_lat_lng: '91,0' }), { locationLatLngError: { error: 'invalid' } }],
    ['the same in a form', patch({ position_lat_lng: 'here' }, URLENCODED), { positionLatLngError: { error: 'invalid' } }],
    ['a custom field', patch({ company_name: ['a'] }), { companyNameError: { error: 'invalid' } }],
    ['a picture that is none', patch(form('avatar', 'no picture'), MULTIPART), { avatarError: { error: 'invalid_image' } }],
    ['an empty picture', patch(form('cover', ''), MULTIPART), { coverError: { error: 'empty' } }],
    ['a text for a picture', patch({ cover: 'https://example.com/a.png' }), { coverError: { error: 'invalid' } }],
    ['a picture in base64', patch({ avatar_base64: 'image/png;base64,%%%' }), { avatarBase64Error: { error: 'invalid' } }],
    ['many at once', patch({ username: 'bob', gender: 'x', website: 'y' }), { usernameError: { error: 'unique' }, genderError: { error: 'invalid_choice' }, websiteError: { error: 'invalid' } }],
    ['a body that is no object', patch([1]), { error: 'invalid' }],
    ['a body that is no JSON', () => call('PATCH', `/api/v2/user/${ada.id}/`, '{"bio":', { headers: { 'Content-Type': 'application/json' }, transformRequest: [] }), { error: 'parse_error' }],
    ['an address that is none', () => users.changeUserMail(ada.id, 'ada'), { newEmailError: { error: 'invalid' } }],
    ['an address in use', () => users.changeUserMail(ada.id, 'bob@example.com'), { newEmailError: { error: 'invalid' } }],
    ['the present address', () => users.changeUserMail(ada.id, 'ada@example.com'), { error: 'invalid' }],
    ['a code that does not count', () => users.confirmChangeUserMail(ada.id, 'ada@new.example', 'ABCDE-FGHJK'), { validationCodeError: { error: 'invalid' } }],
    ['a wrong password', () => users.changeUserPassword(ada.id, 'a wrong secret', 'Another secret 7'), { passwordError: { error: 'invalid' } }],
    ['a short password', () => users.changeUserPassword(ada.id, PASSWORD, 'short'), { newPasswordError: { error: 'min_length' } }],
    ['a common password', () => users.changeUserPassword(ada.id, PASSWORD, 'password1'), { newPasswordError: { error: 'invalid' } }],
    ['a recovery without an address', () => accounts.recover({}), { emailError: { error: 'required' } }],
    ['a reset', () => accounts.reset({ validation_code: 'ABCDE-FGHJK', password: 'Another secret 7' }), { validationCodeError: { error: 'invalid' } }],
    ['an account', asAdmin(() => accounts.create({ username: 'ada', email: 'x' })), { usernameError: { error: 'unique' }, emailError: { error: 'invalid' }, passwordError: { error: 'required' } }],
    ['a search for nothing', asAdmin(() => accounts.search({})), { error: 'invalid' }],
    ['a sign-in', () => call('POST', '/oauth/token/', { grant_type: 'password', username: 'ada', password: 'wrong' }), { error: 'authentication_failed' }],
    ['a setting', () => users.userSettingsPatch(ada.id, { qa_frequency: 7 }), { qaFrequencyError: { error: 'invalid_choice' } }],
    ['an avatar that is not sent', () => users.addUserAvatar({}), { avatarError: { error: 'required' } }],
    ['an avatar that is not named', () => call('PATCH', '/api/v2/user/avatar/', {}), { avatarIdError: { error: 'required' } }],
    ['a tag', asAdmin(() => tags.createTag({ type: 'user', color: 'red' })), { nameError: { error: 'required' }, colorError: { error: 'invalid' } }],
    ['a tag that is there', asAdmin(async () => {
      await tags.createTag({ name: 'Author', type: 'user' })
      return await tags.createTag({ name: 'author', type: 'user' })
    }), { nameError: { error: 'unique' } }],
  ]
  for (const [name, ask, codes] of cases) {
    const understood = await refusalOf(t, ask())
    t.match(understood, { status: 400, isDumped: false }, name)
    t.same(understood.codes, codes, `${name}: nothing else`)
    t.same(Object.keys(understood.texts), Object.keys(codes), `${name}: a sentence for each`)
    for (const text of Object.values(understood.texts)) t.match((text as { error?: unknown }).error ?? text, /\w/)
  }
  t.match(await users.getSpecificUser(ada.id), { username: 'ada', bio: '', website: '' }, 'nothing of it was stored')
})

t.test('every refusal of a whole request', async (t) => {
  const { app, ada, bob } = await createWorld(t)
  await connect(t, app)
  const big = new FormData()
  big.append('avatar', new Blob([await picture(), new Uint8Array(9 * 2 ** 20)], { type: 'image/png' }), 'big.png')
  const cases: [name: string, token: string | undefined, ask: () => Promise<unknown>, status: number, code: string][] = [
    ['nobody', undefined, () => users.getCurrentUser(), 401, 'not_authenticated'],
    ['a token that is none', 'nonsense', () => users.getCurrentUser(), 401, 'authentication_failed'],
    ['somebody else', ada.access, () => users.userPatch(bob.id, { bio: 'x' }), 403, 'permission_denied'],
    ['what admins do', ada.access, () => accounts.search({ username: 'bob' }), 403, 'permission_denied'],
    ['nobody has this id', ada.access, () => users.getSpecificUser(999), 404, 'not_found'],
    ['an id that is none', ada.access, () => users.getSpecificUser('bob'), 404, 'not_found'],
    ['another method', ada.access, () => call('POST', `/api/v2/user/${ada.id}/`, {}), 405, 'method_not_allowed'],
    ['an older version', ada.access, () => users.userPatch(ada.id, { bio: 'x' }, { headers: { 'If-Match': '"999"' } }), 412, 'precondition_failed'],
    ['a picture past the limit', ada.access, () => users.userPatch(ada.id, big, MULTIPART), 413, 'too_large'],
    ['a text past the limit', ada.access, () => users.userPatch(ada.id, { bio: 'x'.repeat(12 * 2 ** 20) }), 413, 'too_large'],
    ['another type', ada.access, () => users.userPatch(ada.id, '<a/>', { headers: { 'Content-Type': 'text/xml' } }), 415, 'unsupported_media_type'],
  ]
  for (const [name, token, ask, status, code] of cases) {
    as(token)
    t.match(await refusalOf(t, ask()), { status, codes: { error: code }, texts: { error: /\w/ }, isDumped: false }, name)
  }
})

t.test('too many', async (t) => {
  const built = await build(t, { rateLimit: true })
  const ada = await signUp(built, 'ada')
  await connect(t, built.app)
  as(ada.access)
  const guess = () => refusalOf(t, users.changeUserPassword(ada.id, 'a wrong secret', 'Another secret 7'))
  for (let i = 0; i < 5; i++) t.match(await guess(), { status: 400 })
  t.match(await guess(), { status: 429, codes: { error: 'throttled' }, texts: { error: /^Request was throttled\./ }, isDumped: false })
})

t.test('what is not served is refused in words that the client has', async (t) => {
  const { app, ada, bob } = await createWorld(t)
  await connect(t, app)
  as(ada.access)
  const cases: [name: string, ask: () => Promise<unknown>][] = [
    ['follow', () => users.followUser(bob.id)],
    ['followers', () => users.getUserFollowers(bob.id)],
    ['followings', () => users.getUserFollowings(bob.id)],
    ['is followed', () => users.checkUserFollowed(bob.id)],
    ['a connection', () => users.userRequestConnection(bob.id)],
    ['requests', () => users.getUserConnectionRequests()],
    ['statuses', () => users.getUserConnectionStatuses([bob.id])],
    ['hidden people', () => users.getHiddenUsers()],
    ['hide', () => users.showHideUser(bob.id)],
    ['the feed', () => users.getUserFeed(bob.id)],
    ['points', () => users.getUserLoyaltyPoints(bob.id)],
    ['the platform', () => users.getCurrentUserPlatform()],
    ['tags of a contribution', () => users.userTagToAddressContribution()],
    ['providers', () => users.getProviderAssociations(ada.id)],
    ['tags of people by another path', () => tags.searchUserTags()],
    ['a code on its own', () => accounts.verifyValidationCode({ validation_code: 'x' })],
  ]
  for (const [name, ask] of cases) {
    const { status, codes, isDumped } = await refusalOf(t, ask())
    t.ok((status === 404 && codes.error === 'not_found') || (status === 405 && codes.error === 'method_not_allowed'), name, { status, codes })
    t.notOk(isDumped)
  }
})

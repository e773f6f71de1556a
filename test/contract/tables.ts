import { PASSWORD, signUp } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import type { World } from '../life/world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Person { id: number, username: string, email: string, headers: { authorization: string } }

/** What a row needs to be asked: the values of its path, a query, a body. */
interface Sent { at?: Record<string, string | number>, query?: string, body?: unknown }

interface Scene extends World {
  /** Somebody new, for this row alone when it is served. */
  self: Person
  /** Somebody else, to whom nothing happens. */
  other: Person
}

/** A method and a path of CONTRACT, who asks, what a success is, and what has to be sent; `{id}` is whoever asks, unless told. */
export type Row = [method: Method, path: string, who: 'nobody' | 'self' | 'admin', status: number, sent?: (scene: Scene) => Sent | Promise<Sent>]

const NEXT = 'Another secret 7'
const rest = (path: string) => path.slice(path.indexOf(' ') + 1)
/** Rows of which nothing is expected to be served, so that nothing has to be sent. */
const social = (paths: string): Row[] => paths.trim().split(/\s*\n\s*/).map((line) => [line.split(' ')[0] as Method, rest(line), 'self', 200])

const base64 = async () => `image/png;base64,${(await picture()).toString('base64')}`
const answered = async <T>(asked: ReturnType<World['ask']>): Promise<T> => {
  const response = await asked
  if (response.statusCode > 299) throw new Error(`${response.statusCode} ${response.body}`)
  return response.json<T>()
}
const avatarOf = async ({ ask, self }: Scene) =>
  (await answered<{ id: number }>(ask('POST', '/api/v2/user/avatar/', { avatar_base64: await base64() }, self.headers))).id
const tagBy = async ({ ask, admin, self }: Scene) =>
  (await answered<{ id: number }>(ask('POST', '/api/v2/tag/', { name: `of ${self.username}`, type: 'user' }, admin))).id
const groupBy = async ({ ask, admin, self }: Scene) =>
  (await answered<{ id: number }>(ask('POST', '/api/users/groups/', { name: `of ${self.username}` }, admin))).id

/** CONTRACT §2.6, and the two of §2.1. */
export const COMMUNITY: Row[] = [
  ['GET', '/api/v2/user/{id}/', 'nobody', 200],
  ['PUT', '/api/v2/user/{id}/', 'self', 200, ({ self }) => ({ body: { username: self.username, bio: 'new' } })],
  ['PATCH', '/api/v2/user/{id}/', 'self', 200, () => ({ body: { bio: 'new' } })],
  ['DELETE', '/api/v2/user/{id}/', 'self', 204],
  ['GET', '/api/v2/user/me/', 'self', 200],
  ['GET', '/api/v2/user/me/avatar/', 'self', 200],
  ['GET', '/api/v2/user/me/permission/', 'self', 200],
  ['GET', '/api/v2/user/', 'self', 200, () => ({ query: '?limit=2&offset=1&search=a&ordering=-username' })],
  ['GET', '/api/v2/user/search/', 'self', 200, ({ self }) => ({ query: `?user=${self.username}` })],
  ['GET', '/api/v2/user/autocomplete/', 'self', 200, ({ self }) => ({ query: `?search=${self.username}` })],
  ['POST', '/api/v2/user/match/', 'self', 200, ({ self, other }) => ({ body: [self.username, other.username] })],
  ['GET', '/api/v2/user/{id}/settings/', 'self', 200],
  ['PATCH', '/api/v2/user/{id}/settings/', 'self', 200, () => ({ body: { qa_frequency: 0 } })],
  ['PATCH', '/api/v2/user/{id}/change_email/', 'self', 204, ({ self }) => ({ body: { new_email: `new-${self.email}`, confirm: true } })],
  ['POST', '/api/v2/user/{id}/confirm_email/', 'nobody', 204, async ({ ask, self, codeTo }) => {
    const address = `new-${self.email}`
    await ask('PATCH', `/api/v2/user/${self.id}/change_email/`, { new_email: address }, self.headers)
    return { body: { new_email: address, validation_code: await codeTo(address) } }
  }],
  ['GET', '/api/v2/user/{id}/check_email_token/', 'nobody', 200, () => ({ query: '?token=ABCDE-FGHJK' })],
  ['PATCH', '/api/v2/user/{id}/change_password/', 'self', 204, () => ({ body: { password: PASSWORD, new_password: NEXT } })],
  ['GET', '/api/v2/user/avatar/', 'self', 200, async (scene) => ({ query: `?limit=1&is=${await avatarOf(scene)}` })],
  ['POST', '/api/v2/user/avatar/', 'self', 201, async () => ({ body: { avatar_base64: await base64() } })],
  ['PATCH', '/api/v2/user/avatar/', 'self', 204, async (scene) => ({ body: { avatar_id: await avatarOf(scene) } })],
  ['DELETE', '/api/v2/user/avatar/', 'self', 204, async (scene) => ({ body: { avatar_id: await avatarOf(scene) } })],
  ['GET', '/api/v2/user/{id}/counters/', 'nobody', 200],
  ['GET', '/api/v2/user/{id}/tags/', 'self', 200],
  ['POST', '/api/v2/account/create/', 'admin', 201, ({ self }) => ({ body: { username: `by-${self.username}`, email: `by-${self.email}`, password: PASSWORD } })],
  ['GET', '/api/v2/account/search/', 'admin', 200, ({ self }) => ({ query: `?username=${self.username}` })],
  ['POST', '/api/v2/account/recover/', 'nobody', 204, ({ self }) => ({ body: { email: self.email } })],
  ['POST', '/api/v2/account/reset/', 'nobody', 200, async ({ ask, self, codeTo }) => {
    await ask('POST', '/api/v2/account/recover/', { email: self.email })
    return { body: { validation_code: await codeTo(self.email), password: NEXT } }
  }],
  ['POST', '/api/v2/account/verify/', 'nobody', 200, async ({ ask, self, codeTo }) => {
    await ask('POST', '/api/v2/user/me/confirm_email/', undefined, self.headers)
    return { body: { validation_code: await codeTo(self.email) } }
  }],
  ['POST', '/api/v2/jwt/verify_token/', 'nobody', 200, async (scene) => ({ body: { token: (await signUp(scene, `jwt-${scene.self.username}`)).access } })],
  ['POST', '/oauth/token/', 'nobody', 200, ({ self }) => ({ body: { grant_type: 'password', username: self.username, password: PASSWORD } })],
  ['GET', '/api/v2/tag/', 'self', 200],
  ['POST', '/api/v2/tag/', 'admin', 201, () => ({ body: { name: 'Author', type: 'user', color: '#aabbcc' } })],
  ['GET', '/api/v2/tag/{tag}/', 'admin', 200, async (scene) => ({ at: { tag: await tagBy(scene) } })],
  ['PUT', '/api/v2/tag/{tag}/', 'admin', 200, async (scene) => ({ at: { tag: await tagBy(scene) }, body: { name: `new of ${scene.self.username}` } })],
  ['PATCH', '/api/v2/tag/{tag}/', 'admin', 200, async (scene) => ({ at: { tag: await tagBy(scene) }, body: { visible: false } })],
  ['GET', '/api/v2/tag/search/', 'admin', 200, () => ({ query: '?search=a' })],
  ['GET', '/api/v2/tag/user/', 'admin', 200, async (scene) => ({ query: `?tag_id=${await tagBy(scene)}` })],
  ...(['assign', 'add', 'remove'].map((verb): Row => ['POST', `/api/v2/tag/{tag}/${verb}/`, 'admin', 204, async (scene) => ({ at: { tag: await tagBy(scene) }, body: { user: scene.self.id } })])),

  ...social(`
    GET /api/v2/user/{id}/preference/
    POST /api/v2/user/{id}/preference/
    GET /api/v2/user/{id}/preference/{id}/
    PUT /api/v2/user/{id}/preference/{id}/
    PATCH /api/v2/user/{id}/preference/{id}/
    DELETE /api/v2/user/{id}/preference/{id}/
    GET /api/v2/user/me/preference/
    POST /api/v2/user/me/preference/
    GET /api/v2/user/me/preference/{id}/
    PUT /api/v2/user/me/preference/{id}/
    PATCH /api/v2/user/me/preference/{id}/
    DELETE /api/v2/user/me/preference/{id}/
    GET /api/v2/user/provider/
    GET /api/v2/user/{id}/provider/
    POST /api/v2/user/{id}/provider/
    DELETE /api/v2/user/{id}/provider/
    POST /api/v2/sso/signup/
    POST /api/v2/sso/signin/
    PATCH /api/v2/moderation/user/{id}/
    POST /api/v2/user/{id}/follow/
    GET /api/v2/user/{id}/followers/
    GET /api/v2/user/{id}/followings/
    GET /api/v2/user/{id}/is_followed/
    GET /api/v2/user/{id}/is_follower/
    POST /api/v2/user/{id}/connection/accept/
    POST /api/v2/user/{id}/connection/request/
    POST /api/v2/user/{id}/connection/remove/
    POST /api/v2/user/{id}/connection/reject/
    POST /api/v2/user/{id}/connection/cancel_reject/
    POST /api/v2/user/{id}/connection/cancel_request/
    POST /api/v2/user/{id}/connection_requests/mark_seen/
    GET /api/v2/user/{id}/connections/
    GET /api/v2/user/{id}/connection_status/
    GET /api/v2/user/{id}/is_connection/
    POST /api/v2/user/{id}/hide/
    GET /api/v2/user/{id}/is_hidden/
    GET /api/v2/user/{id}/is_hidden_by/
    GET /api/v2/user/{id}/feed/
    GET /api/v2/user/{id}/categories/
    GET /api/v2/user/{id}/groups/
    GET /api/v2/user/{id}/events/
    GET /api/v2/user/{id}/courses/
    GET /api/v2/user/{id}/loyalty/points/
    GET /api/v2/user/{id}/order/
    GET /api/v2/user/{id}/order/{id}/
    GET /api/v2/user/{id}/live_stream/
    GET /api/v2/user/connection/requests/
    GET /api/v2/user/connection/requests_sent/
    POST /api/v2/user/connection/statuses/
    GET /api/v2/user/hidden_users/
    GET /api/v2/user/hidden_users_id/
    GET /api/v2/user/me/platform_url/
    GET /api/v2/user/tag/tags_to_address_a_contribution/
    GET /api/v2/user/event/events_to_address_a_contribution/
    GET /api/v2/user/group/groups_to_address_a_contribution/
  `),
]

/** CONTRACT §3.3 and §3.4. */
export const STAFF: Row[] = [
  ['GET', '/api/users/', 'admin', 200, () => ({ query: '?limit=2&is_active=true&ordering=-created_at' })],
  ['POST', '/api/users/', 'admin', 201, ({ self }) => ({ body: { username: `by-${self.username}`, password: PASSWORD } })],
  ['GET', '/api/users/{id}/', 'admin', 200],
  ['PATCH', '/api/users/{id}/', 'admin', 200, () => ({ body: { first_name: 'New' } })],
  ['PUT', '/api/users/{id}/', 'admin', 200, ({ self }) => ({ body: { username: self.username, last_name: 'New' } })],
  ['DELETE', '/api/users/{id}/', 'admin', 204],
  ['GET', '/api/users/me/', 'self', 200],
  ['PATCH', '/api/users/me/', 'self', 200, () => ({ body: { gender: 'female' } })],
  ['PUT', '/api/users/me/', 'self', 200, ({ self }) => ({ body: { username: self.username } })],
  ['GET', '/api/users/groups/', 'admin', 200, () => ({ query: '?search=a&ordering=-name' })],
  ['POST', '/api/users/groups/', 'admin', 201, ({ self }) => ({ body: { name: `by ${self.username}`, notes: 'new' } })],
  ['GET', '/api/users/groups/{group}/', 'admin', 200, async (scene) => ({ at: { group: await groupBy(scene) } })],
  ['PATCH', '/api/users/groups/{group}/', 'admin', 200, async (scene) => ({ at: { group: await groupBy(scene) }, body: { notes: 'new' } })],
  ['DELETE', '/api/users/groups/{group}/', 'admin', 204, async (scene) => ({ at: { group: await groupBy(scene) } })],
  ['POST', '/api/users/auth/pwd/signin/', 'nobody', 200, ({ self }) => ({ body: { username: self.username, password: PASSWORD } })],
  ['POST', '/api/users/auth/pwd/signup/', 'nobody', 200, ({ self }) => ({ body: { username: `up-${self.username}`, password1: PASSWORD, password2: PASSWORD } })],
  ['POST', '/api/users/auth/otp/signin/', 'nobody', 200, () => ({ body: { mobile_number: '+1-555-0157' } })],
  ['POST', '/api/users/auth/otp/verify/', 'nobody', 200, async ({ ask, admin, self, codeTo }) => {
    const number = `+1-555-${1_000 + self.id}`
    await ask('PATCH', `/api/users/${self.id}/`, { mobile_number: number }, admin)
    await ask('POST', '/api/users/auth/otp/signin/', { mobile_number: number })
    return { body: { code: await codeTo(self.email) } }
  }],
]

/** CONTRACT §4. */
export const PERSONAL: Row[] = [
  ['POST', '/api/sign-up/', 'nobody', 201, ({ self }) => ({ body: { username: `up-${self.username}`, email: `up-${self.email}`, password: PASSWORD } })],
  ['POST', '/api/sign-in/', 'nobody', 200, ({ self }) => ({ body: { email: self.email, password: PASSWORD } })],
  ['POST', '/api/token/', 'nobody', 200, ({ self }) => ({ body: { username: self.username, password: PASSWORD } })],
  ['POST', '/api/token/refresh/', 'nobody', 200, async (scene) => ({ body: { refresh: (await signUp(scene, `token-${scene.self.username}`)).refresh } })],
  ['POST', '/api/profile/', 'self', 200, () => ({ body: 1 })],
  ['GET', '/api/profile/', 'self', 200],
  ['PUT', '/api/profile/{id}/update/', 'self', 200, () => ({ body: { first_name: 'New' } })],
  ['DELETE', '/api/profile/{id}/delete/', 'self', 204, () => ({ body: 1 })],
]

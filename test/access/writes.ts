import { actingAs, OPERATOR } from '../../src/core/access.ts'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { PASSWORD } from '../helper.ts'
import { chunks, picture } from '../images/pictures.ts'
import type { World } from './world.ts'

/** Somebody about to write, and whom the path names. */
export interface Scene { world: World, sender: { id: number, username: string, sid: number }, targetId: number, nonce: number }

/** What makes a write of a route succeed: its body, and what the path names beside the person. */
interface Write {
  body?: (scene: Scene) => object | Promise<object>
  /** Instead of JSON the bytes of a picture. */
  isPicture?: true
  named?: (scene: Scene) => number | string | Promise<number | string>
}

const address = ({ nonce }: Scene) => `new-${nonce}@example.com`
const newPassword = 'a whole new secret'
const png = await picture()

const ownToken = async ({ world, sender }: Scene) => (await world.core.keys.create(sender.id)).key.id
const ownSession = async ({ world, sender }: Scene) => (await world.signIn(sender.id)).sid
const tag = async ({ world, nonce }: Scene) => (await world.core.tags.create(OPERATOR, { name: `tag ${nonce}` })).id
const heldTag = async (scene: Scene) => {
  const tagId = await tag(scene)
  await scene.world.core.tags.give(OPERATOR, { tagId, userId: scene.targetId }, { family: 'operator' })
  return tagId
}
const group = async ({ world, nonce }: Scene) => (await world.core.groups.create(OPERATOR, { name: `group ${nonce}` })).id
const groupWithMember = async (scene: Scene) => {
  const id = await group(scene)
  await scene.world.core.groups.addMembers(OPERATOR, id, [scene.targetId], { family: 'operator' })
  return id
}
const field = async ({ world, nonce }: Scene) => (await world.core.profileFields.declare(OPERATOR, { key: `field_${nonce}` })).key
const keptAvatarOf = async ({ core }: World, owner: { id: number }) => {
  const { avatar } = await core.avatars.add(actingAs({ ...owner, isStaff: false, isAdmin: false }), { avatar: await core.images.stage('avatar', chunks(png)) }, { family: 'test' })
  return avatar.id
}
const keptAvatar = async ({ world, sender }: Scene) => ({ avatar_id: await keptAvatarOf(world, sender) })

/** A second factor that waits for its first code, or is on already, and the next code that proves it. */
async function factor ({ world: { core }, sender }: Scene, isOn: boolean): Promise<string> {
  const person = actingAs({ ...sender, isStaff: false, isAdmin: false })
  const codeAt = codesOf((await core.secondFactor.begin(person, { password: PASSWORD, address: '' })).secret)
  if (isOn) {
    await wellWithinStep()
    await core.secondFactor.confirm(person, { otp: codeAt(-1), address: '' })
  }
  return codeAt(0)
}

/** What a picture is cut from, or taken away from. */
const shownPicture = (kind: 'avatar' | 'cover') => async ({ world: { core }, targetId }: Scene) => {
  await core.users.edit(OPERATOR, targetId, { [kind]: await core.images.stage(kind, chunks(png)) }, { family: 'test' })
}
const ofPictures = (base: string): Record<string, Write> => Object.fromEntries((['avatar', 'cover'] as const).flatMap((kind): [string, Write][] => {
  const shown = shownPicture(kind)
  return [
    [`PUT ${base}${kind}/`, { isPicture: true }],
    [`PATCH ${base}${kind}/`, { body: async (scene) => { await shown(scene); return { [`${kind}Focus`]: '0.5,0.5' } } }],
    [`DELETE ${base}${kind}/`, { body: async (scene) => { await shown(scene); return {} } }],
  ]
}))

const security = (base: string, secondFactor: string): Record<string, Write> => ({
  [`DELETE ${base}sessions/`]: { body: () => ({ tokens: true }) },
  [`DELETE ${base}sessions/:session_id/`]: { named: ownSession },
  [`POST ${base}sign-out/`]: {},
  [`PATCH ${base}visibility/`]: { body: () => ({ bio: 'self' }) },
  [`POST ${base}tokens/`]: { body: () => ({ name: 'mine', password: PASSWORD }) },
  [`DELETE ${base}tokens/:token_id/`]: { named: ownToken },
  [`POST ${base}${secondFactor}/`]: { body: () => ({ password: PASSWORD }) },
  [`POST ${base}${secondFactor}/confirm/`]: { body: async (scene) => ({ otp: await factor(scene, false) }) },
  [`DELETE ${base}${secondFactor}/`]: { body: async (scene) => ({ password: PASSWORD, otp: await factor(scene, true) }) },
})

const passwords = (base: string): Record<string, Write> => ({ [`POST ${base}change/`]: { body: () => ({ password: PASSWORD, new_password: newPassword }) } })
const emails = (base: string): Record<string, Write> => ({ [`POST ${base}change/`]: { body: (scene) => ({ email: address(scene) }) }, [`POST ${base}send/`]: {} })

/** Every write that somebody signed in can make; the list is compared with the oracle. */
export const WRITES: Record<string, Write> = {
  'POST /api/v2/user/avatar/': { body: () => ({ avatar_base64: `image/png;base64,${png.toString('base64')}` }) },
  'PATCH /api/v2/user/avatar/': { body: keptAvatar },
  'DELETE /api/v2/user/avatar/': { body: keptAvatar },
  'PATCH /api/v2/user/:id/settings/': { body: () => ({ qa_frequency: 0 }) },
  'PUT /api/v2/user/:id/': { body: ({ nonce }) => ({ username: `renamed-${nonce}` }) },
  'PATCH /api/v2/user/:id/': { body: () => ({ bio: 'late' }) },
  'DELETE /api/v2/user/:id/': {},
  'PATCH /api/v2/user/:id/change_email/': { body: (scene) => ({ new_email: address(scene) }) },
  'PATCH /api/v2/user/:id/change_password/': { body: () => ({ password: PASSWORD, new_password: newPassword }) },
  'POST /api/v2/user/me/confirm_email/': {},
  ...security('/api/v2/user/me/', 'second_factor'),
  'POST /api/v2/account/create/': { body: (scene) => ({ username: `made-${scene.nonce}`, email: address(scene), password: newPassword }) },
  'POST /api/v2/tag/': { body: ({ nonce }) => ({ name: `made ${nonce}` }) },
  'PUT /api/v2/tag/:tag_id/': { named: tag, body: ({ nonce }) => ({ name: `renamed ${nonce}` }) },
  'PATCH /api/v2/tag/:tag_id/': { named: tag, body: () => ({ color: '#123456' }) },
  'POST /api/v2/tag/:tag_id/assign/': { named: tag, body: ({ targetId }) => ({ user: targetId }) },
  'POST /api/v2/tag/:tag_id/add/': { named: tag, body: ({ targetId }) => ({ user: targetId }) },
  'POST /api/v2/tag/:tag_id/remove/': { named: heldTag, body: ({ targetId }) => ({ user: targetId }) },

  'POST /api/users/': { body: ({ nonce }) => ({ username: `made-${nonce}` }) },
  'PUT /api/users/me/': { body: ({ nonce }) => ({ username: `renamed-${nonce}` }) },
  'PATCH /api/users/me/': { body: () => ({ first_name: 'Late' }) },
  ...security('/api/users/me/', 'second-factor'),
  'POST /api/users/groups/': { body: ({ nonce }) => ({ name: `made ${nonce}` }) },
  'PUT /api/users/groups/:group_id/': { named: group, body: ({ nonce }) => ({ name: `renamed ${nonce}` }) },
  'PATCH /api/users/groups/:group_id/': { named: group, body: () => ({ notes: 'late' }) },
  'DELETE /api/users/groups/:group_id/': { named: group },
  'POST /api/users/fields/': { body: ({ nonce }) => ({ key: `made_${nonce}` }) },
  'PATCH /api/users/fields/:key/': { named: field, body: () => ({ label: 'late' }) },
  'DELETE /api/users/fields/:key/': { named: field },
  'PUT /api/users/:id/': { body: ({ nonce }) => ({ username: `renamed-${nonce}` }) },
  'PATCH /api/users/:id/': { body: () => ({ first_name: 'Late' }) },
  'DELETE /api/users/:id/': {},
  'POST /api/users/:id/restore/': {},
  'POST /api/users/:id/tokens/': { body: () => ({ name: 'theirs', password: PASSWORD }) },
  'DELETE /api/users/:id/tokens/:token_id/': { named: async ({ world, targetId }) => (await world.core.keys.create(targetId)).key.id },
  ...passwords('/api/users/auth/pwd/'),
  ...emails('/api/users/auth/email/'),

  'PATCH /v1/me/': { body: () => ({ bio: 'late' }) },
  'PATCH /v1/me/visibility/': { body: () => ({ bio: 'self' }) },
  'DELETE /v1/me/': {},
  ...ofPictures('/v1/me/'),
  'POST /v1/proof/': { body: () => ({ password: PASSWORD }) },
  'PUT /v1/me/password/': { body: () => ({ newPassword }) },
  'PUT /v1/me/email/': { body: (scene) => ({ email: address(scene) }) },
  'DELETE /v1/me/email/': {
    async body (scene) {
      await scene.world.core.emails.askToChange(actingAs({ ...scene.sender, isStaff: false, isAdmin: false }), address(scene))
      return {}
    },
  },
  'POST /v1/me/email/confirmation/': {},
  'POST /v1/me/second-factor/': {},
  'POST /v1/me/second-factor/confirm/': { body: async (scene) => ({ code: await factor(scene, false) }) },
  'DELETE /v1/me/second-factor/': { body: async (scene) => { await factor(scene, true); return {} } },
  'POST /v1/me/second-factor/recovery-codes/': { body: async (scene) => { await factor(scene, true); return {} } },
  'POST /v1/me/tokens/': { body: () => ({ name: 'mine' }) },
  'DELETE /v1/me/sessions/': {},
  'DELETE /v1/me/sessions/:session_id/': { named: ownSession },
  'POST /v1/me/avatars/': { isPicture: true },
  'PATCH /v1/me/avatars/:avatar_id/': { named: ({ world, sender }) => keptAvatarOf(world, sender), body: () => ({ isShown: true }) },
  'DELETE /v1/me/avatars/:avatar_id/': { named: ({ world, sender }) => keptAvatarOf(world, sender) },
  'POST /v1/people/:id/avatars/': { isPicture: true },
  'PATCH /v1/people/:id/avatars/:avatar_id/': { named: ({ world, targetId: id }) => keptAvatarOf(world, { id }), body: () => ({ isShown: true }) },
  'DELETE /v1/people/:id/avatars/:avatar_id/': { named: ({ world, targetId: id }) => keptAvatarOf(world, { id }) },
  'DELETE /v1/people/:id/sessions/': {},
  'DELETE /v1/people/:id/sessions/:session_id/': { named: async ({ world, targetId }) => (await world.signIn(targetId)).sid },
  'DELETE /v1/people/:id/second-factor/': { body: async (scene) => { await factor({ ...scene, sender: { ...scene.sender, id: scene.targetId } }, true); return {} } },
  'POST /v1/people/:id/password-mail/': {},
  'POST /v1/sign-out/': {},
  'DELETE /v1/me/tokens/:token_id/': { named: ownToken },
  'POST /v1/people/': { body: ({ nonce }) => ({ username: `made-${nonce}` }) },
  'POST /v1/people/batch/': { body: ({ sender }) => [{ id: sender.id, patch: { bio: 'late' } }] },
  'PATCH /v1/people/:id/': { body: () => ({ bio: 'late' }) },
  'DELETE /v1/people/:id/': {},
  'POST /v1/people/:id/restore/': {},
  ...ofPictures('/v1/people/:id/'),
  'POST /v1/people/:id/tokens/': { body: () => ({ name: 'theirs' }) },
  'DELETE /v1/people/:id/tokens/:token_id/': { named: async ({ world, targetId }) => (await world.core.keys.create(targetId)).key.id },
  'POST /v1/invitations/': { body: (scene) => ({ email: address(scene) }) },
  'DELETE /v1/invitations/:id/': { named: async (scene) => (await scene.world.core.invitations.create(actingAs({ ...scene.sender, isStaff: true, isAdmin: false }), { email: address(scene) })).id },
  'PUT /v1/people/:id/tags/:tag_id/': { named: tag },
  'DELETE /v1/people/:id/tags/:tag_id/': { named: heldTag },
  'POST /v1/groups/': { body: ({ nonce }) => ({ name: `made ${nonce}` }) },
  'PATCH /v1/groups/:group_id/': { named: group, body: () => ({ notes: 'late' }) },
  'DELETE /v1/groups/:group_id/': { named: group },
  'POST /v1/groups/:group_id/members/': { named: group, body: ({ targetId }) => ({ ids: [targetId] }) },
  'DELETE /v1/groups/:group_id/members/': { named: groupWithMember, body: ({ targetId }) => ({ ids: [targetId] }) },
  'POST /v1/tags/': { body: ({ nonce }) => ({ name: `made ${nonce}` }) },
  'PATCH /v1/tags/:tag_id/': { named: tag, body: () => ({ color: '#123456' }) },
  'POST /v1/fields/': { body: ({ nonce }) => ({ key: `made_${nonce}` }) },
  'PATCH /v1/fields/:key/': { named: field, body: () => ({ label: 'late' }) },
  'DELETE /v1/fields/:key/': { named: field },

  'PUT /api/profile/:id/update/': { body: () => ({ first_name: 'Late' }) },
  'DELETE /api/profile/:id/delete/': {},
  ...security('/api/profile/', 'second-factor'),
  ...passwords('/api/password/'),
  ...emails('/api/email/'),
}

/** By POST, and yet reads. */
export const READS: ReadonlySet<string> = new Set(['POST /api/v2/user/match/', 'POST /api/profile/'])

/** Only a session makes tokens and is proven, and only out of a session can one sign out. */
export const needsSession = (name: string): boolean => /^POST .*\/(tokens|sign-out|proof)\/$/.test(name)

/** Whether `:id` in a path is a person's. */
export const isOfPerson = (name: string): boolean => /\/:id\//.test(name) && !/\/(sessions|invitations)\/:id\//.test(name)
export { png as PICTURE }

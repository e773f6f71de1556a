import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { form, PASSWORD } from '../helper.ts'
import type { Person } from '../helper.ts'
import { animation, picture, pngClaiming } from '../images/pictures.ts'
import { createWorld, faultsOf } from './world.ts'

/** Who writes, and whom. */
const ROLES = ['oneself', 'staff of themselves', 'an admin of themselves', 'staff of somebody', 'an admin of somebody'] as const
type Role = typeof ROLES[number]
type Rule = 'staff' | 'admin' | 'feed' | 'confirm' | 'once' | 'never'
const isOwn = (role: Role) => role === 'oneself' || role.endsWith('themselves')
const isAdmin = (role: Role) => role.startsWith('an admin')

/** From NATIVE and DESIGN §1 and §7: by which rule a role may not write; nothing here is taken from the program. */
const everybodys = () => undefined
const nobodys = (): Rule => 'never'
const ofStaff = (role: Role): Rule | undefined => role === 'oneself' ? 'staff' : undefined
const ofAdmins = (role: Role): Rule | undefined => isAdmin(role) ? undefined : 'admin'
const ORACLE: Record<string, [value: unknown, rule: (role: Role) => Rule | undefined]> = {
  username: ['another-name', everybodys],
  email: ['another@example.com', (role) => isOwn(role) ? 'confirm' : undefined],
  realName: ['Another', everybodys],
  firstName: ['Another', everybodys],
  lastName: ['Another', everybodys],
  phone: ['+49 30 1', everybodys],
  gender: ['male', everybodys],
  dateOfBirth: ['1815-12-10', everybodys],
  bio: ['another', everybodys],
  description: ['another', everybodys],
  website: ['https://example.com/another', everybodys],
  location: ['elsewhere', everybodys],
  locationLatLng: ['1,2', everybodys],
  positionLatLng: ['1,2', everybodys],
  language: ['de', everybodys],
  avatar: [null, everybodys],
  cover: [null, everybodys],
  avatarFocus: ['0.5,0.5', everybodys],
  avatarCrop: ['0,0,8,8', everybodys],
  coverFocus: ['0.5,0.5', everybodys],
  avatarAlt: ['another', everybodys],
  coverAlt: ['another', everybodys],
  groups: [[1], ofStaff],
  isActive: [false, ofStaff],
  isStaff: [undefined, ofAdmins],
  isAdmin: [undefined, ofAdmins],
  // Another system's name for somebody, which admins write on its behalf.
  extId: ['another', (role) => isAdmin(role) ? undefined : 'feed'],
  'attributes.motto': ['another', everybodys],
  'attributes.desk': ['another', ofStaff],
  'attributes.badge': ['another', ofAdmins],
  'attributes.birthplace': ['another', (role) => role === 'oneself' ? 'once' : undefined],
  ...Object.fromEntries(Object.entries({
    id: 4_711, emailConfirmed: true, pendingEmail: 'x@example.com', fullName: 'Another', visibility: { bio: 'self' }, tags: [1], role: 'editor', counters: { reputation: 5 },
    version: 99, createdAt: '2001-01-01T00:00:00.000Z', updatedAt: '2001-01-01T00:00:00.000Z', hidden: ['bio'],
  }).map(([name, value]) => [name, [value, nobodys]])),
}
/** Shown as well, but by the time somebody sends it back it is another: never written, and never refused. */
const MOVING = ['isOnline', 'lastLoginAt', 'lastSeenAt']

t.test('each refusal names the field and the rule, for each field and each role', async (t) => {
  const world = await createWorld(t)
  const { ada, grace, hedy, core, send } = world
  for (const [key, rules] of [['motto', {}], ['desk', { write: 'staff' }], ['badge', { write: 'admin' }], ['birthplace', { isEditable: false }]] as const) await core.profileFields.declare(OPERATOR, { key, ...rules })
  await core.groups.create(OPERATOR, { name: 'one' })
  const bytes = await picture({ width: 20, height: 20 })
  for (const who of [ada, grace, hedy]) {
    await send(who, 'PATCH', '/me', { attributes: { birthplace: 'London' } })
    for (const kind of ['avatar', 'cover']) await send(who, 'PUT', `/me/${kind}`, bytes, { 'content-type': 'image/png' })
  }
  // The last admin could not put their role down.
  await core.users.create(OPERATOR, { username: 'zoe', isAdmin: true }, { family: 'test' })
  const who: Record<Role, [by: Person, path: string, of: Person]> = {
    'oneself': [ada, '/me', ada],
    'staff of themselves': [grace, '/me', grace],
    'an admin of themselves': [hedy, '/me', hedy],
    'staff of somebody': [grace, `/people/${ada.id}`, ada],
    'an admin of somebody': [hedy, `/people/${ada.id}`, ada],
  }
  const shown = (await send(ada, 'GET', '/me')).body
  t.same([...Object.keys(ORACLE).map((name) => name.split('.')[0] ?? ''), ...MOVING].filter((name) => !(name in shown)).sort(), ['avatarAlt', 'avatarCrop', 'avatarFocus', 'coverAlt', 'coverFocus'])
  t.same(Object.keys(shown).filter((name) => name !== 'attributes' && !(name in ORACLE) && !MOVING.includes(name)), [], 'every field that is shown is tried')

  for (const role of ROLES) {
    const [by, path, of] = who[role]
    const { body: now } = await send(by, 'GET', `/people/${of.id}`)
    /** What differs from what there is. */
    const other = (name: string) => ORACLE[name]?.[0] === undefined ? now[name] !== true : ORACLE[name]?.[0]
    const bodyOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, other(name)]).filter(([name]) => !String(name).startsWith('attributes.')))
    const attributesOf = (names: string[]) => Object.fromEntries(names.filter((name) => name.startsWith('attributes.')).map((name) => [name.slice('attributes.'.length), other(name)]))
    const patch = async (names: string[], headers: Record<string, string> = {}) => await send(by, 'PATCH', `${path}?dryRun=true`, { ...bodyOf(names), ...names.some((name) => name.startsWith('attributes.')) && { attributes: attributesOf(names) } }, headers)
    const faults = (names: string[]) => names.flatMap((name) => {
      const rule = ORACLE[name]?.[1](role)
      return rule === undefined ? [] : [`${name} field_forbidden ${rule}`]
    }).sort()

    for (const name of Object.keys(ORACLE)) {
      const answer = await patch([name])
      const wanted = faults([name])
      t.same([answer.status, faultsOf(answer)], [wanted.length > 0 ? 403 : 200, wanted], `${role}: ${name}`)
    }
    const all = Object.keys(ORACLE).filter((name) => name !== 'avatar' && name !== 'cover')
    const answer = await patch(all)
    t.same([answer.status, faultsOf(answer).sort()], [403, faults(all)], `${role}: all at once`)
    t.ok((answer.body.errors as unknown as { message: string }[]).every(({ message }) => message.length > 0))
    const lenient = await patch(all, { prefer: 'handling=lenient' })
    t.same([lenient.status, [...lenient.body.ignored as string[]].sort()], [200, faults(all).map((fault) => fault.split(' ')[0])], `${role}: or they are dropped, and named`)
    for (const name of MOVING) t.equal((await send(by, 'PATCH', `${path}?dryRun=true`, { [name]: null })).status, 200, `${role}: ${name}`)

    if (isOwn(role)) {
      const fields = JSON.parse((await send(by, 'GET', '/fields')).text) as { key: string, canWrite: boolean, rule: string | null, isEditable: boolean, isSearchable: boolean }[]
      const saysOf = (name: string) => fields.filter(({ key }) => key === name).map(({ isEditable, isSearchable }) => [isEditable, isSearchable])
      t.same(['attributes.motto', 'attributes.birthplace', 'username', 'bio', 'id'].flatMap(saysOf), [[true, false], [false, false], [true, true], [true, false], [false, false]], 'whether it can be written again, and found by')
      const told = fields.filter(({ key }) => key in ORACLE).map(({ key, canWrite, rule }) => [key, canWrite, rule])
      t.same(told, told.map(([key]) => ORACLE[String(key)]?.[1](role) ?? null).map((rule, i) => [told[i]?.[0], rule === null, rule]), `${role}: what /v1/fields says of it`)
    }
  }
  const newcomer = { username: 'new', groups: [1], isActive: false, isStaff: true, isAdmin: true, extId: 'x', email: 'new@example.com', attributes: { desk: 'a', badge: 'b', birthplace: 'c', motto: 'd' } }
  t.same(faultsOf(await send(grace, 'POST', '/people?dryRun=true', newcomer)).sort(), ['attributes.badge field_forbidden admin', 'extId field_forbidden feed', 'isAdmin field_forbidden admin', 'isStaff field_forbidden admin'], 'of somebody new')
  t.equal((await send(hedy, 'POST', '/people?dryRun=true', newcomer)).status, 200)
  t.equal((await send(ada, 'POST', '/people?dryRun=true', newcomer)).status, 403)
  t.equal((await send(grace, 'PATCH', `/people/${hedy.id}?dryRun=true`, { bio: 'x' })).status, 403, 'out of reach')
})

t.test('what is wrong with a value, by its code', async (t) => {
  const { ada, grace, hedy, core, send } = await createWorld(t)
  await core.profileFields.declare(OPERATOR, { key: 'motto' })
  await send(hedy, 'PATCH', `/people/${ada.id}`, { extId: 'x-1', attributes: { motto: 'not a number' } })
  for (const who of [ada, hedy]) await send(who, 'POST', '/proof', { password: PASSWORD })
  const png = await picture({ width: 20, height: 20 })
  await send(hedy, 'PUT', '/me/avatar', png, { 'content-type': 'image/png' })
  const patch = (body: object | Buffer, headers?: Record<string, string>, who = ada) => () => send(who, 'PATCH', '/me', body, headers)
  const sent = ({ payload, headers }: ReturnType<typeof form>) => patch(payload, headers)
  const declare = (body: object) => () => send(hedy, 'POST', '/fields', body)
  const cases: [fault: string, ask: () => ReturnType<typeof send>][] = [
    ['bio null_characters', patch({ bio: 'a\0b' })],
    ['website invalid_url', patch({ website: 'nowhere' })],
    ['username invalid_username', patch({ username: 'two words' })],
    ['language invalid_language', patch({ language: '!' })],
    ['dateOfBirth invalid_date', patch({ dateOfBirth: '2001-02-30' })],
    ['extId ext_id_taken', () => send(hedy, 'PATCH', `/people/${grace.id}`, { extId: 'x-1' })],
    ['groups incorrect_type', () => send(hedy, 'PATCH', `/people/${grace.id}`, { groups: [{}] })],
    ['null email_unchanged', () => send(ada, 'PUT', '/me/email', { email: 'ada@example.com' })],
    ['avatar not_a_file', patch({ avatar: 'x' })],
    ['avatar repeated_file', sent(form([['avatar', { file: png }], ['avatar', { file: png }]]))],
    ['avatar empty_file', sent(form([['avatar', { file: Buffer.alloc(0) }]]))],
    ['avatar image_side', sent(form([['avatar', { file: pngClaiming(30_000, 30_000) }]]))],
    ['avatar image_pixels', sent(form([['avatar', { file: pngClaiming(12_000, 12_000) }]]))],
    ['avatar image_pages', sent(form([['avatar', { file: await animation(501) }]]))],
    ['avatarAlt no_picture', patch({ avatarAlt: 'at sea' })],
    ['avatarCrop image_crop', patch({ avatarCrop: '0,0,999,999' }, {}, hedy)],
    ['isAdmin last_admin', patch({ isAdmin: false }, {}, hedy)],
    ['newPassword password_common', () => send(ada, 'PUT', '/me/password', { newPassword: 'password123' })],
    ['password password_similar', () => send(hedy, 'POST', '/people', { username: 'ada.lovelace', password: 'ada.lovelace' })],
    ['key invalid_key', declare({ key: 'Shoe size' })],
    ['key key_reserved', declare({ key: 'email' })],
    ['key key_taken', declare({ key: 'motto' })],
    ['options options_unexpected', declare({ key: 'shoe', options: ['a'] })],
    ['null accounts_break', () => send(hedy, 'PATCH', '/fields/motto', { type: 'integer' })],
  ]
  const told = []
  for (const [fault, ask] of cases) {
    const answer = await ask()
    told.push([fault, answer.status, ...faultsOf(answer)])
  }
  t.same(told, cases.map(([fault]) => [fault, 400, fault]))
  t.match(await send(ada, 'PATCH', '/me', { bio: 'x'.repeat(2 * 1_024 ** 2) }), { status: 413, body: { code: 'too_large' } })
})

t.test('what there is enough of, and what has gone, by its code', async (t) => {
  const { ada, hedy, core, dataDir, send } = await createWorld(t)
  const told = async (answer: ReturnType<typeof send>) => [(await answer).status, ...faultsOf(await answer)]
  const bytes = await picture({ width: 20, height: 20 })
  const png = { 'content-type': 'image/png' }

  const shown = await send(ada, 'PUT', '/me/avatar', bytes, png)
  const { pathname } = new URL((shown.body.avatar as { url: string }).url)
  rmSync(join(dataDir, pathname))
  t.same(await told(send(ada, 'PATCH', '/me', { avatarFocus: '1,0' })), [400, 'avatarFocus image_lost'])
  await core.db.write(async (tx) => { for (let i = 1; i < 20; i++) await tx.avatars.insert(ada.id, `${i}`.padStart(32, '0'), 1) })
  t.same(await told(send(ada, 'POST', '/me/avatars', bytes, png)), [400, 'avatar too_many_avatars'])

  const { id } = await core.profileFields.declare(OPERATOR, { key: 'secret' })
  await core.db.write((tx) => tx.profileFields.drop(id, 1))
  t.same(await told(send(hedy, 'POST', '/fields', { key: 'secret' })), [400, 'key key_in_removal'])
  // The one that is being removed counts.
  for (let i = core.profileFields.list().length + 1; i < 100; i++) await core.profileFields.declare(OPERATOR, { key: `field_${i}` })
  t.same(await told(send(hedy, 'POST', '/fields', { key: 'one_more' })), [400, 'null too_many_fields'])
})

t.test('tags are found by each of their flags', async (t) => {
  const { ada, hedy, send } = await createWorld(t)
  for (const visibilityBoost of [true, false]) await send(hedy, 'POST', '/tags', { name: `boost ${visibilityBoost}`, type: 'user', visibilityBoost })
  const namesFor = async (query: string) => ((await send(ada, 'GET', `/tags?${query}`)).body.items as { name: string }[]).map(({ name }) => name)
  t.same(await namesFor('visibilityBoost=true'), ['boost true'])
  t.same(await namesFor('visibilityBoost=false'), ['boost false'])
})

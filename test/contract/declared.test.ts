import t from 'tap'
import type { Test } from 'tap'
import type { FieldRules } from '../../src/db/profile-fields.ts'
import { form, urlencoded } from '../helper.ts'
import { json, refuses, runCases, send } from './cases.ts'
import type { Case, Sent } from './cases.ts'
import { NAMES } from './families.ts'
import type { FamilyName, Finding } from './families.ts'
import { createWorld } from './world.ts'
import type { World } from './world.ts'

/*
 * What is refused of declared fields, in each family's shape: community knows them by their key among its own fields,
 * staff and personal hold them in `attributes`, which forms write with a dot.
 */
const RULES: Record<string, Pick<FieldRules, 'type'> & Partial<FieldRules>> = {
  motto: { type: 'string' },
  shoe_size: { type: 'integer' },
  extension: { type: 'phone_number' },
  team: { type: 'enum', options: ['red', 'blue'] },
  blog: { type: 'url' },
  assistant: { type: 'email' },
  vegan: { type: 'checkbox' },
  badge: { type: 'string', isMandatory: true },
  floor: { type: 'integer', isMandatory: true },
  oath: { type: 'checkbox', isMandatory: true },
  house: { type: 'enum', options: ['north'], isMandatory: true },
  hired: { type: 'integer', isEditable: false },
  grade: { type: 'integer', write: 'staff' },
  clearance: { type: 'integer', write: 'admin' },
}

const made = await createWorld(t)
const { core, store, ada } = made
const STORED = JSON.stringify({ badge: 'B-1', company_name: 'Engines', floor: 3, hired: 2020, house: 'north', oath: true })
/** Ada as the others know her, and with everything mandatory filled in. */
const world: World = {
  ...made,
  reset () {
    made.reset()
    store.set(ada.id, { attributes: STORED })
  },
}
for (const [key, rules] of Object.entries(RULES)) {
  const all: FieldRules = { label: '', options: [], isMandatory: false, isEditable: true, isSearchable: false, read: 'public', write: 'self', ...rules }
  await core.db.write((tx) => tx.profileFields.insert(key, all, Date.now()))
}

const nameOf = (family: FamilyName, key: string): string => family === 'community' ? key : `attributes.${key}`
const inJson = (family: FamilyName, values: object, others: object = {}): object => family === 'community' ? { ...others, ...values } : { ...others, attributes: values }

const invalid = (message: string): [code: string, message: string] => ['invalid', message]
const TEXT = invalid('Not a valid string.')
const INTEGER = invalid('A valid integer is required.')
const BOOLEAN = invalid('Must be a valid boolean.')
const VALUE = invalid('Enter a valid value.')
const URL = invalid('Enter a valid URL.')
const EMAIL = invalid('Enter a valid email address.')
const NULL: [string, string] = ['null', 'This field may not be null.']
const BLANK: [string, string] = ['blank', 'This field may not be blank.']
const NUL: [string, string] = ['null_characters_not_allowed', 'Null characters are not allowed.']
const long = (limit: number, found: number): Said => ['max_length', `Ensure this field has no more than ${limit} characters.`, { limit, found }]
type Said = [code: string, message: string, numbers?: { limit: number, found: number }]
const choice = (value: string): [string, string] => ['invalid_choice', `"${value}" is not a valid choice.`]

const REFUSED: [key: string, value: unknown, finding: Said][] = [
  ['motto', true, TEXT], ['motto', ['x'], TEXT], ['motto', { a: 1 }, TEXT], ['motto', 'm'.repeat(256), long(255, 256)], ['motto', 'a\0b', NUL], ['motto', '\ud800', TEXT],
  ['shoe_size', 'large', INTEGER], ['shoe_size', 41.5, INTEGER], ['shoe_size', true, INTEGER], ['shoe_size', [41], INTEGER], ['shoe_size', '9007199254740993', INTEGER], ['shoe_size', '1e3', INTEGER],
  ['extension', 'ask at the desk', VALUE], ['extension', '12', VALUE], ['extension', '+'.repeat(2) + '4930', VALUE], ['extension', '1'.repeat(21), long(20, 21)], ['extension', false, TEXT],
  ['team', 'green', choice('green')], ['team', 'Red', choice('Red')], ['team', 7, choice('7')], ['team', [], TEXT], ['team', 'x'.repeat(500), choice('x'.repeat(100))],
  ['blog', 'www.example.com', URL], ['blog', 'javascript:alert(1)', URL], ['blog', `https://example.com/${'p'.repeat(181)}`, long(200, 201)], ['blog', {}, TEXT],
  ['assistant', 'nobody', EMAIL], ['assistant', 'a@b', EMAIL], ['assistant', `aaa@${`${'b'.repeat(61)}.`.repeat(4)}com`, long(254, 255)], ['assistant', true, TEXT],
  ['vegan', 'maybe', BOOLEAN], ['vegan', 2, BOOLEAN], ['vegan', [true], BOOLEAN], ['vegan', 'null', BOOLEAN],
  ['badge', null, NULL], ['badge', '', BLANK], ['badge', ' \t', BLANK], ['floor', null, NULL], ['oath', null, NULL], ['house', null, NULL], ['house', '', BLANK],
]

await t.test('one value', (t) => runCases(t, world, NAMES.flatMap((family) => REFUSED.flatMap(([key, value, finding]): Case[] => {
  const refused: Finding = [nameOf(family, key), ...finding]
  const title = `${key} ${JSON.stringify(value).slice(0, 40)}`
  // What a form has no words for, and the empty text that leaves a choice as it is.
  const isInForm = typeof value === 'string' && value.isWellFormed() && !(key === 'house' && value === '')
  return [{ family, title, json: inJson(family, { [key]: value }), refused }, ...isInForm ? [{ family, title, form: [[nameOf(family, key), value]] as [string, string][], refused }] : []]
}))))

await t.test('a file where a text is expected', (t) => runCases(t, world, NAMES.flatMap((family) => [
  { family, title: 'motto', parts: [[nameOf(family, 'motto'), { file: Buffer.from('x') }]] as Case['parts'] & object, refused: [nameOf(family, 'motto'), ...TEXT] as Finding },
  { family, title: 'vegan', parts: [[nameOf(family, 'vegan'), { file: Buffer.from('true') }]] as Case['parts'] & object, refused: [nameOf(family, 'vegan'), ...BOOLEAN] as Finding },
])))

await t.test('`attributes` that is no object', (t) => runCases(t, world, (['staff', 'personal'] as const).flatMap((family) =>
  ([[[], 'list'], [['motto'], 'list'], ['{"motto":"x"}', 'str'], ['', 'str'], [5, 'int'], [true, 'bool']] as const).map(([value, type]): Case => (
    { family, title: JSON.stringify(value), json: { attributes: value }, refused: ['attributes', 'invalid', `Invalid data. Expected a dictionary, but got ${type}.`] }
  )).concat({ family, title: 'null', json: { attributes: null }, refused: ['attributes', 'null', NULL[1]] }))))

const SEVERAL = { shoe_size: 'large', badge: null, blog: 'x', team: 'green', vegan: 'maybe', motto: 'fine' }
const found = (family: FamilyName): Finding[] => ([['shoe_size', INTEGER], ['team', choice('green')], ['blog', URL], ['vegan', BOOLEAN], ['badge', NULL]] as const).map(([key, finding]) => [nameOf(family, key), ...finding])
await t.test('several at once: the family\'s own in its order, then the declared ones in theirs', (t) => runCases(t, world, [
  {
    family: 'community', title: 'with a website, a picture and somebody else\'s name',
    json: inJson('community', SEVERAL, { website: 'x', avatar: 'x', username: 'BOB' }),
    refused: [['username', 'unique', 'A user with that username already exists.'], ['avatar', 'invalid', 'The submitted data was not a file. Check the encoding type on the form.'], ['website', ...URL], ...found('community')],
  },
  {
    family: 'staff', title: 'with an address, a group and somebody else\'s name',
    json: inJson('staff', SEVERAL, { groups: [77], email: 'x', username: 'BOB', first_name: null }),
    refused: [['username', 'unique', 'A user with that username already exists.'], ['email', ...EMAIL], ['first_name', ...NULL], ['groups', 'does_not_exist', 'Invalid pk "77" - object does not exist.'], ...found('staff')],
  },
  {
    family: 'personal', title: 'with a number and somebody else\'s address',
    json: inJson('personal', SEVERAL, { number_phone: '12345678901', email: 'bob@example.com' }),
    refused: [['email', 'unique', 'user with this email already exists.'], ['number_phone', ...long(10, 11)], ...found('personal')],
  },
  ...NAMES.map((family): Case => ({
    family, title: 'in a form', form: [[nameOf(family, 'vegan'), 'maybe'], [nameOf(family, 'shoe_size'), 'x'], ['username', ''], [nameOf(family, 'motto'), 'fine']],
    refused: [['username', ...BLANK], [nameOf(family, 'shoe_size'), ...INTEGER], [nameOf(family, 'vegan'), ...BOOLEAN]],
  })),
]))

/** Sends what must leave the row as it is, version and all. */
async function keeps (t: Test, family: FamilyName, sent: Sent): Promise<void> {
  const before = store.row(ada.id)
  const response = await send(world, { family, sent })
  t.equal(response.statusCode, 200, `${family}: ${response.body}`)
  t.strictSame(store.row(ada.id), before, `${family} ${sent.headers['content-type']}`)
}

await t.test('what is nobody\'s field, or not theirs to write, is not even judged', async (t) => {
  for (const family of NAMES) {
    world.reset()
    // Staff are an admin here, to whom everything is open.
    const closed = family === 'staff' ? {} : { hired: 'x', grade: [], clearance: { a: 1 } }
    await keeps(t, family, json(inJson(family, { undeclared: { deep: [1] }, constructor: 'x', toString: null, ...closed })))
    const pairs = ['undeclared', ...Object.keys(closed)].map((key): [string, string] => [nameOf(family, key), 'x'])
    await keeps(t, family, urlencoded(pairs))
    await keeps(t, family, form(pairs))
  }
  for (const family of ['staff', 'personal'] as const) {
    await keeps(t, family, json({ motto: true, company_name: [] }))
    // A form has no object of this name, only what is inside.
    await keeps(t, family, urlencoded([['attributes', 'x'], ['attributes.', 'x'], ['motto', 'x']]))
  }
  await keeps(t, 'community', json({ attributes: { company_name: 'x' } }))
  await keeps(t, 'community', urlencoded([['attributes.company_name', 'x']]))
})

await t.test('G5 what its owner gives once can be given later, while it is empty', async (t) => {
  const { hired: _, ...rest } = JSON.parse(STORED) as Record<string, unknown>
  const ways = [
    { family: 'community', method: 'PATCH', url: `/api/v2/user/${ada.id}/` },
    { family: 'personal', method: 'PUT', url: `/api/profile/${ada.id}/update/` },
    { family: 'staff', method: 'PATCH', url: '/api/users/me/' },
  ] as const
  const hired = () => (JSON.parse(String(store.row(ada.id).attributes)) as { hired?: unknown }).hired
  for (const { family, method, url } of ways) {
    const say = async (value: unknown) => (await world.app.inject({ method, url, headers: ada.headers, payload: inJson(family, { hired: value }) })).statusCode
    for (const stored of [rest, { ...rest, hired: 'long ago' }]) {
      store.set(ada.id, { attributes: JSON.stringify(stored) })
      t.equal(await say('x'), 400, `${family}: what can be written is judged`)
      t.equal(await say(2021), 200)
      t.equal(hired(), 2021, `${family}: ${JSON.stringify(stored)}`)
      const given = store.row(ada.id)
      for (const again of [2022, null, 'x']) t.equal(await say(again), 200, `${family}: given, it is ignored`)
      t.strictSame(store.row(ada.id), given)
    }
    store.set(ada.id, { attributes: JSON.stringify(rest) })
    await world.app.inject({ method, url, ...urlencoded([[nameOf(family, 'hired'), '2023']]), headers: { ...ada.headers, 'content-type': 'application/x-www-form-urlencoded' } })
    t.equal(hired(), 2023, `${family}: in a form`)
  }
  world.reset()
})

const OLD: Record<string, [stored: string, changed: string, finding: Said]> = {
  motto: ['m'.repeat(300), 'm'.repeat(299), long(255, 299)],
  extension: ['at the desk', 'at a desk', VALUE],
  team: ['dissolved', 'forgotten', choice('forgotten')],
  blog: ['www.example.com', 'www.example.org', URL],
  assistant: ['nobody', 'somebody', EMAIL],
}
await t.test('what was stored by older rules goes back as it is, and the rule holds once it changes', async (t) => {
  for (const family of NAMES) {
    world.reset()
    const stored = Object.fromEntries(Object.entries(OLD).map(([key, [value]]) => [key, value]))
    store.set(ada.id, { attributes: JSON.stringify(stored) })
    // Mandatory ones that were never filled in are shown empty.
    await keeps(t, family, json(inJson(family, { ...stored, badge: '', house: '', floor: null, oath: null, shoe_size: null, vegan: null })))
    const pairs = Object.entries({ ...stored, badge: '', house: '', floor: '', oath: '' }).map(([key, value]): [string, string] => [nameOf(family, key), value])
    await keeps(t, family, urlencoded(pairs))
    await keeps(t, family, form(pairs))
    for (const [key, [, changed, [code, message, numbers]]] of Object.entries(OLD)) {
      const body = family === 'community' ? { errors: [{ field: key, messages: [{ code, message, ...numbers }] }] } : { [`attributes.${key}`]: [message] }
      await refuses(t, world, { family, sent: json(inJson(family, { ...stored, [key]: changed })), status: 400, body })
    }
  }
})

await t.test('a refused one takes its neighbours with it', async (t) => {
  for (const family of NAMES) {
    world.reset()
    const response = await send(world, { family, sent: json(inJson(family, { company_name: 'New', team: 'green' })) })
    t.equal(response.statusCode, 400)
    t.equal(store.row(ada.id).attributes, STORED)
  }
})

import t from 'tap'
import { form, urlencoded } from '../helper.ts'
import { json, runCases } from './cases.ts'
import type { Finding } from './families.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1.2, the rows about booleans and groups, and what is said about a new group. Staff only: community and personal have no boolean and no list that
 * anybody may write (they are read-only keys there, and ignored: requests.test.ts).
 */
const BOOLEAN = 'Must be a valid boolean.'
const received = (type: string): Finding => ['groups', 'incorrect_type', `Incorrect type. Expected pk value, received ${type}.`]
const notList = (type: string): Finding => ['groups', 'not_a_list', `Expected a list of items but got type "${type}".`]

const world = await createWorld(t)

await t.test('invalid (bool)', (t) => runCases(t, world, [
  ...['null', 2, -1, 0.5, [], {}, 'yess', 'tRUE', ''].map((value) => (
    { family: 'staff' as const, title: JSON.stringify(value), json: { is_staff: value, is_active: value }, refused: [['is_staff', 'invalid', BOOLEAN], ['is_active', 'invalid', BOOLEAN]] as Finding[] })),
  ...['null', '2', '1.5'].map((value) => (
    { family: 'staff' as const, title: value, form: [['is_admin', value]] as [string, string][], refused: ['is_admin', 'invalid', BOOLEAN] as const })),
]))

await t.test('null', (t) => runCases(t, world, [
  { family: 'staff', title: 'a boolean', json: { is_active: null }, refused: ['is_active', 'null', 'This field may not be null.'] },
  { family: 'staff', title: 'the groups', json: { groups: null }, refused: ['groups', 'null', 'This field may not be null.'] },
]))

await t.test('does_not_exist', (t) => runCases(t, world, [
  { family: 'staff', title: 'a group that is not there', json: { groups: [1, 77] }, refused: ['groups', 'does_not_exist', 'Invalid pk "77" - object does not exist.'] },
  { family: 'staff', title: 'a group that is not there', form: [['groups', '1'], ['groups', '77']], refused: ['groups', 'does_not_exist', 'Invalid pk "77" - object does not exist.'] },
  { family: 'staff', title: 'zero', json: { groups: [0] }, refused: ['groups', 'does_not_exist', 'Invalid pk "0" - object does not exist.'] },
  { family: 'staff', title: 'a negative number', json: { groups: [1, -3] }, refused: ['groups', 'does_not_exist', 'Invalid pk "-3" - object does not exist.'] },
]))

await t.test('incorrect_type', (t) => runCases(t, world, [
  { family: 'staff', title: 'true among the ids', json: { groups: [true] }, refused: received('bool') },
  { family: 'staff', title: 'a word among the ids', json: { groups: [1, 'x'] }, refused: received('str') },
  { family: 'staff', title: 'a list among the ids', json: { groups: [[1]] }, refused: received('list') },
  { family: 'staff', title: 'an object among the ids', json: { groups: [{ id: 1 }] }, refused: received('dict') },
  { family: 'staff', title: 'null among the ids', json: { groups: [null] }, refused: received('NoneType') },
  { family: 'staff', title: 'a fraction among the ids', json: { groups: [1.5] }, refused: received('float') },
  { family: 'staff', title: 'groups=1,2', form: [['groups', '1,2']], refused: received('str') },
  { family: 'staff', title: 'groups=[1,2]', form: [['groups', '[1,2]']], refused: received('str') },
  { family: 'staff', title: 'groups=', form: [['groups', '']], refused: received('str') },
]))

await t.test('not_a_list', (t) => runCases(t, world, [
  { family: 'staff', title: 'a text', json: { groups: '1' }, refused: notList('str') },
  { family: 'staff', title: 'a number', json: { groups: 1 }, refused: notList('int') },
  { family: 'staff', title: 'a fraction', json: { groups: 1.5 }, refused: notList('float') },
  { family: 'staff', title: 'a boolean', json: { groups: true }, refused: notList('bool') },
  { family: 'staff', title: 'an object', json: { groups: { 0: 1 } }, refused: notList('dict') },
]))

const BAD_GROUPS: [title: string, body: Record<string, string>, answer: object][] = [
  ['required', { notes: 'x' }, { name: ['This field is required.'] }],
  ['blank', { name: '  ' }, { name: ['This field may not be blank.'] }],
  ['unique', { name: 'ONE' }, { name: ['group with this name already exists.'] }],
  ['max_length', { name: 'n'.repeat(151) }, { name: ['Ensure this field has no more than 150 characters.'] }],
  ['null_characters_not_allowed', { name: 'a\0', notes: 'b\0' }, { name: ['Null characters are not allowed.'], notes: ['Null characters are not allowed.'] }],
]
for (const [title, body, answer] of BAD_GROUPS) {
  await t.test(`${title}: a new group, in each encoding`, async (t) => {
    const { app, store, token } = world
    const before = store.dump()
    for (const { payload, headers } of [json(body), urlencoded(Object.entries(body)), form(Object.entries(body))]) {
      const response = await app.inject({ method: 'POST', url: '/api/users/groups/', headers: { ...token, ...headers }, payload })
      t.equal(response.statusCode, 400)
      t.same(response.json(), answer)
    }
    t.strictSame(store.dump(), before)
  })
}

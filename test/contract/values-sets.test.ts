import t from 'tap'
import { accepts, json, runCases } from './cases.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1.3, the rows about booleans and m2m ids. Staff only: the other families have no boolean and no list that can
 * be written. What these rows refuse is in messages-sets.test.ts.
 */
const world = await createWorld(t)
const spellings = (word: string) => [word, word.toUpperCase(), `${word.charAt(0).toUpperCase()}${word.slice(1)}`]
const TRUE = ['t', 'y', 'yes', 'true', 'on', '1'].flatMap(spellings)
const FALSE = ['f', 'n', 'no', 'false', 'off', '0'].flatMap(spellings)

await t.test('booleans accepted', (t) => runCases(t, world, [
  ...[true, 1, ...new Set(TRUE)].map((value) => ({ family: 'staff' as const, title: JSON.stringify(value), json: { is_staff: value }, stored: { is_staff: 1 } })),
  ...[...new Set(TRUE)].map((value) => ({ family: 'staff' as const, title: value, form: [['is_staff', value]] as [string, string][], stored: { is_staff: 1 } })),
  ...[false, 0, ...new Set(FALSE)].map((value) => ({ family: 'staff' as const, title: JSON.stringify(value), json: { is_active: value }, stored: { is_active: 0 } })),
  ...[...new Set(FALSE)].map((value) => ({ family: 'staff' as const, title: value, form: [['is_active', value]] as [string, string][], stored: { is_active: 0 } })),
]))

await t.test('booleans accepted: 1.0 and 0.0, as JSON can write them', async (t) => {
  for (const [name, literal, value] of [['is_staff', '1.0', 1], ['is_active', '0.0', 0]] as const) {
    world.reset()
    await accepts(t, world, { family: 'staff', sent: { ...json({}), payload: `{"${name}":${literal}}` }, stored: { [name]: value } })
  }
})

await t.test('"" on a boolean: kept in a form', (t) => runCases(t, world, [
  { family: 'staff', title: 'both keep', form: [['is_active', ''], ['is_staff', '']], stored: {} },
  // In JSON it is refused: messages-sets.test.ts.
]))

await t.test('m2m ids', (t) => runCases(t, world, [
  { family: 'staff', title: 'ints replace the whole set', json: { groups: [3] }, stored: { groups: [3] } },
  { family: 'staff', title: 'numeric strings too', json: { groups: ['3', '1'] }, stored: { groups: [1, 3] } },
  { family: 'staff', title: 'duplicates collapse', json: { groups: [3, '3', 3] }, stored: { groups: [3] } },
  { family: 'staff', title: '[] clears', json: { groups: [] }, stored: { groups: [] } },
  { family: 'staff', title: 'the same set in another order is no change', json: { groups: [2, 1] }, stored: {} },
  { family: 'staff', title: 'a repeated key', form: [['groups', '1'], ['groups', '3']], stored: { groups: [1, 3] } },
  { family: 'staff', title: 'a repeated key, duplicates collapse', form: [['groups', '3'], ['groups', '3']], stored: { groups: [3] } },
  { family: 'staff', title: 'groups[0]= is ignored', form: [['groups[0]', '3']], stored: {} },
]))

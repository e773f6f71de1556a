import t from 'tap'
import { form, urlencoded } from '../helper.ts'
import { accepts, json, refuses, runCases, send } from './cases.ts'
import { FAMILIES, NAMES } from './families.ts'
import type { FamilyName } from './families.ts'
import { attributes, createWorld, ORIGIN, PATH } from './world.ts'

/*
 * CONTRACT §1.3, the rows about texts, dates, choices, keys and what is shown. Elsewhere: booleans and groups in
 * values-sets.test.ts, pictures in values-pictures.test.ts, ids and the rest of what DESIGN §9 decides otherwise in
 * clashes.test.ts, what a sign-up leaves out in personal-sign-in.test.ts. Rows that a family has no field for:
 *
 *   "" on a nullable date   community only: the others have no date
 *   "" on a choice          community and staff: personal has no choice
 *   "" on a nullable email  staff only: personal's address is required, community cannot write it
 */
const DATE = 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'
const TEXT: Record<FamilyName, string> = { community: 'real_name', staff: 'first_name', personal: 'first_name' }
const world = await createWorld(t)
const { store, ada, bob } = world

await t.test('omitted, partial: kept', (t) => runCases(t, world, NAMES.flatMap((family) => [
  { family, title: 'nothing is named', json: {}, stored: {} },
  { family, title: 'one text is named', json: { [TEXT[family]]: 'New' }, stored: { [TEXT[family]]: 'New' } },
  { family, title: 'one text is named', form: [[TEXT[family], 'New']] as [string, string][], stored: { [TEXT[family]]: 'New' } },
])))

await t.test('omitted, full PUT: optional fields keep the stored value', (t) => runCases(t, world, (['community', 'staff'] as const).flatMap((family) => [
  { family, title: 'the username alone', method: 'PUT' as const, json: { username: 'ada2' }, stored: { username: 'ada2' } },
  { family, title: 'the username alone', method: 'PUT' as const, form: [['username', 'ada2']] as [string, string][], stored: { username: 'ada2' } },
])))

await t.test('"" on a text that may be blank: stored ""', (t) => runCases(t, world, [
  ...['real_name', 'bio', 'location', 'location_lat_lng', 'position_lat_lng', 'description', 'website'].flatMap((name) => [
    { family: 'community' as const, title: name, json: { [name]: '' }, stored: { [name]: '' } },
    { family: 'community' as const, title: name, form: [[name, '']] as [string, string][], stored: { [name]: '' } },
  ]),
  ...['company_name', 'company_role'].flatMap((name) => [
    { family: 'community' as const, title: name, json: { [name]: '' }, stored: { attributes: attributes({ [name]: '' }) } },
    { family: 'community' as const, title: name, form: [[name, '']] as [string, string][], stored: { attributes: attributes({ [name]: '' }) } },
    ...(['staff', 'personal'] as const).flatMap((family) => [
      { family, title: name, json: { attributes: { [name]: '' } }, stored: { attributes: attributes({ [name]: '' }) } },
      { family, title: name, form: [[`attributes.${name}`, '']] as [string, string][], stored: { attributes: attributes({ [name]: '' }) } },
    ]),
  ]),
  ...(['staff', 'personal'] as const).flatMap((family) => ['first_name', 'last_name'].flatMap((name) => [
    { family, title: name, json: { [name]: '' }, stored: { [name]: '' } },
    { family, title: name, form: [[name, '']] as [string, string][], stored: { [name]: '' } },
  ])),
]))

await t.test('"" on a nullable date', (t) => runCases(t, world, [
  { family: 'community', title: 'wrong format in JSON', json: { date_of_birth: '' }, refused: ['date_of_birth', 'invalid', DATE] },
  { family: 'community', title: 'null in a form', form: [['date_of_birth', '']], stored: { date_of_birth: null } },
]))

await t.test('"" on a choice', (t) => runCases(t, world, [
  { family: 'community', title: 'no choice in JSON', json: { gender: '' }, refused: ['gender', 'invalid_choice', '"" is not a valid choice.'] },
  { family: 'community', title: 'kept in a form', form: [['gender', ''], ['bio', 'New']], stored: { bio: 'New' } },
  // DESIGN §9 gives the word a meaning in staff: clashes.test.ts.
]))

await t.test('"" on the unique nullable email: null, for two people as well', async (t) => {
  await runCases(t, world, [
    { family: 'staff', title: 'cleared', json: { email: '' }, stored: { email: null, email_confirmed: 0 } },
    { family: 'staff', title: 'cleared', form: [['email', '']], stored: { email: null, email_confirmed: 0 } },
  ])
  await t.test('of a second person', async (t) => {
    world.reset()
    for (const id of [ada.id, bob.id]) {
      const response = await world.app.inject({ ...FAMILIES.staff.edit(id), headers: world.token, payload: { email: '' } })
      t.equal(response.statusCode, 200, response.body)
      t.equal(store.row(id).email, null)
    }
    store.set(bob.id, { email: 'bob@example.com' })
  })
})

await t.test('null: clears what can be cleared', (t) => runCases(t, world, [
  { family: 'community', title: 'the date', json: { date_of_birth: null }, stored: { date_of_birth: null } },
  { family: 'staff', title: 'number and address', json: { mobile_number: null, email: null }, stored: { phone: null, email: null, email_confirmed: 0 } },
  { family: 'personal', title: 'the number', json: { number_phone: null }, stored: { phone: null } },
  // What cannot: messages.test.ts, row `null`.
]))
await t.test('null cannot be expressed in a form: it is just text', (t) => runCases(t, world, [
  ...NAMES.map((family) => ({ family, title: TEXT[family], form: [[TEXT[family], 'null']] as [string, string][], stored: { [TEXT[family]]: 'null' } })),
  { family: 'community', title: 'no date', form: [['date_of_birth', 'null']], refused: ['date_of_birth', 'invalid', DATE] },
]))

await t.test('strings are trimmed at both ends', (t) => runCases(t, world, NAMES.flatMap((family) => [
  { family, title: TEXT[family], json: { [TEXT[family]]: ' \t Zed \n ' }, stored: { [TEXT[family]]: 'Zed' } },
  { family, title: TEXT[family], form: [[TEXT[family], '  Zed  ']] as [string, string][], stored: { [TEXT[family]]: 'Zed' } },
  { family, title: 'before the length is measured', json: { username: `  ${'z'.repeat(family === 'community' ? 255 : 150)}  ` }, stored: { username: 'z'.repeat(family === 'community' ? 255 : 150) } },
])))

await t.test('a repeated key: the last wins', async (t) => {
  await runCases(t, world, NAMES.map((family) => (
    { family, title: TEXT[family], form: [[TEXT[family], 'first'], [TEXT[family], 'last']], stored: { [TEXT[family]]: 'last' } })))
  for (const family of NAMES) {
    await t.test(`${family}, JSON: ${TEXT[family]}`, async (t) => {
      world.reset()
      await accepts(t, world, { family, sent: { ...json({}), payload: `{"${TEXT[family]}":"first","${TEXT[family]}":"last"}` }, stored: { [TEXT[family]]: 'last' } })
    })
  }
})

await t.test('dates in', (t) => runCases(t, world, [
  { family: 'community', title: 'YYYY-MM-DD', json: { date_of_birth: '1990-01-02' }, stored: { date_of_birth: '1990-01-02' } },
  { family: 'community', title: 'without the zeros', json: { date_of_birth: '1990-1-2' }, stored: { date_of_birth: '1990-01-02' } },
  { family: 'community', title: 'without the zeros', form: [['date_of_birth', '1990-1-2']], stored: { date_of_birth: '1990-01-02' } },
  { family: 'community', title: 'a day that is yet to come', json: { date_of_birth: '2999-12-31' }, stored: { date_of_birth: '2999-12-31' } },
]))

const SHOWN: Record<FamilyName, [key: string, column: string][]> = {
  community: [['date_joined', 'created_at']],
  staff: [['created_at', 'created_at'], ['updated_at', 'updated_at'], ['last_login', 'last_login_at']],
  personal: [['date_joined', 'created_at'], ['last_login', 'last_login_at']],
}
await t.test('datetimes out: UTC with Z, microseconds only when there is a fraction', async (t) => {
  for (const family of NAMES) {
    for (const [key, column] of SHOWN[family]) {
      for (const [time, text] of [[1_672_574_400_000, '2023-01-01T12:00:00Z'], [1_754_490_225_120, '2025-08-06T14:23:45.120000Z']] as const) {
        store.set(ada.id, { [column]: time })
        const { actor, read } = FAMILIES[family]
        const response = await world.app.inject({ ...read(ada.id), headers: actor(world) })
        t.equal(response.json()[key], text, `${family}: ${key}`)
      }
    }
  }
})

await t.test('the address of a picture is absolute in community and staff, relative in personal', async (t) => {
  world.reset()
  const { avatar, cover } = store.row(ada.id)
  const shown = async (family: FamilyName) => (await send(world, { family, sent: json({}) })).json() as { avatar: string, cover?: string }
  t.match(await shown('community'), { avatar: `${ORIGIN}/media/avatars/${avatar}.webp`, cover: `${ORIGIN}/media/covers/${cover}.webp` })
  t.match(await shown('staff'), { avatar: `${ORIGIN}/media/avatars/${avatar}.webp` })
  t.match(await shown('personal'), { avatar: `${PATH}/media/avatars/${avatar}.webp` })
})

await t.test('an address is one address in any case', async (t) => {
  for (const sent of [json({ email: 'BOB@EXAMPLE.COM' }), urlencoded([['email', 'BOB@EXAMPLE.COM']]), form([['email', 'BOB@EXAMPLE.COM']])]) {
    await refuses(t, world, { family: 'personal', sent, status: 400, body: { email: ['user with this email already exists.'] } })
  }
})

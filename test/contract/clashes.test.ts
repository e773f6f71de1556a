import t from 'tap'
import { form } from '../helper.ts'
import { accepts, json, refuses, runCases, send } from './cases.ts'
import type { Case } from './cases.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import type { FamilyName } from './families.ts'
import { attributes, createWorld } from './world.ts'

/*
 * DESIGN §9, row by row. Where the rows that are not here are tried:
 *
 *   VISAGE_PUBLIC_URL                             public-url.test.ts
 *   ETag; what moves the version                  etag.test.ts
 *   presence                                      presence.test.ts
 *   file parts; JSON "" for a picture             values-pictures.test.ts
 *   body limits; 413                              limits.test.ts
 *   503, 507 (412: etag.test.ts)                  trouble.test.ts
 *   last active admin; staff's reach; e-mail;
 *   other people's ids                            roles.test.ts
 *   two Authorization headers                     credentials.test.ts
 *   CORS                                          cors.test.ts
 *   coverage                                      a figure of the whole, not a behaviour
 */
const TEXT: Record<FamilyName, string> = { community: 'real_name', staff: 'first_name', personal: 'first_name' }
const NULL = 'This field may not be null.'
const world = await createWorld(t)
const { app, store, ada, bob } = world

// Community and personal have neither booleans nor groups to leave out, and personal's PUT is partial.
await t.test('omitted booleans and groups in a form PUT are kept', async (t) => {
  for (const roles of [{ is_staff: 1, is_active: 1 }, { is_staff: 0, is_active: 0 }]) {
    await t.test(JSON.stringify(roles), async (t) => {
      const reset = () => { world.reset(); store.set(ada.id, roles) }
      await runCases(t, { ...world, reset }, [
        { family: 'staff', title: 'a PUT of two texts', method: 'PUT', form: [['username', 'ada'], ['first_name', 'New']], stored: { first_name: 'New' } },
        { family: 'staff', title: 'a PATCH of one', form: [['first_name', 'New']], stored: { first_name: 'New' } },
      ])
    })
  }
  store.set(ada.id, { is_staff: 0, is_active: 1 })
})

const NO_IDS = ['0', '01', '+1', '-1', '1e3', '1.0', '0x1', ' 1', '1%20', '%2B1', '１', '9007199254740992', '9007199254740993', '10000000000000000', '99999999999999999999', 'NaN', '1,2', '1;', 'null']
for (const family of NAMES) {
  await t.test(`${family}: ids have one spelling, and anything else is the family's 404`, async (t) => {
    const before = store.dump()
    const { edit, read, actor } = FAMILIES[family]
    for (const id of NO_IDS) {
      for (const target of [edit(encodeURI(id).replaceAll('%25', '%')), ...family === 'personal' ? [] : [read(encodeURI(id).replaceAll('%25', '%'))]]) {
        const response = await app.inject({ ...target, headers: actor(world), ...target.method !== 'GET' && { payload: { username: 'x' } } })
        t.equal(response.statusCode, 404, target.url)
        t.same(response.json(), problem(family, 'not_found', 'Not found.'))
      }
    }
    t.equal((await app.inject({ ...edit('9007199254740991'), headers: actor(world), payload: {} })).statusCode, 404, 'the largest id is one, of nobody')
    t.strictSame(store.dump(), before)
  })

  for (const [title, payload, type] of [
    ['garbage', 'this is no form', 'multipart/form-data; boundary=x'],
    ['a form that breaks off', '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nlost', 'multipart/form-data; boundary=x'],
    ['no boundary', '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nlost\r\n--x--\r\n', 'multipart/form-data'],
  ] as const) {
    await t.test(`${family}: multipart, ${title}: 400 parse error`, async (t) => {
      const before = store.dump()
      const response = await send(world, { family, sent: { payload, headers: { 'content-type': type } } })
      t.equal(response.statusCode, 400)
      t.match(response.body, 'Multipart form parse error - ')
      if (family === 'community') t.match(response.json(), { errors: [{ code: 'parse_error' }] })
      t.strictSame(store.dump(), before)
    })
  }

  for (const number of ['9007199254740992', '9007199254740993', '-9007199254740992', '1e400', '-1e400', '123456789012345678901234567890']) {
    await t.test(`${family}: the JSON number ${number} is 400, not rounded`, async (t) => {
      for (const payload of [`{"${TEXT[family]}":${number}}`, `{"unknown":[{"x":${number}}]}`]) {
        const before = store.dump()
        const response = await send(world, { family, sent: { payload, headers: json({}).headers } })
        t.equal(response.statusCode, 400)
        t.match(response.body, 'JSON parse error - ')
        t.strictSame(store.dump(), before)
      }
    })
  }
  await t.test(`${family}: the JSON number 2^53-1 is exact`, async (t) => {
    world.reset()
    await accepts(t, world, { family, sent: json({ [TEXT[family]]: 9007199254740991 }), stored: { [TEXT[family]]: '9007199254740991' } })
  })
}

await t.test('a repeated text field: the last wins; groups collects', (t) => runCases(t, world, [
  ...NAMES.map((family): Case => ({ family, title: 'a text', form: [[TEXT[family], 'a'], [TEXT[family], 'b'], [TEXT[family], 'c']], stored: { [TEXT[family]]: 'c' } })),
  { family: 'staff', title: 'a boolean', form: [['is_staff', 'false'], ['is_staff', 'true']], stored: { is_staff: 1 } },
  { family: 'staff', title: 'groups', form: [['groups', '3'], ['first_name', 'New'], ['groups', '2']], stored: { groups: [2, 3], first_name: 'New' } },
]))

// Community has no number.
await t.test('phone: one column, at most 20, "" is null, and 10 in personal for a new value', (t) => runCases(t, world, [
  ...[['staff', 'mobile_number'], ['personal', 'number_phone']].flatMap(([family, name]): Case[] => [
    { family: family as FamilyName, title: '"" is null', json: { [name as string]: '' }, stored: { phone: null } },
    { family: family as FamilyName, title: '"" is null', form: [[name as string, '']], stored: { phone: null } },
    { family: family as FamilyName, title: 'any characters', json: { [name as string]: 'ext. 5' }, stored: { phone: 'ext. 5' } },
  ]),
  { family: 'staff', title: '20', json: { mobile_number: '+1-555-0157-00000000' }, stored: { phone: '+1-555-0157-00000000' } },
  { family: 'staff', title: '21', json: { mobile_number: '+1-555-0157-000000000' }, refused: ['mobile_number', 'max_length', 'Ensure this field has no more than 20 characters.'] },
  { family: 'personal', title: '11', json: { number_phone: '12345678901' }, refused: ['number_phone', 'max_length', 'Ensure this field has no more than 10 characters.'] },
]))
const PASTED = '\u202a+49\u00a030\u2011901\u202c\u200e'
await t.test('G3 phone: what is invisible goes, and blanks are as one types them; the spelling stays', (t) => runCases(t, world, [
  { family: 'staff', title: 'as a contact app gives it', json: { mobile_number: PASTED }, stored: { phone: '+49 30\u2011901' } },
  { family: 'staff', title: 'as a contact app gives it', form: [['mobile_number', PASTED]], stored: { phone: '+49 30\u2011901' } },
  { family: 'personal', title: 'its limit is that of what is stored', json: { number_phone: '\u2066\u202a(030)\u20099018\u202c\u2069' }, stored: { phone: '(030) 9018' } },
  { family: 'personal', title: 'in a script of its own', json: { number_phone: '\u0660\u0663\u0660 \u0669\u0660\u0661' }, stored: { phone: '\u0660\u0663\u0660 \u0669\u0660\u0661' } },
  { family: 'staff', title: 'nothing but marks is none', json: { mobile_number: '\u202a\u202c' }, stored: { phone: null } },
  { family: 'personal', title: 'one without digits is kept', json: { number_phone: 'by mail' }, stored: { phone: 'by mail' } },
]))
await t.test('phone: not unique', async (t) => {
  store.set(bob.id, { phone: '555' })
  await runCases(t, world, [
    { family: 'staff', title: "bob's number", json: { mobile_number: '555' }, stored: { phone: '555' } },
    { family: 'personal', title: "bob's number", json: { number_phone: '555' }, stored: { phone: '555' } },
  ])
})

await t.test('text: NFC, trimmed, lengths in code points', (t) => runCases(t, world, [
  ...NAMES.flatMap((family): Case[] => [
    { family, title: 'NFC', json: { [TEXT[family]]: 'e\u0301' }, stored: { [TEXT[family]]: '\u00e9' } },
    { family, title: 'NFC', form: [[TEXT[family], 'e\u0301']], stored: { [TEXT[family]]: '\u00e9' } },
    { family, title: 'trimmed', form: [[TEXT[family], '\t x \u00a0']], stored: { [TEXT[family]]: 'x' } },
  ]),
  { family: 'community', title: 'a bio of 5,000 pictographs', json: { bio: '😀'.repeat(5_000) }, stored: { bio: '😀'.repeat(5_000) } },
  { family: 'community', title: 'a bio of 5,001', form: [['bio', '😀'.repeat(5_001)]], refused: ['bio', 'max_length', 'Ensure this field has no more than 5000 characters.', { limit: 5_000, found: 5_001 }] },
  { family: 'community', title: 'a description of 50 in two pieces each', json: { description: 'e\u0301'.repeat(50) }, stored: { description: '\u00e9'.repeat(50) } },
  { family: 'staff', title: 'a name of 150', json: { first_name: '😀'.repeat(150) }, stored: { first_name: '😀'.repeat(150) } },
  { family: 'personal', title: 'a number of 10', json: { number_phone: '😀'.repeat(10) }, stored: { phone: '😀'.repeat(10) } },
  { family: 'personal', title: 'a number of 11', json: { number_phone: '😀'.repeat(11) }, refused: ['number_phone', 'max_length', 'Ensure this field has no more than 10 characters.'] },
]))

const SEEN: [title: string, sent: string, kept: string][] = [
  ['a soft hyphen, a zero width space, a word joiner, a mark, a selector and a control', 'Au\u00adg\u200bu\u2060s\u200ft\ufe0fa\u0007', 'Augusta'],
  ['and the blanks inside of them', '\u200b\ufeff Augusta \u2060', 'Augusta'],
  ['Persian and Sinhala joiners', '\u0639\u0644\u06cc\u200c\u0631\u0636\u0627 \u0d9a\u0dca\u200d\u0dbb', '\u0639\u0644\u06cc\u200c\u0631\u0636\u0627 \u0d9a\u0dca\u200d\u0dbb'],
  ['emoji of several, and of one in colour', '\u{1f469}\u200d\u{1f680} \u2764\ufe0f', '\u{1f469}\u200d\u{1f680} \u2764\ufe0f'],
  ['the flag of England, and what is left of one', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} \u{e0067}\u{e007f}', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
  ['the form of a Chinese letter', '\u8fbb\u{e0100}', '\u8fbb\u{e0100}'],
  ['pairs of direction marks', '\u202bAda\u202c \u2067(\u202a1\u202c)\u2069', '\u202bAda\u202c \u2067(\u202a1\u202c)\u2069'],
  ['one of a pair alone', '\u202c\u202eAda\u2069 \u2067x\u202ey\u2069', 'Ada \u2067xy\u2069'],
  ['nothing that anybody sees', '\u200d\u2066\u2069\u3164 \u200c', ''],
]
await t.test('G1 text nobody sees: joiners and paired direction marks stay, the rest leaves texts of one line', (t) => runCases(t, world, [
  ...NAMES.flatMap((family) => SEEN.flatMap(([title, text, kept]): Case[] => [
    { family, title, json: { [TEXT[family]]: text }, stored: { [TEXT[family]]: kept } },
    { family, title, form: [[TEXT[family], text]], stored: { [TEXT[family]]: kept } },
  ])),
  { family: 'community', title: 'a text of several lines stays as it is', json: { bio: 'one\u00ad\n\u202etwo' }, stored: { bio: 'one\u00ad\n\u202etwo' } },
  { family: 'community', title: 'the limit is that of what is stored', json: { description: `${'\u200b'.repeat(60)}${'d'.repeat(50)}` }, stored: { description: 'd'.repeat(50) } },
  { family: 'community', title: 'a username is judged as it came', json: { username: 'a\u200bda' }, refused: ['username', 'invalid', 'Enter a valid value.'] },
]))

await t.test('gender: staff accepts null and "" for unspecified, and shows it as null', (t) => runCases(t, world, [
  { family: 'staff', title: 'null', json: { gender: null }, stored: { gender: 'unspecified' } },
  { family: 'staff', title: '""', json: { gender: '' }, stored: { gender: 'unspecified' } },
  { family: 'staff', title: '""', form: [['gender', '']], stored: { gender: 'unspecified' } },
  { family: 'staff', title: 'non-binary', json: { gender: 'non-binary' }, stored: { gender: 'non-binary' } },
  { family: 'community', title: 'Unspecified', json: { gender: 'Unspecified' }, stored: { gender: 'unspecified' } },
]))

await t.test('newer staff keys are ignored; password on POST only', async (t) => {
  const newer = { is_email_verified: true, invited_by: 2, permissions: ['all'], is_customer: true, password: 'another one!' }
  for (const method of ['PUT', 'PATCH'] as const) {
    for (const sent of [json({ ...newer, username: 'ada' }), form([...Object.keys(newer).map((name) => [name, 'true'] as [string, string]), ['username', 'ada']])]) {
      world.reset()
      await accepts(t, world, { family: 'staff', method, sent, stored: {} })
    }
  }
})

await t.test('null for a text field: cleared in community, 400 in staff and personal', (t) => runCases(t, world, [
  ...['real_name', 'bio', 'location', 'location_lat_lng', 'position_lat_lng', 'description', 'website'].map((name): Case => (
    { family: 'community', title: name, json: { [name]: null }, stored: { [name]: '' } })),
  ...['company_name', 'company_role'].map((name): Case => (
    { family: 'community', title: name, json: { [name]: null }, stored: { attributes: attributes({ [name]: '' }) } })),
  ...(['staff', 'personal'] as const).flatMap((family) => ['username', 'first_name', 'last_name'].map((name): Case => (
    { family, title: name, json: { [name]: null }, refused: [name, 'null', NULL] }))),
]))

await t.test('community: PATCH and PUT of another person, by staff or an admin as well, are 403', async (t) => {
  const before = store.dump()
  for (const method of ['PATCH', 'PUT'] as const) {
    const response = await app.inject({ method, url: `/api/v2/user/${ada.id}/`, headers: world.token, payload: { username: 'x' } })
    t.equal(response.statusCode, 403)
    t.same(response.json(), problem('community', 'permission_denied', 'You do not have permission to perform this action.'))
  }
  t.strictSame(store.dump(), before)
})

await t.test('a second Content-Type of the same body does not help: multipart in JSON clothes is a parse error', async (t) => {
  const { payload } = form([['username', 'x']])
  for (const family of NAMES) {
    const response = await send(world, { family, sent: { payload, headers: json({}).headers } })
    const said = family === 'community' ? response.json().errors[0].message : response.json().detail
    await refuses(t, world, { family, sent: { payload, headers: json({}).headers }, status: 400, body: problem(family, 'parse_error', said) })
  }
})

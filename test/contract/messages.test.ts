import t from 'tap'
import { runCases } from './cases.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1.2, the rows about texts, dates and choices. Rows without a case here, and why:
 *
 *   required (file)             no route of today requires a file
 *   min_length                  only passwords have a least length: personal-sign-in.test.ts
 *   invalid (email)             community cannot write the address
 *   invalid (url), (date)       only community has an address of a site, and a date
 *   invalid_choice              personal has no choice
 *   invalid (datetime)          no family can write a point in time
 *   invalid (bool), groups      messages-sets.test.ts: only staff has them
 *   files                       messages-pictures.test.ts
 */
const BLANK = 'This field may not be blank.'
const NULL = 'This field may not be null.'
const REQUIRED = 'This field is required.'
const NOT_TEXT = 'Not a valid string.'
const NUL = 'Null characters are not allowed.'
const EMAIL = 'Enter a valid email address.'
const URL = 'Enter a valid URL.'
const VALUE = 'Enter a valid value.'
const USERNAME = 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.'
const DATE = 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'
const longer = (n: number) => `Ensure this field has no more than ${n} characters.`
const a = (n: number) => 'a'.repeat(n)
const site = (n: number) => `https://example.com/${a(n - 20)}`

const world = await createWorld(t)

await t.test('required', (t) => runCases(t, world, [
  { family: 'community', title: 'a PUT without the username', method: 'PUT', json: { bio: 'x' }, refused: ['username', 'required', REQUIRED] },
  { family: 'community', title: 'a PUT without the username', method: 'PUT', form: [['bio', 'x']], refused: ['username', 'required', REQUIRED] },
  { family: 'staff', title: 'a PUT without the username', method: 'PUT', json: { first_name: 'x' }, refused: ['username', 'required', REQUIRED] },
  { family: 'staff', title: 'a PUT without the username', method: 'PUT', form: [['first_name', 'x']], refused: ['username', 'required', REQUIRED] },
  // Personal's PUT is partial and requires nothing; its sign-up does (personal-sign-in.test.ts).
  { family: 'personal', title: 'a PUT without the username is fine', json: { first_name: 'x' }, stored: { first_name: 'x' } },
]))

await t.test('null', (t) => runCases(t, world, [
  { family: 'community', title: 'the username', json: { username: null }, refused: ['username', 'null', NULL] },
  { family: 'staff', title: 'the username', json: { username: null }, refused: ['username', 'null', NULL] },
  { family: 'staff', title: 'both names', json: { first_name: null, last_name: null }, refused: [['first_name', 'null', NULL], ['last_name', 'null', NULL]] },
  { family: 'personal', title: 'the username and the address', json: { username: null, email: null }, refused: [['username', 'null', NULL], ['email', 'null', NULL]] },
  { family: 'personal', title: 'both names', json: { first_name: null, last_name: null }, refused: [['first_name', 'null', NULL], ['last_name', 'null', NULL]] },
]))

await t.test('blank', (t) => runCases(t, world, (['community', 'staff', 'personal'] as const).flatMap((family) => [
  { family, title: 'the username', json: { username: '' }, refused: ['username', 'blank', BLANK] as const },
  { family, title: 'a username of spaces', json: { username: '  \t ' }, refused: ['username', 'blank', BLANK] as const },
  { family, title: 'the username', form: [['username', '']] as [string, string][], refused: ['username', 'blank', BLANK] as const },
])))
await t.test('blank', (t) => runCases(t, world, [
  { family: 'personal', title: 'the address', json: { email: '' }, refused: ['email', 'blank', BLANK] },
  { family: 'personal', title: 'the address', form: [['email', '']], refused: ['email', 'blank', BLANK] },
]))

await t.test('invalid (char)', (t) => runCases(t, world, [
  ...[true, false, ['x'], [], { x: 1 }].flatMap((value) => [
    { family: 'community' as const, title: `${JSON.stringify(value)} for a text`, json: { bio: value, username: value }, refused: [['username', 'invalid', NOT_TEXT], ['bio', 'invalid', NOT_TEXT]] as [string, string, string][] },
    { family: 'staff' as const, title: `${JSON.stringify(value)} for a text`, json: { first_name: value, mobile_number: value }, refused: [['mobile_number', 'invalid', NOT_TEXT], ['first_name', 'invalid', NOT_TEXT]] as [string, string, string][] },
    { family: 'personal' as const, title: `${JSON.stringify(value)} for a text`, json: { first_name: value, email: value }, refused: [['email', 'invalid', NOT_TEXT], ['first_name', 'invalid', NOT_TEXT]] as [string, string, string][] },
  ]),
  { family: 'community', title: 'JSON numbers are accepted and stringified', json: { bio: 5, location: 1.5e3 }, stored: { bio: '5', location: '1500' } },
  { family: 'staff', title: 'JSON numbers are accepted and stringified', json: { first_name: 5, mobile_number: 5550100 }, stored: { first_name: '5', phone: '5550100' } },
  { family: 'personal', title: 'JSON numbers are accepted and stringified', json: { first_name: 2.5, number_phone: 5550100 }, stored: { first_name: '2.5', phone: '5550100' } },
]))

const LIMITS = {
  community: { username: ['username', 255], real_name: ['real_name', 255], bio: ['bio', 5000], location: ['location', 100], description: ['description', 50] },
  staff: { username: ['username', 150], mobile_number: ['phone', 20], first_name: ['first_name', 150], last_name: ['last_name', 150] },
  personal: { username: ['username', 150], first_name: ['first_name', 200], last_name: ['last_name', 200], number_phone: ['phone', 10] },
} as const
await t.test('max_length', (t) => runCases(t, world, [
  ...(['community', 'staff', 'personal'] as const).flatMap((family) => Object.entries(LIMITS[family] as Record<string, readonly [string, number]>).flatMap(([field, [column, max]]) => [
    { family, title: `${field} of ${max}`, json: { [field]: a(max) }, stored: { [column]: a(max) } },
    { family, title: `${field} of ${max + 1}`, json: { [field]: a(max + 1) }, refused: [field, 'max_length', longer(max), { limit: max, found: max + 1 }] as const },
    { family, title: `${field} of ${max + 1}`, form: [[field, a(max + 1)]] as [string, string][], refused: [field, 'max_length', longer(max), { limit: max, found: max + 1 }] as const },
  ])),
  { family: 'community', title: 'website of 200', json: { website: site(200) }, stored: { website: site(200) } },
  { family: 'community', title: 'website of 201', json: { website: site(201) }, refused: ['website', 'max_length', longer(200), { limit: 200, found: 201 }] },
  { family: 'personal', title: 'email of 201', json: { email: `a@${`${a(49)}.`.repeat(3)}${a(45)}.com` }, refused: ['email', 'max_length', longer(200)] },
]))

await t.test('null_characters_not_allowed', (t) => runCases(t, world, [
  { family: 'community', title: 'in a text', json: { bio: 'a\0b' }, refused: ['bio', 'null_characters_not_allowed', NUL] },
  { family: 'community', title: 'in a text', form: [['real_name', 'a\0b']], refused: ['real_name', 'null_characters_not_allowed', NUL] },
  { family: 'staff', title: 'in a text', json: { first_name: 'a\0' }, refused: ['first_name', 'null_characters_not_allowed', NUL] },
  { family: 'staff', title: 'in a text', form: [['mobile_number', '\0']], refused: ['mobile_number', 'null_characters_not_allowed', NUL] },
  { family: 'personal', title: 'in a text', json: { last_name: 'a\0b' }, refused: ['last_name', 'null_characters_not_allowed', NUL] },
  { family: 'personal', title: 'in a text', form: [['first_name', 'a\0b']], refused: ['first_name', 'null_characters_not_allowed', NUL] },
]))

await t.test('invalid (email)', (t) => runCases(t, world, (['staff', 'personal'] as const).flatMap((family) => [
  ...['ada', 'ada@', '@example.com', 'a b@example.com', 'ada@example', 'ada@-x.com', 'a..b@example.com'].map((email) => (
    { family, title: email, json: { email }, refused: ['email', 'invalid', EMAIL] as const })),
  { family, title: 'ada', form: [['email', 'ada']] as [string, string][], refused: ['email', 'invalid', EMAIL] as const },
])))

await t.test('invalid (url)', (t) => runCases(t, world, [
  ...['www.x.com', 'javascript:alert(1)', 'http://', 'mailto:ada@example.com', 'http://a b.com', '//example.com'].map((website) => (
    { family: 'community' as const, title: website, json: { website }, refused: ['website', 'invalid', URL] as const })),
  { family: 'community', title: 'www.x.com', form: [['website', 'www.x.com']], refused: ['website', 'invalid', URL] },
  ...['http://example.com', 'https://example.com/a?b=c#d', 'ftp://example.com/x', 'ftps://example.com', 'http://localhost'].map((website) => (
    { family: 'community' as const, title: `${website} is one`, json: { website }, stored: { website } })),
]))

await t.test('invalid (regex validator)', (t) => runCases(t, world, [
  ...['a b', 'a.b', 'a@b', 'añá', '\u017Fam', '\u212Aim'].map((username) => (
    { family: 'community' as const, title: `the username ${username}`, json: { username }, refused: ['username', 'invalid', VALUE] as const })),
  { family: 'community', title: 'the username a b', form: [['username', 'a b']], refused: ['username', 'invalid', VALUE] },
  { family: 'community', title: 'a position out of range', json: { position_lat_lng: '91,0' }, refused: ['position_lat_lng', 'invalid', VALUE] },
  { family: 'community', title: 'a location in words', form: [['location_lat_lng', 'here']], refused: ['location_lat_lng', 'invalid', VALUE] },
  ...(['staff', 'personal'] as const).flatMap((family) => [
    // CONTRACT §4 has Unicode names; DESIGN §4 allows ASCII only (SECURITY §0.13).
    ...['a b', 'a/b', 'añá', '\u017Fam', '\u212Aim'].map((username) => ({ family, title: `the username ${username}`, json: { username }, refused: ['username', 'invalid', USERNAME] as const })),
    { family, title: 'the username a b', form: [['username', 'a b']] as [string, string][], refused: ['username', 'invalid', USERNAME] as const },
    { family, title: 'the username a.b+c@d-e_f is one', json: { username: 'a.b+c@d-e_f' }, stored: { username: 'a.b+c@d-e_f' } },
  ]),
]))

await t.test('invalid_choice', (t) => runCases(t, world, [
  ...['other', 'male', 'FEMALE'].map((gender) => (
    { family: 'community' as const, title: gender, json: { gender }, refused: ['gender', 'invalid_choice', `"${gender}" is not a valid choice.`] as const })),
  { family: 'community', title: 'other', form: [['gender', 'other']], refused: ['gender', 'invalid_choice', '"other" is not a valid choice.'] },
  ...['other', 'Male', 'unspecified'].map((gender) => (
    { family: 'staff' as const, title: gender, json: { gender }, refused: ['gender', 'invalid_choice', `"${gender}" is not a valid choice.`] as const })),
  { family: 'staff', title: 'Male', form: [['gender', 'Male']], refused: ['gender', 'invalid_choice', '"Male" is not a valid choice.'] },
]))

await t.test('unique', (t) => runCases(t, world, [
  ...(['community', 'staff', 'personal'] as const).flatMap((family) => ['bob', 'BoB'].flatMap((username) => [
    { family, title: `the username ${username}`, json: { username }, refused: ['username', 'unique', 'A user with that username already exists.'] as const },
    { family, title: `the username ${username}`, form: [['username', username]] as [string, string][], refused: ['username', 'unique', 'A user with that username already exists.'] as const },
  ])),
  ...(['staff', 'personal'] as const).flatMap((family) => ['bob@example.com', 'BOB@Example.com'].flatMap((email) => [
    { family, title: `the address ${email}`, json: { email }, refused: ['email', 'unique', 'user with this email already exists.'] as const },
    { family, title: `the address ${email}`, form: [['email', email]] as [string, string][], refused: ['email', 'unique', 'user with this email already exists.'] as const },
  ])),
  { family: 'community', title: "one's own username in another case is one's own", json: { username: 'ADA' }, stored: { username: 'ADA' } },
]))

await t.test('invalid (date)', (t) => runCases(t, world, [
  ...['1990-13-01', '1990-02-30', '01/02/1990', 'yesterday', '1990-01-02T00:00:00Z', '0000-01-01'].map((date) => (
    { family: 'community' as const, title: date, json: { date_of_birth: date }, refused: ['date_of_birth', 'invalid', DATE] as const })),
  { family: 'community', title: 'a number', json: { date_of_birth: 19900102 }, refused: ['date_of_birth', 'invalid', DATE] },
  { family: 'community', title: 'a list', json: { date_of_birth: ['1990-01-02'] }, refused: ['date_of_birth', 'invalid', DATE] },
  { family: 'community', title: 'yesterday', form: [['date_of_birth', 'yesterday']], refused: ['date_of_birth', 'invalid', DATE] },
]))

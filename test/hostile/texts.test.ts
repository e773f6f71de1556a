import t from 'tap'
import { PASSWORD, build, form, signUp, urlencoded } from '../helper.ts'
import type { Person } from '../helper.ts'
import { UPDATES, at, blamed, named } from './routes.ts'
import type { Family, Route } from './routes.ts'
import { openRows } from './traces.ts'

const built = await build(t)
const { app, dataDir } = built
// Names of ASCII that the two letters below fold into.
const kelvin = await signUp(built, 'kelvin')
await signUp(built, 'session')
const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
const rows = openRows(dataDir)
t.teardown(rows.close)

const SIGN_UP: Route = { family: 'personal', method: 'POST', path: '/api/sign-up/' }
type Fields = Record<string, string>

/** The three encodings of the same fields. */
function encodings (fields: Fields): Record<string, { payload: string | Buffer, headers: { 'content-type': string } }> {
  const pairs = Object.entries(fields)
  return { JSON: { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }, urlencoded: urlencoded(pairs), multipart: form(pairs) }
}

const send = (route: Route, { payload, headers }: { payload: string | Buffer, headers: { 'content-type': string } }, person: Person = ada) =>
  app.inject({ method: route.method, url: at(route, person.id), payload, headers: { ...headers, ...route !== SIGN_UP && person.headers } })

const newcomer = (fields: Fields): Fields => ({ username: 'newcomer', email: 'newcomer@example.com', password: PASSWORD, ...fields })

async function refused (route: Route, name: string, value: string): Promise<string[]> {
  const wrong: string[] = []
  const fields = route === SIGN_UP ? newcomer({ [name]: value }) : { username: 'ada', [name]: value }
  for (const [encoding, body] of Object.entries(encodings(fields))) {
    const response = await send(route, body)
    const isRefused = response.statusCode === 400 && blamed(route.family, response.body)?.join() === name
    if (!isRefused) wrong.push(`${named(route)} ${encoding} ${JSON.stringify(value)}: ${response.statusCode} ${response.body.slice(0, 100)}`)
  }
  return wrong
}

t.test('a username is ASCII, whatever its letters look like or fold into', async (t) => {
  const before = rows.all()
  const names = [
    '\u212Aelvin', 'new\u212Aelvin', '\u212A', '\u017Fession', 'ses\u017Fion', 'new\u017F', '\u0130da', '\u0131da', 'ad\u0430', '\uFF41da', 'a\u0301da', '\u00E1da', 'ada\u200B', 'ada\u200D', 'a\u00ADda', 'ada\u202E',
    'ada\uFE0F', '\u2060ada', 'a da', 'ada\u00A0x', 'a\u2003a', 'a/da', 'a\\da', 'a<b>', "a'b", 'a"b', 'a;b', 'a%00', 'a\nb', 'a\tb', 'a\u0001b', 'a\u007Fb', 'ﬁn', 'straße', 'Ⅳ', '𝐚𝐝𝐚', '٣', '日本', '🙂',
  ]
  const routes = [...UPDATES, SIGN_UP]
  const wrong: string[] = []
  for (const route of routes) for (const name of names) wrong.push(...await refused(route, 'username', name))
  t.same(wrong, [])
  t.same(rows.all(), before)
  t.comment(`${routes.length * names.length * 3} cells`)
})

t.test('an e-mail address is ASCII as well', async (t) => {
  const before = rows.all()
  const routes = [...UPDATES.filter(({ family }) => family !== 'community'), SIGN_UP]
  const addresses = ['\u212Aelvin@example.com', '\u017Fession@example.com', 'kelvin@exam\u212Aple.com', 'a@\uFF45xample.com', 'a\u0301@example.com', 'kelvin@example.com\u200B']
  const wrong: string[] = []
  for (const route of routes) for (const address of addresses) wrong.push(...await refused(route, 'email', address))
  t.same(wrong, [])
  t.same(rows.all(), before)
  t.comment(`${routes.length * addresses.length * 3} cells`)
})

t.test('a name or an address is taken in whatever case, through every family', async (t) => {
  const before = rows.all()
  const wrong: string[] = []
  for (const route of [...UPDATES, SIGN_UP]) {
    for (const name of ['kelvin', 'KELVIN', 'Kelvin', 'kELVIn', 'Session']) wrong.push(...await refused(route, 'username', name))
    if (route.family !== 'community') for (const address of ['kelvin@example.com', 'KELVIN@EXAMPLE.COM', 'Kelvin@Example.com']) wrong.push(...await refused(route, 'email', address))
  }
  t.same(wrong, [])
  t.same(rows.all(), before)

  for (const [i, route] of UPDATES.entries()) {
    const own = ['KELVIN', 'Kelvin', 'kELVIN', 'kelviN', 'kelvin'][i] ?? ''
    // Staff reach their own account as well; nobody ordinary is in the staff family.
    const person = route.family === 'staff' ? ada : kelvin
    const name = person === ada ? own.replace(/kelvin/i, i % 2 === 0 ? 'ADA' : 'Ada') : own
    const response = await send(route, encodings({ username: name }).JSON as never, person)
    t.equal(response.statusCode, 200, `${named(route)}: one's own name in another case`)
    t.equal(rows.user(person.id).username, name)
  }
  for (const email of ['KELVIN@example.com', 'Kelvin@Example.Com']) {
    const response = await app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email, password: PASSWORD } })
    t.equal(response.json<{ user: { id: number } }>().user.id, kelvin.id, 'and signs in so')
  }
})

t.test('texts are stored composed and well formed', async (t) => {
  const TEXT: Record<Family, string> = { community: 'real_name', staff: 'last_name', personal: 'last_name' }
  const texts: [sent: string, stored: string][] = [
    ['Ame\u0301lie', 'Am\u00E9lie'], ['\u1112\u1161\u11AB', '\uD55C'], ['\u212B', '\u00C5'], ['  Zed \u00A0', 'Zed'], ['ﬁ', 'ﬁ'], ['🙂', '🙂'], ['\u{1F468}\u200D\u{1F469}', '\u{1F468}\u200D\u{1F469}'], ['a\uFFFDb', 'a\uFFFDb'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'], ["'; drop table users; --", "'; drop table users; --"], ['${7*7} %s %n {{x}}', '${7*7} %s %n {{x}}'], ['a\r\nSet-Cookie: x=1', 'a\r\nSet-Cookie: x=1'],
  ]
  const name = rows.user(ada.id).username as string
  for (const route of UPDATES) {
    for (const [sent, stored] of texts) {
      for (const [encoding, body] of Object.entries(encodings({ username: name, [TEXT[route.family]]: sent }))) {
        const response = await send(route, body)
        t.equal(response.statusCode, 200, `${named(route)} ${encoding} ${JSON.stringify(sent)}`)
        t.equal(rows.user(ada.id)[TEXT[route.family]], stored)
        t.equal(response.json<Fields>()[TEXT[route.family]], stored)
        t.equal(response.headers['set-cookie'], undefined)
      }
    }
  }
  t.comment(`${UPDATES.length * texts.length * 3} cells`)
})

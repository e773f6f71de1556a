import t from 'tap'
import { build, form, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { filesOf } from '../images/sets.ts'
import { CRLF, TEXT, TYPE, broken, field, file, nameIs, part, username, whole } from './forms.ts'
import { UPDATES, WRITES, at, blamed, named } from './routes.ts'
import type { Route } from './routes.ts'
import { changed, filesBelow, openRows, staged } from './traces.ts'

const built = await build(t)
const { app, dataDir } = built
const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
const headers = await tokenOf(built, ada)
const rows = openRows(dataDir)
t.teardown(rows.close)
const png = await picture()

async function send (route: Route, payload: Buffer | string, type = TYPE) {
  const started = performance.now()
  const response = await app.inject({ method: route.method, url: at(route, ada.id), payload, headers: { ...headers, 'content-type': type } })
  return { ...response, statusCode: response.statusCode, body: response.body, ms: performance.now() - started }
}

t.test('what is no whole form is 400 and leaves nothing', async (t) => {
  const before = rows.all()
  const files = filesBelow(dataDir)
  let cells = 0
  for (const route of WRITES) {
    for (const [name, [payload, type]] of Object.entries(broken(TEXT[route.family], png))) {
      const { statusCode, body, ms } = await send(route, payload, type)
      cells++
      t.equal(statusCode, 400, `${named(route)}: ${name}`)
      t.same(blamed(route.family, body), [''], body)
      t.match(body, /Multipart form parse error - /)
      t.ok(ms < 5_000, 'in no time')
    }
  }
  t.same(await staged(dataDir), [])
  t.same(rows.all(), before)
  t.same(filesBelow(dataDir), files)
  t.equal((await app.inject('/health/live')).statusCode, 200)
  t.comment(`${cells} cells`)
})

/** Forms past a limit or with hostile parts. What is expected: the statuses, all of which leave the row alone, and the names blamed. */
function excessive (route: Route): Record<string, [Buffer, number, string]> {
  const text = TEXT[route.family]
  return {
    'a text of 50 KB': [whole(username, field(text, 'x'.repeat(50_000))), 400, text],
    'a text of 5 MB': [whole(username, field(text, 'x'.repeat(5_000_000))), 413, ''],
    'a text of 5 MB under an unknown name, and one of 10 MB': [whole(username, field('unknown', 'x'.repeat(5_000_000)), field('more', 'x'.repeat(10_000_000))), 413, ''],
    '5 MB in many texts': [whole(username, ...Array.from({ length: 150 }, (_, i) => field(i % 2 === 0 ? text : `f${i}`, 'x'.repeat(35_000)))), 413, ''],
    // Names are kept as well.
    '1 MB in names': [whole(username, ...Array.from({ length: 150 }, (_, i) => field(`${i}`.padEnd(7_000, 'x'), ''))), 413, ''],
    '201 parts': [whole(username, ...Array.from({ length: 200 }, (_, i) => field(`f${i}`, 'x'))), 413, ''],
    '20,000 parts': [whole(username, ...Array.from({ length: 20_000 }, () => field(text, 'x'))), 413, ''],
    '20,000 files': [whole(username, ...Array.from({ length: 20_000 }, (_, i) => file(`f${i}`, 'a.png', Buffer.from('x')))), 413, ''],
    'a file larger than the form may be': [whole(username, file('avatar', 'a.png', Buffer.concat([png, Buffer.alloc(9 * 1_024 ** 2)]))), 413, ''],
    'two files for one picture': [whole(username, file('avatar', 'a.png', png), file('avatar', 'b.png', png)), 400, 'avatar'],
    'a hundred files for one picture': [whole(username, ...Array.from({ length: 100 }, () => file('avatar', 'a.png', png))), 400, 'avatar'],
    'a file for a text': [whole(username, file(text, 'a.txt', Buffer.from('changed'))), 400, text],
    'a text for a picture': [whole(username, field('avatar', '/etc/passwd')), 400, 'avatar'],
    'a named file of nothing': [whole(username, file('avatar', 'a.png', Buffer.alloc(0))), 400, 'avatar'],
    'a text called avatar.png': [whole(username, file('avatar', 'avatar.png', Buffer.from('changed'))), 400, 'avatar'],
    'a page called avatar.png': [whole(username, file('avatar', 'avatar.png', Buffer.from('<svg onload="alert(1)"/>'))), 400, 'avatar'],
    'half a picture': [whole(username, field(text, 'changed'), file('avatar', 'a.png', png.subarray(0, png.length / 2))), 400, 'avatar'],
    'a file called __proto__': [whole(username, file('__proto__', 'a.png', png)), 400, ''],
    'a file called constructor': [whole(username, file('constructor', 'a.png', png)), 400, ''],
    'a good picture before a forbidden name': [whole(username, file('avatar', 'a.png', png), field('__proto__', 'x')), 400, ''],
    'a good picture before a bad text': [whole(username, file('avatar', 'a.png', png), field(text, 'a\0b')), 400, text],
  }
}

t.test('what is too much, or no value, is 400 or 413 and leaves nothing', async (t) => {
  const before = rows.all()
  const files = filesBelow(dataDir)
  let cells = 0
  let slowest = 0
  for (const route of UPDATES) {
    for (const [name, [payload, status, blame]] of Object.entries(excessive(route))) {
      const { statusCode, body, ms } = await send(route, payload)
      cells++
      slowest = Math.max(slowest, ms)
      t.equal(statusCode, status, `${named(route)}: ${name}`)
      t.same(blamed(route.family, body), [blame], body.slice(0, 200))
    }
  }
  t.ok(slowest < 5_000, 'in no time')
  t.same(await staged(dataDir), [])
  t.same(rows.all(), before)
  t.same(filesBelow(dataDir), files)
  t.equal((await app.inject('/health/live')).statusCode, 200)
  t.comment(`${cells} cells, the slowest ${Math.round(slowest)} ms`)
})

t.test('parts with hostile headers are read as what they are, or refused', async (t) => {
  const odd: Record<string, string> = {
    'a header called __proto__': `${nameIs('x')}${CRLF}__proto__: polluted`,
    'a header called constructor': `${nameIs('x')}${CRLF}constructor: polluted`,
    'no disposition': 'Content-Type: text/plain',
    'no header': 'x',
    'no name': 'Content-Disposition: form-data',
    'an empty name': nameIs(''),
    'an attachment': 'Content-Disposition: attachment; name="bio"',
    'a name of 1,000': nameIs('n'.repeat(1_000)),
    'a known name that goes on': nameIs(`username${'x'.repeat(1_000)}`),
    'a name of 100,000': nameIs('n'.repeat(100_000)),
    '3,000 headers': nameIs('x') + Array.from({ length: 3_000 }, (_, i) => `${CRLF}X-${i}: 1`).join(''),
    'a header of 100,000': `${nameIs('x')}${CRLF}X-Long: ${'x'.repeat(100_000)}`,
    'a parameter 1,000 times': nameIs('x') + '; name="y"'.repeat(1_000),
    'a form within': `${nameIs('x')}${CRLF}Content-Type: multipart/mixed; boundary=inner`,
    'a charset that is not ours': `${nameIs('x')}${CRLF}Content-Type: text/plain; charset=utf-16`,
    'a charset that does not exist': `${nameIs('x')}${CRLF}Content-Type: text/plain; charset=${'x'.repeat(500)}`,
    'a transfer encoding': `${nameIs('x')}${CRLF}Content-Transfer-Encoding: base64`,
    'an encoded file name': `${nameIs('x')}; filename*=utf-8''..%2f..%2fx%00.png`,
    'a broken encoded file name': `${nameIs('x')}; filename*=utf-8''%ff%zz`,
    'an open quote': 'Content-Disposition: form-data; name="x',
  }
  const files = filesBelow(dataDir)
  let cells = 0
  for (const route of UPDATES) {
    const before = rows.all()
    for (const [name, head] of Object.entries(odd)) {
      const { statusCode, body, ms } = await send(route, whole(username, part(head, 'changed')))
      cells++
      t.ok([200, 400, 413].includes(statusCode), `${named(route)}: ${name}: ${statusCode}`)
      if (statusCode !== 200) t.same(blamed(route.family, body), [''], body.slice(0, 200))
      t.ok(ms < 5_000, 'in no time')
    }
    t.same(rows.all(), before, 'none of them names a field')
  }
  t.same(Object.keys(Object.prototype), [])
  t.same(await staged(dataDir), [])
  t.same(filesBelow(dataDir), files)
  t.comment(`${cells} cells`)
})

t.test('the name of a file is nobody\'s', async (t) => {
  const names = [
    '../../evil.png', '../../../../../../tmp/evil.png', '..\\..\\evil.png', '/etc/passwd', 'C:\\evil.png', '\\\\host\\share', 'evil\0.png', '../evil\0', '....//....//evil', '%2e%2e%2fevil.png', '..%c0%afevil',
    '.htaccess', '.', '..', 'CON', 'NUL.png', 'evil.php', 'evil.html', 'evil.png.svg', 'evil\u202Egnp.exe', 'é'.repeat(200), 'x'.repeat(300), 'x'.repeat(100_000), 'evil; name=cover', "evil' or 1=1", '${evil}', '$(evil)', '`evil`', '-rf', '~', ' ', 'evil\t.png', '__proto__',
  ]
  for (const route of UPDATES) {
    for (const name of names) {
      const before = rows.user(ada.id)
      const { statusCode, body } = await send(route, whole(username, file('avatar', name, png)))
      t.equal(statusCode, 200, `${named(route)}: ${JSON.stringify(name.slice(0, 40))}: ${body.slice(0, 100)}`)
      const after = rows.user(ada.id)
      t.same(changed(before, after), ['avatar', 'updated_at', 'version'])
      t.match(after.avatar, /^[0-9a-f]{32}$/)
      t.notMatch(body, /evil|passwd/)
      t.same(filesBelow(dataDir).filter((each) => /evil|passwd|htaccess|\.up$/.test(each)), [])
      t.same(filesBelow(dataDir).filter((each) => each.startsWith('media/') && each.includes('.')), filesOf('media/avatars', String(after.avatar)).map((name) => `media/avatars/${name}`).sort(), 'the one picture, and no other file')
    }
  }
  t.same(await staged(dataDir), [])
  t.comment(`${UPDATES.length * names.length} cells`)
})

t.test('a good form still works', async (t) => {
  for (const route of UPDATES) {
    const { payload, headers: { 'content-type': type } } = form([['username', 'ada'], [TEXT[route.family], named(route)], ['avatar', { file: png }]])
    const { statusCode } = await send(route, payload, type)
    t.equal(statusCode, 200)
    t.equal(rows.user(ada.id)[TEXT[route.family]], named(route))
  }
})

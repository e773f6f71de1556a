import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { build, folderFor } from '../helper.ts'
import { newFolder, visage } from '../commands/visage.ts'

const DJANGO = join(import.meta.dirname, 'django')
const FLAGS = ['--database', join(DJANGO, 'db.sqlite3'), '--media', join(DJANGO, 'media')]
const lines = (text: string) => text.trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as { username: string, outcome: string, id?: number, lost: string[] })
const sum = (text: string) => text.trimEnd().split('\n').at(-1)

t.test('the users of a Django project come over, and sign in with the password that they had', async (t) => {
  const dataDir = await newFolder(t)
  const dry = await visage(dataDir, ['import', 'django', ...FLAGS, '--dry-run'])
  t.equal(dry.code, 1, 'one is left out')
  t.equal(sum(dry.stdout), 'it would be: 11 imported, 0 there already, 1 left out')
  t.equal((await visage(dataDir, ['fsck'])).stdout, '0 accounts, 0 pictures, 0 files: all in order\n', 'nothing came')

  const { code, stdout } = await visage(dataDir, ['import', 'django', ...FLAGS])
  t.equal(code, 1)
  t.match(lines(stdout), [
    { username: 'twin', outcome: 'imported', id: 8, lost: ['email argon2@example.com: somebody else has it'] },
    { username: 'broken', outcome: 'left out', lost: ['email: Enter a valid email address.'] },
    { username: 'weak', outcome: 'imported', id: 10, lost: ['password: the hash is of a kind that is not known'] },
    { username: 'lost', outcome: 'imported', id: 13, lost: ['avatar avatars/nowhere.jpg: there is no such file'] },
  ])
  t.equal(lines(stdout).length, 4)
  t.equal(sum(stdout), '11 imported, 0 there already, 1 left out')

  const again = await visage(dataDir, ['import', 'django', ...FLAGS])
  t.equal(sum(again.stdout), '0 imported, 11 there already, 1 left out', 'whoever is there is left as they are')
  t.match(await visage(dataDir, ['fsck']), { code: 0, stdout: /^11 accounts, 1 pictures, \d+ files: all in order\n$/ })
  t.same((await visage(dataDir, ['mail', 'list'])).stdout, '', 'nobody is asked by email to confirm anything')

  const { app, core } = await build(t, { dataDir })
  const signIn = async (login: string, password: string) => await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login, password } })
  for (const [i, hasher] of ['default', 'argon2', 'bcrypt_sha256', 'bcrypt', 'pbkdf2_sha1'].entries()) {
    const answer = await signIn(`${hasher}.user`, `old password of ${hasher}`)
    t.equal(answer.statusCode, 200, `${hasher}: ${answer.body}`)
    t.match(answer.json().person, { id: i + 1, firstName: 'Zoë', lastName: 'Ångström', phone: `555010${i}`, isActive: true, isStaff: false, groups: [{ name: 'Crew' }] })
    t.equal((await signIn(`${hasher}.user`, 'another password')).statusCode, 401)
  }
  t.match((await signIn('chief', 'old password of chief')).json().person, { id: 6, isStaff: true, isAdmin: true })
  t.equal((await signIn('twin', 'old password of twin')).json().person.email, null)
  t.equal((await signIn('weak', 'old password of weak')).statusCode, 401)
  const pictured = (await signIn('pictured', 'old password of pictured')).json().person
  t.match(pictured, { id: 12, avatar: { width: 64, height: 48 } })
  t.equal((await app.inject({ url: new URL(pictured.avatar.url).pathname })).statusCode, 200)
  t.match(await core.users.get(7), { username: 'gone', isActive: false, passwordHash: null, email: null })
  const joined = new Sqlite(join(DJANGO, 'db.sqlite3'), { readonly: true }).prepare("select date_joined from users_user where username = 'chief'").pluck().get() as string
  t.equal(new Date((await core.users.get(6)).createdAt).toISOString().slice(0, 23), joined.replace(' ', 'T').slice(0, 23), 'since when they are there')
})

t.test('an id that somebody has or had is not taken, and a mapping says what is called otherwise', async (t) => {
  const dataDir = await newFolder(t)
  for (const name of ['first', 'second']) await visage(dataDir, ['users', 'create', '--username', name])
  await visage(dataDir, ['users', 'remove', '--username', 'second', '--yes'])
  const home = folderFor(t)
  cpSync(join(DJANGO, 'db.sqlite3'), join(home, 'db.sqlite3'))
  const project = new Sqlite(join(home, 'db.sqlite3'))
  project.pragma('foreign_keys = OFF')
  project.exec("alter table users_user rename to people; alter table people add column about_me text; alter table people add column firm text; update people set about_me = 'Flies', firm = 'Engines', number_phone = '555' where id = 1; delete from people where id > 3")
  project.close()
  writeFileSync(join(home, 'mapping.json'), JSON.stringify({ table: 'people', columns: { about_me: 'bio', firm: 'attributes.company_name', number_phone: null } }))
  const { code, stdout } = await visage(dataDir, ['import', 'django', '--database', join(home, 'db.sqlite3'), '--mapping', join(home, 'mapping.json')])
  t.equal(code, 0, stdout)
  t.same(lines(stdout), [{ outcome: 'imported', from: 1, username: 'default.user', id: 4, lost: [] }, { outcome: 'imported', from: 2, username: 'argon2.user', id: 5, lost: [] }].map(({ id, ...line }) => ({ ...line, id })), 'told where it is another')
  t.match(JSON.parse((await visage(dataDir, ['users', 'show', '--username', 'default.user'])).stdout), { bio: 'Flies', phone: null, attributes: { company_name: 'Engines' } })
})

t.test('whatever stands in the columns: nobody is made more than they were, and each is told of', async (t) => {
  const dataDir = await newFolder(t)
  const file = join(folderFor(t), 'db.sqlite3')
  const project = new Sqlite(file)
  project.exec('create table users (id, username, password, last_login, email, first_name, is_active, is_staff, is_superuser, date_joined, constructor, phone)')
  const add = project.prepare('insert into users values (?, ?, null, null, ?, ?, ?, ?, ?, ?, ?, ?)')
  add.run(1, null, null, null, null, null, null, null, null, null)
  add.run('uuid-1', 'worded', null, 'Ada', 'true', 'False', 'no', 'yesterday', 'x', null)
  add.run(2n ** 62n, 'random', null, 'Bob', 1, 0, 0, '2020-01-01 00:00:00', null, null)
  add.run(7, 'bytes', Buffer.from('b@example.com'), Buffer.from([0xff, 0xfe]), 1, 0, 0, 5, null, 3.5)
  add.run(-3, 'below', null, null, 't', 0, 1, null, null, null)
  add.run(8, '../../etc/passwd', null, null, 1, 0, 0, null, null, null)
  project.close()
  const { code, stdout, stderr } = await visage(dataDir, ['import', 'django', '--database', file])
  t.equal(code, 1, stderr)
  t.match(stdout.match(/"username":"[^"]*"/g), ['"username":"below"', '"username":""', '"username":"bytes"', '"username":"../../etc/passwd"', '"username":"random"', '"username":"worded"'], 'in the order of SQLite')
  t.match(lines(stdout).find(({ username }) => username === 'bytes'), { outcome: 'imported', lost: ['email: bytes, and no text', 'first_name: bytes, and no text'] })
  const { core } = await build(t, { dataDir })
  t.match(await core.users.findByUsername('worded'), { isActive: true, isStaff: false, isAdmin: false, firstName: 'Ada' })
  t.match(await core.users.findByUsername('below'), { isActive: true, isAdmin: true })
  t.ok(Number((await core.users.findByUsername('random'))?.id) < 100, 'an id that is no number to count from is not kept, and nobody after it has one')
  t.match(await core.users.findByUsername('bytes'), { id: 7, email: null, firstName: '' })
})

t.test('what is no Django project is told in a sentence', async (t) => {
  const dataDir = await newFolder(t)
  const home = folderFor(t)
  const refused = async (flags: string[], message: RegExp) => { t.match(await visage(dataDir, ['import', 'django', ...flags]), { code: 2, stdout: '', stderr: message }) }
  await refused([], /^--database is needed\n$/)
  await refused(['--database', join(home, 'none')], /none is no database that can be read: /)
  writeFileSync(join(home, 'text'), 'text '.repeat(1_000))
  await refused(['--database', join(home, 'text')], /text is no database that can be read: /)
  const file = join(home, 'empty.sqlite3')
  const db = new Sqlite(file)
  db.exec('create table things (id integer)')
  await refused(['--database', file], /has no table of users: a mapping says which one it is\n$/)
  db.exec('create table a (id, password, last_login); create table b (id, password, last_login)')
  db.close()
  await refused(['--database', file], /has several tables of users \(a, b\): a mapping says which one it is\n$/)
  writeFileSync(join(home, 'mapping.json'), '{"table": "c"}')
  await refused(['--database', file, '--mapping', join(home, 'mapping.json')], /has no table c\n$/)
  await refused(['--database', file, '--mapping', join(home, 'none.json')], /^--mapping: /)
  for (const text of ['null', '[]', '{"table": 5}', '{"columns": null}', '{"columns": {"a": 1}}']) {
    writeFileSync(join(home, 'mapping.json'), text)
    await refused(['--database', file, '--mapping', join(home, 'mapping.json')], text === '[]' ? /has several tables/ : /^--mapping: .* is not like /)
  }
  const cut = join(home, 'cut.sqlite3')
  writeFileSync(cut, readFileSync(join(DJANGO, 'db.sqlite3')).fill(0xff, 8_192))
  await refused(['--database', cut], /cut\.sqlite3 (?:is no database that can be read|cannot be read to its end): /)
})

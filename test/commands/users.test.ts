import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { OPERATOR } from '../../src/app.ts'
import { codesOf } from '../authenticator.ts'
import { build, PASSWORD, signUp } from '../helper.ts'
import type { Built } from '../helper.ts'
import { newFolder, visage } from './visage.ts'

/** Runs a command that has to succeed; resolves to what it printed. */
async function done (t: Test, dataDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await visage(dataDir, args)
  t.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout.trimEnd()
}

async function refused (t: Test, dataDir: string, args: string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await visage(dataDir, args)
  t.equal(code, 2, args.join(' '))
  t.equal(stdout, '')
  t.match(stderr, message, args.join(' '))
  t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
}

const json = (text: string) => JSON.parse(text) as Record<string, unknown>

/** The log of what was done to somebody, the oldest first. */
const logOf = async ({ core }: Built, id: number) =>
  (await core.db.listChanges({ person: id, noun: 'account' }, { limit: 100 })).map(({ actorId, family, fields }) => ({ actorId, family, fields })).toReversed()

t.test('any field of an account, roles included, beside a server: it counts on the next request and stands in the log as the operator\'s', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const set = await done(t, dataDir, 'users', 'set', '--username', 'ADA', 'bio=Wrote = the first', 'isAdmin=true', 'attributes.company_name=Engine', 'extId=7', 'dateOfBirth=1815-12-10')
  const values = { bio: 'Wrote = the first', isAdmin: true, extId: '7', dateOfBirth: '1815-12-10' }
  t.match(json(set), { id: ada.id, ...values, attributes: { company_name: 'Engine' } })
  t.match((await app.inject({ url: '/v1/me', headers: ada.headers })).json(), values)
  t.same((await logOf(built, ada.id)).map(({ fields, ...row }) => ({ ...row, fields: fields.toSorted() })).at(-1), { actorId: null, family: 'operator', fields: ['attributes.company_name', 'bio', 'dateOfBirth', 'extId', 'isAdmin'] })

  t.same(json(await done(t, dataDir, 'users', 'set', '--id', String(ada.id), 'bio=', '--dry-run')), { bio: { from: 'Wrote = the first', to: '' } })
  t.equal(json(await done(t, dataDir, 'users', 'show', '--username', 'ada')).bio, 'Wrote = the first', 'nothing was changed')
  t.equal(json(await done(t, dataDir, 'users', 'set', '--username', 'ada', 'bio=')).bio, '')

  const of = (...args: string[]) => ['users', 'set', '--username', 'ada', ...args]
  await refused(t, dataDir, of('bip=x', 'isStaff=maybe', 'version=9'), /isStaff: Must be a valid boolean\..*version: .*bip: There is no such field\. Did you mean bio\?/)
  await refused(t, dataDir, of('bio'), /^bio says no value: write bio=…, or bio= to clear it\n$/)
  await refused(t, dataDir, of(), /^there is nothing to set/)
  await refused(t, dataDir, of('isAdmin=false'), /^isAdmin: /)
  await refused(t, dataDir, ['users', 'set', 'bio=x'], /^--username or --id is needed, and one of them\n$/)
  await refused(t, dataDir, ['users', 'show', '--username', 'ada', '--id', '1'], /^--username or --id is needed, and one of them\n$/)
  for (const id of ['0', 'x', '77', '1e0']) await refused(t, dataDir, ['users', 'show', '--id', id], /^there is no account /)
})

t.test('whether somebody can be in, and whether they are there', async (t) => {
  const built = await build(t)
  const { app, core, dataDir } = built
  const ada = await signUp(built, 'ada')
  const status = async () => (await app.inject({ url: '/v1/me', headers: ada.headers })).statusCode
  const signIn = async () => (await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'ada', password: PASSWORD } })).statusCode
  await done(t, dataDir, 'users', 'deactivate', '--username', 'ada')
  t.same([await status(), await signIn()], [401, 401])
  await done(t, dataDir, 'users', 'activate', '--username', 'ada')
  t.same([await status(), await signIn()], [401, 200], 'what had ended stays ended')
  await done(t, dataDir, 'users', 'hide', '--username', 'ada')
  t.equal(await signIn(), 401)
  await refused(t, dataDir, ['users', 'hide', '--username', 'ada'], /^/)
  t.match(await done(t, dataDir, 'users', 'restore', '--username', 'ada'), /^account 1 is back$/)
  t.equal(await signIn(), 200)
  await refused(t, dataDir, ['users', 'restore', '--username', 'ada'], /^Not found\.\n$/)
  t.same((await logOf(built, ada.id)).map(({ family, fields }) => [family, ...fields]).slice(-4), [['operator', 'isActive'], ['operator', 'isActive'], ['operator', 'deletedAt'], ['operator', 'deletedAt']])

  await refused(t, dataDir, ['users', 'remove', '--username', 'ada'], /^this removes account 1 for good; --yes does it\n$/)
  t.equal(await signIn(), 200)
  await done(t, dataDir, 'users', 'remove', '--username', 'ada', '--yes')
  t.same(await core.db.read.users.gone([ada.id]), [ada.id])
  t.same(await logOf(built, ada.id), [{ actorId: null, family: 'operator', fields: ['*'] }])
  await refused(t, dataDir, ['users', 'restore', '--username', 'ada'], /^there is no account called ada\n$/)
})

t.test('a lost password of the only admin is mended without a server, and beside one by mail', async (t) => {
  const dataDir = await newFolder(t)
  await visage(dataDir, ['users', 'create', '--username', 'root-admin', '--email', 'root@example.com', '--admin', '--password', 'forgotten long ago'])
  await refused(t, dataDir, ['users', 'password', '--username', 'root-admin', '--password', 'short'], /^password: Ensure this field has at least 8 characters\.\n$/)
  await refused(t, dataDir, ['users', 'password', '--username', 'root-admin'], /^--password or --mail is needed, and one of them\n$/)
  await refused(t, dataDir, ['users', 'password', '--username', 'root-admin', '--password', 'a', '--mail'], /^--password or --mail is needed, and one of them\n$/)
  const token = await done(t, dataDir, 'tokens', 'create', '--username', 'root-admin')
  await done(t, dataDir, 'users', 'password', '--username', 'root-admin', '--password', 'a nanosecond of wire')
  await done(t, dataDir, 'users', 'password', '--username', 'root-admin', '--mail')

  const built = await build(t, { dataDir })
  const { app, core } = built
  t.equal((await app.inject({ url: '/v1/me', headers: { authorization: `Token ${token}` } })).statusCode, 401, 'tokens have ended')
  t.equal((await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'root-admin', password: 'forgotten long ago' } })).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'root-admin', password: 'a nanosecond of wire' } })).statusCode, 200)
  t.same((await logOf(built, 1)).at(-1), { actorId: null, family: 'operator', fields: ['passwordHash'] })
  await core.mail.deliver()
  const mails = readdirSync(join(dataDir, 'mail')).map((name) => readFileSync(join(dataDir, 'mail', name), 'utf8'))
  t.equal(mails.filter((text) => text.includes('/reset-password')).length, 1, 'a link was mailed')

  await core.users.create(OPERATOR, { username: 'nomail' }, { family: 'operator' })
  await refused(t, dataDir, ['users', 'password', '--username', 'nomail', '--mail'], /^nomail has no email address\n$/)
})

t.test('a lost second factor, sessions and the log, from the command line alone', async (t) => {
  const built = await build(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada')
  const post = async (path: string, payload: object) => (await app.inject({ method: 'POST', url: `/v1${path}`, headers: ada.headers, payload }))
  t.equal((await post('/proof', { password: PASSWORD })).statusCode, 200)
  const { secret } = (await post('/me/second-factor', {})).json<{ secret: string }>()
  t.equal((await post('/me/second-factor/confirm', { code: codesOf(secret)(0) })).statusCode, 200)
  const signIn = async () => (await app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login: 'ada', password: PASSWORD } })).statusCode
  t.equal(await signIn(), 401)
  await refused(t, dataDir, ['second-factor', 'off', '--username', 'ada'], /^this lets whoever knows the password of account 1 in without a second factor; --yes does it\n$/)
  t.equal(await done(t, dataDir, 'second-factor', 'off', '--username', 'ada', '--yes'), 'account 1 has no second factor any more')
  t.equal(await signIn(), 200)

  const sessions = (await done(t, dataDir, 'sessions', 'list', '--username', 'ada')).split('\n').map(json)
  t.equal(sessions.length, 2)
  await done(t, dataDir, 'sessions', 'end', '--username', 'ada', '--session', String(sessions[0]?.id))
  t.same((await done(t, dataDir, 'sessions', 'list', '--id', '1')).split('\n').map(json).map(({ id }) => id), [sessions[1]?.id])
  await refused(t, dataDir, ['sessions', 'end', '--id', '1', '--session', '99'], /^Not found\.\n$/)
  await refused(t, dataDir, ['sessions', 'end', '--id', '1', '--session', '1', '--tokens'], /^--session ends one session/)
  await done(t, dataDir, 'sessions', 'end', '--id', '1', '--tokens')
  t.equal((await app.inject({ url: '/v1/me', headers: ada.headers })).statusCode, 401)

  await done(t, dataDir, 'users', 'set', '--id', '1', 'bio=x')
  t.match((await done(t, dataDir, 'audit', '--username', 'ada', 'family=operator')).split('\n').map(json)[0], { person: 1, actor: null, family: 'operator', fields: ['bio'] })
  t.match((await visage(dataDir, ['audit'], {}, { isTerminal: true })).stdout, /^at +noun +verb +subject +person +actor +family +address +fields\n\d{4}-.*account +changed .* operator +\["bio"\]/)
  await refused(t, dataDir, ['audit', 'colour=red'], /^colour: /)
})

t.test('people by their fields, groups and tags, and what lies on the disk', async (t) => {
  const dataDir = await newFolder(t)
  for (const name of ['ada', 'bob', 'eve']) await visage(dataDir, ['users', 'create', '--username', name])
  await done(t, dataDir, 'users', 'set', '--username', 'bob', 'isStaff=true', 'location=London')
  const names = async (...filters: string[]) => (await done(t, dataDir, 'users', 'list', ...filters)).split('\n').filter((line) => line !== '').map((line) => json(line).username)
  t.same(await names(), ['ada', 'bob', 'eve'])
  t.same(await names('isStaff=true'), ['bob'])
  t.same(await names('order=-username', '--limit', '2'), ['eve', 'bob'])
  t.same(await names('location=London', 'isActive=false'), [])
  await refused(t, dataDir, ['users', 'list', 'isStaf=true'], /^isStaf: .*isStaff\?\n$/)
  t.match((await visage(dataDir, ['users', 'list', '--limit', '1'], {}, { isTerminal: true })).stdout, /^id +username +email .*\n1 +ada .*\nThere are more: /)

  t.match(json(await done(t, dataDir, 'groups', 'create', '--name', 'Crew', '--notes', 'of the ship')), { id: 1, name: 'Crew', notes: 'of the ship' })
  await refused(t, dataDir, ['groups', 'create', '--name', 'crew'], /^name: /)
  t.match(json(await done(t, dataDir, 'groups', 'set', '--group', '1', 'name=Old crew')), { name: 'Old crew' })
  t.equal(await done(t, dataDir, 'groups', 'add', '--group', '1', '--username', 'ada'), 'account 1 is in group 1')
  t.match(json(await done(t, dataDir, 'groups', 'members', '--group', '1')), { id: 1, username: 'ada' })
  t.same(await names('group=1'), ['ada'])
  await done(t, dataDir, 'groups', 'drop', '--group', '1', '--username', 'ada')
  t.equal(await done(t, dataDir, 'groups', 'members', '--group', '1'), '')
  t.match(json(await done(t, dataDir, 'groups', 'list')), { id: 1, membersCount: 0 })
  await refused(t, dataDir, ['groups', 'remove', '--group', '1'], /^this removes group 1; --yes does it\n$/)
  await done(t, dataDir, 'groups', 'remove', '--group', '1', '--yes')
  await refused(t, dataDir, ['groups', 'members', '--group', '1'], /^Not found\.\n$/)

  t.match(json(await done(t, dataDir, 'tags', 'create', 'name=Expert', 'color=#aabbcc')), { id: 1, name: 'Expert' })
  await refused(t, dataDir, ['tags', 'create', 'color=blue'], /name: .*|color: /)
  t.match(json(await done(t, dataDir, 'tags', 'set', '--tag', '1', 'isVisible=false')), { isVisible: false })
  await done(t, dataDir, 'tags', 'give', '--tag', '1', '--username', 'eve')
  t.same(await names('tag=1'), ['eve'])
  await done(t, dataDir, 'tags', 'take', '--tag', '1', '--id', '3')
  t.same(await names('tag=1'), [])
  t.match(json(await done(t, dataDir, 'tags', 'list')), { id: 1 })
  await refused(t, dataDir, ['tags', 'give', '--tag', '9', '--id', '3'], /^Not found\.\n$/)

  const sizes = json(await done(t, dataDir, 'disk', '--json')) as Record<string, number>
  t.ok(Number(sizes.database) > 100_000 && 'log' in sizes, JSON.stringify(sizes))
  t.match(await done(t, dataDir, 'disk'), /^database +\d+\.\d MiB\n[^]*\nall +\d+\.\d MiB$/)
})

t.test('the mails that wait', async (t) => {
  const dataDir = await newFolder(t)
  for (const name of ['ada', 'bob', 'eve']) await visage(dataDir, ['users', 'create', '--username', name, '--email', `${name}@example.com`])
  await visage(dataDir, ['users', 'password', '--username', 'ada', '--mail'])
  const lines = async () => (await done(t, dataDir, 'mail', 'list')).split('\n').filter((line) => line !== '').map(json)
  t.match(await lines(), [
    { id: 1, userId: 1, template: 'confirm-email', to: 'ada@example.com', attempts: 0 },
    { id: 2, userId: 2, to: 'bob@example.com' }, { id: 3, userId: 3 }, { id: 4, template: 'reset-password', to: 'ada@example.com' },
  ])
  t.notMatch(await done(t, dataDir, 'mail', 'list'), /code/)
  const { stdout: table } = await visage(dataDir, ['mail', 'list', '--limit', '2'], {}, { isTerminal: true })
  t.match(table, /^id {2}userId {2}template +to +attempts.*\n1 .*ada@example\.com.*\n2 .*\nThere are more/)
  t.equal((await done(t, dataDir, 'mail', 'list', '--limit', '2')).split('\n').length, 2)
  for (const limit of ['0', '-1', 'x', '1.5']) await refused(t, dataDir, ['mail', 'list', `--limit=${limit}`], /^--limit takes a whole number, at least 1\n$/)

  t.equal(await done(t, dataDir, 'mail', 'retry', '--id', '2'), '1 message is made due')
  await refused(t, dataDir, ['mail', 'drop', '--id', '2'], /^this removes message 2; --yes does it\n$/)
  t.equal(await done(t, dataDir, 'mail', 'drop', '--id', '2', '--yes'), '1 message is dropped')
  await refused(t, dataDir, ['mail', 'retry', '--id', '2'], /^there is no message 2\n$/)
  await refused(t, dataDir, ['mail', 'retry'], /^--id or --all is needed, and one of them\n$/)
  t.equal(await done(t, dataDir, 'mail', 'retry', '--all'), '3 messages are made due')
  t.equal(await done(t, dataDir, 'mail', 'drop', '--all', '--yes'), '3 messages are dropped')
  t.same(await lines(), [])
})

t.test('settings: each with where it is from, and nothing that is secret', async (t) => {
  const secrets = { VISAGE_JWT_SECRET: 's3cret'.repeat(8), VISAGE_SMTP_URL: 'smtp://user:pass@mail.example.com' }
  const rows = (await visage('/nowhere', ['settings', '--json'], { VISAGE_PORT: '8080', ...secrets })).stdout.trimEnd().split('\n').map(json)
  const of = (name: string) => rows.find((row) => row.name === name)
  t.same(of('VISAGE_PORT'), { name: 'VISAGE_PORT', value: '8080', from: 'environment' })
  t.same(of('VISAGE_HOST'), { name: 'VISAGE_HOST', value: '127.0.0.1', from: 'default' })
  t.same(of('VISAGE_PUBLIC_URL'), { name: 'VISAGE_PUBLIC_URL', value: null, from: 'default' })
  for (const name of Object.keys(secrets)) t.match(of(name), { value: 'set' })
  t.match((await visage('/nowhere', ['settings'], secrets)).stdout, /^VISAGE_HOST +127\.0\.0\.1\nVISAGE_PORT +3000\n/)
  t.same(await visage('/nowhere', ['settings', '--check']), { code: 0, stdout: 'the settings are right\n', stderr: '' })
  t.match(await visage('/nowhere', ['settings', '--check'], { VISAGE_PROT: '1' }), { code: 1, stdout: /^VISAGE_PROT is no setting and does nothing; did you mean VISAGE_PORT\?\n$/ })
  t.same((await visage('/nowhere', ['settings', '--check', '--json'])).stdout, '{"unknown":[]}\n')
  t.match(await visage('/nowhere', ['settings', '--check', '--json'], { VISAGE_PROT: '1' }), { code: 1, stdout: /^\{"unknown":\["VISAGE_PROT is no setting .*"\]\}\n$/ })
  t.match(await visage('/nowhere', ['settings', '--check'], { VISAGE_PORT: 'x' }), { code: 2, stderr: /^VISAGE_PORT: expected/ })
})

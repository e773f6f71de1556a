import type Sqlite from 'better-sqlite3'
import t from 'tap'
import { createExpiry } from '../../src/core/credentials/expiry.ts'
import { createRefusals } from '../../src/core/sign-in/refusals.ts'
import { AppError } from '../../src/core/errors.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { codesOf } from '../authenticator.ts'
import { visage } from '../commands/visage.ts'
import { openSql } from '../engines.ts'
import { findText } from '../life/traces.ts'
import { build, PASSWORD, signUp, tokenOf } from '../helper.ts'
import type { Built } from '../helper.ts'

interface Row { id: number, noun: string, verb: string, subject_id: number | null, user_id: number, actor_id: number | null, family: string, address: string | null, fields: string }

/** The rows that something adds to the log, without their ids and times. */
async function addedBy (file: Sqlite.Database, work: () => Promise<unknown>): Promise<Pick<Row, 'noun' | 'verb' | 'user_id' | 'actor_id' | 'family' | 'address'>[]> {
  const last = file.prepare('select coalesce(max(id), 0) from changes').pluck().get() as number
  await work()
  return file.prepare('select noun, verb, user_id, actor_id, family, address from changes where id > ? order by id').all(last) as Row[]
}

async function openWorld (t: Parameters<typeof build>[0]): Promise<Built & { file: Sqlite.Database, send: (method: string, url: string, headers?: object, payload?: object) => Promise<Record<string, unknown>> }> {
  const built = await build(t)
  const file = openSql(built.dataDir, { readonly: true })
  t.teardown(() => file.close())
  const send = async (method: string, url: string, headers: object = {}, payload?: object) => {
    const answer = await built.app.inject({ method: method as 'GET', url, headers: { ...headers }, remoteAddress: '198.51.100.7', ...payload && { payload } })
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
    return answer.body === '' ? {} : answer.json()
  }
  return { ...built, file, send }
}

t.test('each act on each noun, by each way in, is one row, which says by whom and from where', async (t) => {
  const built = await openWorld(t)
  const { file, send, dataDir } = built
  const [ada, chief] = [await signUp(built, 'ada'), await signUp(built, 'chief', { isAdmin: true, isStaff: true })]
  const staffKey = await tokenOf(built, chief)
  const of = ({ headers }: { headers: object }) => headers
  const prove = async (who: { headers: object }) => await send('POST', '/v1/proof', of(who), { password: PASSWORD })
  await prove(ada)
  await prove(chief)
  let secret = ''
  let token: Record<string, unknown> = {}
  let sessions: { id: number }[] = []
  const signIn = (login: string) => send('POST', '/v1/sign-in', {}, { login, password: PASSWORD })
  const cli = async (...args: string[]) => { t.match(await visage(dataDir, args), { code: 0 }, args.join(' ')) }

  const acts: [what: string, by: number | null, family: string, of: number, act: () => Promise<unknown>][] = [
    ['session began', ada.id, 'native', ada.id, () => signIn('ada')],
    ['session began', ada.id, 'personal', ada.id, () => send('POST', '/api/sign-in/', {}, { email: 'ada@example.com', password: PASSWORD })],
    ['account changed', ada.id, 'native', ada.id, () => send('PATCH', '/v1/me', of(ada), { bio: 'x' })],
    ['account changed', chief.id, 'staff', ada.id, () => send('PATCH', `/api/users/${ada.id}/`, staffKey, { first_name: 'Ada' })],
    ['account changed', null, 'operator', ada.id, () => cli('users', 'set', '--username', 'ada', 'location=London')],
    ['account created', chief.id, 'native', 3, () => send('POST', '/v1/people', of(chief), { username: 'eve' })],
    ['account created', chief.id, 'staff', 4, () => send('POST', '/api/users/', staffKey, { username: 'finn' })],
    ['account created', null, 'operator', 5, () => cli('users', 'create', '--username', 'gil')],
    ['account changed', chief.id, 'native', 3, () => send('DELETE', '/v1/people/3', of(chief))],
    ['account removed', chief.id, 'native', 4, () => send('DELETE', '/v1/people/4?hard=1', of(chief))],
    ['account removed', null, 'operator', 5, () => cli('users', 'remove', '--username', 'gil', '--yes')],
    ['group created', chief.id, 'staff', 0, () => send('POST', '/api/users/groups/', staffKey, { name: 'Crew' })],
    ['group changed', chief.id, 'staff', 0, () => send('PATCH', '/api/users/groups/1/', staffKey, { name: 'Crew 2' })],
    ['account changed', chief.id, 'staff', ada.id, () => send('PATCH', `/api/users/${ada.id}/`, staffKey, { groups: [1] })],
    ['group removed', chief.id, 'staff', 0, () => send('DELETE', '/api/users/groups/1/', staffKey)],
    ['tag created', chief.id, 'community', 0, () => send('POST', '/api/v2/tag/', of(chief), { name: 'Expert', type: 'user', color: '#aabbcc' })],
    ['tag changed', chief.id, 'community', 0, () => send('PATCH', '/api/v2/tag/1/', of(chief), { name: 'Expert 2' })],
    ['field created', chief.id, 'native', 0, () => send('POST', '/v1/fields', of(chief), { key: 'shoe', type: 'integer' })],
    ['field changed', chief.id, 'native', 0, () => send('PATCH', '/v1/fields/shoe', of(chief), { label: 'Shoe' })],
    ['field removed', null, 'operator', 0, () => cli('fields', 'drop', '--key', 'shoe')],
    ['token created', ada.id, 'native', ada.id, async () => { token = await send('POST', '/v1/me/tokens', of(ada), { name: 'sync' }) }],
    ['token ended', ada.id, 'native', ada.id, () => send('DELETE', `/v1/me/tokens/${String(token.id)}`, of(ada))],
    ['token created', null, 'operator', ada.id, () => cli('tokens', 'create', '--username', 'ada')],
    ['token ended', null, 'operator', ada.id, () => cli('tokens', 'revoke', '--id', String(Number(token.id) + 1))],
    ['invitation created', chief.id, 'native', 0, () => send('POST', '/v1/invitations', of(chief), { email: 'new@example.com' })],
    ['invitation removed', chief.id, 'native', 0, () => send('DELETE', '/v1/invitations/1', of(chief))],
    ['second factor created', ada.id, 'native', ada.id, async () => {
      secret = String((await send('POST', '/v1/me/second-factor', of(ada))).secret)
      await send('POST', '/v1/me/second-factor/confirm', of(ada), { code: codesOf(secret)(0) })
    }],
    ['password code created', chief.id, 'native', ada.id, () => send('POST', `/v1/people/${ada.id}/password-mail`, of(chief))],
    ['second factor changed', ada.id, 'native', ada.id, () => send('POST', '/v1/me/second-factor/recovery-codes', of(ada))],
    ['second factor removed', null, 'operator', ada.id, () => cli('second-factor', 'off', '--username', 'ada', '--yes')],
    ['session ended', chief.id, 'native', ada.id, async () => {
      sessions = (await send('GET', `/v1/people/${ada.id}/sessions`, of(chief))).items as { id: number }[]
      await send('DELETE', `/v1/people/${ada.id}/sessions/${String(sessions[0]?.id)}`, of(chief))
    }],
    ['session ended', null, 'operator', ada.id, () => cli('sessions', 'end', '--username', 'ada')],
    ['account changed', null, 'operator', ada.id, () => cli('users', 'password', '--username', 'ada', '--password', 'a nanosecond of wire')],
  ]
  for (const [what, by, family, person, act] of acts) {
    const rows = await addedBy(file, act)
    t.same(rows, [{ noun: what.split(' ').slice(0, -1).join(' '), verb: what.split(' ').at(-1), user_id: person, actor_id: by, family, address: by === null ? null : '198.51.100.7' }], `${what} by ${family}`)
  }
})

t.test('what is refused is one row an account and minute, and none of anybody who is not there', async (t) => {
  const built = await openWorld(t)
  const { app, core, file } = built
  const ada = await signUp(built, 'ada')
  const guess = (login: string) => app.inject({ method: 'POST', url: '/v1/sign-in', payload: { login, password: 'a wrong guess' }, remoteAddress: '203.0.113.9' })
  const rows = await addedBy(file, async () => {
    for (const login of ['ada', 'nobody', 'ADA@example.com', 'nobody@example.com']) t.equal((await guess(login)).statusCode, 401)
    await app.close()
  })
  t.same(rows, [{ noun: 'sign-in', verb: 'refused', user_id: ada.id, actor_id: null, family: 'native', address: '203.0.113.9' }])
  const again = await build(t, { dataDir: built.dataDir })
  t.match((await again.app.inject({ url: '/v1/me/changes?noun=sign-in', headers: ada.headers })).json(), { items: [{ verb: 'refused', address: '203.0.113.9', version: null }] }, 'its owner is told, and from where')

  let now = 1_000_000
  const refusals = createRefusals({ db: core.db, now: () => now })
  const attempt = (code: 'bad_credentials' | 'throttled', id: number | undefined) => refusals.watch({ family: 'native', address: null }, () => id, () => Promise.reject(new AppError(code))).catch(() => {})
  const many = await addedBy(file, async () => {
    for (let i = 0; i < 10_000; i++) {
      now += 20
      await attempt('bad_credentials', ada.id)
      if (i % 100 === 0) await refusals.flush()
    }
    for (const [code, id] of [['bad_credentials', undefined], ['throttled', ada.id], ['bad_credentials', 999_999]] as const) await attempt(code, id)
    await refusals.flush()
  })
  t.equal(many.length, Math.ceil(10_000 * 20 / 60_000), 'of ten thousand in two hundred seconds')
})

t.test('a removal leaves nothing of the person in the log, their network addresses neither', async (t) => {
  const built = await openWorld(t)
  const { core, dataDir, file, send } = built
  const ada = await signUp(built, 'ada', { isStaff: true })
  await send('POST', '/v1/sign-in', {}, { login: 'ada', password: PASSWORD })
  await send('POST', '/v1/people', ada.headers, { username: 'eve' })
  await send('POST', '/api/users/groups/', await tokenOf(built, ada), { name: 'Crew' })
  t.ok((file.prepare('select count(*) from changes where address is not null and (user_id = ? or actor_id = ?)').pluck().get(ada.id, ada.id) as number) >= 3)
  await core.deletion.remove(OPERATOR, ada.id, () => {}, { family: 'operator' })
  const left = file.prepare('select noun, verb, user_id, actor_id, address, fields from changes where user_id = ? or actor_id = ?').all(ada.id, ada.id)
  t.same(left, [{ noun: 'account', verb: 'removed', user_id: ada.id, actor_id: null, address: null, fields: '["*"]' }])
  t.same(file.prepare('select noun, actor_id, address from changes where user_id in (0, 2) order by id').all(), [{ noun: 'account', actor_id: null, address: null }, { noun: 'group', actor_id: null, address: null }], 'what they did to others stays without them')
  t.same(findText(dataDir, '198.51.100.7').filter((name) => !name.startsWith('mail/')), [], 'nor in the file')

  const old = createExpiry({ db: core.db, auditDays: 90, now: () => Date.now() + 91 * 86_400_000 })
  t.ok(await old.removeChanges() > 0)
  t.same(file.prepare('select user_id, verb from changes').all(), [{ user_id: ada.id, verb: 'removed' }], 'that somebody is gone is told for ever')
  t.equal(await old.removeChanges(), 0)
})

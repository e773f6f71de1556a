import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { toId } from '../../src/core/formats.ts'
import { documentOf } from '../document.ts'
import { openSql } from '../engines.ts'
import { build, PASSWORD, signUp, urlencoded } from '../helper.ts'
import { LONGEST, NUMBERS, targetsOf, TEXTS, UNREADABLE } from './numbers.ts'
import type { Doc, Target } from './numbers.ts'
import { blamed } from './routes.ts'
import type { Family } from './routes.ts'
import { openRows } from './traces.ts'

/** Every place where a number comes in, by the server's own document: nothing is 500, nothing is half done, and no list breaks. */
const built = await build(t, { publicDirectory: true })
const { app, core, dataDir } = built
const ada = await signUp(built, 'ada', { isAdmin: true })
await core.profileFields.declare(OPERATOR, { key: 'shoe', type: 'integer', isSearchable: true })
await app.inject({ method: 'POST', url: '/api/v2/tag/', headers: ada.headers, payload: { name: 'author', type: 'user' } })
await app.inject({ method: 'POST', url: '/api/users/groups/', headers: ada.headers, payload: { name: 'one' } })
const rows = openRows(dataDir)
t.teardown(rows.close)
/** Where nobody gets without fresh proof, or without a code. */
const GUARDED = new Set(['/v1/me/tokens/', '/v1/people/{id}/tokens/', '/v1/invitations/accept/'])
/** Whose items are each read as the body of a route that is asked here. */
const BATCH = '/v1/people/batch/'
const targets = targetsOf(await documentOf<Doc>(app)).filter(({ path }) => !GUARDED.has(path) && path !== BATCH)

interface Answer { id: number, shoe?: number, attributes?: { shoe: number }, person?: { attributes: { shoe: number } }, user?: { attributes: { shoe: number } }, created_at: string, expires_at: string, qa_frequency: number, show_toast_notifications: number }
/** What a field takes, and where it is found again; `absent`: the status of a number that is nobody's. */
interface Rule { takes: (n: number) => boolean, found?: (answer: Answer) => unknown, absent?: number }

const counter: Rule = { takes: (n) => n >= 0, found: ({ id }) => Number(rows.user(id).polls) }
const flag: Rule = { takes: (n) => n === 0 || n === 1, found: (answer) => answer.show_toast_notifications }
const shoe: Rule = { takes: () => true, found: (answer) => answer.shoe ?? answer.attributes?.shoe ?? answer.user?.attributes.shoe ?? answer.person?.attributes.shoe }
const RULES: Record<string, Rule> = {
  expires_in: { takes: (n) => n >= 1 && n <= LONGEST, found: ({ created_at: from, expires_at: to }) => (Date.parse(to) - Date.parse(from)) / 1_000 },
  ...Object.fromEntries(['followings', 'followers', 'posts', 'discussions', 'statuses', 'polls', 'categories', 'unseen_interactions', 'unseen_notification_banners'].map((name) => [`${name}_counter`, counter])),
  reputation: counter,
  ...Object.fromEntries(['email_notification_not_qa', 'mobile_notifications_scmty', 'show_toast_notifications', 'toast_notifications_emit_sound'].map((name) => [name, flag])),
  qa_frequency: { takes: (n) => n >= -1 && n <= 1, found: (answer) => answer.qa_frequency },
  shoe,
  'attributes.shoe': shoe,
  'groups[]': { takes: (n) => n === 1 },
  'ids[]': { takes: (n) => n === 1 },
  user: { takes: (n) => n === 1 },
  avatar_id: { takes: () => false, absent: 404 },
}

/** Of a field that has none yet: nobody would sweep it. */
const NONE: Rule = { takes: () => { throw new Error('what does this field take?') } }

let made = 0
/** What else a body needs; a password that is not shown costs no time. */
function needed ({ method, path }: Target, isWhole = false): [string, string][] {
  const username = `person-${made++}`
  if (path.endsWith('/tokens/')) return [['name', 'a token'], ...isWhole ? [['password', PASSWORD] as [string, string]] : []]
  if (path === '/v1/invitations/') return [['email', `${username}@example.com`]]
  if (path === '/api/users/' || path === '/v1/people/') return [['username', username]]
  if (path.endsWith('/sign-up/') || path.endsWith('/create/')) return [['username', username], ['email', `${username}@example.com`], ['password', PASSWORD]]
  return method === 'PUT' ? [['username', 'ada']] : []
}

interface Sent { payload: string, headers: Record<string, string> }
const bare = (name: string): string => name.replace(/\[\]$/, '')
const valueOf = (name: string, raw: string): string => name.endsWith('[]') ? `"${bare(name)}":[${raw}]` : `"${name.replaceAll('.', '":{"')}":${raw}${'}'.repeat(name.split('.').length - 1)}`

function json (others: [string, string][], names: string[], raw: string): Sent {
  const pairs = [...others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), ...names.map((name) => valueOf(name, raw))]
  return { payload: `{${pairs.join()}}`, headers: { 'content-type': 'application/json' } }
}

const urlOf = ({ path }: Target, id: string | number = 1): string => path.replace(/\{key\}/, 'shoe').replaceAll(/\{\w+\}/g, String(id))
const familyOf = ({ path }: Target): Family | 'native' => path.startsWith('/v1/') ? 'native' : path.startsWith('/api/v2/') ? 'community' : path.startsWith('/api/users/') ? 'staff' : 'personal'
/** Fields with one rule go together. */
const groupsOf = ({ integers }: Target): string[][] => [...Map.groupBy(integers, (name) => RULES[name]).values()]

for (const target of targets.filter(({ integers }) => integers.length > 0)) {
  t.test(`A8 ${target.method} ${target.path}: ${target.integers.join(', ')}`, async (t) => {
    const ask = (sent: Sent) => app.inject({ method: target.method, url: urlOf(target), payload: sent.payload, headers: { ...ada.headers, ...sent.headers } })
    async function refuses (title: string, sent: Sent, status: number, names?: string[]): Promise<void> {
      const response = await ask(sent)
      t.equal(response.statusCode, status, title)
      const found = blamed(familyOf(target), response.body)
      if (names === undefined) t.ok(found, response.body)
      else t.same(found?.filter((name) => name !== 'password').sort(), names.map(bare).sort(), title)
    }

    for (const names of groupsOf(target)) {
      const { takes, found, absent } = RULES[names[0] ?? ''] ?? NONE
      const before = rows.all()
      for (const raw of UNREADABLE) await refuses(`${names.join()}: ${raw.slice(0, 20)}`, json(needed(target), names, raw), 400)
      for (const [raw, meant] of NUMBERS.filter(([, meant]) => meant === undefined || !takes(meant))) {
        const others = needed(target)
        const sent = [json(others, names, raw), ...raw.startsWith('"') ? [urlencoded([...others, ...names.map((name): [string, string] => [bare(name), raw.slice(1, -1)])])] : []]
        const isAbsent = meant !== undefined && absent !== undefined
        for (const one of sent) await refuses(`${names.join()}: ${raw.slice(0, 20)}`, one, isAbsent ? absent : 400, isAbsent ? undefined : names)
      }
      t.same(rows.all(), before, 'nothing is written')
      for (const [raw, meant] of NUMBERS.filter(([, meant]) => meant !== undefined && takes(meant))) {
        const response = await ask(json(needed(target, true), names, raw))
        t.ok([200, 201, 204].includes(response.statusCode), `${names.join()}: ${raw}: ${response.body}`)
        if (found !== undefined) t.equal(found(response.json<Answer>()), meant, `${names.join()}: ${raw}`)
      }
    }
  })
}

t.test('A8 whatever a query says, a list comes', async (t) => {
  /** By a single parameter, which names one thing. */
  const isNamed = ({ path }: Target) => path === '/api/v2/tag/user/' || path === '/api/v2/account/search/'
  for (const target of targets.filter((target) => target.method === 'GET' && target.queries.length > 0 && familyOf(target) !== 'native')) {
    for (const text of TEXTS) {
      const queries = isNamed(target) ? target.queries.map((name) => [name]) : [target.queries]
      for (const names of queries) {
        const url = `${urlOf(target)}?${names.map((name) => `${name}=${encodeURIComponent(text)}`).join('&')}`
        const response = await app.inject({ url, headers: ada.headers })
        t.ok((isNamed(target) ? [200, 400, 404] : [200]).includes(response.statusCode), `${url}: ${response.statusCode}`)
      }
    }
  }
  const everybody = (await app.inject({ url: '/api/users/', headers: ada.headers })).json<{ count: number }>().count
  const spans: [query: string, count: number][] = [
    ['created_from=0001-01-01&created_to=9999-12-31', everybody], ['created_to=0001-01-01', 0], ['created_from=9999-12-31', 0], ['created_date=9999-12-31', 0], ['created_from=0000-01-01', everybody], ['created_from=10000-01-01', everybody],
    ['id_min=-999999999999999', everybody], ['id_min=999999999999999', 0], ['id_max=0', 0], ['id_max=1', 1], ['id_min=1&id_max=999999999999999', everybody], ['id_min=9007199254740993', everybody], ['id_max=-0', 0],
    ['offset=999999999999999', everybody], ['limit=999999999999999', everybody], ['group_id=-1', 0], ['groups_in=0,-1,1e3', everybody],
  ]
  for (const [query, count] of spans) t.equal((await app.inject({ url: `/api/users/?${query}`, headers: ada.headers })).json<{ count: number }>().count, count, query)
  for (const kind of ['avatar', 'cover']) {
    for (const text of TEXTS) t.match(await app.inject({ url: `/${kind}/ada?s=${encodeURIComponent(text)}&size=${encodeURIComponent(text)}` }), { statusCode: 200, headers: { 'content-type': 'image/svg+xml' } }, `${kind} ${text.slice(0, 20)}`)
  }
})

t.test('A8 a path names nobody and nothing by another spelling of an id', async (t) => {
  const before = rows.all()
  /** Without credentials it is not told whether there is anybody. */
  const isOpen = ({ path }: Target) => path.endsWith('/confirm_email/') || path.endsWith('/check_email_token/')
  for (const target of targets.filter(({ params }) => params.some((name) => name !== 'key'))) {
    for (const text of TEXTS.filter((text) => text !== '1' && text !== '' && !(isOpen(target) && toId(text) !== undefined))) {
      const url = urlOf(target, encodeURIComponent(text))
      t.equal((await app.inject({ method: target.method, url, headers: ada.headers })).statusCode, 404, `${target.method} ${url.slice(0, 80)}`)
    }
  }
  for (const text of TEXTS) {
    const response = await app.inject({ method: 'DELETE', url: `/api/v2/user/avatar/?avatar_id=${encodeURIComponent(text)}`, headers: ada.headers })
    t.equal(response.statusCode, toId(text) === undefined ? 400 : 404, `an avatar ${text.slice(0, 20)}`)
  }
  t.same(rows.all(), before, 'nothing is written')
})

t.test('A8 after all of it every list comes', async (t) => {
  for (const target of targets.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/'))) {
    const query = { '/api/v2/tag/user/': '?tag_id=1', '/api/v2/account/search/': '?username=ada' }[target.path] ?? ''
    t.equal((await app.inject({ url: `${urlOf(target)}${query}`, headers: ada.headers })).statusCode, 200, target.path)
  }
  const tokens = (await app.inject({ url: '/api/profile/tokens/', headers: ada.headers })).json<{ expires_at: string | null }[]>()
  t.ok(tokens.length > 10 && tokens.every(({ expires_at: at }) => at !== null && Date.parse(at) < Date.now() + (LONGEST + 1) * 1_000))
})

t.test('K minus nothing is nothing: what is stored already is no change', async (t) => {
  const send = async (raw: string) => {
    for (const [method, url, name] of [['PATCH', '/api/v2/user/1/settings/', 'qa_frequency'], ['PATCH', '/api/v2/user/1/', 'shoe'], ['PATCH', '/api/users/1/', 'polls_counter'], ['PUT', '/api/profile/1/update/', 'attributes.shoe'], ['PATCH', '/api/users/1/', 'attributes.shoe']] as const) {
      const { payload, headers } = json([], [name], raw)
      t.equal((await app.inject({ method, url, payload, headers: { ...ada.headers, ...headers } })).statusCode, 200, `${url} ${raw}`)
    }
    return { row: rows.user(1), changes: changes.get() }
  }
  const file = openSql(dataDir, { readonly: true })
  t.teardown(() => file.close())
  const changes = file.prepare('select count(*) from changes').pluck()
  await send('0')
  const before = await send('0')
  for (const raw of ['-0', '-0.0', '-0e5', '"-0"', '" -00 "']) t.same(await send(raw), before, raw)
})

t.test('G5 every key of every body is judged: none is taken and left lying', async (t) => {
  const doc = (await app.inject({ url: '/openapi.json' })).json<Doc>()
  for (const [path, operations] of Object.entries(doc.paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      const { properties } = requestBody?.content['application/json']?.schema ?? {}
      if (properties === undefined) continue
      const target: Target = { method: method.toUpperCase() as Target['method'], path, queries: [], params: [], integers: [] }
      // Nothing takes a list in a list, and all that is wrong is told at once.
      const payload = Object.fromEntries(Object.keys(properties).map((name) => [name, [[]]]))
      const response = await app.inject({ method: target.method, url: urlOf(target), payload, headers: ada.headers })
      // What RFC 6749 says beside it is told of the first only.
      const found = path.startsWith('/oauth/') ? blamed('community', JSON.stringify({ errors: response.json<{ errors: unknown }>().errors })) : blamed(familyOf(target), response.body)
      t.same({ status: response.statusCode, blamed: found?.sort() }, { status: 400, blamed: Object.keys(properties).sort() }, `${target.method} ${path}`)
    }
  }
})

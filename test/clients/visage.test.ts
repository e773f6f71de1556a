import t from 'tap'
import type { Test } from 'tap'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fingerprint, nativePart } from '../../.ci/native-part.ts'
import { createVisage } from '../../src/client/index.ts'
import type { TokenStorage, Visage } from '../../src/client/index.ts'
import { createTurns } from '../../src/client/turns.ts'
import { build, PASSWORD } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { road } from './road.ts'

const ADA = { username: 'ada', email: 'ada@example.com', password: PASSWORD }
const BURST = 10

/** A service that listens; `asked` holds what arrived. */
async function serve (t: Test, options: Parameters<typeof build>[1] = {}) {
  const built = await build(t, options)
  await built.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = built.app.server.address() as AddressInfo
  const asked: string[] = []
  built.app.server.on('request', ({ method, url }: IncomingMessage) => { asked.push(`${method} ${url}`) })
  return { ...built, port, url: `http://127.0.0.1:${port}`, asked }
}

async function signUp (baseUrl: string, username = 'ada') {
  const storage = createStorage()
  const visage = createVisage({ baseUrl, storage })
  const { data, response } = await visage.POST('/v1/sign-up', { body: { ...ADA, username, email: `${username}@example.com` } })
  if (data === undefined) throw new Error(`sign-up: ${response.status}`)
  return { visage, storage, id: data.person.id }
}

function createStorage (): TokenStorage & { kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => { kept.set(key, value) }, removeItem: (key) => { kept.delete(key) } }
}

/** How often it was told that nobody is signed in any more. */
function signOutsOf (...clients: Visage[]): number[] {
  const told = clients.map(() => 0)
  clients.forEach((visage, i) => visage.onSignedOut(() => { told[i] = (told[i] ?? 0) + 1 }))
  return told
}

/** As if the access token had run out. */
function expire ({ kept }: ReturnType<typeof createStorage>): void {
  for (const [key, tokens] of kept) kept.set(key, JSON.stringify({ ...JSON.parse(tokens) as object, access: 'no longer' }))
}

const world = await serve(t)

t.test('the types are made from the document as it is', async (t) => {
  const part = nativePart((await world.app.inject('/openapi.json')).json())
  t.equal(/^\/\/ sha256 (\w+)$/m.exec(readFileSync('src/client/schema.ts', 'utf8'))?.[1], fingerprint(part), 'npm run client')
})

t.test('signed in, up to date and signed out', async (t) => {
  const { url } = world
  const nobody = createVisage({ baseUrl: `${url}/` })
  t.equal((await nobody.GET('/v1/me')).error?.code, 'not_authenticated')
  t.notOk(nobody.isSignedIn())

  const { visage } = await signUp(url)
  const told = signOutsOf(visage)
  t.ok(visage.isSignedIn())
  t.equal((await visage.GET('/v1/me')).data?.email, ADA.email)
  for (const type of ['image/png', '']) {
    const { data, response } = await visage.upload('/v1/me/avatar', new File([await noise('png', 20, 20)], 'ada.png', { type }))
    t.match({ status: response.status, width: data?.avatar?.width }, { status: 200, width: 20 }, `a file of the type "${type}"`)
  }
  t.equal((await visage.POST('/v1/sign-in', { body: { login: 'ada', password: 'wrong horse battery' } })).error?.code, 'bad_credentials')
  t.same(told, [0], 'whoever is signed in stays so')
  t.equal((await visage.POST('/v1/sign-out')).response.status, 204)
  t.same(told, [1])
  t.notOk(visage.isSignedIn())
  t.equal((await visage.GET('/v1/me')).response.status, 401)
  t.same(told, [1], 'and is told once')
  t.ok((await visage.POST('/v1/sign-in', { body: { login: 'ada', password: PASSWORD } })).data)
  t.ok(visage.isSignedIn())
})

t.test('twenty requests of two tabs with an access token that has run out: one refresh', async (t) => {
  const { url, asked } = world
  const { visage, storage } = await signUp(url, 'grace')
  const other = createVisage({ baseUrl: url, storage })
  const told = signOutsOf(visage, other)
  for (const locks of [true, false]) {
    // Where there are no locks, as at an address that is not https, at least the requests of one tab wait for each other.
    if (!locks) t.intercept(navigator, 'locks', { value: undefined })
    expire(storage)
    asked.length = 0
    const burst = [visage, locks ? other : visage].flatMap((tab) => Array.from({ length: BURST }, async () => await tab.GET('/v1/me')))
    t.same(new Set((await Promise.all(burst)).map(({ response }) => response.status)), new Set([200]))
    t.same(asked.filter((line) => line.includes('refresh')), ['POST /v1/refresh'])
  }
  t.same(told, [0, 0])
})

t.test('signed out elsewhere: each tab is told once', async (t) => {
  const { url, asked } = world
  const { visage, storage } = await signUp(url, 'hedy')
  const other = createVisage({ baseUrl: url, storage })
  const elsewhere = createVisage({ baseUrl: url })
  await elsewhere.POST('/v1/sign-in', { body: { login: 'hedy', password: PASSWORD } })
  const told = signOutsOf(visage, other, elsewhere)
  t.equal((await elsewhere.DELETE('/v1/me/sessions', { params: { query: { others: 'true' } } })).response.status, 204)
  asked.length = 0
  const answers = await Promise.all([visage, other].flatMap((tab) => [tab.GET('/v1/me'), tab.GET('/v1/fields'), tab.GET('/v1/me')]))
  t.same(answers.map(({ response }) => response.status), [401, 401, 401, 401, 401, 401])
  t.same(asked.filter((line) => line.includes('refresh')), ['POST /v1/refresh'])
  t.same(told, [1, 1, 0])
  t.notOk(visage.isSignedIn())
})

t.test('a service that starts anew in the middle of something', async (t) => {
  const first = await serve(t)
  const way = await road(t, first.port)
  const { visage, id } = await signUp(way.url)
  const told = signOutsOf(visage)
  const picture = new Blob([await noise('png', 400, 400)], { type: 'image/png' })
  await visage.GET('/v1/me')

  let running = first
  for (const [name, from, after, work] of [
    ['a download', 'service', 500, async () => await visage.GET('/v1/me')],
    ['an upload', 'client', 100_000, async () => await visage.upload('/v1/me/avatar', picture)],
  ] as const) {
    const wasCut = way.cut(from, after)
    const done = work()
    await wasCut
    await running.app.close()
    running = await serve(t, { dataDir: first.dataDir })
    way.port = running.port
    t.equal((await done).data?.id, id, name)
  }
  const wasCut = way.cut('service', 1)
  const [{ error }] = await Promise.all([visage.upload('/v1/me/cover', picture), wasCut])
  t.match(error, { code: 'precondition_failed', changed: ['cover'] }, 'what was done and not answered is done once')
  t.same(told, [0])
})

t.test('asked to come back later', async (t) => {
  const refusals: Response[] = []
  const refuse = (status: number, headers = {}) => refusals.push(Response.json({ code: 'busy', detail: 'Later.' }, { status, headers }))
  const waits = t.capture(globalThis, 'setTimeout', (work: () => void) => { setImmediate(work) })
  const visage = createVisage({ baseUrl: 'http://127.0.0.1', patience: 10_000, fetch: async () => refusals.shift() ?? Response.json({ id: 1 }) })
  const told = async (work: Promise<{ response: Response }>) => ({ status: (await work).response.status, waits: waits().map(({ args }) => (args as unknown[])[1]) })

  refuse(429, { 'retry-after': '3' })
  refuse(503, { 'retry-after': '2' })
  t.same(await told(visage.GET('/v1/me')), { status: 200, waits: [3_000, 2_000] })
  refuse(429, { 'retry-after': '3' })
  t.same(await told(visage.POST('/v1/sign-in', { body: { login: 'ada', password: PASSWORD } })), { status: 200, waits: [3_000] }, 'nothing was done, so a POST may come again')
  refuse(503)
  refuse(408)
  t.same(await told(visage.GET('/v1/me')), { status: 200, waits: [250, 500] })
  refuse(429, { 'retry-after': '11' })
  t.same(await told(visage.GET('/v1/me')), { status: 429, waits: [] }, 'longer than anybody waits')
  refuse(500)
  t.same(await told(visage.GET('/v1/me')), { status: 500, waits: [] })
})

t.test('whoever gives up does not wait for the time to come back', async (t) => {
  const giving = new AbortController()
  let asked = 0
  const visage = createVisage({
    baseUrl: 'http://127.0.0.1',
    patience: 60_000,
    async fetch () {
      asked++
      setImmediate(() => { giving.abort(new Error('enough')) })
      return Response.json({}, { status: 429, headers: { 'retry-after': '20' } })
    },
  })
  const begun = performance.now()
  await t.rejects(visage.GET('/v1/me', { signal: giving.signal }), { message: 'enough' })
  t.ok(performance.now() - begun < 10_000)
  await t.rejects(visage.GET('/v1/me', { signal: giving.signal }), { message: 'enough' }, 'nor does who has given up before')
  t.equal(asked, 2)
})

t.test('an answer that may have been lost is not asked for twice where that is no use', async (t) => {
  const { port } = world
  const way = await road(t, port)
  const wasCut = way.cut('service', 1)
  await t.rejects(createVisage({ baseUrl: way.url }).POST('/v1/sign-up', { body: ADA }), TypeError)
  await wasCut
  way.port = 1
  await t.rejects(createVisage({ baseUrl: way.url, patience: 0 }).GET('/v1/me'), TypeError)
  await t.rejects(createVisage({ baseUrl: way.url }).GET('/v1/me', { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

t.test('nobody overwrites blindly', async (t) => {
  const { url } = world
  const { visage, id } = await signUp(url, 'joan')
  const elsewhere = createVisage({ baseUrl: url })
  await elsewhere.POST('/v1/sign-in', { body: { login: 'joan', password: PASSWORD } })
  await visage.GET('/v1/me')
  t.ok((await elsewhere.PATCH('/v1/me', { body: { bio: 'first' } })).data, 'what was never read is written as it is')

  const { error, response } = await visage.PATCH('/v1/me', { body: { bio: 'second' } })
  t.equal(response.status, 412)
  t.match(error, { code: 'precondition_failed', person: { id, bio: 'first' }, changed: ['bio'] })
  t.equal((await visage.PATCH('/v1/me', { body: { bio: 'second' } })).data?.bio, 'second', 'having seen it')

  const many = await Promise.all(['a', 'b', 'c'].map(async (location) => await visage.PATCH('/v1/people/{id}', { params: { path: { id: `${id}` } }, body: { location } })))
  t.same(many.map(({ response }) => response.status), [200, 200, 200], 'nobody is in their own way')
  t.equal((await visage.PATCH('/v1/me', { body: { bio: 'third' }, headers: { 'If-Match': '"1-x"' } })).response.status, 412, 'the caller knows better')
  t.equal((await visage.PATCH('/v1/me', { params: { query: { dryRun: 'true' } }, body: { bio: 'third' } })).data?.bio, 'third')
  t.equal((await visage.PATCH('/v1/me', { body: { bio: 'third' } })).response.status, 200)
})

t.test('a list, a page at a time', async (t) => {
  const { url, asked } = world
  const { visage, id } = await signUp(url, 'mary')
  for (const bio of ['a', 'b', 'c', 'd']) await visage.PATCH('/v1/me', { body: { bio } })
  asked.length = 0
  const seen: number[] = []
  for await (const { version } of visage.pages('/v1/me/changes', { query: { limit: '2' } })) if (version !== null) seen.push(version)
  t.same(seen, [5, 4, 3, 2, 1])
  t.equal(asked.length, 3)
  asked.length = 0
  for await (const { version } of visage.pages('/v1/me/changes', { query: { limit: '2' } })) if (version === 5) break
  t.equal(asked.length, 1, 'as it is asked for')
  await t.rejects(visage.pages('/v1/people/{id}/changes', { path: { id: `${id + 1}` } }).next(), { name: 'Refused', problem: { code: 'not_found' } })
})

t.test('what a write came to is held by nobody', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const inTurn = createTurns()
  const answer = new WeakRef(await inTurn('ada', async () => ({ body: 'x' })))
  // Until its turn of the loop is over, whatever a WeakRef was asked for is held.
  await nextTurn()
  collect()
  t.equal(answer.deref(), undefined)
})

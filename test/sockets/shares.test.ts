import t from 'tap'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import type { Options } from '../../src/app.ts'
import { build, form, PASSWORD, signUp, tokenOf } from '../helper.ts'
import type { Built } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { generated } from '../volume.ts'
import { listenForBodies } from './bodies.ts'
import { settled, stagedIn } from './listening.ts'

const MIB = 1_024 ** 2
/** Addresses as the proxy tells them that the service trusts. */
const ATTACKER = '203.0.113.66'
const OTHER = '198.51.100.7'
const TRIES = generated(12, 4)
const JSON_TYPE = 'application/json'

interface Watched {
  port: number
  /** Bytes that the service has read from each connection that is open, by the client's port. */
  read: () => Map<number | undefined, number>
}

function watched<A extends { app: FastifyInstance }> (built: A): A & Watched {
  const open = new Set<Socket>()
  built.app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return { ...built, port: (built.app.server.address() as AddressInfo).port, read: () => new Map([...open].map((socket) => [socket.remotePort, socket.bytesRead])) }
}

async function listen (t: Test, options: Options = {}): Promise<Built & Watched> {
  const built = await build(t, { ...options, trustProxy: ['127.0.0.1'], publicUrl: 'https://people.example.com' })
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  return watched(built)
}

interface Unfinished { method?: string, path: string, from: string, headers?: Record<string, string>, body: string | Buffer }

/** Sends a request all but for its last byte; `heard` is what has come back, `gone` whether the connection has ended. */
function begin (t: Test, { port }: Watched, { method = 'POST', path, from, headers = {}, body }: Unfinished) {
  const socket = connect({ port, host: '127.0.0.1' })
  const begun = { heard: '', isGone: false, bytes: 0, port: () => socket.localPort, leave: () => { socket.destroy() } }
  t.teardown(begun.leave)
  socket.on('error', () => {}).on('data', (data) => { begun.heard += data.toString() }).on('close', () => { begun.isGone = true })
  const all = { host: 'localhost', 'x-forwarded-for': from, 'content-type': JSON_TYPE, ...headers, ...!('transfer-encoding' in headers) && { 'content-length': String(body.length + 1) } }
  const head = `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  begun.bytes = head.length + body.length
  socket.write(head)
  socket.write(body)
  return begun
}

type Begun = ReturnType<typeof begin>
const isRefused = ({ heard }: Begun) => /^HTTP\/1\.1 503 [^]*\r\nretry-after: \d+\r\n/.test(heard)

/** Resolves when each of them has come in or has been answered; to those that are refused, once they are so many. */
async function arrived ({ read }: Watched, begun: Begun[], refused = 0): Promise<Begun[]> {
  const isOver = ({ heard, isGone, bytes, port }: Begun) => heard !== '' || isGone || read().get(port()) === bytes
  return await settled(() => begun.every(isOver) ? begun.filter(isRefused) : [], ({ length }) => length >= refused && begun.every(isOver))
}

/** A whole request, and its answer. */
async function ask ({ port }: Watched, { method = 'POST', path, from, headers = {}, body }: Unfinished): Promise<{ status: number, retryAfter: string | null }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'x-forwarded-for': from, 'content-type': JSON_TYPE, ...headers }, body: typeof body === 'string' ? body : new Uint8Array(body) })
  await answer.arrayBuffer()
  return { status: answer.status, retryAfter: answer.headers.get('retry-after') }
}

const signIn = (from: string, password = PASSWORD): Unfinished => ({ path: '/api/sign-in/', from, body: JSON.stringify({ email: 'ada@example.com', password }) })
const pad = (bytes: number) => `{"email":"${'x'.repeat(bytes)}`

/** How often each status comes, of everybody's sign-ins and JSON writes through the three families. */
async function everybody (world: Watched, person: { id: number, headers: { authorization: string } }, from: string): Promise<Record<string, number>> {
  const writes = (i: number): Unfinished[] => [
    { method: 'PATCH', path: `/api/v2/user/${person.id}/`, from, headers: person.headers, body: JSON.stringify({ bio: `${i}` }) },
    { method: 'PATCH', path: `/api/users/${person.id}/`, from, headers: person.headers, body: JSON.stringify({ first_name: `${i}` }) },
    { method: 'PUT', path: `/api/profile/${person.id}/update/`, from, headers: person.headers, body: JSON.stringify({ last_name: `${i}` }) },
  ]
  const requests = Array.from({ length: TRIES }, (_, i) => [signIn(from), ...writes(i)]).flat()
  const statuses: Record<string, number> = {}
  for (const request of requests) {
    const { status } = await ask(world, request)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  return statuses
}

t.test('C1 unfinished sign-ins of 4 MiB from one address keep nobody from anything', async (t) => {
  const world = await listen(t)
  const ada = await signUp(world, 'ada', { isStaff: true })
  const begun = Array.from({ length: 16 }, () => begin(t, world, { path: '/api/sign-in/', from: ATTACKER, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `email=${'x'.repeat(4 * MIB - 7)}` }))
  await arrived(world, begun)
  const fillers = Array.from({ length: 12 }, (_, i) => begin(t, world, { path: '/api/sign-in/', from: ATTACKER, body: pad(40_000 >> i) }))
  await arrived(world, fillers)
  t.same(await everybody(world, ada, OTHER), { 200: 4 * TRIES })
  t.same(begun.filter(({ heard }) => !heard.startsWith('HTTP/1.1 413 ')).length, 0, 'a sign-in is not 4 MiB')
})

t.test('C1 unfinished sign-ins as large as they may be fill their own address\'s share', async (t) => {
  const world = await listen(t)
  const ada = await signUp(world, 'ada', { isStaff: true })
  const begun = Array.from({ length: 120 }, () => begin(t, world, { path: '/api/sign-in/', from: ATTACKER, body: pad(95_000) }))
  const refused = await arrived(world, begun, 21)
  t.ok(refused.length > 20 && refused.length < 40, `${refused.length} of ${begun.length} are beyond an eighth of 64 MiB`)
  t.same(begun.filter(({ heard }) => heard !== '').length, refused.length)

  t.match(await ask(world, signIn(ATTACKER, 'x'.repeat(90_000))), { status: 503, retryAfter: /^\d+$/ })
  t.equal((await ask(world, signIn(OTHER, 'x'.repeat(90_000)))).status, 400, 'from elsewhere it is looked at, and refused for what it is')
  t.same(await everybody(world, ada, OTHER), { 200: 4 * TRIES })
  t.same(await everybody(world, ada, ATTACKER), { 200: 4 * TRIES }, 'what is small comes through behind the same address as well')

  for (const { leave } of begun) leave()
  await settled(() => begun.some(({ port }) => world.read().has(port())), (isLeft) => !isLeft)
  const freed = await Promise.all(Array.from({ length: 20 }, () => ask(world, signIn(ATTACKER, 'x'.repeat(90_000)))))
  t.same([...new Set(freed.map(({ status }) => status))], [400], 'what was held is given back when they go')
})

t.test('C1 one person with many sessions and tokens holds a quarter in pictures as text', async (t) => {
  const world = await listen(t)
  const ada = await signUp(world, 'ada', { isStaff: true })
  const bob = await signUp(world, 'bob', { isStaff: true })
  const sessions = await Promise.all(Array.from({ length: 3 }, async () => {
    const { access } = (await world.app.inject({ method: 'POST', url: '/api/token/', payload: { username: 'ada', password: PASSWORD } })).json<{ access: string }>()
    return { authorization: `Bearer ${access}` }
  }))
  const credentials = [ada.headers, ...sessions, await tokenOf(world, ada), await tokenOf(world, ada), await tokenOf(world, ada)]
  const patch = { method: 'PATCH', path: `/api/v2/user/${ada.id}/`, from: OTHER }
  const body = Buffer.from(`{"avatar_base64":"${'A'.repeat(11 * MIB)}`)
  const begun = credentials.map((headers, i) => begin(t, world, { ...patch, from: `203.0.113.${i}`, headers, body }))
  const refused = await arrived(world, begun, 6)
  t.equal(refused.length, 6, 'two do not fit')
  t.same(begun.filter(({ heard }) => heard === '').length, 1)
  const fillers = Array.from({ length: 40 }, (_, i) => begin(t, world, { ...patch, headers: credentials[i % credentials.length] ?? {}, body: body.subarray(0, 2 * MIB >> i % 10) }))
  await arrived(world, fillers)

  const picture = `image/jpeg;base64,${(await noise('jpeg', 1_600, 1_600)).toString('base64')}`
  t.ok(picture.length > MIB)
  t.equal((await ask(world, { ...patch, path: `/api/v2/user/${bob.id}/`, headers: bob.headers, body: JSON.stringify({ avatar_base64: picture }) })).status, 200)
  t.same(await everybody(world, bob, OTHER), { 200: 4 * TRIES })
  t.same(await everybody(world, ada, OTHER), { 200: 4 * TRIES })
})

for (const way of ['in a form', 'as they are'] as const) {
  t.test(`C1 pictures that have not come whole fill their own address's share of staging, ${way}`, async (t) => {
    const world = watched(await listenForBodies(t, { disk: 8 * MIB }, { avatarMaxBytes: MIB }))
    const file = await noise('png', 700, 700)
    const { payload, headers } = way === 'in a form' ? form([['avatar', { file }]]) : { payload: file, headers: { 'content-type': 'image/png' } }
    const upload = { path: way === 'in a form' ? '/' : '/strict', from: ATTACKER, headers }
    t.ok(payload.length > MIB / 4 && payload.length < MIB / 2, `${payload.length} bytes`)
    const begun = Array.from({ length: 6 }, () => begin(t, world, { ...upload, body: payload.subarray(0, -10) }))
    const refused = await arrived(world, begun, 4)
    t.equal(refused.length, 4, 'two of 6 are within an eighth')
    t.same(begun.filter(({ heard }) => heard === '').length, 2)
    t.equal((await ask(world, { ...upload, body: payload })).status, 503)
    t.equal((await ask(world, { ...upload, from: OTHER, body: payload })).status, 200)

    for (const { leave } of begun) leave()
    await settled(() => stagedIn(world), (files) => files.length === 0)
    t.equal((await ask(world, { ...upload, body: payload })).status, 200, 'what was held is given back when they go')
  })
}

t.test('C2 whoever may send no more pictures is told before one has come', async (t) => {
  const world = await listen(t, { rateLimit: true })
  const ada = await signUp(world, 'ada')
  const none = form([['avatar', { file: Buffer.from('no picture') }]])
  for (let i = 0; i < 10; i++) t.equal((await world.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: none.payload, headers: { ...ada.headers, ...none.headers } })).statusCode, 400)
  const { payload, headers } = form([['bio', 'Eleven'], ['avatar', { file: await noise('png', 1_000, 1_000) }]])
  const base64 = payload.toString('base64').slice(0, MIB)
  const patch = { method: 'PATCH', path: `/api/v2/user/${ada.id}/`, from: OTHER }
  const begun = [
    begin(t, world, { ...patch, headers: { ...ada.headers, ...headers }, body: payload.subarray(0, MIB) }),
    begin(t, world, { ...patch, headers: ada.headers, body: `{"avatar_base64":"${base64}` }),
    begin(t, world, { ...patch, headers: { ...ada.headers, 'content-type': 'multipart/form-data; boundary=b' }, body: `--b\r\nContent-Disposition: form-data; name="avatar_base64"\r\n\r\n${base64}` }),
  ]
  t.same((await settled(() => begun.map(({ heard }) => heard.slice(9, 12)), (said) => said.every((status) => status !== ''))), ['429', '429', '429'])
  t.same(stagedIn(world), [])
  t.equal((await ask(world, { ...patch, headers: ada.headers, body: '{"bio":"Eleven"}' })).status, 200, 'texts go on')
})

t.test('C2 what one goes on sending after a refusal has a share of its own while others wait', async (t) => {
  const world = await listen(t)
  let bytes = 0
  world.app.server.on('connection', (socket: Socket) => { socket.once('close', () => { bytes += socket.bytesRead }) })
  const waits = begin(t, world, { ...signIn(OTHER), body: pad(5_000) })
  await arrived(world, [waits])

  const refused = { method: 'PATCH', path: '/api/v2/user/1/', body: Buffer.alloc(12 * MIB) }
  const poured = Array.from({ length: 8 }, () => begin(t, world, { ...refused, from: ATTACKER }))
  await settled(() => poured.every(({ heard }) => heard.startsWith('HTTP/1.1 401 ')), Boolean)
  t.equal((await ask(world, { ...refused, from: OTHER })).status, 401, 'whoever was refused once is heard out, and told')
  await settled(() => poured.some(({ isGone }) => !isGone), (isLeft) => !isLeft)
  t.same(poured.filter(({ heard, isGone }) => !isGone || !heard.startsWith('HTTP/1.1 401 ')), [])
  t.ok(bytes < 64 * MIB, `${Math.round(bytes / MIB)} of ${12 * 9} MiB were read`)
  t.equal(waits.heard, '')
})

t.test('C1 a body in chunks of one byte costs what its bytes cost', async (t) => {
  const world = await listen(t)
  const ada = await signUp(world, 'ada')
  const chunks = 400_000
  const body = '1\r\nA\r\n'.repeat(chunks)
  const before = used()
  const headers = { ...ada.headers, 'transfer-encoding': 'chunked' }
  const begun = begin(t, world, { method: 'PATCH', path: `/api/v2/user/${ada.id}/`, from: OTHER, headers, body })
  await arrived(world, [begun])
  t.equal(begun.heard, '')
  const more = used() - before
  t.ok(more < 20 * chunks, `${Math.round(more / MIB)} MiB for ${chunks} bytes`)
})

/** Bytes of objects that are in use, once all others are collected. */
function used (): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

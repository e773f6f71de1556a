import t from 'tap'
import { ORACLE } from './oracle.ts'
import type { Rank } from './oracle.ts'
import { createWorld } from './world.ts'
import type { World } from './world.ts'
import { PICTURE, WRITES } from './writes.ts'

/** What writes no account: sessions and API tokens, what is made and not changed, what belongs to no person, what is asked for and taken back, and what has a condition for each. */
const OTHERS = /\/(sessions|sign-out|proof|tokens|groups|fields|invitations|account\/create)\/|\/(tag|v1\/tags)\/(:tag_id\/)?$|^DELETE \/v1\/me\/email\/$|^POST \/(api\/users|v1\/people|v1\/people\/batch)\/$/
const OF_ACCOUNTS = Object.keys(WRITES).filter((name) => !OTHERS.test(name))

/** The routes that write an account by a code that was mailed. */
const BY_CODE = {
  'POST /api/v2/user/:id/confirm_email/': 'change_email',
  'POST /api/v2/account/verify/': 'confirm_email',
  'POST /api/v2/account/reset/': 'reset_password',
  'POST /api/v2/account/revert_email/': 'revert_email',
  'POST /api/users/auth/pwd/reset/': 'reset_password',
  'POST /api/users/auth/email/confirm/': 'confirm_email',
  'POST /api/users/auth/email/revert/': 'revert_email',
  'POST /api/password/reset/': 'reset_password',
  'POST /api/email/confirm/': 'confirm_email',
  'POST /api/email/revert/': 'revert_email',
} as const
const STALE = '"999-x"'
let nonce = 0

/** The least that a route asks for. */
const rankOf = (name: string): Rank => ORACLE[name] === 'in reach, proven' ? 'staff' : (['admin', 'staff'] as const).find((rank) => ORACLE[name]?.startsWith(rank)) ?? 'ordinary'

/** The request of a route that would succeed, and whose version it goes by. */
async function prepare (world: World, name: string) {
  const [method = '', path = ''] = name.split(' ')
  const rule = ORACLE[name]
  const sender = await world.make(rankOf(name))
  const isOfOther = rule === 'staff, in reach' || rule === 'admin, hidden' || rule === 'admin' || rule === 'in reach, proven'
  const targetId = isOfOther ? (await world.make('ordinary', rule === 'admin, hidden' ? 'hidden' : undefined)).id : sender.id
  const scene = { world, sender, targetId, nonce: nonce++ }
  const write = WRITES[name] ?? {}
  const url = path.replace(':id', String(targetId)).replace(/:\w+/, String(await write.named?.(scene)))
  const payload = write.isPicture ? PICTURE : await write.body?.(scene) ?? {}
  if (rule?.endsWith('proven')) await world.core.db.write((tx) => tx.sessions.prove(sender.sid, Date.now() + 600_000))
  await world.core.mail.deliver()
  return { method: method as 'PUT', url, headers: { ...sender.headers, ...write.isPicture && { 'content-type': 'image/png' } }, payload, targetId }
}

async function prepareCode (world: World, name: keyof typeof BY_CODE) {
  const { id, username } = await world.make('ordinary')
  const purpose = BY_CODE[name]
  const email = purpose === 'change_email' || purpose === 'revert_email' ? `moved-${nonce++}@example.com` : `${username}@example.com`
  const code = await world.core.db.write((tx) => world.core.codes.issue(tx, { userId: id, purpose, email }))
  const payload = { code, validation_code: code, password: 'a whole new secret', new_email: email }
  return { method: 'POST' as const, url: name.slice('POST '.length).replace(':id', String(id)), headers: {}, payload, targetId: id }
}

t.test('A4 If-Match is obeyed on every write of an account', async (t) => {
  const world = await createWorld(t)
  await world.make('admin')
  for (const name of [...OF_ACCOUNTS, ...Object.keys(BY_CODE)]) {
    const { targetId, ...request } = await (name in BY_CODE ? prepareCode(world, name as keyof typeof BY_CODE) : prepare(world, name))
    const account = await world.core.db.read.users.find(targetId) ?? await world.core.db.read.users.findDeleted(targetId)
    const before = world.state()
    const stale = await world.app.inject({ ...request, headers: { ...request.headers, 'if-match': STALE } })
    t.equal(stale.statusCode, 412, `${name}: ${stale.body.slice(0, 120)}`)
    t.equal(world.state(), before, `${name} has written nothing`)
    t.match(stale.headers.etag, new RegExp(`^"${account?.version}-`), `${name} tells the version that there is`)
    const current = await world.app.inject({ ...request, headers: { ...request.headers, 'if-match': String(stale.headers.etag) } })
    t.ok(current.statusCode < 300, `${name} as it is now: ${current.statusCode} ${current.body.slice(0, 120)}`)
  }
})

t.test('A4 a wrong proof goes before a version that has moved', async (t) => {
  const world = await createWorld(t)
  const { headers } = await world.make('ordinary')
  for (const [method, url, payload] of [
    ['POST', '/api/profile/second-factor/', { password: 'wrong' }],
    ['POST', '/api/password/change/', { password: 'wrong', new_password: 'a whole new secret' }],
    ['POST', '/api/profile/second-factor/confirm/', { otp: '000000' }],
  ] as const) t.equal((await world.app.inject({ method, url, payload, headers: { ...headers, 'if-match': STALE } })).statusCode, 400, url)
})

t.test('A4 sessions and API tokens go by no version', async (t) => {
  const world = await createWorld(t)
  for (const name of Object.keys(WRITES).filter((name) => /\/(sessions|sign-out|tokens)\//.test(name) && !name.includes(':id'))) {
    const { targetId: _, ...request } = await prepare(world, name)
    const { statusCode } = await world.app.inject({ ...request, headers: { ...request.headers, 'if-match': STALE } })
    t.ok(statusCode < 300, `${name}: ${statusCode}`)
  }
})

t.test('A4 the document tells where', async (t) => {
  const { app } = await createWorld(t)
  const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, { parameters?: { in: string, name: string }[] }>> }>()
  const told = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
    .filter(([, { parameters = [] }]) => parameters.some(({ in: place, name }) => place === 'header' && name === 'If-Match'))
    .map(([method]) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`))
  const isNative = (name: string) => name.includes(' /v1/')
  t.ok(told.includes('PATCH /v1/me/') && told.includes('PATCH /v1/people/:id/'))
  t.same(told.filter((name) => !isNative(name)).sort(), [...OF_ACCOUNTS, ...Object.keys(BY_CODE)].filter((name) => !isNative(name)).sort())
})

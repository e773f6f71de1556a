import type { AddressInfo } from 'node:net'
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import visage, { openService, OPERATOR } from '../../src/app.ts'
import type { Options } from '../../src/app.ts'
import { ConfigError, loadConfig } from '../../src/config.ts'
import { placeOf } from '../engines.ts'
import { build, folderFor, form, PASSWORD, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { walk } from '../walk.ts'
import { FAMILIES, NAMES } from './families.ts'
import { openStore } from './world.ts'

/* DESIGN §9: VISAGE_PUBLIC_URL unset is the address the server listens on, never the Host header. */
const LIES = { host: 'evil.example.com', 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example.com', 'x-forwarded-for': '192.0.2.1' }

async function askOverSocket (port: number, path: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (answer) => { json(answer).then((body) => resolve(body as Record<string, unknown>), reject) }).on('error', reject).end()
  })
}

const CASES: [title: string, options: Options, address: (port: number) => string][] = [
  ['unset', {}, (port: number) => `http://127.0.0.1:${port}`],
  ['set', { publicUrl: 'https://people.example.com/id' }, () => 'https://people.example.com/id'],
  ['set, behind a proxy', { publicUrl: 'https://people.example.com', trustProxy: ['127.0.0.1'] }, () => 'https://people.example.com'],
]
for (const [title, options, address] of CASES) {
  await t.test(`${title}: the address of a picture, whatever the request says of itself`, async (t) => {
    const built = await build(t, options)
    await built.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = built.app.server.address() as AddressInfo
    const ada = await signUp(built, 'ada', { isAdmin: true })
    const token = await tokenOf(built, ada)
    const { payload, headers } = form([['avatar', { file: await picture() }]])
    t.equal((await built.app.inject({ ...FAMILIES.community.edit(ada.id), headers: { ...ada.headers, ...headers, ...LIES }, payload })).statusCode, 200)
    const { avatar } = openStore(t, built.dataDir).row(ada.id)
    const path = `/media/avatars/${avatar}.webp`
    for (const family of NAMES) {
      for (const lies of [{}, LIES]) {
        const shown = await askOverSocket(port, FAMILIES[family].read(ada.id).url, { ...token, ...lies })
        // The personal family's is relative: clients put the origin in front of it.
        t.equal(new URL(String(shown.avatar), address(port)).href, `${address(port)}${path}`, family)
        t.equal(String(shown.avatar).startsWith('/'), family === 'personal', family)
      }
    }
  })
}

await t.test('VISAGE_TRUST_PROXY without VISAGE_PUBLIC_URL stops the start, and the variable is named', async (t) => {
  t.throws(() => loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1' }), { name: 'ConfigError', message: /^VISAGE_PUBLIC_URL: / })
  t.throws(() => loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1', VISAGE_PUBLIC_URL: 'people' }), ConfigError)
  t.match(loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1', VISAGE_PUBLIC_URL: 'https://people.example.com/' }), { trustProxy: ['127.0.0.1'], publicUrl: 'https://people.example.com' })
})

/** The plugin below `/people` of an application that listens, and an admin of it. */
async function embed (t: Test, options: Options = {}) {
  const dataDir = folderFor(t)
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(visage, { prefix: '/people', rateLimit: false, ...options, ...placeOf(dataDir) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive: false })
  const { id } = await core.users.create(OPERATOR, { username: 'root', isAdmin: true }, { family: 'operator' })
  const admin = { authorization: `Token ${(await core.keys.create(id)).secret}` }
  await core.close()
  return { port: (app.server.address() as AddressInfo).port, dataDir, admin }
}

await t.test('J as a plugin with a prefix: whoever follows what they are told stays below it', async (t) => {
  const { port, ...site } = await embed(t)
  t.ok((await walk({ base: `http://127.0.0.1:${port}/people`, ...site })).size > 60)
})

await t.test('J the public address has a path that a proxy strips, and the prefix: all that is told begins with it', async (t) => {
  let behind = 0
  const proxy = createServer((asked, answer) => {
    const path = /^\/site(\/.*)$/.exec(asked.url ?? '')?.[1]
    if (path === undefined) return answer.writeHead(404).end()
    asked.pipe(request({ host: '127.0.0.1', port: behind, path, method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    }))
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => { proxy.close().closeAllConnections() })
  const base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/site/people`
  const { port, ...site } = await embed(t, { publicUrl: `${base}/`, trustProxy: ['127.0.0.1'] })
  behind = port
  t.ok((await walk({ base, ...site })).size > 60)
})

await t.test('J unset, the address is that of the application around, whatever it listens on', async (t) => {
  // The path of a socket may have about a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'visage-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const cases: [https: object | null, listen: { host: string, port: number } | { path: string }, address: RegExp][] = [
    [{}, { host: '127.0.0.1', port: 0 }, /^https:\/\/127\.0\.0\.1:\d{4,}\/people\//],
    [null, { path: join(folder, 'socket') }, /^http:\/\/127\.0\.0\.1:3000\/people\//],
  ]
  for (const [https, listen, address] of cases) {
    const app = Fastify({ https })
    await app.register(visage, { prefix: '/people/', ...placeOf(join(folder, 'data')), rateLimit: false })
    await app.listen(listen)
    const username = https === null ? 'ada' : 'grace'
    const { access } = (await app.inject({ method: 'POST', url: '/people/api/sign-up/', payload: { username, email: `${username}@example.com`, password: PASSWORD } })).json<{ access: string }>()
    t.match((await app.inject({ url: '/%70eople/api/v2/user/me/avatar/', headers: { authorization: `Bearer ${access}` } })).json(), { avatar: address })
    await app.close()
  }
})

await t.test('J whoever writes a mail, server or command, knows where its link leads', async (t) => {
  const built = await build(t, { port: 3_210 })
  await signUp(built, 'ada')
  const folder = join(built.dataDir, 'mail')
  const mails = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  t.match(mails, 'http://127.0.0.1:3210/confirm-email?code=')
})

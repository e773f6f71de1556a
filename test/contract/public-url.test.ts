import type { AddressInfo } from 'node:net'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import t from 'tap'
import type { Options } from '../../src/app.ts'
import { ConfigError, loadConfig } from '../../src/config.ts'
import { build, form, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
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
        t.equal(shown.avatar, family === 'personal' ? path : `${address(port)}${path}`, family)
      }
    }
  })
}

await t.test('VISAGE_TRUST_PROXY without VISAGE_PUBLIC_URL stops the start, and the variable is named', async (t) => {
  t.throws(() => loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1' }), { name: 'ConfigError', message: /^VISAGE_PUBLIC_URL: / })
  t.throws(() => loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1', VISAGE_PUBLIC_URL: 'people' }), ConfigError)
  t.match(loadConfig({ VISAGE_TRUST_PROXY: '127.0.0.1', VISAGE_PUBLIC_URL: 'https://people.example.com/' }), { trustProxy: ['127.0.0.1'], publicUrl: 'https://people.example.com' })
})

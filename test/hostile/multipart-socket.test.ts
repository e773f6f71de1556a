import t from 'tap'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { TEXT, TYPE, broken } from './forms.ts'
import { UPDATES, at, blamed, named } from './routes.ts'
import { filesBelow, openRows, staged } from './traces.ts'

interface Sent { port: number, method: string, path: string, headers: Record<string, string>, chunks: Buffer[] }

/** The body comes in pieces, so that the parser meets what is wrong with it after the hooks have waited for something. */
function send ({ port, method, path, headers, chunks }: Sent): Promise<{ status: number, body: string }> {
  return new Promise((resolve, reject) => {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    const client = request({ port, host: '127.0.0.1', method, path, agent: false, headers: { ...headers, 'content-length': length } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => resolve({ status: response.statusCode ?? 0, body })).on('error', reject)
    })
    client.on('error', reject)
    for (const chunk of chunks) client.write(chunk)
    client.end()
  })
}

t.test('what is no whole form is 400 on a real connection too, and the process lives', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
  const headers = await tokenOf(built, ada)
  const rows = openRows(built.dataDir)
  t.teardown(rows.close)
  const before = rows.all()
  const files = filesBelow(built.dataDir)
  await built.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = built.app.server.address() as AddressInfo
  const png = await picture()

  let cells = 0
  for (const route of UPDATES) {
    for (const [name, [payload, type = TYPE]] of Object.entries(broken(TEXT[route.family], png))) {
      const middle = Math.floor(payload.length / 2)
      const chunks = [payload.subarray(0, 1), payload.subarray(1, middle), payload.subarray(middle)]
      const { status, body } = await send({ port, method: route.method, path: at(route, ada.id), headers: { ...headers, 'content-type': type }, chunks })
      cells++
      t.equal(status, 400, `${named(route)}: ${name}`)
      t.same(blamed(route.family, body), [''], body)
    }
  }
  t.same(await staged(built.dataDir), [])
  t.same(rows.all(), before)
  t.same(filesBelow(built.dataDir), files)
  const alive = await send({ port, method: 'GET', path: '/health/live', headers: {}, chunks: [] })
  t.equal(alive.status, 200)
  t.comment(`${cells} cells`)
})

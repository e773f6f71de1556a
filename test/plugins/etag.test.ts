import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { build, signUp } from '../helper.ts'

t.test('a 304 does not claim a length that the 200 would not have had', async (t) => {
  const built = await build(t)
  const { id } = await signUp(built, 'ada')
  const { port } = new URL(await built.app.listen({ port: 0, host: '127.0.0.1' }))
  const ask = async (method: string, headers: Record<string, string> = {}) => {
    const [response] = await once(request({ port, path: `/api/v2/user/${id}/`, method, headers }).end(), 'response') as [IncomingMessage]
    response.resume()
    return response
  }
  const { etag, 'content-length': length } = (await ask('GET')).headers
  for (const method of ['GET', 'HEAD']) {
    const response = await ask(method, { 'if-none-match': String(etag) })
    t.equal(response.statusCode, 304)
    t.ok([undefined, length].includes(response.headers['content-length']), `${method}: ${response.headers['content-length']}`)
  }
})

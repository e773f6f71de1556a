import { gzipSync } from 'node:zlib'
import t from 'tap'
import { build, form, signUp } from '../helper.ts'

t.test('a compressed body is not unpacked, and the answer says so', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const bodies = [
    { payload: Buffer.from('{"bio":"x"}'), headers: { 'content-type': 'application/json' } },
    { payload: Buffer.from('bio=x'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    form([['bio', 'x']]),
  ]
  for (const { payload, headers } of bodies) {
    const send = (body: Buffer, encoding: string) => built.app.inject({
      method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: body, headers: { ...headers, ...ada.headers, 'content-encoding': encoding },
    })
    const refused = await send(gzipSync(payload), 'gzip')
    t.equal(refused.statusCode, 415)
    t.same(refused.json(), { errors: [{ code: 'unsupported_media_type', message: 'Unsupported media type "gzip" in request.' }] })
    t.match((await send(payload, 'identity')).json(), { bio: 'x' })
  }
})

import t from 'tap'
import { openRows, staged } from '../hostile/traces.ts'
import { build, form, signUp, tokenOf } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { skippableClock } from './clock.ts'

t.test('ten pictures a minute for a person, whatever the family; the eleventh leaves no trace', async (t) => {
  const built = await build(t, { rateLimit: true })
  const skip = skippableClock(t)
  const { app, dataDir } = built
  const ada = await signUp(built, 'ada', { isStaff: true })
  const grace = await signUp(built, 'grace')
  const rows = openRows(dataDir)
  t.teardown(() => rows.close())
  const avatar = await picture()
  const base64 = `image/png;base64,${avatar.toString('base64')}`
  const families = [
    { name: 'community', method: 'PATCH', url: `/api/v2/user/${ada.id}/`, told: (text: string) => ({ errors: [{ code: 'throttled', message: text }] }) },
    { name: 'staff', method: 'PATCH', url: `/api/users/${ada.id}/`, told: (text: string) => ({ detail: text }) },
    { name: 'personal', method: 'PUT', url: `/api/profile/${ada.id}/update/`, told: (text: string) => ({ detail: text }) },
  ] as const
  const send = ({ method, url }: { method: 'PATCH' | 'PUT' | 'POST', url: string }, credential: object) => {
    const { payload, headers } = form([['first_name', 'Eleven'], ['avatar', { file: avatar }]])
    return app.inject({ method, url, payload, headers: { ...headers, ...credential } })
  }

  for (let i = 0; i < 10; i++) t.equal((await send(families[i % 3] ?? families[0], ada.headers)).statusCode, 200)
  for (const family of families) {
    const before = rows.user(ada.id)
    const response = await send(family, ada.headers)
    t.equal(response.statusCode, 429, family.name)
    const wait = Number(response.headers['retry-after'])
    t.ok(wait > 10 && wait <= 60, `Retry-After: ${wait}`)
    t.match(response.headers, { 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': String(wait) })
    t.same(response.json(), family.told(`Request was throttled. Expected available in ${wait} seconds.`))
    t.same(rows.user(ada.id), before)
    t.same(await staged(dataDir), [])
  }

  const inJson = await app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, headers: ada.headers, payload: { avatar_base64: base64 } })
  t.equal(inJson.statusCode, 429, 'a picture in JSON is one as well')
  t.equal((await send({ method: 'POST', url: '/api/v2/user/avatar/' }, ada.headers)).statusCode, 429, 'and one that is only kept')
  t.same(await staged(dataDir), [])
  t.equal((await app.inject({ method: 'PUT', url: `/api/profile/${ada.id}/update/`, headers: ada.headers, payload: { first_name: 'Ada' } })).statusCode, 200, 'texts go on')
  t.equal((await send({ method: 'PATCH', url: `/api/v2/user/${grace.id}/` }, grace.headers)).statusCode, 200, 'and so do others')
  const key = await tokenOf(built, ada)
  t.equal((await send(families[1], key)).statusCode, 200, 'and API tokens')

  skip(60)
  t.equal((await send(families[0], ada.headers)).statusCode, 200, 'the next minute')
})

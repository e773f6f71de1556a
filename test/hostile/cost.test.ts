import t from 'tap'
import { build, form, signUp } from '../helper.ts'

/*
 * SECURITY D5: a body within the limits must not cost out of proportion. The bounds are processor time, and tens of times
 * what a linear reader needs; the readers that these cases were found with took from half a second to half a minute.
 */
const BOUND_MS = 400

async function costOf (work: () => Promise<unknown>): Promise<number> {
  const started = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1_000
}

t.test('bodies that are cheap to send are cheap to refuse', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const post = (payload: string, type: string) => built.app.inject({ method: 'POST', url: '/api/sign-in/', payload, headers: { 'content-type': type } })

  t.test('marks that never end on one letter', async (t) => {
    const marks = `a${'\u0315'.repeat(60_000)}${'\u0300'.repeat(60_000)}`
    const payload = JSON.stringify({ email: marks, password: marks })
    const cost = await costOf(async () => t.match(await post(payload, 'application/json'), { statusCode: 400, body: '{"email":["Not a valid string."],"password":["Not a valid string."]}' }))
    t.ok(cost < BOUND_MS, `${cost} ms`)
    const few = `a${'\u0301'.repeat(30)}`
    t.equal((await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload: { bio: few }, headers: ada.headers })).statusCode, 200)
  })

  t.test('pairs without end', async (t) => {
    const cost = await costOf(async () => t.equal((await post('x&'.repeat(1_500_000), 'application/x-www-form-urlencoded')).statusCode, 413))
    t.ok(cost < BOUND_MS, `${cost} ms`)
    const pairs = Array.from({ length: 999 }, (_, i) => `n${i}=1`).join('&')
    t.equal((await post(`${pairs}&email=a@b.co`, 'application/x-www-form-urlencoded')).statusCode, 400, 'a thousand are read')
  })

  t.test('a picture that might become an SVG', async (t) => {
    const { payload, headers } = form([['avatar', { file: Buffer.from('<?'.repeat(200_000)) }]])
    const send = () => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
    const cost = await costOf(async () => t.equal((await send()).statusCode, 400))
    t.ok(cost < BOUND_MS, `${cost} ms`)
  })

  t.test('more groups than there are', async (t) => {
    const staff = await signUp(built, 'grace', { isStaff: true })
    const groups = Array.from({ length: 140_000 }, (_, i) => i + 1)
    const cost = await costOf(async () => t.match(await built.app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, payload: { groups }, headers: staff.headers }), { statusCode: 400 }))
    t.ok(cost < BOUND_MS, `${cost} ms`)
  })
})

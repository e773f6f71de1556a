import t from 'tap'
import { build, form, signUp } from '../helper.ts'

/*
 * SECURITY D5: a body within the limits must not cost out of proportion. The bounds are processor time, and tens of times
 * what a linear reader needs; the readers that these cases were found with took from half a second to half a minute.
 */
const BOUND_MS = 400
const FORM = 'application/x-www-form-urlencoded'

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
  const patch = (payload: object | string, type = 'application/json') =>
    built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...ada.headers, 'content-type': type } })

  t.test('marks that never end on one letter', async (t) => {
    const marks = (each: number) => `a${'\u0315'.repeat(each)}${'\u0300'.repeat(each)}`
    const payload = JSON.stringify({ email: marks(10_000), password: marks(10_000) })
    const cost = await costOf(async () => t.match(await post(payload, 'application/json'), { statusCode: 400, body: '{"email":["Not a valid string."],"password":["Not a valid string."]}' }))
    t.ok(cost < BOUND_MS, `${cost} ms`)
    const more = await costOf(async () => t.equal((await patch({ bio: marks(45_000) })).statusCode, 400))
    t.ok(more < BOUND_MS, `${more} ms`)
    const few = `a${'\u0301'.repeat(30)}`
    t.equal((await patch({ bio: few })).statusCode, 200)
  })

  t.test('pairs without end', async (t) => {
    const cost = await costOf(async () => t.equal((await post('x&'.repeat(45_000), FORM)).statusCode, 413))
    t.ok(cost < BOUND_MS, `${cost} ms`)
    const pairs = Array.from({ length: 999 }, (_, i) => `n${i}=1`).join('&')
    t.equal((await post(`${pairs}&email=a@b.co`, FORM)).statusCode, 400, 'a thousand are read')
  })

  t.test('a picture that might become an SVG', async (t) => {
    const { payload, headers } = form([['avatar', { file: Buffer.from('<?'.repeat(200_000)) }]])
    const send = () => built.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/`, payload, headers: { ...headers, ...ada.headers } })
    const cost = await costOf(async () => t.equal((await send()).statusCode, 400))
    t.ok(cost < BOUND_MS, `${cost} ms`)
  })

  t.test('more groups than there are', async (t) => {
    const staff = await signUp(built, 'grace', { isStaff: true })
    const groups = Array.from({ length: 15_000 }, (_, i) => i + 1)
    const cost = await costOf(async () => t.match(await built.app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, payload: { groups }, headers: staff.headers }), { statusCode: 400 }))
    t.ok(cost < BOUND_MS, `${cost} ms`)
  })

  t.test('C1 what a picture may have as text is no room for anything else', async (t) => {
    const most = 11 * 1_024 ** 2
    const bodies: Record<string, [payload: string, type?: string]> = {
      'lists in lists': [`{"x":${'['.repeat(most / 2)}${']'.repeat(most / 2)}}`],
      'empty lists': [`{"x":[${'[],'.repeat(most / 3)}[]]}`],
      'empty objects': [`{"x":[${'{},'.repeat(most / 3)}{}]}`],
      'numbers': [`{"avatar_base64":[${'1,'.repeat(most / 2)}1]}`],
      'a text of marks': [JSON.stringify({ bio: `a${'\u0315\u0300'.repeat(14)}`.repeat(most / 57) })],
      'a text of letters that take two bytes': [JSON.stringify({ bio: 'ā'.repeat(most / 2) })],
      'an equals sign after the other': [`bio=${'='.repeat(most)}`, FORM],
      'a percent sign after the other': [`bio=${'%'.repeat(most)}`, FORM],
      'the same for the picture': [`avatar_base64=${'='.repeat(most)}`, FORM],
    }
    for (const [name, [payload, type]] of Object.entries(bodies)) {
      const cost = await costOf(async () => t.ok([400, 413].includes((await patch(payload, type)).statusCode), name))
      t.ok(cost < BOUND_MS, `${name}: ${cost} ms`)
    }
  })
})

import t from 'tap'
import { build, signUp, urlencoded } from '../helper.ts'

t.test('PATCH /api/users/{id}/: what another system owns', async (t) => {
  const built = await build(t)
  const ada = await signUp(built, 'ada')
  const staff = await signUp(built, 'grace', { isStaff: true })
  const admin = await signUp(built, 'alan', { isAdmin: true })
  const patch = (headers: object, payload: object) => built.app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, payload, headers: { ...headers } })
  const stored = async () => (await built.core.db.read.users.find(ada.id))

  t.test('an admin sets it, and neither the version nor updated_at moves', async (t) => {
    const before = await stored()
    t.equal((await patch(admin.headers, { reputation: 7, community_badge: 'True', ext_id: 'x-1', posts_counter: '12', can_send_pm_to: 1 })).statusCode, 200)
    t.same(await stored(), { ...before, reputation: 7, communityBadge: true, extId: 'x-1', posts: 12, canReceiveMessages: true, lastSeenAt: before?.lastSeenAt })
  })

  t.test('from staff it is ignored, even where no admin could send it', async (t) => {
    const before = await stored()
    for (const nonsense of [{ reputation: 'abc' }, { can_send_pm_to: null }, { posts_counter: -1 }, { ext_id: {} }, { reputation: 9 }]) {
      t.equal((await patch(staff.headers, { ...nonsense, first_name: 'Ada' })).statusCode, 200, JSON.stringify(nonsense))
    }
    const now = await stored()
    t.match(now, { firstName: 'Ada', reputation: 7, canReceiveMessages: true, posts: 12, extId: 'x-1', version: Number(before?.version) + 1 })
  })

  t.test('an admin is told what is wrong with it', async (t) => {
    const before = await stored()
    t.same((await patch(admin.headers, { reputation: 'abc', posts_counter: -1, ext_id: 'x'.repeat(256) })).json(), {
      ext_id: ['Ensure this field has no more than 255 characters.'],
      reputation: ['A valid integer is required.'],
      posts_counter: ['Ensure this value is greater than or equal to 0.'],
    })
    // A double holds neither of these, so neither is rounded to its neighbour.
    for (const large of ['9007199254740993', '9999999999999999']) {
      t.equal((await patch(admin.headers, { reputation: large })).statusCode, 400)
      const { payload, headers } = urlencoded([['reputation', large], ['groups', large]])
      const form = await built.app.inject({ method: 'PATCH', url: `/api/users/${ada.id}/`, payload, headers: { ...headers, ...admin.headers } })
      t.same(form.json(), { groups: ['Incorrect type. Expected pk value, received str.'], reputation: ['A valid integer is required.'] })
    }
    t.same(await stored(), before)
  })
})

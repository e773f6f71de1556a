import t from 'tap'
import { build, signUp, tokenOf } from '../helper.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import type { FamilyName } from './families.ts'
import { openStore } from './world.ts'

/*
 * DESIGN §9: last active admin, staff's reach, community PATCH of another person, someone else's id, e-mail written directly.
 * The DELETE half of the first row, `change_email` and telling the old address belong to paths that do not exist yet.
 */
const built = await build(t)
const { app } = built
const store = openStore(t, built.dataDir)
const people = {
  ordinary: await signUp(built, 'ordinary'),
  other: await signUp(built, 'other'),
  staff: await signUp(built, 'stella', { isStaff: true }),
  colleague: await signUp(built, 'colleague', { isStaff: true }),
  admin: await signUp(built, 'adele', { isAdmin: true }),
}
type Role = keyof typeof people
const roles = Object.keys(people) as Role[]
const keys = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await tokenOf(built, people[role])]))) as Record<Role, { authorization: string }>

const edit = async (family: FamilyName, actor: Role, target: { id: number }, payload: object) =>
  await app.inject({ ...FAMILIES[family].edit(target.id), headers: keys[actor], payload })
const refused = (family: FamilyName) => problem(family, 'permission_denied', 'You do not have permission to perform this action.')

/** Written from DESIGN §9 and CONTRACT §5 row 12. */
function reaches (actor: Role, target: Role): boolean {
  if (actor === 'admin') return true
  return (actor === 'staff' || actor === 'colleague') && (actor === target || target === 'ordinary' || target === 'other')
}

for (const actor of roles) {
  for (const target of roles) {
    await t.test(`staff's reach: ${actor} edits ${target}`, async (t) => {
      const before = store.dump()
      const response = await edit('staff', actor, people[target], { last_name: `by ${actor}` })
      t.equal(response.statusCode, reaches(actor, target) ? 200 : 403)
      if (reaches(actor, target)) t.equal(store.row(people[target].id).last_name, `by ${actor}`)
      else t.strictSame(store.dump(), before)
      if (!reaches(actor, target)) t.same(response.json(), refused('staff'))
    })

    for (const family of ['community', 'personal'] as const) {
      await t.test(`${family}: ${actor} edits ${target}: themselves only, whatever their role`, async (t) => {
        const before = store.dump()
        const name = family === 'community' ? 'real_name' : 'first_name'
        const response = await edit(family, actor, people[target], { [name]: `by ${actor} in ${family}` })
        t.equal(response.statusCode, actor === target ? 200 : 403)
        if (actor === target) t.equal(store.row(people[target].id)[name], `by ${actor} in ${family}`)
        else t.strictSame(store.dump(), before)
        if (actor !== target) t.same(response.json(), refused(family))
      })
    }
  }
}

for (const family of NAMES) {
  await t.test(`${family}: an id that does not exist is 404, for everybody who may ask`, async (t) => {
    for (const actor of family === 'staff' ? ['staff', 'admin'] as const : roles) {
      const response = await edit(family, actor, { id: 4711 }, {})
      t.equal(response.statusCode, 404)
      t.same(response.json(), problem(family, 'not_found', 'Not found.'))
    }
  })
}

await t.test('staff: a role key sent back unchanged is never 403; one that differs is, and nothing of that request is stored', async (t) => {
  for (const target of ['ordinary', 'staff'] as const) {
    const row = store.row(people[target].id)
    const back = { is_staff: row.is_staff === 1, is_admin: false, is_active: true, groups: [], first_name: `kept by ${target}` }
    const response = await edit('staff', 'staff', people[target], back)
    t.equal(response.statusCode, 200, response.body)
    t.equal(store.row(people[target].id).first_name, `kept by ${target}`)
    const before = store.dump()
    for (const role of [{ is_admin: true }, { is_staff: row.is_staff !== 1 }]) {
      const wanted = await edit('staff', 'staff', people[target], { first_name: 'lost', ...role })
      t.equal(wanted.statusCode, 403)
      t.same(wanted.json(), refused('staff'))
    }
    t.strictSame(store.dump(), before)
  }
})

await t.test('staff: an admin gives and takes roles, staff may deactivate ordinary people', async (t) => {
  for (const [actor, body, columns] of [
    ['admin', { is_staff: true, is_admin: true }, { is_staff: 1, is_admin: 1 }],
    ['admin', { is_staff: false, is_admin: false }, { is_staff: 0, is_admin: 0 }],
    ['staff', { is_active: false }, { is_active: 0 }],
    ['staff', { is_active: true }, { is_active: 1 }],
  ] as const) {
    const before = store.row(people.other.id)
    t.equal((await edit('staff', actor, people.other, body)).statusCode, 200)
    const after = store.row(people.other.id)
    t.strictSame(after, { ...before, ...columns, version: Number(before.version) + 1, updated_at: after.updated_at, revoked_at: after.revoked_at })
    t.equal(after.revoked_at !== before.revoked_at, 'is_active' in columns && columns.is_active === 0, 'whoever is deactivated shows nothing any more')
  }
})

await t.test('last active admin: 400 on the field that would end it', async (t) => {
  const sentence = 'This is the last active admin. Make somebody else an admin first.'
  const inactive = await signUp(built, 'retired', { isAdmin: true, isActive: false })
  const before = store.dump()
  for (const [body, field] of [[{ is_admin: false }, 'is_admin'], [{ is_active: false }, 'is_active'], [{ is_admin: 'off', last_name: 'lost' }, 'is_admin']] as const) {
    const response = await edit('staff', 'admin', people.admin, body)
    t.equal(response.statusCode, 400)
    t.same(response.json(), { [field]: [sentence] })
  }
  t.strictSame(store.dump(), before, 'an inactive admin does not count')
  // The other families cannot write these; the keys are ignored.
  for (const family of ['community', 'personal'] as const) t.equal((await edit(family, 'admin', people.admin, { is_superuser: false, is_admin: false, is_active: false, role: null })).statusCode, 200)
  t.strictSame(store.dump(), before)

  t.equal((await edit('staff', 'admin', inactive, { is_active: true })).statusCode, 200)
  t.equal((await edit('staff', 'admin', people.admin, { is_active: true, is_staff: true })).statusCode, 200)
})

await t.test('an e-mail address that is written directly applies at once and is unmarked as confirmed', async (t) => {
  const { ordinary } = people
  for (const [family, actor, email] of [['personal', 'ordinary', 'p@example.com'], ['staff', 'staff', 's@example.com'], ['staff', 'admin', 'a@example.com']] as const) {
    store.set(ordinary.id, { email_confirmed: 1 })
    const before = store.row(ordinary.id)
    t.equal((await edit(family, actor, ordinary, { email: before.email })).statusCode, 200)
    t.strictSame(store.row(ordinary.id), before, 'the same address stays confirmed')
    t.equal((await edit(family, actor, ordinary, { email })).statusCode, 200)
    const after = store.row(ordinary.id)
    t.strictSame(after, { ...before, email, email_confirmed: 0, email_held_until: after.email_held_until, version: Number(before.version) + 1, updated_at: after.updated_at })
    t.equal(after.email_held_until === null, actor === 'admin', 'but for an admin, codes only confirm it for a while')
    const seen = await app.inject({ ...FAMILIES.community.read(ordinary.id), headers: ordinary.headers })
    t.match(seen.json(), { email, email_isvalid: false })
  }
  const before = store.row(ordinary.id)
  t.equal((await edit('community', 'ordinary', ordinary, { email: 'c@example.com', email_isvalid: true })).statusCode, 200)
  t.strictSame(store.row(ordinary.id), before, 'community has no such field')
})

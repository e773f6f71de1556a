import t from 'tap'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { carryOut } from '../commands/visage.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { build, form, PASSWORD, signUp, tokenOf, urlencoded } from '../helper.ts'
import type { Built, Person } from '../helper.ts'

/** What each family says of a username with characters that none may have. */
const PHRASE = 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.'
const DICTIONARY = { username: [PHRASE] }
const LIST = { errors: [{ field: 'username', messages: [{ code: 'invalid', message: 'Enter a valid value.' }] }] }

const HASH = '0123456789abcdef'.repeat(2)
/** In the alphabet of every family, and in that of two. */
const EVERYWHERE = ['admin', 'ROOT', 'Me', 'api', 'sign-up', '007', '1e3', '0x10', '-1', 'Infinity', 'nan', HASH, HASH.toUpperCase(), 'CEO', 'Support-Team']
const ELSEWHERE = ['.', '..', '+1', '1.0', '+Infinity', `${HASH}.png`, '.well-known']

interface Family { name: string, names: string[], refusal: object, edits: (person: Person) => { method: 'PUT' | 'PATCH', url: string, read: string }[] }
const FAMILIES: Family[] = [
  {
    name: 'community',
    names: EVERYWHERE,
    refusal: LIST,
    edits: ({ id }) => (['PUT', 'PATCH'] as const).map((method) => ({ method, url: `/api/v2/user/${id}/`, read: '/api/v2/user/me/' })),
  },
  { name: 'staff', names: [...EVERYWHERE, ...ELSEWHERE], refusal: DICTIONARY, edits: () => (['PUT', 'PATCH'] as const).map((method) => ({ method, url: '/api/users/me/', read: '/api/users/me/' })) },
  { name: 'personal', names: [...EVERYWHERE, ...ELSEWHERE], refusal: DICTIONARY, edits: ({ id }) => [{ method: 'PUT', url: `/api/profile/${id}/update/`, read: '/api/profile/' }] },
]

const open = (t: Test, options: Options = {}): Promise<Built> => build(t, { reservedUsernames: ['ceo', 'Support-Team'], ...options })

/** As an operator's command would. */
const create = ({ core, dataDir }: Built, username: string) => carryOut(core, 'users create', { username }, dataDir)

t.test('A6 both sign-ups refuse a reserved name, and make nobody', async (t) => {
  const built = await open(t)
  const { app, core } = built
  await create(built, 'admin')
  let count = 0
  for (const username of [...EVERYWHERE, ...ELSEWHERE]) {
    const email = `person-${count++}@example.com`
    for (const [url, body] of [
      ['/api/sign-up/', { username, email, password: PASSWORD }],
      ['/api/users/auth/pwd/signup/', { username, email, password1: PASSWORD, password2: PASSWORD }],
    ] as const) {
      for (const sent of [{ payload: body }, urlencoded(Object.entries(body)), form(Object.entries(body))]) {
        const response = await app.inject({ method: 'POST', url, ...sent })
        t.equal(response.statusCode, 400, `${url} ${username}`)
        t.same(response.json(), DICTIONARY, 'whether or not somebody has it')
      }
    }
    if (username.toLowerCase() !== 'admin') t.equal(await core.users.findByUsername(username), undefined)
  }
})

for (const { name: family, names, refusal, edits } of FAMILIES) {
  t.test(`A6 ${family}: nobody gives a reserved name to themselves, and whoever has one keeps it`, async (t) => {
    const built = await open(t)
    const { app, core } = built
    const ada = await signUp(built, 'ada')
    await create(built, 'root')
    const named = async (username: string) => await core.db.write((tx) => tx.users.update(ada.id, { username }))
    const now = async () => (await core.users.get(ada.id)).username
    for (const { method, url, read } of edits(ada)) {
      for (const username of names) {
        await named('ada')
        const response = await app.inject({ method, url, headers: ada.headers, payload: { username } })
        t.equal(response.statusCode, 400, `${method} ${url} ${username}`)
        t.same(response.json(), refusal)
        t.equal(await now(), 'ada')
        if (username.toLowerCase() === 'root') continue

        await named(username)
        const whole = (await app.inject({ url: read, headers: ada.headers })).json<object>()
        t.equal((await app.inject({ method, url, headers: ada.headers, payload: whole })).statusCode, 200, `${method} ${url} ${username}, sent back`)
        t.equal((await app.inject({ method, url, headers: ada.headers, payload: { username: username.toLowerCase() } })).statusCode, 200, 'in another case')
        t.equal(await now(), username.toLowerCase())
        t.equal((await app.inject({ method, url, headers: ada.headers, payload: { username: `${username}-x`.replace(/[^\w-]/g, 'x') } })).statusCode, 200)
        t.equal((await app.inject({ method, url, headers: ada.headers, payload: { username } })).statusCode, 400, 'given away, it is gone')
      }
    }
  })
}

t.test('A6 staff and operators may give them', async (t) => {
  const built = await open(t)
  const { app, core } = built
  const ada = await signUp(built, 'ada')
  const [helper, chief] = [await signUp(built, 'helper', { isStaff: true }), await signUp(built, 'chief', { isAdmin: true })]
  const [ofHelper, ofChief] = [await tokenOf(built, helper), await tokenOf(built, chief)]
  const ask = async (method: 'POST' | 'PUT' | 'PATCH', url: string, payload: object, headers = ofHelper) => (await app.inject({ method, url, headers, payload })).statusCode
  t.equal(await ask('POST', '/api/users/', { username: 'moderator' }), 201)
  t.equal(await ask('PATCH', `/api/users/${ada.id}/`, { username: 'ceo' }), 200)
  t.equal(await ask('PUT', `/api/users/${ada.id}/`, { username: '1e3' }), 200)
  t.equal(await ask('PATCH', '/api/users/me/', { username: 'support' }), 200, 'to themselves as well')
  t.equal(await ask('POST', '/api/v2/account/create/', { username: 'press-office', email: 'a@example.com', password: PASSWORD }, ada.headers), 403)
  t.equal(await ask('POST', '/api/v2/account/create/', { username: '007', email: 'a@example.com', password: PASSWORD }, ofChief), 201)
  t.equal(await ask('PATCH', `/api/v2/user/${chief.id}/`, { username: 'root' }, chief.headers), 200)
  t.match(await create(built, '.well-known'), /"username": "\.well-known"/)
  await core.users.edit(OPERATOR, helper.id, { isStaff: false }, { family: 'operator' })
  t.equal(await ask('PATCH', '/api/users/me/', { username: 'postmaster' }), 400, 'until they are no longer staff')
})

t.test('A6 what is reserved beside the operator\'s list is reserved without one', async (t) => {
  const { app } = await build(t)
  const status = async (username: string) => (await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username, email: `${username}@example.com`, password: PASSWORD } })).statusCode
  t.same([await status('admin'), await status('ceo')], [400, 201])
})

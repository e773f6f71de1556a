import t from 'tap'
import { hasher } from '../../src/hashing/index.ts'
import { OPERATOR } from '../../src/app.ts'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import { turnOn } from './world.ts'

const [NFC, NFD] = ['Crème brûlée à la Zoë'.normalize('NFC'), 'Crème brûlée à la Zoë'.normalize('NFD')]
/** Of `PASSWORD`, as another service has stored it. */
const IMPORTED = '$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.'

const world = await createWorld(t)
const { ask, core } = world
const store = openStore(t, world.dataDir)
const hashOf = (id: number) => String(store.row(id).password_hash)

/** Every way to sign in by a password: the status of each where it is right, and where it is not. */
const WAYS: [path: string, body: (username: string, password: string) => object, wrong: number][] = [
  ['/api/token/', (username, password) => ({ username, password }), 401],
  ['/api/sign-in/', (username, password) => ({ email: `${username}@example.com`, password }), 400],
  ['/api/users/auth/pwd/signin/', (username, password) => ({ username, password }), 400],
  ['/oauth/token/', (username, password) => ({ grant_type: 'password', username, password }), 400],
]
const enter = async (username: string, password: string) => (await ask('POST', '/api/token/', { username, password })).statusCode

let born = 0
/** Somebody whose password another service has stored. */
async function imported (): Promise<{ id: number, username: string }> {
  const username = `imported-${born++}`
  const { id } = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, passwordHash: IMPORTED }, { family: 'operator' })
  return { id, username }
}

/** Lets something happen once, after the next password was compared and before what follows from it. */
let meanwhile: (() => Promise<unknown>) | undefined
const { verify } = hasher
let hashes = 0
t.intercept(hasher, 'verify', { value: async (hash: string, password: string) => {
  hashes++
  const isMatch = await verify(hash, password)
  const act = meanwhile
  meanwhile = undefined
  await act?.()
  return isMatch
} })

t.test('B2 set in one form and typed in the other, wherever passwords are set and typed', async (t) => {
  for (const [i, [set, typed]] of [[NFD, NFC], [NFC, NFD]].entries() as Iterable<[number, [string, string]]>) {
    const [username, named] = [`composer-${i}`, `player-${i}`]
    const { access, user } = (await ask('POST', '/api/sign-up/', { username, email: `${username}@example.com`, password: set })).json<{ access: string, user: { id: number } }>()
    for (const [path, body] of WAYS) t.equal((await ask('POST', path, body(username, typed))).statusCode, 200, path)
    t.equal((await ask('POST', '/api/users/auth/pwd/signup/', { username: named, email: `${named}@example.com`, password1: set, password2: set })).statusCode, 200)
    t.equal(await enter(named, typed), 200)

    const headers = { authorization: `Bearer ${access}` }
    t.equal((await ask('POST', '/api/profile/tokens/', { name: 'a script', password: typed }, headers)).statusCode, 201)
    t.equal((await ask('POST', '/api/profile/second-factor/', { password: typed }, headers)).statusCode, 200)
    t.equal((await ask('PATCH', `/api/v2/user/${user.id}/change_password/`, { password: typed, new_password: `${set}!` }, headers)).statusCode, 204)
    t.equal(await enter(username, `${typed}!`), 200)
    t.equal(await enter(username, `${set}?`), 401)
    await ask('POST', '/api/password/recover/', { email: `${username}@example.com` })
    t.equal((await ask('POST', '/api/password/reset/', { code: await world.codeTo(`${username}@example.com`), password: set })).statusCode, 200)
    t.equal(await enter(username, typed), 200)
  }
  t.same((await ask('POST', '/api/token/', { username: 'composer-0', password: `a${'\u0301\u0323'.repeat(8_000)}` })).json(), { password: ['Not a valid string.'] }, 'what takes long to compose is not composed')
})

t.test('B2 a hash from before, made of what was typed, counts for who types it so, and is made anew', async (t) => {
  const person = await signUp(world, 'veteran')
  for (const [path, body] of WAYS) {
    const before = await hasher.hash(NFD)
    store.set(person.id, { password_hash: before })
    t.equal(await enter('veteran', NFC), 401)
    t.equal(hashOf(person.id), before)
    t.equal((await ask('POST', path, body('veteran', NFD))).statusCode, 200, path)
    t.not(hashOf(person.id), before)
    t.equal(await enter('veteran', NFC), 200, 'from then on in either form')
  }
  store.set(person.id, { password_hash: await hasher.hash(NFD) })
  t.equal((await ask('POST', '/api/profile/tokens/', { name: 'a script', password: NFD }, person.headers)).statusCode, 201)
  t.equal(await enter('veteran', NFC), 200, 'also by another proof than a sign-in')
})

t.test('B2 an unknown name costs as many hashes as a wrong password', async (t) => {
  await signUp(world, 'known')
  for (const [path, body, wrong] of WAYS) {
    for (const password of ['a plain guess', NFC, NFD]) {
      const costs = []
      for (const username of ['known', 'nobody']) {
        hashes = 0
        t.equal((await ask('POST', path, body(username, password))).statusCode, wrong)
        costs.push(hashes)
      }
      t.equal(costs[0], costs[1], `${path}: ${costs.join()}`)
    }
  }
})

t.test('B2 of three or ten sign-ins at once with an imported hash every one succeeds', async (t) => {
  for (const count of [3, 10]) {
    const { id, username } = await imported()
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => {
      const [path, body] = WAYS[i % WAYS.length] as typeof WAYS[number]
      return ask('POST', path, body(username, PASSWORD))
    }))
    t.same(answers.map(({ statusCode }) => statusCode), answers.map(() => 200))
    t.match(hashOf(id), /^\$argon2id\$/)
    t.equal(await enter(username, PASSWORD), 200)
  }
})

t.test('B2 a password that changes while a hash is made anew stays changed', async (t) => {
  const { id, username } = await imported()
  const { access } = (await ask('POST', '/api/token/', { username, password: PASSWORD })).json<{ access: string }>()
  const headers = { authorization: `Bearer ${access}` }
  const change = (password: string, next: string) => ask('POST', '/api/password/change/', { password, new_password: next }, headers)
  store.set(id, { password_hash: IMPORTED })
  meanwhile = () => change(PASSWORD, 'a whole new secret')
  t.equal((await ask('POST', '/api/token/', { username, password: PASSWORD })).statusCode, 401)
  t.same([await enter(username, PASSWORD), await enter(username, 'a whole new secret')], [401, 200])

  store.set(id, { password_hash: IMPORTED })
  const [changed, ...entered] = await Promise.all([change(PASSWORD, 'another new secret'), ...Array.from({ length: 3 }, () => ask('POST', '/api/token/', { username, password: PASSWORD }))])
  t.equal(changed.statusCode, 204, `nor is the change lost: ${changed.body}`)
  t.same(entered.filter(({ statusCode }) => statusCode !== 200 && statusCode !== 401), [])
  t.same([await enter(username, PASSWORD), await enter(username, 'another new secret')], [401, 200])
})

t.test('B2 a second factor that is turned on meanwhile is asked for', async (t) => {
  const { id, username } = await imported()
  const { access } = (await ask('POST', '/api/token/', { username, password: PASSWORD })).json<{ access: string }>()
  let recovery: string[] = []
  store.set(id, { password_hash: IMPORTED })
  meanwhile = async () => {
    ({ recovery } = await turnOn(world, { authorization: `Bearer ${access}` }))
    store.set(id, { password_hash: IMPORTED })
  }
  const asked = await ask('POST', '/api/token/', { username, password: PASSWORD })
  t.same([asked.statusCode, asked.json()], [400, { otp: ['A code of the second factor is required.'] }])
  t.equal(hashOf(id), IMPORTED, 'who is refused has changed nothing')
  const answers = await Promise.all([0, 1, 1].map((n) => ask('POST', '/api/token/', { username, password: PASSWORD, otp: recovery[n] })))
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 400], 'a code counts once, also when its hash had to be compared again')
})

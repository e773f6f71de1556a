// What must happen once though many ask for it at once, by whichever process: each race says how it ended, and what that must be.
import { TOTP } from 'otpauth'
import sharp from 'sharp'
import type { Service } from '../../src/app.ts'
import { OPERATOR } from '../../src/core/access.ts'
import type { Person } from '../service.ts'

export interface Field {
  /** The database past the processes, as an operator command has it. */
  core: Service
  /** The address of the process whose turn it is. */
  next: () => string
  /** A name that nobody has had. */
  newName: () => string
  /** The one admin there is. */
  admin?: Person
}

/** How often each end came about. */
type Ends = Record<string, number>
interface Answer { status: number, body: Record<string, unknown>, etag: string, end: string }
interface Asked { method?: string, path: string, body?: object | Buffer, headers?: Record<string, string> }

const PASSWORD = 'correct horse battery'
const CROWD = 8
const ROOM = 16

/** Asks the process whose turn it is. */
async function ask ({ next }: Field, { method = 'POST', path, body, headers }: Asked): Promise<Answer> {
  const [type, sent] = Buffer.isBuffer(body) ? ['image/png', new Uint8Array(body)] : ['application/json', body && JSON.stringify(body)]
  const answer = await fetch(next() + path, { method, headers: { ...body && { 'content-type': type }, ...headers }, ...sent !== undefined && { body: sent } })
  const text = await answer.text()
  const said = (text.startsWith('{') ? JSON.parse(text) : {}) as { code?: string, errors?: { code: string }[] }
  // Of a family that has no codes the status alone counts.
  const codes = [said.code, ...Array.isArray(said.errors) ? said.errors.map(({ code }) => code) : []].filter((code) => typeof code === 'string')
  return { status: answer.status, body: said, etag: answer.headers.get('etag') ?? '', end: [answer.status, ...codes].join(' ') }
}

const endsOf = (answers: readonly Answer[]): Ends => Object.fromEntries([...Map.groupBy(answers, ({ end }) => end)].map(([end, { length }]) => [end, length]).toSorted())
const crowd = (one: (i: number) => Promise<Answer>, size = CROWD): Promise<Answer[]> => Promise.all(Array.from({ length: size }, (_, i) => one(i)))
const by = (key: string) => ({ authorization: `Token ${key}` })
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string, sid: number }

async function newPerson ({ core, newName }: Field, more: object = {}): Promise<Person & { username: string }> {
  const username = newName()
  const { id } = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, ...more }, { family: 'operator' })
  return { id, username, key: (await core.keys.create(id)).secret }
}

interface Tokens { access: string, refresh: string }
const signIn = async (field: Field, login: string) => await ask(field, { path: '/v1/sign-in', body: { login, password: PASSWORD } })
const tokensOf = ({ body }: Answer): Tokens => (body.tokens ?? body) as Tokens

/** Every way there is to make one admin fewer. */
const WAYS: ((id: number) => Asked)[] = [
  (id) => ({ method: 'PATCH', path: `/api/users/${id}/`, body: { is_admin: false } }),
  (id) => ({ method: 'PATCH', path: `/v1/people/${id}`, body: { isActive: false } }),
  (id) => ({ method: 'DELETE', path: `/api/users/${id}/` }),
  (id) => ({ method: 'DELETE', path: `/api/v2/user/${id}/?hard=1` }),
  (id) => ({ method: 'DELETE', path: `/api/profile/${id}/delete/` }),
  (id) => ({ method: 'DELETE', path: `/v1/people/${id}` }),
]

/** Each resolves to how often what was answered, or throws where what is left is wrong. */
export const RACES: Record<string, (field: Field, round: number) => Promise<Ends>> = {
  async 'one name' (field) {
    const username = field.newName()
    return endsOf(await crowd((i) => ask(field, { path: '/v1/sign-up', body: { username: i % 2 === 0 ? username : username.toUpperCase(), email: `${username}-${i}@example.com`, password: PASSWORD } }), 6))
  },

  async 'one If-Match' (field) {
    const { id, key } = await newPerson(field)
    const { etag } = await ask(field, { method: 'GET', path: '/v1/me', headers: by(key) })
    const answers = await crowd((i) => ask(field, { method: 'PATCH', path: '/v1/me', body: { bio: `by ${i}` }, headers: { ...by(key), 'if-match': etag } }))
    const { bio } = await field.core.users.get(id)
    const winner = answers.findIndex(({ status }) => status === 200)
    if (bio !== `by ${winner}`) throw new Error(`${winner} was told so, and ${bio} is what counts`)
    return endsOf(answers)
  },

  async 'the last admin' (field, round) {
    const pair = [field.admin ?? await newPerson(field, { isAdmin: true }), await newPerson(field, { isAdmin: true })]
    const answers = await crowd((i) => {
      const [actor, target] = [pair[i % 2], pair[(i + (round % 3 === 0 ? 0 : 1)) % 2]]
      const way = WAYS[(round + i) % WAYS.length] as (typeof WAYS)[number]
      return ask(field, { ...way(target?.id ?? 0), headers: by(actor?.key ?? '') })
    }, round % 5 === 0 ? 20 : 2)
    const left: Person[] = []
    for (const person of pair) {
      const account = await field.core.db.read.users.find(person.id)
      if (account?.isAdmin === true && account.isActive) left.push(person)
    }
    const [admin, ...others] = left
    if (admin === undefined) throw new Error('no admin is left')
    field.admin = admin
    for (const { id } of others) await field.core.users.edit(OPERATOR, id, { isAdmin: false }, { family: 'operator' })
    const wrong = answers.filter(({ status }) => status >= 500)
    if (wrong.length > 0) return endsOf(wrong)
    return { 'an admin is left': 1 }
  },

  async 'twenty avatars' (field) {
    const { id, key } = await newPerson(field)
    const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } }).png().toBuffer()
    const answers = await crowd(() => ask(field, { method: 'PUT', path: '/v1/me/avatar', body: png, headers: by(key) }), 20)
    const { avatar } = await field.core.users.get(id)
    const { body } = await ask(field, { method: 'GET', path: '/v1/me', headers: by(key) })
    const shown = (body.avatar as { url: string } | null)?.url ?? ''
    if (avatar === null || !shown.includes(avatar)) throw new Error(`${shown} is shown, and ${avatar} is what counts`)
    const picture = await fetch(field.next() + new URL(shown).pathname)
    await sharp(Buffer.from(await picture.arrayBuffer()), { failOn: 'warning' }).stats()
    const wrong = answers.filter(({ status }) => status !== 200 && status !== 503)
    // Sixteen wait for their turn in a process; how many more find room is a matter of time.
    if (wrong.length > 0 || answers.filter(({ status }) => status === 200).length < ROOM) return endsOf(answers)
    return { 'one is shown': 1 }
  },

  async 'one refresh token' (field) {
    const { username } = await newPerson(field, { password: PASSWORD })
    const first = tokensOf(await signIn(field, username))
    const answers = await crowd(() => ask(field, { path: '/v1/refresh', body: { refresh: first.refresh } }), 20)
    const pairs = answers.filter(({ status }) => status === 200).map(tokensOf)
    const [counts, sessions] = [new Set(pairs.map(({ refresh }) => claimsOf(refresh).jti)), new Set(pairs.map(({ access }) => claimsOf(access).sid))]
    if (counts.size !== 1 || sessions.size !== 1) throw new Error(`${counts.size} refresh tokens count, of ${sessions.size} sessions`)
    const next = await crowd((i) => ask(field, { path: '/v1/refresh', body: { refresh: pairs[i]?.refresh ?? '' } }), pairs.length)
    return endsOf([...answers, ...next])
  },

  async 'one recovery code' (field) {
    const { username } = await newPerson(field, { password: PASSWORD })
    const { access } = tokensOf(await signIn(field, username))
    const headers = { authorization: `Bearer ${access}` }
    await ask(field, { path: '/v1/proof', body: { password: PASSWORD }, headers })
    const { body: { secret } } = await ask(field, { path: '/v1/me/second-factor', headers })
    const { body: { recoveryCodes } } = await ask(field, { path: '/v1/me/second-factor/confirm', body: { code: new TOTP({ secret: String(secret) }).generate() }, headers })
    const [code = ''] = recoveryCodes as string[]
    const tickets = await crowd(() => signIn(field, username), 4)
    return endsOf(await crowd((i) => ask(field, { path: '/v1/sign-in/second-factor', body: { ticket: String(tickets[i]?.body.ticket), code } }), tickets.length))
  },
}

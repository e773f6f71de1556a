import { setImmediate as nextTurn } from 'node:timers/promises'
import { TOTP } from 'otpauth'
import type { Test } from 'tap'
import { ownSealKey } from '../src/service/seal-key.ts'
import { actingAs } from '../src/core/access.ts'
import type { Purpose } from '../src/db/codes.ts'
import { openSql } from './engines.ts'
import { build, PASSWORD, signUp } from './helper.ts'

export interface Scene { url: string, headers: Record<string, string>, body: Body }
export type Body = Record<string, unknown> | unknown[]

/** What the codes of these paths are for. */
const PURPOSES: [path: RegExp, purpose: Purpose][] = [
  [/\/email\/confirm\/$|\/account\/verify\/$/, 'confirm_email'],
  [/\/\{id\}\/confirm_email\/$/, 'change_email'],
  [/revert/, 'revert_email'],
  [/\/reset\/$/, 'reset_password'],
  [/\/otp\/verify\/$|\/sign-in\/code\/confirm\/$/, 'sign_in'],
]
/** Paths below which `username` is free: somebody is made. */
const MAKES = /sign-up\/$|signup\/$|account\/create\/$|^\/api\/users\/$|^\/v1\/people\/$/
/** What is done in a session, with fresh proof. */
const PROVEN = /^\/v1\/(?:proof|me\/(?:password|email|second-factor)(?:\/confirm)?|.*tokens)\/$/
/** Only the service, or an authenticator, can make one that counts. */
const LIVE = ['token', 'refresh', 'otp']

/**
 * A service in which the examples of the document mean somebody: ada in the community and personal families, grace in the staff
 * family, both of them admins with the example password, and the thing that a path or body names.
 */
export async function createScenes (t: Test) {
  const built = await build(t)
  const { app, core, dataDir } = built
  const ids = { first: (await signUp(built, 'first')).id, ada: (await signUp(built, 'ada', { isAdmin: true })).id, grace: (await signUp(built, 'grace', { isAdmin: true })).id }
  const raw = openSql(dataDir, { timeout: 5_000 })
  t.teardown(() => raw.close())
  const { hash } = raw.prepare('select password_hash as hash from users where id = ?').get(ids.ada) as { hash: string }
  const { seal } = await ownSealKey(dataDir, core.db)
  let made = 0

  /** As at the start: whoever has been made since has another name, and so have ada and grace where their names are to be free. */
  function reset (isFree: boolean): void {
    raw.exec('delete from codes; delete from second_factors; update users set username = \'old-\' || id, email = \'old-\' || id || \'@example.com\' where id <> 1')
    // What people are looked up by: the addresses are all ASCII.
    const contacts = raw.prepare('update contacts set email = (select lower(email) from users where id = user_id)')
    contacts.run()
    const restore = raw.prepare('update users set username = @name, email = @email, email_confirmed = 1, password_hash = @hash where id = @id')
    if (!isFree) for (const name of ['ada', 'grace'] as const) restore.run({ name, email: `${name}@example.com`, hash, id: ids[name] })
    contacts.run()
    raw.prepare('update users set password_hash = ?').run(hash)
  }

  const tokens = new Map<number, { id: number, authorization: string }>()
  /** The person's API token, or another where that has ended. */
  async function tokenOf (id: number): Promise<{ authorization: string }> {
    const known = tokens.get(id)
    if (known !== undefined && raw.prepare('select 1 from keys where id = ? and revoked_at is null').get(known.id) !== undefined) return { authorization: known.authorization }
    const { key, secret } = await core.keys.create(id)
    tokens.set(id, { id: key.id, authorization: `Token ${secret}` })
    return { authorization: `Token ${secret}` }
  }

  /** Codes that were asked for are made by now, and end no other any more. */
  async function answered (): Promise<void> {
    raw.exec('delete from mails where user_id is not null')
    await core.mail.deliver()
    while ((await core.db.read.mails.due(Number.MAX_SAFE_INTEGER, 1)).length > 0) await nextTurn()
  }

  async function post (url: string, payload: object, headers: Record<string, string> = {}): Promise<Record<string, never>> {
    const response = await app.inject({ method: 'POST', url, headers, payload })
    if (response.statusCode >= 300) throw new Error(`${url}: ${response.statusCode} ${response.body}`)
    return response.json()
  }

  /** What somebody who has turned on a second factor is given for their password, and the code that goes with it. */
  async function ticketOf (): Promise<{ ticket: string, code: string }> {
    const authorization = `Bearer ${(await post('/api/token/', { username: 'ada', password: PASSWORD })).access}`
    await post('/v1/proof/', { password: PASSWORD }, { authorization })
    const totp = new TOTP({ secret: (await post('/v1/me/second-factor/', {}, { authorization })).secret })
    const { recoveryCodes: [code = ''] } = await post('/v1/me/second-factor/confirm/', { code: totp.generate() }, { authorization }) as unknown as { recoveryCodes: string[] }
    const answer = await app.inject({ method: 'POST', url: '/v1/sign-in/', payload: { login: 'ada', password: PASSWORD } })
    return { ticket: answer.json<{ ticket: string }>().ticket, code }
  }

  /** Everything that a request needs, with the example as its body. */
  async function prepare ({ method, path, isOpen, example }: { method: string, path: string, isOpen: boolean, example: Body }): Promise<Scene> {
    const name = path.startsWith('/api/users/') ? 'grace' : 'ada'
    const id = ids[name]
    reset(MAKES.test(path))
    const headers = await tokenOf(id)
    const isProven = PROVEN.test(path)
    const body = Array.isArray(example) ? example : { ...example }
    const at: Record<string, unknown> = { id, key: 'shoe_size', avatar_id: 1 }
    const signedIn = isProven || path.endsWith('/tokens/') || LIVE.some((key) => key in body) ? await post('/api/token/', { username: name, password: PASSWORD }) : undefined
    if (isProven || path.endsWith('/tokens/')) headers.authorization = `Bearer ${signedIn?.access}`
    if (isProven) await post('/v1/proof/', { password: PASSWORD }, headers)
    if (path === '/v1/invitations/accept/') {
      raw.exec('delete from invitations; update users set username = \'old-\' || id where username = \'grace\' and id <> 1')
      raw.prepare('insert into invitations (inviter_id, email, address, hash, created_at, expires_at) values (?, @email, @email, ?, 0, ?)').run(id, seal.hash('code ABCDEFGHJK'), Date.now() + 60_000, { email: `invited-${made++}@example.com` })
    }
    if (path === '/v1/restore/') await core.deletion.hide(actingAs({ id, isStaff: false, isAdmin: true }), id, () => {}, { family: 'native' })

    const purpose = PURPOSES.find(([paths]) => paths.test(path))?.[1]
    if (purpose !== undefined) {
      await answered()
      const email = purpose === 'change_email' ? 'ada@new.example' : `${name}@example.com`
      await core.db.write((tx) => tx.codes.insert({ userId: id, purpose, email, hash: seal.hash('code ABCDEFGHJK'), expiresAt: Date.now() + 60_000 }))
    }
    if (/\/tags?\//.test(path)) at.tag_id = (await post('/api/v2/tag/', { name: `tag-${made++}`, type: 'user' }, headers)).id
    if (path.includes('/groups/')) at.group_id = (await post('/api/users/groups/', { name: `group-${made++}` }, headers)).id
    raw.exec('update tags set name = \'old-\' || id where name = \'author\'; update groups set name = \'old-\' || id where name = \'Editors\'')
    if (path.includes('/fields/')) {
      await app.inject({ method: 'DELETE', url: '/api/users/fields/shoe_size/', headers })
      if (method === 'PATCH') await post('/api/users/fields/', { key: 'shoe_size', type: 'integer' }, headers)
    }
    if (!Array.isArray(body)) {
      if ('avatar_id' in body || path.includes('{avatar_id}')) raw.prepare('update avatars set id = 1, user_id = ? where id = (select id from avatars limit 1)').run(id)
      if ('token' in body) body.token = signedIn?.access
      if ('refresh' in body) body.refresh = signedIn?.refresh
      const begin = async () => new TOTP({ secret: (await post(path.replace(/confirm\/$/, ''), path.startsWith('/v1/') ? {} : { password: PASSWORD }, headers)).secret })
      if ('otp' in body) body.otp = (await begin()).generate()
      if (path.endsWith('second-factor/confirm/') && 'code' in body) body.code = (await begin()).generate()
      if ('ticket' in body) Object.assign(body, await ticketOf())
    }
    return { url: path.replace(/\{(\w+)\}/g, (_, key: string) => String(at[key])), headers: isOpen ? {} : headers, body }
  }

  return { ...built, prepare }
}

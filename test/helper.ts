import { AsyncLocalStorage } from 'node:async_hooks'
import type Sqlite from 'better-sqlite3'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp, openService } from '../src/app.ts'
import type { Options, Service } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { OPERATOR } from '../src/core/access.ts'
import type { Changes } from '../src/core/fields/index.ts'
import { dialled } from '../src/db/phone.ts'
import { hasher } from '../src/hashing/index.ts'
import { fill, newFolder } from '../src/testing/folder.ts'
import { comparable } from '../src/texts/email.ts'
import { engine, forget, placeOf } from './engines.ts'

export const PASSWORD = 'correct horse battery'

export interface Built {
  app: FastifyInstance
  dataDir: string
  /** The rules and the database of the same folder, opened beside the server as an operator command would. */
  core: Service
}

/** A folder that goes when the test is over, after what was opened in it. */
export function folderFor (t: Test): string {
  const { path, remove } = newFolder()
  t.teardown(() => {
    forget(path)
    remove()
  })
  return path
}

/** A folder with the database that a first start leaves there; the start itself is done once in a process. */
export async function dataFolderFor (t: Test): Promise<string> {
  const dataDir = folderFor(t)
  if (engine === 'SQLite') await fill(dataDir)
  return dataDir
}

/** A whole Visage on a folder of its own: real SQLite, real files, nothing shared. */
export async function build (t: Test, options: Options = {}): Promise<Built> {
  const dataDir = options.dataDir ?? await dataFolderFor(t)
  const app = await buildApp({ logLevel: 'silent', rateLimit: false, ...options, ...placeOf(dataDir) })
  t.teardown(() => app.close())
  const core = await openService({ config: { ...loadConfig(), ...options, ...placeOf(dataDir) }, exclusive: false })
  t.teardown(() => core.close())
  return { app, dataDir, core }
}

export interface Person {
  id: number
  username: string
  /** An access token, for `Bearer`. */
  access: string
  refresh: string
  headers: { authorization: string }
}

const { hash } = hasher
const signingUp = new AsyncLocalStorage<true>()
let hashed: Promise<string> | undefined
// A hash is most of what a sign-up costs, so whoever `signUp` makes has the same one in a process. Any other hash is a new one.
hasher.hash = (password) => signingUp.getStore() && password === PASSWORD ? hashed ??= hash(password) : hash(password)

/** Somebody new, through the personal family; `roles` are given by the operator. */
export async function signUp ({ app, core }: Built, username: string, roles: Partial<Pick<Changes, 'isStaff' | 'isAdmin' | 'isActive'>> = {}): Promise<Person> {
  const response = await signingUp.run(true, async () => await app.inject({
    method: 'POST',
    url: '/api/sign-up/',
    payload: { username, email: `${username.toLowerCase()}@example.com`, password: PASSWORD },
  }))
  if (response.statusCode !== 201) throw new Error(`sign-up of ${username}: ${response.statusCode} ${response.body}`)
  // Now, so that no mail arrives while somebody looks at what a later request left behind.
  await core.mail.deliver()
  const { access, refresh, user } = response.json<{ access: string, refresh: string, user: { id: number } }>()
  if (Object.keys(roles).length > 0) await core.users.edit(OPERATOR, user.id, roles, { family: 'operator' })
  return { id: user.id, username, access, refresh, headers: { authorization: `Bearer ${access}` } }
}

/** What goes with an address or a number that is written past the service: what the account is looked up by. */
export function writeContact (sql: Sqlite.Database, id: number): void {
  const { email, phone } = sql.prepare<[number], { email: string | null, phone: string | null }>('select email, phone from users where id = ?').get(id) ?? { email: null, phone: null }
  sql.prepare('insert into contacts values (@id, @email, @phone) on conflict (user_id) do update set email = @email, phone = @phone').run({ id, email: email && comparable(email), phone: dialled(phone ?? '') })
}

/** An API token of a person, as headers for the staff family. */
export async function tokenOf ({ core }: Built, person: { id: number }): Promise<{ authorization: string }> {
  const { secret } = await core.keys.create(person.id)
  // The mail that tells of it: see above.
  await core.mail.deliver()
  return { authorization: `Token ${secret}` }
}

/** As if the session of this access token had traded its refresh tokens so many seconds earlier. */
export async function ageSession ({ core }: Pick<Built, 'core'>, access: string, seconds: number): Promise<void> {
  const { sid } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { sid: number }
  await core.db.write(async (tx) => {
    const session = await tx.sessions.find(sid)
    if (session === undefined) throw new Error(`no session ${sid}`)
    await tx.sessions.rotate(sid, { ...session, spent: session.spent.map(({ id, at }) => ({ id, at: at - seconds * 1_000 })) })
  })
}

export interface FilePart { file: Buffer, filename?: string, type?: string }

/** A multipart body with its headers; parts keep their order, a name may come more than once. */
export function form (parts: [string, string | FilePart][]): { payload: Buffer, headers: { 'content-type': string } } {
  const boundary = 'visage-test-boundary'
  const chunks = parts.flatMap(([name, value]) => {
    if (typeof value === 'string') return [Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)]
    const { file, filename = `${name}.png`, type } = value
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`
    return [Buffer.from(head), file, Buffer.from('\r\n')]
  })
  return { payload: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

/** An urlencoded body with its headers. */
export function urlencoded (pairs: [string, string][]): { payload: string, headers: { 'content-type': string } } {
  return { payload: new URLSearchParams(pairs).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
}

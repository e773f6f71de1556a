import { EventEmitter } from 'node:events'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import visage, { openService, OPERATOR } from '../../src/app.ts'
import type { Options, Service } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { openSql, placeOf } from '../engines.ts'
import { dataFolderFor, PASSWORD } from '../helper.ts'
import type { Rank } from './oracle.ts'

export interface Somebody {
  id: number
  username: string
  /** The token of a sign-in, and its session. */
  headers: { authorization: string }
  sid: number
  /** An API token. */
  token: { authorization: string }
  tokenId: number
}

export interface World {
  app: FastifyInstance
  core: Service
  dataDir: string
  /** Every method and path that the server answers, as it registered them. */
  routes: { method: string, url: string }[]
  /** Emits what a request says in `x-held`, once it may have a body. */
  begun: EventEmitter
  /** One more session of somebody. */
  signIn: (id: number) => Promise<{ sid: number, headers: { authorization: string } }>
  /** Somebody new, with a session, an API token and the password of all tests. */
  make: (rank: Rank, state?: 'inactive' | 'hidden') => Promise<Somebody>
  /** Changes when anything was written that somebody asked for. */
  state: () => string
  /** How many rows the log of changes has. */
  logged: () => number
}

const RANKS = { ordinary: {}, staff: { isStaff: true }, admin: { isAdmin: true } }

/** A service whose list of routes is taken down while it starts. */
export async function createWorld (t: Test, options: Options = {}): Promise<World> {
  const dataDir = await dataFolderFor(t)
  const routes: World['routes'] = []
  const app = Fastify({ return503OnClosing: false })
  app.addHook('onRoute', ({ method, url }) => { for (const name of [method].flat()) routes.push({ method: name, url }) })
  const begun = new EventEmitter()
  app.addHook('preParsing', async ({ headers }) => { begun.emit(String(headers['x-held'])) })
  await app.register(visage, { rateLimit: false, ...options, ...placeOf(dataDir) })
  await app.ready()
  t.teardown(() => app.close())
  const core = await openService({ config: { ...loadConfig(), ...placeOf(dataDir) }, exclusive: false })
  t.teardown(() => core.close())
  const db = openSql(dataDir, { readonly: true })
  t.teardown(() => db.close())
  const sums = db.prepare(`select
    (select count(*) || ':' || total(version) || ':' || total(deleted_at) || ':' || total(revoked_at) || ':' || total(is_active + 2 * is_staff + 4 * is_admin) from users),
    (select count(*) || ':' || total(revoked_at) || ':' || total(proven_until) from sessions), (select count(*) from invitations), (select count(*) || ':' || total(revoked_at) from keys),
    (select group_concat(name || seq) from sqlite_sequence), (select count(*) || ':' || total(tag_id) from taggings), (select count(*) from avatars),
    (select total(length(secret) + length(coalesce(pending, ''))) || ':' || total(confirmed_at) from second_factors), (select group_concat(hash) from recovery_codes),
    (select group_concat(name || color) from tags), (select group_concat(name || notes) from groups),
    (select count(*) from changes), (select count(*) from memberships), (select count(*) from groups), (select count(*) from codes),
    (select count(*) from second_factors), (select count(*) || ':' || total(updated_at) || ':' || total(dropped_at) from profile_fields)`).raw()

  const logged = db.prepare('select count(*) from changes').pluck()

  const { passwordHash } = await core.users.create(OPERATOR, { username: 'model', password: PASSWORD }, { family: 'operator' })
  async function signIn (userId: number): ReturnType<World['signIn']> {
    const createdAt = Date.now()
    return await core.db.write(async (tx) => {
      const session = await tx.sessions.insert({ userId, refreshId: '', device: '', address: '', createdAt, expiresAt: createdAt + 3_600_000 })
      const { secret } = await core.keys.ofSession(tx, session)
      return { sid: session.id, headers: { authorization: `Token ${secret}` } }
    })
  }

  let made = 0
  return {
    begun,
    signIn,
    app,
    core,
    dataDir,
    routes,
    async make (rank, state) {
      const username = `person-${made++}`
      const { id } = await core.users.create(OPERATOR, { username, email: `${username}@example.com`, passwordHash: String(passwordHash), ...RANKS[rank] }, { family: 'operator' })
      const { key, secret } = await core.keys.create(id)
      const session = await signIn(id)
      if (state === 'inactive') await core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' })
      if (state === 'hidden') await core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' })
      return { id, username, ...session, token: { authorization: `Token ${secret}` }, tokenId: key.id }
    },
    logged: () => logged.get() as number,
    state: () => (sums.get() as unknown[]).join(' '),
  }
}

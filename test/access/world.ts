import { join } from 'node:path'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import Sqlite from 'better-sqlite3'
import type { Test } from 'tap'
import visage, { openCore, OPERATOR } from '../../src/app.ts'
import type { Core, Options } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { folderFor } from '../helper.ts'
import type { Rank } from './oracle.ts'

interface Somebody { id: number, headers: { authorization: string } }

export interface World {
  app: FastifyInstance
  core: Core
  dataDir: string
  /** Every method and path that the server answers, as it registered them. */
  routes: { method: string, url: string }[]
  /** Somebody new, with the token of a sign-in. */
  make: (rank: Rank, state?: 'inactive' | 'hidden') => Promise<Somebody>
  /** Changes when anything was written that somebody asked for. */
  state: () => string
}

const RANKS = { ordinary: {}, staff: { isStaff: true }, admin: { isAdmin: true } }

/** A service whose list of routes is taken down while it starts. */
export async function createWorld (t: Test, options: Options = {}): Promise<World> {
  const dataDir = folderFor(t)
  const routes: World['routes'] = []
  const app = Fastify({ return503OnClosing: false })
  app.addHook('onRoute', ({ method, url }) => { for (const name of [method].flat()) routes.push({ method: name, url }) })
  await app.register(visage, { dataDir, rateLimit: false, ...options })
  await app.ready()
  t.teardown(() => app.close())
  const core = await openCore({ config: { ...loadConfig(), dataDir }, exclusive: false })
  t.teardown(() => core.close())
  const db = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  t.teardown(() => db.close())
  const sums = db.prepare(`select
    (select count(*) || ':' || total(version) || ':' || total(deleted_at) || ':' || total(revoked_at) || ':' || total(is_active + 2 * is_staff + 4 * is_admin) from users),
    (select count(*) || ':' || total(revoked_at) from sessions), (select count(*) || ':' || total(revoked_at) from keys),
    (select count(*) from changes), (select count(*) from memberships), (select count(*) from groups), (select count(*) from codes),
    (select count(*) from second_factors), (select count(*) || ':' || total(updated_at) || ':' || total(dropped_at) from profile_fields)`).raw()

  let made = 0
  return {
    app,
    core,
    dataDir,
    routes,
    async make (rank, state) {
      const { id } = await core.users.create(OPERATOR, { username: `person-${made++}`, ...RANKS[rank] }, { family: 'operator' })
      const { secret } = await core.db.write(async (tx) => {
        const createdAt = Date.now()
        return await core.keys.ofSession(tx, await tx.sessions.insert({ userId: id, refreshId: '', device: '', address: '', createdAt, expiresAt: createdAt + 3_600_000 }))
      })
      if (state === 'inactive') await core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' })
      if (state === 'hidden') await core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' })
      return { id, headers: { authorization: `Token ${secret}` } }
    },
    state: () => (sums.get() as unknown[]).join(' '),
  }
}

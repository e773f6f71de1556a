import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import tap from 'tap'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { createSeal } from '../../src/core/seal/index.ts'
import { build, folderFor, signUp } from '../helper.ts'
import { populate } from '../transfer/people.ts'

export const PEOPLE = 300
/** What is not to come along: it says something of its own database. */
const OWN = /^(search_|texts|discarded_|sqlite_|__)/

/** Every row of a folder by its table, read past the service, and the highest number that each has given. */
export function rowsOf (dataDir: string): Record<string, unknown[]> {
  const sql = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  try {
    const tables = (sql.prepare("select name from pragma_table_list where schema = 'main' and type = 'table' order by name").pluck().all() as string[]).filter((name) => !OWN.test(name))
    return {
      ...Object.fromEntries(tables.map((name) => [name, sql.prepare(`select * from "${name}" order by 1, 2`).all()])),
      highest: sql.prepare("select * from sqlite_sequence where seq > 0 order by name").all(),
      facts: sql.prepare("select * from __visage where name in ('seal_probe', 'service') order by name").all(),
    }
  } finally {
    sql.close()
  }
}

let filled: Promise<string> | undefined

/** A folder of a service that has something in every table; filled once in a process. */
export async function filledFolder (t: Test): Promise<string> {
  filled ??= fill()
  const dataDir = join(folderFor(t), 'old')
  cpSync(await filled, dataDir, { recursive: true })
  return dataDir
}

async function fill (): Promise<string> {
  const built = await build(tap, { dataDir: folderFor(tap) })
  await populate(built, PEOPLE)
  const { id } = await signUp(built, 'Signed')
  const seal = createSeal(Buffer.from(readFileSync(join(built.dataDir, 'seal.key'), 'utf8'), 'base64url'))
  await built.core.db.write(async (tx) => {
    await tx.secondFactors.propose({ userId: id, secret: seal.close('JBSWY3DPEHPK3PXP'), createdAt: 1 })
    await tx.secondFactors.replaceRecoveryCodes(id, ['hash-1', 'hash-2'])
    await tx.facts.set('service', 'some-service')
  })
  await built.core.db.write(async (tx) => {
    await tx.users.update(PEOPLE + 3, { email: 'pictured@example.com', emailConfirmed: true, isFoundByEmail: true })
    await tx.faces.renew(PEOPLE + 3)
    await tx.contacts.renew(PEOPLE + 3)
  })
  await built.app.close()
  await built.core.close()
  const sql = new Sqlite(join(built.dataDir, 'visage.db'))
  sql.exec("insert into uploads values ('abc', 'avatar', 1); insert into doomed values ('def', 'cover', 2)")
  sql.prepare("insert into tickets values ('ticket', ?, 2, 5000000000000)").run(id)
  sql.prepare("insert into mails (user_id, sealed, next_at, created_at) values (?, ?, 5000000000000, 7)").run(id, seal.close('{}'))
  sql.prepare("insert into codes (user_id, purpose, email, hash, expires_at) values (?, 'sign_in', 'a@b.example', 'hash', 5000000000000)").run(id)
  sql.prepare("insert into invitations (inviter_id, email, address, created_at, expires_at) values (?, 'c@d.example', 'c@d.example', 8, 5000000000000)").run(id)
  sql.close()
  return built.dataDir
}

export const at = (dataDir: string): Config => ({ ...loadConfig(), dataDir, rateLimit: false })

/** A service as an operator command has it. */
export async function withService<T> (dataDir: string, work: (core: Awaited<ReturnType<typeof openService>>) => Promise<T>): Promise<T> {
  const core = await openService({ config: at(dataDir), exclusive: false })
  try {
    return await work(core)
  } finally {
    await core.close()
  }
}

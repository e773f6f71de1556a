// Many accounts with an avatar each, in all sizes, written past the service, which would take an hour to encode them.
import { createHash, randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openService } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { allSizes, fileName } from '../src/images/formats.ts'

const BYTES = 4_096

/** Resolves to what gives so many of them another avatar. */
export async function fillPictures (dataDir: string, accounts: number): Promise<(count: number) => void> {
  await (await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })).close()
  const folder = join(dataDir, 'media/avatars')

  function publish (name: string): string {
    return JSON.stringify(allSizes('avatar').map((size) => {
      const content = randomBytes(BYTES)
      writeFileSync(join(folder, fileName(name, size)), content)
      return { size, width: 1, height: 1, bytes: BYTES, sha256: createHash('sha256').update(content).digest('hex') }
    }))
  }

  function write (work: (sql: Sqlite.Database) => void): void {
    const sql = new Sqlite(join(dataDir, 'visage.db'))
    sql.pragma('journal_mode = WAL')
    sql.transaction(() => work(sql))()
    sql.close()
  }

  const insertPicture = "insert into pictures (name, user_id, kind, source_width, source_height, blurhash, color, files, created_at) values (?, ?, 'avatar', 1, 1, '', '#000000', ?, 1)"
  write((sql) => {
    const user = sql.prepare('insert into users (id, username, avatar, created_at, updated_at) values (?, ?, ?, 1, 1)')
    const avatar = sql.prepare('insert into avatars (user_id, name, uploaded_at) values (?, ?, 1)')
    const row = sql.prepare(insertPicture)
    for (let id = 1; id <= accounts; id++) {
      const name = randomBytes(16).toString('hex')
      user.run(id, `person-${id}`, name)
      avatar.run(id, name)
      row.run(name, id, publish(name))
    }
  })

  return (count) => {
    write((sql) => {
      for (let id = 1; id <= count; id++) {
        const before = String(sql.prepare('select avatar from users where id = ?').pluck().get(id))
        const name = randomBytes(16).toString('hex')
        const files = publish(name)
        sql.prepare('update users set avatar = ? where id = ?').run(name, id)
        sql.prepare('update avatars set name = ? where user_id = ?').run(name, id)
        sql.prepare('delete from pictures where name = ?').run(before)
        sql.prepare(insertPicture).run(name, id, files)
        for (const size of allSizes('avatar')) rmSync(join(folder, fileName(before, size)))
      }
    })
  }
}

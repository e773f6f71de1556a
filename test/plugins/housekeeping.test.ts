import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import visage from '../../src/app.ts'
import { openSql } from '../engines.ts'
import { placeOf } from '../engines.ts'
import { folderFor } from '../helper.ts'
import { settled } from '../sockets/listening.ts'

const DAY_MS = 86_400_000

t.test('C6 each job of the house has its turn and its own words, whatever the others did', async (t) => {
  const dataDir = folderFor(t)
  const lines: { level: number, msg: string, err?: { message: string } }[] = []
  const stream = new Writable({ write (line: Buffer, _encoding, done) { lines.push(JSON.parse(line.toString())); done() } })
  const app = Fastify({ logger: { level: 'warn', stream } })
  await app.register(visage, { ...placeOf(dataDir) })
  t.teardown(() => app.close())
  await app.ready()

  const file = openSql(dataDir, { timeout: 2_000 })
  t.teardown(() => { file.close() })
  const long = Date.now() - 31 * DAY_MS
  const orphan = join(dataDir, 'media/avatars', `${'a'.repeat(32)}.webp`)
  writeFileSync(orphan, '')
  utimesSync(orphan, new Date(long), new Date(long))
  file.exec(`insert into users (id, username, created_at, updated_at, deleted_at, attributes) values (1, 'ada', 1, 1, null, '{"company_role":"Founder"}'), (2, 'old', 1, 1, ${long}, '{}');
    insert into sessions (user_id, refresh_id, created_at, expires_at) values (1, 'r', 1, 2);
    insert into codes (user_id, purpose, email, hash, expires_at) values (1, 'sign_in', '', 'h', 2);
    insert into tickets values ('t', 1, 1, 2);
    update profile_fields set dropped_at = 1 where key = 'company_role'`)
  // What fails: to remove a session, to note that somebody is gone, and to read the folder of mails.
  file.exec(`create trigger kept before delete on sessions begin select raise(abort, 'sessions are kept'); end;
    alter table changes rename to elsewhere`)
  rmSync(join(dataDir, 'mail'), { recursive: true })
  writeFileSync(join(dataDir, 'mail'), '')

  await app.listen({ host: '127.0.0.1', port: 0 })
  const count = (from: string) => file.prepare(`select count(*) from ${from}`).pluck().get()
  const left = () => ({ sessions: count('sessions'), codes: count('codes'), tickets: count('tickets'), fields: count('profile_fields where dropped_at is not null'), orphan: existsSync(orphan) })
  t.same(await settled(left, ({ codes, fields, orphan }) => codes === 0 && fields === 0 && !orphan), { sessions: 1, codes: 0, tickets: 0, fields: 0, orphan: false })
  t.equal(file.prepare('select attributes from users where id = 1').pluck().get(), '{}')
  t.same(lines.map(({ msg, err }) => [msg, err?.message.replace(/ '.*/, '')]).sort(), [
    ['mails to people who are gone were not removed', 'ENOTDIR: not a directory, opendir'],
    ['people who were deleted thirty days ago were not removed', 'no such table: changes'],
    ['sessions that have ended were not removed', 'sessions are kept'],
    ['somebody who was deleted thirty days ago was not removed', 'no such table: changes'],
    ['what the log had told long enough was not removed', 'no such table: changes'],
  ])
})

import t from 'tap'
import { createExpiry } from '../../src/core/credentials/expiry.ts'
import { stepsDuring } from '../turns.ts'
import { openWorld } from './world.ts'

t.test('C5 what has expired goes some at a time, the tokens of a session with it; the rest stays', async (t) => {
  const { db, file } = await openWorld(t)
  const count = 1_700
  file.exec(`delete from codes;
    with recursive s (i) as (select 1 union all select i + 1 from s where i < ${count}) insert into users (username, created_at, updated_at) select 'u' || i, 1, 1 from s;
    insert into sessions (user_id, refresh_id, created_at, expires_at) select id, 'r', 1, case username when 'ada' then 2001 else 1000 + id % 1001 end from users;
    insert into keys (user_id, session_id, hash, prefix, created_at) select user_id, id, 'h' || id, '', 1 from sessions;
    insert into codes (user_id, purpose, email, hash, expires_at) select user_id, 'sign_in', '', 'h' || id, expires_at from sessions;
    insert into tickets (id, user_id, tries, expires_at) select id, user_id, 1, expires_at from sessions`)
  const left = (table: string) => file.prepare(`select count(*) from ${table}`).pluck()
  const expiry = createExpiry({ db, auditDays: 90, now: () => 2_000 })
    for (const [name, job] of [['sessions', expiry.removeSessions], ['codes', expiry.removeCodes], ['tickets', expiry.removeTickets]] as const) {
    const rows = left(name)
    const steps = await stepsDuring(async () => t.equal(await job(), count, name), () => rows.get() as number)
    t.equal(rows.get(), 1, 'ada\'s')
    t.ok(steps.length >= 4 && steps.every((step) => step <= 500), `five hundred at a time: ${steps.join()}`)
    t.equal(await job(), 0)
  }
  t.equal(left('keys').get(), 1)
})

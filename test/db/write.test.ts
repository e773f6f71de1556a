import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createWriter } from '../../src/db/sqlite/write.ts'

/** A writer over one table, every statement that the driver ran, and a second connection that sees committed rows only. */
function open (t: Test) {
  const file = join(t.testdir({}), 'notes.db')
  const ran: string[] = []
  const connection = new Sqlite(file, { timeout: 20, verbose: (line) => { ran.push(String(line)) } })
  connection.pragma('journal_mode = WAL')
  connection.pragma('foreign_keys = ON')
  connection.exec('create table notes (text text primary key, parent text references notes deferrable initially deferred)')
  const insert = connection.prepare('insert into notes values (?, ?)')
  const select = connection.prepare<[], string>('select text from notes order by rowid').pluck()
  const { write, idle } = createWriter(connection, {
    notes: {
      async put (text: string, parent: string | null = null): Promise<void> { insert.run(text, parent) },
      async list (): Promise<string[]> { return select.all() },
    },
  })
  const beside = new Sqlite(file, { readonly: true })
  t.teardown(() => { connection.close(); beside.close() })
  const committed = beside.prepare<[], string>('select text from notes order by rowid').pluck()
  const count = (statement: string) => ran.filter((line) => line === statement).length
  return { connection, write, idle, committed: () => committed.all(), count }
}

t.test('a write resolves with its result, after the commit', async (t) => {
  const { write, committed } = open(t)
  const seen = write(async (tx) => { await tx.notes.put('a'); return 42 }).then((value) => ({ value, rows: committed() }))
  t.same(committed(), [], 'not before')
  t.same(await seen, { value: 42, rows: ['a'] })
})

t.test('the writes of one turn share one commit, and each sees what the earlier ones did', async (t) => {
  const { write, committed, count } = open(t)
  const lengths = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    // Later in the same turn is early enough.
    for (let n = 0; n < i; n++) await undefined
    return await write(async (tx) => {
      await tx.notes.put(`n${i}`)
      return (await tx.notes.list()).length
    })
  }))
  t.same(lengths, Array.from({ length: 50 }, (_, i) => i + 1))
  t.equal(committed().length, 50)
  t.same([count('BEGIN IMMEDIATE'), count('COMMIT')], [1, 1])
})

t.test('a commit has a limit, so that the loop turns between', async (t) => {
  const { write, committed, count } = open(t)
  const order: string[] = []
  const writes = Array.from({ length: 600 }, (_, i) => write((tx) => tx.notes.put(`n${i}`)))
  await writes[0]
  order.push('the first')
  setImmediate(() => { order.push('somebody else') })
  await writes[599]
  order.push('the last')
  t.same(order, ['the first', 'somebody else', 'the last'])
  t.equal(committed().length, 600)
  t.equal(count('COMMIT'), 3)
})

t.test('a failing write undoes itself alone', async (t) => {
  const { write, committed, count } = open(t)
  const error = new Error('no')
  const results = await Promise.allSettled([
    write((tx) => tx.notes.put('a')),
    write(async (tx) => { await tx.notes.put('b'); throw error }),
    write(async (tx) => { await tx.notes.put('c'); await tx.notes.put('a') }),
    write(() => { throw error }),
    write((tx) => tx.notes.put('d')),
  ])
  t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled'])
  t.match(results, [{}, { reason: error }, { reason: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } }, { reason: error }])
  t.same(committed(), ['a', 'd'])
  t.equal(count('COMMIT'), 1)
})

t.test('a write that waits for anything but its transaction is rolled back, and its neighbours go on', async (t) => {
  const { write, committed } = open(t)
  let late: Promise<unknown> | undefined
  const results = await Promise.allSettled([
    write((tx) => tx.notes.put('a')),
    write(async (tx) => {
      await tx.notes.put('b')
      late = sleep(1).then(() => tx.notes.put('late'))
      await late
    }),
    write((tx) => tx.notes.put('c')),
    write(async () => await new Promise<never>(() => undefined)),
    write((tx) => tx.notes.put('d')),
  ])
  t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
  t.match(results[1], { reason: /awaited something other than its transaction/ })
  t.same(committed(), ['a', 'c', 'd'])
  await t.rejects(late as Promise<unknown>, /after the end of it/, 'its transaction is of no use any more')
  await write((tx) => tx.notes.put('e'))
  t.same(committed(), ['a', 'c', 'd', 'e'])
})

t.test('a transaction cannot be kept for later', async (t) => {
  const { write, committed } = open(t)
  const tx = await write(async (tx) => tx)
  t.throws(() => tx.notes.put('x'), /after the end of it/)
  const [failed] = await Promise.all([write(async () => tx.notes.put('y')).catch((error: unknown) => error), write((own) => own.notes.put('z'))])
  t.match(failed, /after the end of it/, 'not even while another one is open')
  t.same(committed(), ['z'])
})

t.test('an error that ends the transaction rejects the whole group, and the next one goes on', async (t) => {
  const { connection, write, committed } = open(t)
  await write((tx) => tx.notes.put('a'))
  connection.pragma(`max_page_count = ${String(connection.pragma('page_count', { simple: true }))}`)
  const results = await Promise.allSettled([
    write((tx) => tx.notes.put('b')),
    write((tx) => tx.notes.put('x'.repeat(100_000))),
    write((tx) => tx.notes.put('c')),
  ])
  t.match(results, [{ reason: { code: 'DATABASE_FULL' } }, { reason: { code: 'DATABASE_FULL' } }, { reason: { code: 'DATABASE_FULL' } }])
  t.same(committed(), ['a'])
  await write((tx) => tx.notes.put('d'))
  t.same(committed(), ['a', 'd'])
})

t.test('a commit that fails rejects the whole group, and the next one goes on', async (t) => {
  const { connection, write, committed } = open(t)
  const results = await Promise.allSettled([write((tx) => tx.notes.put('a')), write((tx) => tx.notes.put('b', 'nobody'))])
  t.match(results, [{ reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } }, { reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } }])
  t.notOk(connection.inTransaction)
  await write((tx) => tx.notes.put('c'))
  t.same(committed(), ['c'])
})

t.test('a write that comes while others are committed is in the next group', async (t) => {
  const { write, idle, committed, count } = open(t)
  const inner: Promise<unknown>[] = []
  await write(async (tx) => {
    await tx.notes.put('a')
    inner.push(write((own) => own.notes.put('b')))
  })
  t.same(committed(), ['a'])
  await idle()
  t.same(committed(), ['a', 'b'])
  await Promise.all(inner)
  t.equal(count('COMMIT'), 2)
})

t.test('a ROLLBACK that fails leaves nobody waiting, and the next group begins anew', async (t) => {
  const { connection } = open(t)
  connection.exec('create table plain (text text)')
  let isBroken = true
  // The driver as it is, but for one answer that only a broken disk would give.
  const broken = new Proxy(connection, {
    get (driver, name) {
      if (name === 'inTransaction') return driver.inTransaction
      if (name !== 'prepare') return Reflect.get(driver, name)
      return (sql: string) => {
        const statement = driver.prepare(sql)
        const failing = { run () { if (isBroken) throw new Error('disk I/O error'); return statement.run() } }
        return sql === 'ROLLBACK' || sql === 'COMMIT' ? failing : statement
      }
    },
  })
  const insert = connection.prepare('insert into plain values (?)')
  const { write } = createWriter(broken, { plain: { async put (text: string) { insert.run(text) } } })
  await t.rejects(write((tx) => tx.plain.put('lost')), { message: 'disk I/O error' })
  isBroken = false
  await write((tx) => tx.plain.put('kept'))
  t.same(connection.prepare('select text from plain').pluck().all(), ['kept'])
})

t.test('H what works have noted is written once for all of them; what a failed one has noted is not, and with a failed writing all fail', async (t) => {
  const { connection, committed, count } = open(t)
  const insert = connection.prepare('insert into notes (text) values (?)')
  let noted: string[] = []
  const { write } = createWriter(connection, { notes: { async note (text: string): Promise<void> { noted.push(text) } } }, {
    afterwork: {
      mark: () => noted.length,
      undo (mark) { noted.length = mark },
      write () {
        insert.run(noted.join())
        if (noted.includes('bad')) throw new Error('not written')
        noted = []
      },
    },
  })
  const all = (...texts: string[]) => Promise.allSettled(texts.map((text) => write(async (tx) => {
    await tx.notes.note(text)
    if (text === 'refused') throw new Error('refused')
  })))
  t.same((await all('a', 'refused', 'b')).map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.same([committed(), count('COMMIT')], [['a,b'], 1])
  t.match(await all('c', 'bad', 'd'), ['c', 'bad', 'd'].map(() => ({ status: 'rejected', reason: { message: 'not written' } })))
  t.same(committed(), ['a,b'])
  await all('e')
  t.same(committed(), ['a,b', 'e'], 'and nothing is left of them')
})

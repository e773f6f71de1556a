import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/db/index.ts'
import { folderFor } from '../helper.ts'
import { retried } from '../retried.ts'

const HOLD = `
  const db = require('better-sqlite3')(process.argv[1])
  db.exec('begin immediate')
  process.stdout.write('held')
  process.stdin.resume().on('end', () => { db.exec('commit'); db.close() })
`

/** Another process that holds the right to write until it is told to let go. */
async function hold (t: Test, file: string): Promise<() => Promise<void>> {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, ['-e', HOLD, file], { stdio: ['pipe', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('../..', import.meta.url)), env })
  t.teardown(() => { child.kill() })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return async () => {
    child.stdin.end()
    await ended
  }
}

const NEW = { username: 'ada', createdAt: 1, updatedAt: 1 }

t.test('while another process writes, reads are answered and writes wait their turn', async (t) => {
  const dataDir = t.testdir({})
  const db = await openDatabase({ dataDir, exclusive: true })
  t.teardown(() => db.close())
  const { id } = await db.write((tx) => tx.users.insert(NEW))
  const file = join(dataDir, 'visage.db')

  /** Reads until the time is over, and tells how long the longest turn of the loop took. */
  async function readFor (ms: number): Promise<{ reads: number, longest: number }> {
    const started = performance.now()
    let reads = 0
    let longest = 0
    for (let last = started; last < started + ms;) {
      await nextTurn()
      if ((await db.read.users.find(id))?.username !== 'ada') throw new Error('a read found something else')
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
      reads++
    }
    return { reads, longest }
  }

  const release = await hold(t, file)
  let isSettled = false
  const waiting = db.write((tx) => tx.users.update(id, { bio: 'written' })).finally(() => { isSettled = true })
  const { reads, longest } = await readFor(500)
  t.notOk(isSettled)
  t.ok(reads > 5 && longest < 1_000, `${reads} reads, the longest turn took ${Math.round(longest)} ms`)
  await release()
  t.equal((await waiting).bio, 'written', 'the write goes on when the lock is free')

  const releaseAgain = await hold(t, file)
  const waited = await retried(async () => {
    const started = performance.now()
    const refused = Promise.allSettled([db.write((tx) => tx.users.update(id, { bio: 'never' })), db.write((tx) => tx.users.update(id, { bio: 'never' }))])
    await readFor(500)
    t.match(await refused, [{ reason: { code: 'DATABASE_BUSY' } }, { reason: { code: 'DATABASE_BUSY' } }])
    return performance.now() - started
  }, (waited) => waited < 4_000)
  t.ok(waited > 1_900 && waited < 4_000, `it gives up after ${Math.round(waited)} ms`)
  await releaseAgain()
  await db.write((tx) => tx.users.update(id, { location: 'later' }))
  t.match(await db.read.users.find(id), { bio: 'written', location: 'later' })
})

t.test('D2 closing does not wait for a lock that another process holds', async (t) => {
  const ms = await retried(async () => {
    const dataDir = folderFor(t)
    const db = await openDatabase({ dataDir, exclusive: true })
    await db.write((tx) => tx.users.insert(NEW))
    const release = await hold(t, join(dataDir, 'visage.db'))
    const refused = t.rejects(db.write((tx) => tx.users.insert({ ...NEW, username: 'late' })))
    const started = performance.now()
    await db.close()
    const ms = performance.now() - started
    await refused
    await release()
    return ms
  }, (ms) => ms < 1_000)
  t.ok(ms < 1_000, `closed after ${Math.round(ms)} ms`)
})

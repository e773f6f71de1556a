import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openChild, type Child } from '../../src/images/child.ts'
import { retried } from '../retried.ts'
import { picture, writeTo } from './pictures.ts'

/** What is known of a picture of which nothing is known. */
const NOTHING = { sourceWidth: 1, sourceHeight: 1, isAnimated: false, blurhash: '', color: '', files: [] }

interface Place {
  child: Child
  warnings: unknown[][]
  /** A job that is done at once. */
  quick: { type: 'judge', file: string }
  /** A job that waits in the child until somebody writes to its file, which is a pipe. */
  stuck: { type: 'judge', file: string }
  /** Resolves when the child has begun with the stuck job. */
  begun: () => Promise<FileHandle>
}

async function place (t: Test, options: { timeout?: number, maxWaiting?: number } = {}): Promise<Place> {
  const folder = t.testdir()
  const warnings: unknown[][] = []
  const child = openChild({ log: { warn: (...all) => warnings.push(all) }, ...options })
  t.teardown(() => child.close())
  const quick = join(folder, 'picture')
  const pipe = join(folder, 'pipe')
  writeFileSync(quick, await picture())
  execFileSync('mkfifo', [pipe])
  return {
    child,
    warnings,
    quick: { type: 'judge', file: quick },
    stuck: { type: 'judge', file: pipe },
    begun: () => writeTo(pipe)
  }
}

t.test('the process starts with the first job and stays', async (t) => {
  const { child, quick } = await place(t)
  t.equal(child.pid, undefined)
  t.same(await child.run(quick), {})
  const { pid } = child
  t.type(pid, 'number')
  t.same(await child.run(quick), {})
  t.equal(child.pid, pid)
})

t.test('one job at a time, and a full line refuses', async (t) => {
  const { child, quick, stuck, begun } = await place(t, { maxWaiting: 2 })
  const order: string[] = []
  const first = child.run(stuck).then((reply) => { order.push('first'); return reply })
  const others = [child.run(quick).then(() => order.push('second')), child.run(quick).then(() => order.push('third'))]
  await t.rejects(child.run(quick), { code: 'IMAGE_UNAVAILABLE', message: 'too many pictures are waiting' })
  const pipe = await begun()
  await pipe.writeFile('not a picture')
  await pipe.close()
  t.same(await first, { finding: { code: 'invalid_image' } })
  await Promise.all(others)
  t.same(order, ['first', 'second', 'third'])
})

t.test('64 jobs may wait', async (t) => {
  const { child, quick, stuck, begun } = await place(t)
  const jobs = [child.run(stuck), ...Array.from({ length: 64 }, () => child.run(quick))]
  await t.rejects(child.run(quick), { code: 'IMAGE_UNAVAILABLE' })
  await (await begun()).close()
  const [first, ...others] = await Promise.all(jobs)
  t.same(first, { finding: { code: 'invalid_image' } })
  t.ok(others.every(({ finding }) => finding === undefined))
})

t.test('a job that takes too long is killed and the next one succeeds', async (t) => {
  const { child, quick, stuck, begun, warnings } = await place(t, { timeout: 2500 })
  const [pipe] = await Promise.all([
    begun(),
    t.rejects(child.run(stuck), { code: 'IMAGE_UNAVAILABLE' }),
    t.resolves(child.run(quick))
  ])
  await pipe.close()
  t.match(warnings, [[{ signal: 'SIGKILL' }, 'the image process has ended']])
})

t.test('a job whose process is killed fails and the next one succeeds', async (t) => {
  const { child, quick, stuck, begun, warnings } = await place(t)
  const job = child.run(stuck)
  const waiting = child.run(quick)
  const pipe = await begun()
  const { pid = 0 } = child
  process.kill(pid, 'SIGKILL')
  await t.rejects(job, { code: 'IMAGE_UNAVAILABLE', message: 'the image process has ended' })
  t.same(await waiting, {})
  t.not(child.pid, pid)
  await pipe.close()
  t.equal(warnings.length, 1)
})

t.test('an idle process that is killed is replaced', async (t) => {
  const { child, quick } = await place(t)
  await child.run(quick)
  const { pid = 0 } = child
  process.kill(pid, 'SIGKILL')
  while (child.pid === pid) await new Promise(setImmediate)
  t.same(await child.run(quick), {})
})

t.test('Ctrl-C and the service manager do not end a job', async (t) => {
  const { child, stuck, begun } = await place(t)
  const job = child.run(stuck)
  const pipe = await begun()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(child.pid ?? 0, signal)
  await pipe.close()
  t.same(await job, { finding: { code: 'invalid_image' } })
})

t.test('a process that cannot start fails the job, not the service', async (t) => {
  const { child, quick } = await place(t)
  const { execPath } = process
  t.teardown(() => { process.execPath = execPath })
  // The first is found out later, the second at once.
  for (const path of ['/nowhere/node', '/bad\0path']) {
    process.execPath = path
    const jobs = [child.run(quick), child.run(quick)]
    for (const job of jobs) await t.rejects(job, { code: 'IMAGE_UNAVAILABLE' }, JSON.stringify(path))
  }
  process.execPath = execPath
  t.same(await child.run(quick), {})
})

t.test('an error of the disk keeps its code', async (t) => {
  const { child, quick } = await place(t)
  await t.rejects(child.run({ type: 'judge', file: '/nowhere/picture' }), { code: 'ENOENT', syscall: 'open', message: /ENOENT/ })
  await t.rejects(child.run({ type: 'encode', kind: 'avatar', file: quick.file, output: '/nowhere/picture' }), { code: 'ENOENT' })
  await t.rejects(child.run({ type: 'recut', kind: 'avatar', file: '/nowhere/picture', output: quick.file, before: NOTHING }), { code: 'ENOENT', syscall: 'open' })
  await t.rejects(child.run({ type: 'complete', kind: 'cover', file: '/nowhere/picture', output: quick.file }), { code: 'ENOENT', syscall: 'open' })
})

t.test('closing ends an idle process and refuses what comes later', async (t) => {
  const { child, quick, warnings } = await place(t)
  await child.run(quick)
  const { pid = 0 } = child
  await child.close()
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  await t.rejects(child.run(quick), { code: 'IMAGE_UNAVAILABLE' })
  await child.close()
  t.same(warnings, [])
})

t.test('closing fails the job at work and those that wait', async (t) => {
  const { child, quick, stuck, begun } = await place(t)
  const jobs = [child.run(stuck), child.run(quick)].map((job) => t.rejects(job, { code: 'IMAGE_UNAVAILABLE' }))
  const pipe = await begun()
  await child.close()
  await Promise.all(jobs)
  await pipe.close()
})

t.test('D2 closing ends a process that is frozen', async (t) => {
  const found = await retried(async () => {
    const { child, quick } = await place(t)
    await child.run(quick)
    const { pid = 0 } = child
    t.teardown(() => { if (child.pid === pid) process.kill(pid, 'SIGKILL') })
    process.kill(pid, 'SIGSTOP')
    const started = performance.now()
    await Promise.race([child.close(), sleep(2_000)])
    return { pid: child.pid, ms: performance.now() - started }
  }, ({ pid, ms }) => pid === undefined && ms < 2_000)
  t.equal(found.pid, undefined)
  t.ok(found.ms < 2_000, `closed after ${Math.round(found.ms)} ms`)
})

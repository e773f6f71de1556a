import t from 'tap'
import type { Test } from 'tap'
import { readFileSync } from 'node:fs'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf } from '../issuer/issuer.ts'
import { retried } from '../retried.ts'
import { openLine, requestOf } from './line.ts'
import type { Line } from './line.ts'
import { listen, settled, stagedIn } from './listening.ts'

const DEADLINE_MS = 5_000

/** The processes that decode pictures for this one. */
function imageProcesses (): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean)
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('images/process')).map(Number)
}

/** How long it takes to close while somebody waits over this line, who is refused. */
async function closing (t: Test, line: Line, close: () => Promise<void>): Promise<number> {
  const began = performance.now()
  const closed = close()
  t.match(await line.answers(1), [{ status: 503, headers: { 'connection': 'close', 'retry-after': /\d/ } }])
  t.equal(await line.over, 'end')
  line.socket.end()
  await closed
  return performance.now() - began
}

/** The same in a service of its own each time. */
async function inTime (t: Test, work: () => Promise<number>): Promise<void> {
  const ms = await retried(work, (ms) => ms < DEADLINE_MS)
  t.ok(ms < DEADLINE_MS, `closed after ${Math.round(ms)} ms`)
}

t.test('D2 a picture whose turn does not come is refused, not cut off', async (t) => {
  await inTime(t, async () => {
    const server = await listen(t)
    const { payload, headers } = form([['avatar', { file: await picture() }]])
    const upload = requestOf(`PATCH /api/v2/user/${server.ada.id}/`, { ...server.ada.headers, ...headers }, payload)
    const [first, second] = [await openLine(t, server.port), await openLine(t, server.port)]
    first.send(...upload)
    t.match(await first.answers(1), [{ status: 200 }])
    first.socket.end()
    const [pid = 0] = imageProcesses()
    process.kill(pid, 'SIGSTOP')
    second.send(...upload)
    await settled(() => stagedIn(server), (files) => files.length > 0)
    const ms = await closing(t, second, () => server.app.close())
    t.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the process that was frozen is gone')
    t.same(await settled(() => stagedIn(server), (files) => files.length === 0), [])
    return ms
  })
})

t.test('D2 who waits for the keys of a silent issuer is refused, not cut off', async (t) => {
  await inTime(t, async () => {
    const pair = newPair()
    const issuer = await openIssuer(t, pair)
    const asked = Promise.withResolvers<void>()
    issuer.answer = () => { asked.resolve() }
    const server = await listen(t, { jwksUrl: issuer.url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE })
    const line = await openLine(t, server.port)
    line.send(...requestOf(`GET /api/v2/user/${server.ada.id}/`, { authorization: `Bearer ${tokenOf(pair, claimsFor('ada'))}` }))
    await asked.promise
    return await closing(t, line, () => server.app.close())
  })
})

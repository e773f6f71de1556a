// Counts how often the database is synced to the disk for 200 updates: seldom when they come together, because neighbours
// share a commit, yet always before the first of them is answered. strace writes down every sync and every answer in the
// order in which they happened (`-c` would only count), and answers of 404 mark where a part begins and ends.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPeople, startService } from './service.ts'
import type { Person } from './service.ts'

const UPDATES = 200
const MOST_SYNCS = 60
const TRACE_MS = 5_000

/** `-D`: the server stays our own child, and strace goes when it does. `-y`: with the names of the files. */
const strace = (log: string) => ['strace', '-D', '-f', '-y', '-q', '-e', 'trace=fsync,fdatasync,write,writev,sendmsg', '-e', 'signal=none', '-s', '32', '-o', log]

const SYNC = /\bf(?:data)?sync\(\d+<[^>]*\/visage\.db[^>]*>/
const ANSWER = /\b(?:write|writev|sendmsg)\(\d+<(?:socket|TCP)[^>]*>.*?"HTTP\/1\.1 (\d{3})/

function send (agent: Agent, url: string, path: string, body?: { key: string, json: object }): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { authorization: `Token ${body.key}`, 'content-type': 'application/json' }
    const asked = request(url + path, { agent, method: body === undefined ? 'GET' : 'PATCH', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0)).on('error', reject)
    })
    asked.on('error', reject).end(body && JSON.stringify(body.json))
  })
}

/** The events between two marks, in the order of the log: true is a sync of the database, false an answer of 200. */
function events (log: string): boolean[][] {
  const parts: boolean[][] = [[]]
  for (const line of log.split('\n')) {
    const status = ANSWER.exec(line)?.[1]
    if (SYNC.test(line)) parts.at(-1)?.push(true)
    else if (status === '200') parts.at(-1)?.push(false)
    else if (status === '404') parts.push([])
  }
  return parts
}

async function measure (url: string, people: Person[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: UPDATES })
  const mark = async () => {
    const status = await send(agent, url, '/no-such-path')
    if (status !== 404) throw new Error(`the mark was answered with ${status}`)
  }
  const update = async ({ id, key }: Person, bio: string) => {
    const status = await send(agent, url, `/api/v2/user/${id}/`, { key, json: { bio } })
    if (status !== 200) throw new Error(`an update was answered with ${status}`)
  }
  // Opens the connections, one for each.
  await Promise.all(people.map(() => send(agent, url, '/health/live')))
  await mark()
  await Promise.all(people.map((person) => update(person, 'together')))
  await mark()
  for (const person of people) await update(person, 'one by one')
  await mark()
  agent.destroy()
}

/** strace writes a little later than the server answers. */
async function traced (log: string): Promise<[together: boolean[], apart: boolean[]]> {
  const giveUp = Date.now() + TRACE_MS
  for (;;) {
    const [, together, apart, after] = events(readFileSync(log, 'utf8'))
    if (together && apart && after) return [together, apart]
    if (Date.now() > giveUp) throw new Error('strace did not see what was answered')
    await sleep(50)
  }
}

const began = performance.now()
const home = mkdtempSync(join(tmpdir(), 'visage-fsync-'))
try {
  const dataDir = join(home, 'data')
  const log = join(home, 'trace')
  const people = await createPeople(dataDir, UPDATES)
  const service = await startService({ dataDir, under: strace(log) })
  try {
    await measure(service.url, people)
    const [together, apart] = await traced(log)
    const count = (part: boolean[], what: boolean) => part.filter((event) => event === what).length
    const result = {
      updates: UPDATES,
      syncs: count(together, true),
      answers: count(together, false),
      syncsBeforeTheFirstAnswer: together.indexOf(false),
      syncsOneByOne: count(apart, true),
      seconds: Math.round((performance.now() - began) / 100) / 10,
    }
    console.log(JSON.stringify(result))
    const failures = [
      result.answers !== UPDATES && 'not every answer was seen',
      result.syncs > MOST_SYNCS && `more than ${MOST_SYNCS} syncs`,
      result.syncsBeforeTheFirstAnswer < 1 && 'an answer came before the first sync',
      // Without neighbours every update has its own: a count that misses some would be seen here.
      result.syncsOneByOne < UPDATES && 'an update without a sync',
    ].filter(Boolean)
    if (failures.length > 0) throw new Error(failures.join(', '))
  } finally {
    await service.end('SIGTERM')
  }
} catch (error) {
  console.error(`FAILURE: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}

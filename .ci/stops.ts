// Stops the server under load, twenty times: six clients that keep their connections and upload pictures, two that
// come anew for each request, a body that never ends and a mail server that says nothing. Whoever had sent a request gets
// the whole answer, nobody is reset, the process is gone within five seconds and the database is closed. Then does the same
// to two programs that stop badly, which has to show. `node .ci/stops.ts [seed]`
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { seeded } from '../test/seeded.ts'
import { form } from '../test/helper.ts'
import { noise } from '../test/images/pictures.ts'
import { createPeople, startService } from './service.ts'
import type { Person } from './service.ts'
import { dribble, keepAsking, LINES } from './stop-clients.ts'
import type { Client, Fate, Order } from './stop-clients.ts'
import { twin } from './twin.ts'
import type { Patch } from './twin.ts'

const STOPS = 20
const DEADLINE_MS = 5_000
const FIRST_STOP_MS = 100
const LAST_STOP_MS = 600
const LONGEST_PAUSE_MS = 40
const WAIT_MS = 10_000
const WAYS = [...LINES.kept, ...LINES.fresh]
const TWIN_STOPS = 10

const TWINS: Record<string, { patches: Patch[], shows: (found: Found) => number }> = {
  'connections that lie idle are destroyed': {
    patches: [{ file: 'plugins/connection/server.ts', from: 'for (const socket of this.#open) endWhenIdle(socket)', to: 'super.closeIdleConnections()' }],
    shows: ({ reset }) => reset,
  },
  'the database waits for the mail server': {
    patches: [
      { file: 'src/mail/smtp.ts', from: '}, STOP.arriving)', to: '}, 2 * STOP.process)' },
      { file: 'src/stop.ts', from: 'await Promise.race([Promise.allSettled([work]), isOver])', to: 'await Promise.allSettled([work, isOver && undefined])' },
      { file: 'src/db/sqlite/open.ts', from: "process.on('exit', () => { for (const letGo of open) letGo() })", to: '' },
    ],
    shows: ({ open }) => open,
  },
}

interface Found extends Record<Fate, number> {
  stops: number
  /** Answers of another status than 200. */
  unexpected: number
  /** Writes without an answer that were carried out all the same. */
  carriedOut: number
  /** Dribbling bodies that got no whole answer. */
  unheard: number
  /** Stops after which the process had not said that it closed the database, or left its log behind. */
  open: number
  /** Stops that took too long or did not end with 0. */
  killed: number
  slowestMs: number
}

const wrong = ({ reset, cut, unexpected, carriedOut, unheard, open, killed }: Found): number => reset + cut + unexpected + carriedOut + unheard + open + killed

/** A mail server that takes connections and never says a word. */
async function muteMailServer () {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => { sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket))) })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isAsked: () => sockets.size > 0,
    end () {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function until (holds: () => boolean, what: string): Promise<void> {
  const giveUp = performance.now() + WAIT_MS
  while (!holds()) {
    if (performance.now() > giveUp) throw new Error(`waited for ${what}`)
    await sleep(5)
  }
}

/** What each of them asks: three write a text that carries the number, two upload, the others read. */
function orderOf (kind: number, { id, key }: Person, picture: Buffer): Client['order'] {
  const headers = { authorization: `Token ${key}` }
  const path = `/api/v2/user/${id}/`
  if (kind < 3) return (number): Order => ({ method: 'PATCH', path, headers: { ...headers, 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ bio: String(number) })) })
  if (kind >= 5) return () => ({ method: 'GET', path, headers: { ...headers, ...kind >= LINES.kept.length && { connection: 'close' } }, body: Buffer.alloc(0) })
  return (number): Order => {
    const { payload, headers: type } = form([['bio', String(number)], ['avatar', { file: picture }]])
    return { method: 'PATCH', path, headers: { ...headers, ...type }, body: payload }
  }
}

/** How often a number that was not answered stands in the database. */
function carriedOut (dataDir: string, clients: readonly Client[]): number {
  const db = new Sqlite(join(dataDir, 'visage.db'))
  const bio = db.prepare<[number], string>('select bio from users where id = ?').pluck()
  const count = clients.filter(({ id, acknowledged, order }) => order(0).method !== 'GET' && Number(bio.get(id)) > acknowledged).length
  db.close()
  return count
}

interface World {
  root: string
  dataDir: string
  mail: Awaited<ReturnType<typeof muteMailServer>>
  clients: Client[]
  /** Whose upload never ends. */
  slow: Person
  picture: Buffer
  random: () => number
}

async function stopOnce ({ root, dataDir, mail, clients, slow, picture, random }: World, found: Found): Promise<void> {
  // Somebody new, whose mail is due.
  await createPeople(dataDir, 1, `stop${found.stops}-`)
  const lines: string[] = []
  const service = await startService({ root, dataDir, settings: { VISAGE_SMTP_URL: mail.url }, onLine: (line) => lines.push(line) })
  try {
    const dribbling = dribble(service.url, slow, picture)
    await until(() => readdirSync(join(dataDir, 'staging')).length > 0, 'the body that never ends')
    await until(mail.isAsked, 'a mail on its way')
    const asking = clients.map((client, i) => keepAsking(client, service.url, WAYS[i] as typeof WAYS[number], ({ fate, status = 200 }) => {
      found[fate]++
      if (status !== 200) found.unexpected++
    }))
    await sleep(FIRST_STOP_MS + random() * (LAST_STOP_MS - FIRST_STOP_MS))
    const began = performance.now()
    const giveUp = setTimeout(() => { void service.end('SIGKILL') }, WAIT_MS)
    const { code } = await service.end('SIGTERM')
    clearTimeout(giveUp)
    const ms = performance.now() - began
    await Promise.all(asking)
    const { status } = await dribbling
    if (status !== 408) found.unheard++
    if (code !== 0 || ms > DEADLINE_MS) found.killed++
    // A clean close puts the log of the database into its file and removes it.
    if (existsSync(join(dataDir, 'visage.db-wal')) || !lines.some((line) => line.includes('the database is closed'))) found.open++
    found.carriedOut += carriedOut(dataDir, clients)
    found.slowestMs = Math.max(found.slowestMs, Math.round(ms))
    found.stops++
  } finally {
    await service.end('SIGKILL')
  }
}

async function run (name: string, { root, dataDir, seed, stops, isCaught = () => false }: { root: string, dataDir: string, seed: number, stops: number, isCaught?: (found: Found) => boolean }): Promise<Found> {
  const began = performance.now()
  const random = seeded(seed)
  const found: Found = { stops: 0, answered: 0, refused: 0, closed: 0, reset: 0, cut: 0, unexpected: 0, carriedOut: 0, unheard: 0, open: 0, killed: 0, slowestMs: 0 }
  const [slow, ...people] = await createPeople(dataDir, 1 + WAYS.length) as [Person, ...Person[]]
  const picture = await noise('png', 300, 300)
  const clients = people.map((person, i): Client => ({ ...person, order: orderOf(i, person, picture), pause: () => random() * LONGEST_PAUSE_MS, acknowledged: 0, sent: 0 }))
  const mail = await muteMailServer()
  try {
    while (found.stops < stops && !isCaught(found)) await stopOnce({ root, dataDir, mail, clients, slow, picture, random }, found)
  } finally {
    mail.end()
  }
  console.log(JSON.stringify({ of: name, kept: LINES.kept.length, fresh: LINES.fresh.length, ...found, seed, seconds: Math.round((performance.now() - began) / 100) / 10 }))
  return found
}

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31))
const home = mkdtempSync(join(tmpdir(), 'visage-stops-'))
try {
  const found = await run('the service', { root: join(import.meta.dirname, '..'), dataDir: join(home, 'data'), seed, stops: STOPS })
  if (wrong(found) > 0 || found.answered < STOPS * WAYS.length) {
    console.error('FAILURE: a stop cost somebody an answer, took too long or left the database open, or hardly anybody asked')
    process.exitCode = 1
  }
  for (const [i, [name, { patches, shows }]] of Object.entries(TWINS).entries()) {
    const root = twin(join(home, `twin-${i}`), patches)
    const found = await run(`twin: ${name}`, { root, dataDir: join(home, `data-${i}`), seed, stops: TWIN_STOPS, isCaught: (found) => shows(found) > 0 })
    if (shows(found) > 0) continue
    console.error(`FAILURE: not caught: ${name}`)
    process.exitCode = 1
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}

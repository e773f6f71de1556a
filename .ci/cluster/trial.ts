// One service of several processes under way: who writes, who reads, what is taken away, and everything that was wrong.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createPeople } from '../service.ts'
import { read, readOnce, write } from './clients.ts'
import type { Account, Seen } from './clients.ts'
import type { Engines } from './engines.ts'
import { faults } from './history.ts'
import { signUp, wrongMails } from './mails.ts'
import { MENDED_MS, busy, tooLong } from './outages.ts'
import type { Outage } from './outages.ts'
import { startProcesses } from './processes.ts'
import type { Processes } from './processes.ts'
import { unseen } from './spoiled.ts'
import { stateOf } from './state.ts'

const [ACCOUNTS, WRITERS, READERS] = [4, 8, 4]
const KILL_EVERY_MS = 10_000
const AWAY_MS = 3_000
const SMTP_MS = 2_000
const MAIL_MS = 20_000
/** Of the writes, who may get into each other's way so often that they are asked to try again. */
const BUSY_PART = 0.05

interface Options {
  engines: Engines
  seconds: number
  processes: number
  /** The folder of the program. */
  root?: string
  /** Whether anything is taken away meanwhile. */
  isBroken?: boolean
}

export interface Verdict {
  failures: string[]
  looked: object
  /** What the processes said of it. */
  log: Map<string, number>
}

export async function tryService ({ engines, seconds, processes: count, root, isBroken = true }: Options): Promise<Verdict> {
  const home = mkdtempSync(join(tmpdir(), 'visage-cluster-'))
  const ends: (() => unknown)[] = []
  try {
    engines.mails.arrived.clear()
    const settings = await engines.newPlace()
    const operator = join(home, 'operator')
    mkdirSync(operator)
    const people = await createPeople(operator, ACCOUNTS, 'c', settings)
    const accounts: Account[] = people.map((person, index) => ({ ...person, index, history: [] }))
    const processes = await startProcesses({ home, count, settings, ...root !== undefined && { root } })
    ends.push(processes.end)
    const { url } = processes

    const seen: Seen = { troubles: [], torn: [], writes: 0, reads: 0 }
    const over = new AbortController()
    const clients = [
      ...Array.from({ length: WRITERS }, (_, i) => write(accounts[i % ACCOUNTS] as Account, { first: 1 + Math.floor(i / ACCOUNTS), step: WRITERS / ACCOUNTS }, url, seen, over.signal)),
      ...Array.from({ length: READERS }, (_, i) => read(accounts, i, url, seen, over.signal)),
    ]
    const signingUp = signUp(url, over.signal)
    const began = performance.now()
    const outages = await (isBroken ? takeAway(engines, processes, count, seconds) : sleep(seconds * 1_000, []))
    over.abort()
    await Promise.all(clients)
    const told = await signingUp

    const failures: string[] = []
    const agent = new Agent()
    for (const account of accounts) if (!await readOnce(agent, account, 0, url, seen)) failures.push(`account ${account.id} could not be read at the end`)
    agent.destroy()
    const core = await openService({ config: { ...loadConfig(settings), dataDir: operator }, exclusive: false })
    ends.push(() => core.close())
    // Who was killed while they sent one had it for a minute, which is over now.
    await sleep(SMTP_MS)
    await core.mail.hasten()
    for (const giveUp = Date.now() + MAIL_MS; wrongMails(told, engines.mails.arrived).length > 0 && Date.now() < giveUp;) await sleep(100)
    failures.push(...wrongMails(told, engines.mails.arrived), ...seen.torn, ...processes.deaths, ...tooLong(seen.troubles, outages))
    for (const { id, history } of accounts) {
      failures.push(...faults(history, 0).map((fault) => `account ${id}: ${fault}`))
      failures.push(...unseen(history).map((twin) => `account ${id}: the judge does not see ${twin}`))
    }
    const collisions = busy(seen.troubles, outages)
    if (collisions > seen.writes * BUSY_PART) failures.push(`${collisions} were told that the service is busy, while nothing was away`)
    const state = await stateOf({ settings, processes, core })
    failures.push(...state.wrong)
    const refused = Map.groupBy(seen.troubles, ({ status }) => status)
    const looked = {
      seconds, processes: count, away: outages.map(({ what, from, to }) => `${what} ${Math.round(from - began)}–${Math.round(to - began)}`),
      writes: seen.writes, reads: seen.reads, refused: Object.fromEntries([...refused].map(([status, all]) => [status, all.length])),
      unlikely: seen.troubles.filter(({ status }) => ![0, 502, 503].includes(status)).map(({ status, what, says }) => `${status} ${what} ${says}`),
      busy: collisions, signedUp: told.sure.length, unsure: told.unsure.length, ...state.looked,
    }
    return { failures, looked, log: processes.troubles }
  } finally {
    for (const end of ends.toReversed()) await end()
    rmSync(home, { recursive: true, force: true })
  }
}

/** A process every ten seconds, PostgreSQL twice, the store once. Resolves when all of it has been back for long enough. */
async function takeAway ({ postgres, ceph }: Engines, processes: Processes, count: number, seconds: number): Promise<Outage[]> {
  const outages: Outage[] = []
  const began = performance.now()
  const at = (part: number) => sleep(Math.max(0, began + part * seconds * 1_000 - performance.now()))
  async function without (what: string, work: () => Promise<unknown>): Promise<void> {
    const outage: Outage = { what, from: performance.now(), to: Infinity }
    outages.push(outage)
    await work()
    outage.to = performance.now()
  }
  async function kills (): Promise<void> {
    for (let index = 0; ; index = (index + 1) % count) {
      await sleep(KILL_EVERY_MS)
      if (performance.now() - began > seconds * 1_000 - AWAY_MS) return
      await without(`process ${index}`, () => processes.kill(index))
    }
  }
  async function restart (part: number): Promise<void> {
    await at(part)
    await without('PostgreSQL', async () => {
      await postgres.stop()
      await postgres.start()
    })
  }
  async function stopStore (): Promise<void> {
    await at(0.5)
    await without('the store', async () => {
      await ceph.stop()
      await sleep(AWAY_MS)
      await ceph.start()
    })
  }
  await Promise.all([kills(), restart(0.25), restart(0.75), stopStore(), at(1)])
  await sleep(2 * MENDED_MS)
  return outages
}

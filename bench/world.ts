import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fillService, writePeople } from './fill.ts'
import { PEERS } from './peers/index.ts'
import type { Name, Peer, Program } from './peers/index.ts'
import { isRare } from './people.ts'
import { KINDS } from './requests.ts'
import type { Kind } from './requests.ts'
import { load } from './wrk.ts'
import type { Load } from './wrk.ts'

export interface World {
  folder: string
  accounts: number
  seconds: number
  /** Running from when it is first asked for; undefined where it is missing. */
  program: (name: Name) => Promise<Program | undefined>
  /** As `program`, where it has to be there. */
  own: (name: Name) => Promise<Program>
  /** Ends it, so that nobody else is beside it. */
  end: (name: Name) => Promise<void>
  /** A folder of the service with everybody in it, copied. */
  copyData: (to: string) => Promise<{ dataDir: string, tokens: string }>
  /** Loads a program with requests of these kinds; what it does the first time is not measured. */
  load: (program: Program, asked: Wanted) => Promise<Measured>
  /** Another world with so many people. */
  sized: (accounts: number) => World
  /** The busiest that the load's core has been. */
  busiest: () => number
}

/** `request` is a whole one; `seconds` instead of what is usual. */
interface Wanted { kinds: readonly (Kind | { request: string })[], connections: number, seconds?: number }
/** With the time of the processor that the server's main process took for a request. */
export interface Measured extends Load { cpuMicros: number }

const WARM_UP_S = 1

export function createWorld ({ folder, accounts, seconds, say }: { folder: string, accounts: number, seconds: number, say: (text: string) => void }): World {
  const programs = new Map<Name, Promise<Program | undefined>>()
  const others = new Map<number, World>()
  const warm = new Set<string>()
  const [people, data, tokens] = ['people.json', 'filled', 'filled.tokens'].map((name) => join(folder, name)) as [string, string, string]
  let filling: Promise<void> | undefined
  let busiest = 0
  mkdirSync(folder, { recursive: true })

  async function fill (): Promise<void> {
    say(`filling in ${accounts} accounts`)
    await fillService(data, { accounts, tokens: `${tokens}-all` })
    await spare(`${tokens}-all`, tokens, accounts)
  }

  async function copyData (to: string): Promise<{ dataDir: string, tokens: string }> {
    await (filling ??= fill())
    await cp(data, to, { recursive: true })
    return { dataDir: to, tokens }
  }

  async function start (name: Name): Promise<Program | undefined> {
    const peer: Peer = PEERS[name]
    if (await peer.version() === undefined) return undefined
    say(`starting ${name} with ${accounts} accounts`)
    const place = mkdtempSync(join(folder, 'program-'))
    if (!name.startsWith('Visage')) writePeople(people, accounts)
    const program = await peer.start({ folder: place, accounts, people, copyData })
    if (program.tokens === tokens) return program
    await spare(program.tokens, `${program.tokens}-some`, accounts)
    return { ...program, tokens: `${program.tokens}-some` }
  }

  function program (name: Name): Promise<Program | undefined> {
    const starting = programs.get(name) ?? start(name)
    programs.set(name, starting)
    return starting
  }

  const world: World = {
    folder,
    accounts,
    seconds,
    program,
    copyData,
    async own (name) {
      const found = await program(name)
      if (found === undefined) throw new Error(`${name} is missing`)
      return found
    },
    async end (name) {
      const found = await programs.get(name)
      programs.delete(name)
      await found?.end()
    },
    async load ({ url, dialect, tokens: who, cpuMicros }, { kinds, connections, seconds: wanted = seconds }) {
      const requests = kinds.map((kind) => typeof kind === 'object' ? kind.request : KINDS[kind](dialect))
      const ask = (seconds: number) => load(folder, { url, who, requests, connections, seconds })
      const name = [url, connections, ...requests].join()
      if (!warm.has(name)) await ask(WARM_UP_S)
      warm.add(name)
      const before = cpuMicros()
      const seen = await ask(wanted)
      busiest = Math.max(busiest, seen.busy)
      if (seen.busy > 0.8) say(`the core of the load was busy ${Math.round(seen.busy * 100)} % beside ${url}`)
      return { ...seen, cpuMicros: (cpuMicros() - before) / seen.requests }
    },
    sized (count) {
      if (count === accounts) return world
      const other = others.get(count) ?? createWorld({ folder: join(folder, String(count)), accounts: count, seconds, say })
      others.set(count, other)
      return other
    },
    busiest: () => Math.max(busiest, ...[...others.values()].map((other) => other.busiest())),
  }
  return world
}

/** Everybody but the ten who are searched for, whose names have to stay; in lines of one width. */
async function spare (from: string, to: string, accounts: number): Promise<void> {
  const out = createWriteStream(to)
  let [i, width] = [0, 0]
  for await (const line of createInterface(createReadStream(from))) width = Math.max(width, line.length)
  for await (const line of createInterface(createReadStream(from))) {
    if (isRare(i++, accounts)) continue
    if (!out.write(`${line.padEnd(width)}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

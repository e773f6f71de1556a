// Sends requests at a rate, however long the answers take, and counts each one's time from when it was due: what waits for a
// free connection waits for the server. A process of its own on the load's core; over bare sockets, because node:http and undici
// cannot send ten thousand a second without being late themselves, and wrk knows no rates.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { LOAD_CORE, run } from './process.ts'
import { piecesOf, TEXT } from './requests.ts'

interface Asked {
  url: string
  /** A file with a line for each person, and whole requests, as `wrk.ts` has them. */
  who: string
  requests: readonly string[]
  perSecond: number
  /** Not counted before, counted then. */
  warmUpS: number
  seconds: number
  /** Of the texts: those of another run would cost nothing. */
  seed: number
}

/** Milliseconds; what was not answered with 200 is in `errors` and not in the times. */
export interface Steady { count: number, errors: number, p50: number, p99: number, longest: number }

let seeds = 0

export async function steadily (asked: Omit<Asked, 'seed'>): Promise<Steady> {
  return JSON.parse(await run(LOAD_CORE, [process.execPath, import.meta.filename, JSON.stringify({ ...asked, seed: ++seeds })])) as Steady
}

const CONNECTIONS = 64
/** After the last one was due. */
const PATIENCE_MS = 10_000

async function send ({ url, who, requests, perSecond, warmUpS, seconds, seed }: Asked): Promise<Steady> {
  const people = readFileSync(who, 'latin1')
  const width = people.indexOf('\n') + 1
  const kinds = requests.map(piecesOf)
  const { hostname, port } = new URL(url)
  const free: Socket[] = []
  const waiting: number[] = []
  const busy = new Map<Socket, number>()
  const times: number[] = []
  let [sent, errors, answered] = [0, 0, 0]

  function next (): string {
    const from = Math.floor(Math.random() * (people.length / width)) * width
    const [id = '', key = ''] = people.slice(from, from + width).split(' ')
    const text = `${seed % 100}s${sent++}`.padEnd(TEXT, '-')
    const values: Record<string, string> = { id, key: key.trimEnd(), text }
    const pieces = kinds[Math.floor(Math.random() * kinds.length)] ?? []
    return pieces.map((piece, i) => i % 2 === 0 ? piece : values[piece]).join('')
  }

  function begin (socket: Socket, due: number): void {
    busy.set(socket, due)
    socket.write(next())
  }

  function done (socket: Socket, isGood: boolean): void {
    const due = busy.get(socket) ?? 0
    busy.delete(socket)
    answered++
    if (due >= from) {
      if (isGood) times.push(performance.now() - due)
      else errors++
    }
    const first = waiting.shift()
    if (first === undefined) free.push(socket)
    else begin(socket, first)
  }

  function open (): Promise<void> {
    return new Promise((resolve) => {
      let head = ''
      const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => { free.push(socket); resolve() })
      socket.setEncoding('latin1').on('data', (part: string) => {
        head += part
        const end = head.indexOf('\r\n\r\n')
        if (end < 0 || head.length < end + 4 + Number(/content-length: (\d+)/i.exec(head.slice(0, end))?.[1] ?? 0)) return
        const isGood = head.startsWith('HTTP/1.1 200')
        head = ''
        done(socket, isGood)
      }).on('error', () => {}).on('close', () => {
        if (isOver) return
        if (busy.delete(socket)) errors++
        else free.splice(free.indexOf(socket), 1)
        void open()
      })
    })
  }

  let isOver = false
  await Promise.all(Array.from({ length: CONNECTIONS }, open))
  const start = performance.now()
  const from = start + warmUpS * 1_000
  const all = Math.floor(perSecond * (warmUpS + seconds))
  const isEnd = (now: number) => answered >= all || now > start + (warmUpS + seconds) * 1_000 + PATIENCE_MS
  await new Promise<void>((resolve) => {
    let due = 0
    // Without rest: a timer of a millisecond would send in bursts.
    const turn = (): void => {
      const now = performance.now()
      for (; due < all && start + due * 1_000 / perSecond <= now; due++) {
        const socket = free.pop()
        const at = start + due * 1_000 / perSecond
        if (socket === undefined) waiting.push(at)
        else begin(socket, at)
      }
      if (isEnd(now)) resolve()
      else setImmediate(turn)
    }
    turn()
  })
  isOver = true
  for (const socket of [...free, ...busy.keys()]) socket.destroy()
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(times.length * part)] ?? NaN
  return { count: times.length, errors: errors + waiting.length + busy.size, p50: at(0.5), p99: at(0.99), longest: times.at(-1) ?? NaN }
}

if (import.meta.main) console.log(JSON.stringify(await send(JSON.parse(process.argv[2] ?? '') as Asked)))

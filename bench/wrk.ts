import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, LOAD_CORE, run } from './process.ts'
import { piecesOf, TEXT } from './requests.ts'

export const WRK = { isThere: (): boolean => find('wrk') !== undefined, install: 'apt-get install wrk' }

/** What wrk saw: requests, how many a second, their median in milliseconds, and which part of the time its core was busy. */
export interface Load { requests: number, perSecond: number, medianMs: number, busy: number }
export interface Asked {
  url: string
  /** A file with a line for each of whom one is asked for: an id, and its credential. */
  who: string
  /** Whole requests, of which one is picked at random each time. */
  requests: readonly string[]
  connections: number
  seconds: number
}

let round = 0

/** Asks for people in random order; every call writes other texts, or the same ones again would cost nothing. */
export async function load (folder: string, { url, who, requests, connections, seconds }: Asked): Promise<Load> {
  round += 1
  const script = join(folder, 'load.lua')
  writeFileSync(script, scriptOf({ who, requests, round }))
  const before = busyOf(LOAD_CORE)
  const said = await run(LOAD_CORE, ['wrk', '--latency', '--timeout', '30s', '-t1', `-c${connections}`, `-d${seconds}`, '-s', script, url])
  const after = busyOf(LOAD_CORE)
  if (/Non-2xx|Socket errors/.test(said)) throw new Error(`${url}: ${said}`)
  const [, median, unit = 'ms'] = /50%\s+([\d.]+)(us|ms|s)/.exec(said) ?? []
  return {
    requests: Number(/(\d+) requests in/.exec(said)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]),
    medianMs: Number(median) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? 1),
    busy: (after.busy - before.busy) / (after.all - before.all),
  }
}

/** Lines of one width: a table of a million people would not fit into LuaJIT's memory. */
const scriptOf = ({ who, requests, round }: Pick<Asked, 'who' | 'requests'> & { round: number }): string => `
local file = assert(io.open("${who}", "rb"))
local lines = file:read("*a")
file:close()
local width = lines:find("\\n", 1, true)
local many = #lines / width
local kinds = {
${requests.map((request) => `  function (id, key, text) return ${piecesOf(request).map((piece, i) => i % 2 === 0 ? JSON.stringify(piece) : piece).join(' .. ')} end,`).join('\n')}
}
math.randomseed(${round})
local count = 0
function request()
  count = count + 1
  local from = math.random(0, many - 1) * width
  local id, key = lines:sub(from + 1, from + width):match("^(%S+) (%S+)")
  return kinds[math.random(#kinds)](id, key, string.format("%02dx%0${TEXT - 3}d", ${round % 100}, count))
end
`

/** The time that a core has been busy, and all of it, as Linux counts it. */
function busyOf (core: number): { busy: number, all: number } {
  const times = (new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').trim().split(' ').map(Number)
  const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0)
  return { busy: all - (times[3] ?? 0) - (times[4] ?? 0), all }
}

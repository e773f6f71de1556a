import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Person } from '../.ci/service.ts'

/** What wrk saw: requests a second, the median in milliseconds, and which part of the time its core was busy. */
export interface Load { perSecond: number, medianMs: number, busy: number }
export interface Asked { method: 'GET' | 'PATCH', connections: number, seconds: number }

/** Makes wrk ask for people in random order; every round writes other texts, or the same ones again would cost nothing. */
export function createLoad (folder: string, core: number, people: readonly Person[]) {
  const names = join(folder, 'people.txt')
  writeFileSync(names, people.map(({ id, key }) => `${id} ${key}\n`).join(''))
  let round = 0

  return async function ask (url: string, { method, connections, seconds }: Asked): Promise<Load> {
    round += 1
    const script = join(folder, 'load.lua')
    writeFileSync(script, scriptOf({ names, method, round }))
    const before = busyOf(core)
    const { stdout: said } = await promisify(execFile)('taskset', ['-c', String(core), 'wrk', '--latency', '-t1', `-c${connections}`, `-d${seconds}`, '-s', script, url])
    const after = busyOf(core)
    if (/Non-2xx|Socket errors/.test(said)) throw new Error(said)
    const [, median, unit = 'ms'] = /50%\s+([\d.]+)(us|ms|s)/.exec(said) ?? []
    return {
      perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]),
      medianMs: Number(median) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? 1),
      busy: (after.busy - before.busy) / (after.all - before.all),
    }
  }
}

const scriptOf = ({ names, method, round }: { names: string, method: string, round: number }): string => `
local people = {}
for line in io.lines("${names}") do
  local id, key = line:match("(%d+) (%x+)")
  people[#people + 1] = { "/api/v2/user/" .. id .. "/", { ["Authorization"] = "Token " .. key, ["Content-Type"] = "application/json" } }
end
math.randomseed(${round})
local count = 0
function request()
  count = count + 1
  local person = people[math.random(#people)]
  local body = nil
  if "${method}" == "PATCH" then
    local text = "${round}x" .. count
    body = '{"bio":"what is said in ' .. text .. '","location":"town ' .. text .. '","real_name":"Ada ' .. text .. '"}'
  end
  return wrk.format("${method}", person[1], person[2], body)
end
`

/** The time that a core has been busy, and all of it, as Linux counts it. */
function busyOf (core: number): { busy: number, all: number } {
  const times = (new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').trim().split(' ').map(Number)
  const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0)
  return { busy: all - (times[3] ?? 0) - (times[4] ?? 0), all }
}

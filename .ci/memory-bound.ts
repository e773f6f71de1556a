// A bound for the memory of a process and all that it starts.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 100
const WAIT_MS = 100

interface Bound {
  /** What a command has to run under to be held to it. */
  under: string[]
  /** How often something had to be killed for it. */
  kills: () => number
  /** Resolves when all that ran in it has ended and it is gone. */
  remove: () => Promise<void>
}

interface Version {
  /** Where the groups are that bound memory. */
  root: string
  /** How a process's own group stands in /proc/self/cgroup. */
  own: RegExp
  /** The files that hold the bound, of memory and with what is swapped. */
  limits: (bytes: number) => Record<string, number>
  /** The file that counts kills. */
  kills: string
}

/** Control groups as Linux has had them; the newer one first, which may be there without bounding memory. */
const VERSIONS: Version[] = [
  { root: '/sys/fs/cgroup', own: /^0::(.*)$/m, limits: (bytes) => ({ 'memory.max': bytes, 'memory.swap.max': 0 }), kills: 'memory.events' },
  { root: '/sys/fs/cgroup/memory', own: /^\d+:memory:(.*)$/m, limits: (bytes) => ({ 'memory.limit_in_bytes': bytes, 'memory.memsw.limit_in_bytes': bytes }), kills: 'memory.oom_control' },
]

/** A control group inside our own one; undefined where none can be made. */
export function boundMemory (megabytes: number): Bound | undefined {
  for (const version of VERSIONS) {
    const bound = boundBy(version, megabytes * 2 ** 20)
    if (bound) return bound
  }
  return undefined
}

function boundBy ({ root, own, limits, kills }: Version, bytes: number): Bound | undefined {
  const group = own.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1]
  if (group === undefined) return undefined
  const folder = join(root, group, `visage-${process.pid}`)
  try {
    mkdirSync(folder)
  } catch {
    return undefined
  }
  const processes = join(folder, 'cgroup.procs')
  const [[memory, most], ...others] = Object.entries(limits(bytes)) as [[string, number], ...[string, number][]]
  try {
    // A group without these files bounds something else, and nothing can be written where none is.
    writeFileSync(join(folder, memory), String(most), { flag: 'r+' })
    for (const [file, value] of others) if (existsSync(join(folder, file))) writeFileSync(join(folder, file), String(value))
  } catch {
    rmdirSync(folder)
    return undefined
  }
  return {
    under: ['sh', '-c', 'echo $$ >"$0" && exec "$@"', processes],
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, kills), 'latin1'))?.[1]),
    async remove () {
      // A child of what was killed ends a little later.
      for (let tries = TRIES; readFileSync(processes, 'latin1') !== '' && tries > 0; tries--) await sleep(WAIT_MS)
      rmdirSync(folder)
    },
  }
}

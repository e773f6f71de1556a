// A bound for the memory of a process and all that it starts.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const GROUPS = '/sys/fs/cgroup'

interface Bound {
  /** What a command has to run under to be held to it. */
  under: string[]
  /** How often something had to be killed for it. */
  kills: () => number
  /** To be called when nothing runs in it any more. */
  remove: () => void
}

/** A control group inside our own one; undefined where none can be made. */
export function boundMemory (megabytes: number): Bound | undefined {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1]
  if (own === undefined) return undefined
  const folder = join(GROUPS, own, `visage-${process.pid}`)
  try {
    // Where version 2 is not what is mounted, these folders are none of its groups.
    if (!readFileSync(join(GROUPS, own, 'cgroup.subtree_control'), 'latin1').split(/\s/).includes('memory')) return undefined
    mkdirSync(folder)
  } catch {
    return undefined
  }
  const remove = (): void => rmdirSync(folder)
  try {
    writeFileSync(join(folder, 'memory.max'), String(megabytes * 2 ** 20))
    writeFileSync(join(folder, 'memory.swap.max'), '0')
  } catch {
    remove()
    return undefined
  }
  return {
    under: ['sh', '-c', 'echo $$ >"$0" && exec "$@"', join(folder, 'cgroup.procs')],
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, 'memory.events'), 'latin1'))?.[1]),
    remove,
  }
}

import { createClockProbe } from '../core/health.ts'
import type { Probe } from '../core/health.ts'
import type { Mail } from '../core/mail/index.ts'
import type { Engines } from './engines.ts'

interface Asked extends Pick<Engines, 'db' | 'images'> {
  mail: Mail
  /** Bytes. */
  diskFloor: number
  /** Starts what is only started when it is needed, to see whether it does. */
  isThorough: boolean
}

/** What requests need first, then what others do for them. */
export const probesOf = ({ db, images, mail, diskFloor, isThorough }: Asked): Probe[] => [
  { name: 'database', isNeeded: true, ask: db.probes.database },
  { name: 'migrations', isNeeded: true, ask: db.probes.migrations },
  { name: 'store', isNeeded: true, ask: images.probes.store },
  { name: 'mail', isNeeded: false, ask: () => mail.trouble(isThorough) },
  { name: 'images', isNeeded: false, ask: async () => { await images.probes.child(isThorough); return undefined } },
  {
    name: 'disk',
    isNeeded: false,
    async ask () {
      const free = await images.probes.freeBytes()
      return free < diskFloor ? `${Math.floor(free / 1_024 ** 2)} MiB of the disk are free, fewer than VISAGE_DISK_FLOOR` : undefined
    },
  },
  createClockProbe({ newest: db.read.changes.newestAt }),
]

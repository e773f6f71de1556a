import { UsageError } from './command.ts'
import type { Command, Flags, Said } from './command.ts'
import { listFlags, printRows } from './table.ts'
import { requireYes, yes } from './who.ts'

const COLUMNS = ['id', 'userId', 'template', 'to', 'attempts', 'createdAt', 'nextAt']
const one = {
  id: { type: 'string', says: 'the id that `mail list` shows' },
  all: { type: 'boolean', says: 'instead: every message' },
} as const

export const mail: Record<string, Command> = {
  'mail list': {
    says: 'prints the messages that wait to be sent, never the codes in them',
    flags: listFlags,
    run: async ({ mail }, flags, means) => await printRows(means, flags, COLUMNS, async function * () {
      for (let page = await mail.waiting(0, 100); page.length > 0; page = await mail.waiting(page.at(-1)?.id ?? 0, 100)) {
        for (const { createdAt, nextAt, ...row } of page) yield { ...row, createdAt: new Date(createdAt).toISOString(), nextAt: new Date(nextAt).toISOString() }
      }
    }()),
  },

  'mail retry': {
    says: 'has messages tried again at once, by the running server or the next start',
    flags: one,
    run: async ({ mail }, flags) => done('made due', await mail.hasten(idOf(flags)), flags),
  },

  'mail drop': {
    says: 'removes messages unsent',
    flags: { ...one, yes },
    async run ({ mail }, flags) {
      const id = idOf(flags)
      requireYes(flags, id === undefined ? 'this removes every message that waits' : `this removes message ${id}`)
      return done('dropped', await mail.drop(id), flags)
    },
  },
}

function idOf ({ id, all }: Flags): number | undefined {
  if ((id === undefined) === (all !== true)) throw new UsageError('--id or --all is needed, and one of them')
  if (id === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(String(id))) throw new UsageError(`there is no message ${String(id)}`)
  return Number(id)
}

function done (what: string, count: number, { id }: Flags): Said {
  if (id !== undefined && count === 0) throw new UsageError(`there is no message ${String(id)}`)
  return { says: `${count} ${count === 1 ? 'message is' : 'messages are'} ${what}`, json: { count } }
}

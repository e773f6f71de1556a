// Several processes over one PostgreSQL and one bucket, behind nginx, are one service, while one after the other is killed and
// what is behind them goes away. What clients saw is judged as a history: is there an order in which all of it could have
// happened? Then rows, objects and mails are. `node .ci/cluster.ts [seconds] [--twins]`; a twin is a program that is wrong, which
// has to show.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEngines } from './cluster/engines.ts'
import { misjudged } from './cluster/misjudged.ts'
import { tryService } from './cluster/trial.ts'
import { twin } from './twin.ts'
import type { Patch } from './twin.ts'

const { positionals: [seconds = '45'], values } = parseArgs({ allowPositionals: true, options: { twins: { type: 'boolean', default: false }, processes: { type: 'string', default: '3' } } })
const processes = Number(values.processes)
const TWIN_SECONDS = 10

const TWINS: Record<string, Patch[]> = {
  'a process remembers accounts for a moment': [{
    file: 'src/core/people/users.ts',
    from: 'async function get (id: number): Promise<Account> {\n    const account = await db.read.users.find(id)',
    to: 'const kept = new Map<number, { account: Account | undefined, at: number }>()\n  async function get (id: number): Promise<Account> {\n    const known = kept.get(id)\n    const account = known && Date.now() - known.at < 300 ? known.account : await db.read.users.find(id)\n    if (!known || Date.now() - known.at >= 300) kept.set(id, { account, at: Date.now() })',
  }],
  'one commit in ten is none': [{
    file: 'src/db/postgres/write.ts',
    from: '      await commit(client)\n',
    to: "      if (Math.random() < 0.1) await client.query('rollback')\n      else await commit(client)\n",
  }],
}

const failures: string[] = misjudged().map((what) => `the judge is wrong about ${what}`)
const engines = await startEngines()
try {
  const { failures: found, looked, log } = await tryService({ engines, seconds: Number(seconds), processes })
  console.log(JSON.stringify(looked))
  if (found.length > 0) for (const [line, times] of log) console.log(`${times} × ${line}`)
  failures.push(...found)
  for (const [name, patches] of values.twins ? Object.entries(TWINS) : []) {
    const root = mkdtempSync(join(tmpdir(), 'visage-twin-'))
    try {
      const { failures: [first] } = await tryService({ engines, seconds: TWIN_SECONDS, processes, root: twin(root, patches), isBroken: false })
      console.log(`${name}: ${first ?? 'not seen'}`)
      if (first === undefined) failures.push(`nobody sees that ${name}`)
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
} finally {
  await engines.end()
}
for (const failure of failures.slice(0, 50)) console.log(`FAILURE: ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FROM_CLONE, startService } from '../peers/ours.ts'
import { freePort, LOAD_CORE, run, start } from '../process.ts'
import type { Figures, Work } from '../row.ts'
import type { World } from '../world.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Until a start has done what it puts off. */
const SETTLED_MS = 1_000

interface Ready { dataDir: string, built: readonly string[] }
const ready = new WeakMap<World, Promise<Ready>>()

/** The package as `npm run build` makes it, and a folder of people that both ways start with, once. */
async function prepare (world: World): Promise<Ready> {
  const [folder, { dataDir }] = [join(world.folder, 'built'), await world.copyData(join(world.folder, 'starts'))]
  mkdirSync(folder)
  await run(LOAD_CORE, [process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')])
  await run(LOAD_CORE, [process.execPath, join(ROOT, '.ci/bundle.ts'), join(folder, 'dist')])
  cpSync(join(ROOT, 'migrations'), join(folder, 'dist/migrations'), { recursive: true })
  cpSync(join(ROOT, 'src/needs-node.cjs'), join(folder, 'dist/src/needs-node.cjs'))
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const built = [process.execPath, join(folder, 'dist/src/server.js')]
  // The first one compiles.
  for (const command of [FROM_CLONE, built]) await (await startService({ dataDir, command })).end()
  return { dataDir, built }
}

/** The start and the idle memory of the main process: from a clone, and as built. */
export const starts: Work['measure'] = async ({ world }) => {
  const preparing = ready.get(world) ?? prepare(world)
  ready.set(world, preparing)
  const { dataDir, built } = await preparing
  const figures = { clone: [{}, {}] as [Figures, Figures], built: [{}, {}] as [Figures, Figures] }
  const port = await freePort()
  for (const [name, startOne] of Object.entries({
    empty: () => start({ command: [process.execPath, join(import.meta.dirname, '../empty.mjs'), String(port)], url: `http://127.0.0.1:${port}` }),
    clone: () => startService({ dataDir }),
    built: () => startService({ dataDir, command: built }),
  })) {
    const running = await startOne()
    await sleep(SETTLED_MS)
    const seen = [running.ms, running.megabytes()]
    await running.end()
    for (const way of ['clone', 'built'] as const) for (const i of [0, 1] as const) {
      if (name === 'empty') figures[way][i]['empty Fastify'] = seen[i]
      else if (name === way) figures[way][i].Visage = seen[i]
    }
  }
  return [...figures.clone, ...figures.built]
}

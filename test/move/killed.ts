import type { Config } from '../../src/config.ts'
import { move } from '../../src/move/index.ts'

// Moves a service, and dies on the way: `step:done` of the progress, or behind a step.
const [at, from, to] = process.argv.slice(2).map((word) => JSON.parse(word) as unknown) as [string, Config, Config]
const die = (): void => { process.kill(process.pid, 'SIGKILL') }
await move({
  from,
  to,
  onProgress ({ step, done }) { if (`${step}:${done}` === at || (at.startsWith(`${step}:`) && done > Number(at.slice(step.length + 1)))) die() },
  onStep (step) { if (step === at) die() },
})

/** In a project that has installed the package: what the README prints under "Embed it", and the examples, have right types and do what they say. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** What the plugins within decorate their own scopes with. */
const INNER = ['core', 'sessions', 'identify', 'publicAddress', 'media', 'family']
const EXAMPLES = ['embed.ts', 'embed.test.ts', 'sync.ts', 'verify.ts']

const section = readFileSync(join(root, 'README.md'), 'utf8').split(/^## /m).find((part) => part.startsWith('Embed it')) ?? ''
const [asPlugin, asTest] = [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '')

/** Writes them all into the project and returns their names. */
export function writeExamples (project: string): string[] {
  if (asPlugin === undefined || asTest === undefined) throw new Error('the README has no two examples under "Embed it"')
  writeFileSync(join(project, 'plugin.ts'), asPlugin)
  writeFileSync(join(project, 'test.ts'), asTest)
  // What the service has within is nobody else's: the declared types say no more than there is.
  writeFileSync(join(project, 'untrue.ts'), INNER.map((name) => `// @ts-expect-error ${name} is within\nexport const ${name} = (app: import('fastify').FastifyInstance) => app.${name}\n`).join(''))
  for (const name of EXAMPLES) copyFileSync(join(root, 'examples', name), join(project, name))
  return ['plugin.ts', 'test.ts', 'untrue.ts', ...EXAMPLES]
}

export function runExamples (project: string): void {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8', timeout: 180_000 })
  const printed = run('test.ts').trim()
  if (printed !== 'London') throw new Error(`the example printed ${JSON.stringify(printed)} where London was expected`)
  run('--test', 'embed.test.ts')
}

/** In a project that has installed the package: the examples of the README and of docs/embedding.md, and those of examples/, have right types and do what they say. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** What the plugins within decorate their own scopes with. */
const INNER = ['core', 'sessions', 'identify', 'publicAddress', 'media', 'family']
const EXAMPLES = ['embed.ts', 'embed.test.ts', 'sync.ts', 'verify.ts']

const codeOf = (file: string, title: string) => {
  const section = readFileSync(join(root, file), 'utf8').split(/^## /m).find((part) => part.startsWith(title)) ?? ''
  return /```ts\n(.*?)```/s.exec(section)?.[1]
}
const asPlugin = codeOf('README.md', 'Embed it')
const asTest = codeOf('docs/embedding.md', 'In tests')
const asClient = codeOf('README.md', 'A client')

/** Writes them all into the project and returns their names. */
export function writeExamples (project: string): { node: string[], browser: string[] } {
  if (asPlugin === undefined || asTest === undefined || asClient === undefined) throw new Error('no example under "Embed it" or "A client" of the README, or "In tests" of docs/embedding.md')
  writeFileSync(join(project, 'plugin.ts'), asPlugin)
  writeFileSync(join(project, 'test.ts'), asTest)
  writeFileSync(join(project, 'front.ts'), `declare const file: File\n${asClient}`)
  // What the service has within is nobody else's: the declared types say no more than there is.
  writeFileSync(join(project, 'untrue.ts'), INNER.map((name) => `// @ts-expect-error ${name} is within\nexport const ${name} = (app: import('fastify').FastifyInstance) => app.${name}\n`).join(''))
  for (const name of EXAMPLES) copyFileSync(join(root, 'examples', name), join(project, name))
  return { node: ['plugin.ts', 'test.ts', 'untrue.ts', ...EXAMPLES], browser: ['front.ts'] }
}

export function runExamples (project: string): void {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8', timeout: 180_000 })
  const printed = run('test.ts').trim()
  if (printed !== 'London') throw new Error(`the example printed ${JSON.stringify(printed)} where London was expected`)
  run('--test', 'embed.test.ts')
}

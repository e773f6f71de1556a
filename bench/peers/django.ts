import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, run, SERVER_CORE, start } from '../process.ts'
import type { Peer } from './index.ts'

/** Debian's, whatever else is on the path. */
const [PYTHON, GUNICORN] = ['/usr/bin/python3', '/usr/bin/gunicorn']
const PROJECT = join(import.meta.dirname, 'django')
const VERSION = 'import django, rest_framework as r; import rest_framework_simplejwt; print(r.VERSION, "on Django", django.get_version())'

/** The project in `django/`, under gunicorn with threads, which keeps connections open and gave a third more than its usual workers. */
export const django: Peer = {
  install: 'apt-get install python3-djangorestframework python3-djangorestframework-simplejwt gunicorn',
  async version () {
    if (!existsSync(GUNICORN)) return undefined
    return await promisify(execFile)(PYTHON, ['-c', VERSION]).then(({ stdout }) => stdout.trim(), () => undefined)
  },

  async start ({ folder, people }) {
    const [port, tokens] = [await freePort(), join(folder, 'tokens')]
    const env = {
      PYTHONPATH: PROJECT, PYTHONPYCACHEPREFIX: join(folder, 'cache'), DJANGO_SETTINGS_MODULE: 'settings',
      BENCH_DATABASE: join(folder, 'db.sqlite3'), BENCH_PEOPLE: people, BENCH_TOKENS: tokens,
    }
    await run(SERVER_CORE, [PYTHON, join(PROJECT, 'fill.py')], env)
    const command = [GUNICORN, '--log-level', 'warning', '--workers', '2', '--threads', '4', '--bind', `127.0.0.1:${port}`, 'django.core.wsgi:get_wsgi_application()']
    // Nobody without a token gets anything.
    const running = await start({ command, env, url: `http://127.0.0.1:${port}`, until: { path: '/users/', status: 401 } })
    const list = '/users/?limit=20'
    return { ...running, tokens, dialect: { own: '/users/{id}/', authorization: 'Bearer {key}', list, search: `${list}&search=quetzalcoatl` } }
  },
}

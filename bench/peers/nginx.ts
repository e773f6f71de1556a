import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, freePort, start } from '../process.ts'
import type { Peer } from './index.ts'

const program = (): string | undefined => find('nginx', '/usr/sbin')

/** The same pictures from the same files, with a log. */
export const nginx: Peer = {
  install: 'apt-get install nginx-light',
  async version () {
    const file = program()
    return file && spawnSync(file, ['-v'], { encoding: 'utf8' }).stderr.trim().replace(/^.*: /, '')
  },


  async start ({ folder, copyData }) {
    const port = await freePort()
    const { dataDir, tokens } = await copyData(join(folder, 'data'))
    const [config, logs] = [join(folder, 'nginx.conf'), join(folder, 'logs')]
    mkdirSync(logs)
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${logs};`).join(' ')
    writeFileSync(config, `
      daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${logs}/error.log;
      events { worker_connections 1024; }
      http {
        types { image/webp webp; } sendfile on; tcp_nopush on; keepalive_requests 1000000000; access_log ${logs}/access.log; ${paths}
        server { listen 127.0.0.1:${port}; location = / { return 200; } location /media/ { root ${dataDir}; expires 1y; add_header X-Content-Type-Options nosniff; } }
      }`)
    const running = await start({ command: [program() ?? '', '-c', config, '-e', join(logs, 'error.log')], url: `http://127.0.0.1:${port}` })
    return { ...running, tokens, dialect: { own: '', authorization: '' } }
  },
}

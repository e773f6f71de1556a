// A folder as a website, at an origin of its own.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

export interface Site {
  origin: string
  /** What its pages read as `settings.json`: known only once other servers have started. */
  settings: Record<string, string>
  end: () => Promise<void>
}

export async function startSite (folder: string): Promise<Site> {
  const files = new Map(readdirSync(folder).map((name) => [`/${name}`, { type: TYPES[extname(name)] ?? '', bytes: readFileSync(join(folder, name)) }]))
  const settings: Site['settings'] = {}
  const server = createServer(({ url = '/' }, response) => {
    const file = url === '/settings.json' ? { type: 'application/json', bytes: JSON.stringify(settings) } : files.get(url === '/' ? '/index.html' : url)
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': file.type }).end(file.bytes)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // By name, because ports do not make a site: what only the same site may load would be loaded from 127.0.0.1.
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    settings,
    async end () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

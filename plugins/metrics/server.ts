import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { originOf } from '../../src/config.ts'
import type { Health } from '../../src/core/health.ts'

// Not imported, which would load far more: see plugins/connection/http.ts.
const { Server } = process.getBuiltinModule('node:http')

interface Needs {
  host: string
  port: number
  registry: { contentType: string, metrics: () => Promise<string> }
  health: Health
}

/** `GET /metrics` and `GET /health`. Resolves once it listens. */
export async function serveMetrics ({ host, port, registry, health }: Needs): Promise<{ origin: string, close: () => Promise<void> }> {
  async function answer (url: string): Promise<[status: number, type: string, body: string]> {
    if (url === '/metrics') return [200, registry.contentType, await registry.metrics()]
    if (url !== '/health') return [404, 'text/plain', 'GET /metrics or GET /health\n']
    const report = await health.look()
    return [report.status === 'unavailable' ? 503 : 200, 'application/json', JSON.stringify(report)]
  }

  async function respond (url: string, response: ServerResponse): Promise<void> {
    const [status, type, body] = await answer(url).catch((error: unknown) => [500, 'text/plain', `${(error as Error).message}\n`] as const)
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  }

  const server = new Server({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void respond(request.url ?? '', response)
  }).listen({ host, port })
  await once(server, 'listening')
  // It ends with the service, and never keeps it.
  server.unref()
  return {
    origin: originOf(host, (server.address() as AddressInfo).port),
    async close () {
      server.close()
      server.closeAllConnections()
    },
  }
}

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

interface Cut { after: number, from: 'client' | 'service', done: () => void }

/** A way to a service, at an address that stays when the service starts anew on another `port`. */
export async function road (t: Test, port: number) {
  let cut: Cut | undefined
  const server = createServer((client) => {
    const service = connect({ port: way.port, host: '127.0.0.1' })
    const end = () => { client.destroy(); service.destroy() }
    for (const [from, to, name] of [[client, service, 'client'], [service, client, 'service']] as const) {
      let passed = 0
      from.on('error', end).on('close', end).on('data', (bytes: Buffer) => {
        passed += bytes.length
        if (cut?.from !== name || passed < cut.after) return to.write(bytes)
        to.write(bytes.subarray(0, bytes.length - (passed - cut.after)), end)
        cut.done()
        cut = undefined
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const way = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port,
    /** Ends one connection when so many bytes have come from there, and resolves when it has. */
    cut: async (from: Cut['from'], after: number) => { await new Promise<void>((done) => { cut = { from, after, done } }) },
  }
  return way
}

import type { AddressInfo } from 'node:net'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'

/** Where a socket is bound that takes connections from everywhere. */
const EVERYWHERE = new Set(['0.0.0.0', '::'])
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']

/** Tells the operator, once each, where the service stands in the network in a way that is seldom meant. */
export default fp(async (app, { config: { publicUrl, linkUrl } }: { config: Config }) => {
  // Behind a proxy that was not named all clients share its address, and its limits.
  let isSaid = false
  app.addHook('onResponse', async ({ headers, ips, log }) => {
    if (isSaid) return
    const header = FORWARDED.find((name) => headers[name] !== undefined)
    // Of a trusted peer there is more than one address. Without the header that is read it cannot be told.
    if (header === undefined || (ips !== undefined && (ips.length > 1 || headers['x-forwarded-for'] === undefined))) return
    isSaid = true
    log.warn({ header }, 'a header for proxies came from an address that is not trusted, and is ignored: if that is your proxy, name it in VISAGE_TRUST_PROXY')
  })

  app.addHook('onListen', async () => {
    if (publicUrl !== undefined || !EVERYWHERE.has((app.server.address() as AddressInfo).address)) return
    const told = linkUrl === undefined ? 'links in emails and addresses of pictures' : 'addresses of pictures'
    const origin = app.publicAddress.url('')
    app.log.warn({ origin }, `the service listens on all addresses and VISAGE_PUBLIC_URL is not set: ${told} begin with ${origin}, which means each reader's own machine`)
  })
}, { name: 'network', dependencies: ['address'] })

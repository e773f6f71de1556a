import fp from 'fastify-plugin'

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']

/**
 * Says once that a header for proxies came from a peer that is not trusted: behind a proxy that was not named all clients share
 * its address, and its limits.
 */
export default fp(async (app) => {
  let isSaid = false
  app.addHook('onRequest', async (request) => {
    if (isSaid) return
    const header = FORWARDED.find((name) => request.headers[name] !== undefined)
    // Of a trusted peer there is more than one address.
    if (header === undefined || (request.ips?.length ?? 1) > 1) return
    // Named, and it sends another header than the one that is read.
    if (request.ips !== undefined && request.headers['x-forwarded-for'] === undefined) return
    isSaid = true
    request.log.warn({ header }, 'a header for proxies came from an address that is not trusted, and is ignored: if that is your proxy, name it in VISAGE_TRUST_PROXY')
  })
}, { name: 'forwarded' })

import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** What a proxy may call a request: nothing that could be taken for another line, or for much of one. */
const REQUEST_ID = /^[\w.:+/=-]{1,64}$/
/** W3C Trace Context: the version, the trace, the span, flags. A trace of zeros is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/

/** Whose word about a request counts: that of proxies which were named. */
export function createOrigin (proxies: readonly string[] = []) {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    trusted.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  const prefix = randomBytes(4).toString('hex')
  let count = 0

  function isTrusted ({ socket: { remoteAddress = '' } }: IncomingMessage): boolean {
    return proxies.length > 0 && isIP(remoteAddress) !== 0 && trusted.check(remoteAddress, isIP(remoteAddress) === 6 ? 'ipv6' : 'ipv4')
  }

  return {
    isTrusted,
    /** The trace that a `traceparent` header names. */
    traceOf: (header: unknown): string | undefined => typeof header === 'string' ? TRACEPARENT.exec(header)?.[1] : undefined,

    /** What a trusted proxy calls a request, or a name of our own that no other request has had. */
    requestId (raw: IncomingMessage): string {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) && isTrusted(raw) ? given : `${prefix}-${(++count).toString(36)}`
    },
  }
}

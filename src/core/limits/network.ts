import { hash } from 'node:crypto'
import { isIP } from 'node:net'

const IPV4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i
const GROUPS = 8
/** Of an IPv6 address: the first 64 bits, which is the least that one subscriber gets. */
const NETWORK_GROUPS = 4

/**
 * What a client's address counts as: IPv4 as itself, however it is written, IPv6 as its /64. Always a text of its own: a part
 * of a header would keep the whole header in memory.
 */
export function networkOf (address: string | undefined = ''): string {
  const v4 = IPV4.exec(address)
  if (v4 !== null) return v4.slice(1).map(Number).join('.')
  // What only a trusted proxy can say, or a socket without addresses.
  if (isIP(address) !== 6) return hash('sha256', address, 'base64url')
  const [left = [], right] = address.split('::').map((half) => half === '' ? [] : half.split(':'))
  const groups = right === undefined ? left : [...left, ...Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill('0'), ...right]
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => parseInt(group, 16).toString(16)).join(':')
  // The special addresses (loopback, mapped IPv4) share one /64 and are not one subscriber's.
  return network === '0:0:0:0' ? hash('sha256', address, 'base64url') : network
}

import type { Signatures } from '../../src/core/signatures.ts'
import type { Account } from '../../src/core/users.ts'
import type { ImageKind, Size } from '../../src/images/formats.ts'
import { pathOf } from './names.ts'

type Owner = Pick<Account, 'avatar' | 'cover' | 'visibility'>

/** Where an account's picture is found, in one of its sizes; null when there is none. */
type Address = (kind: ImageKind, owner: Owner, size?: Size) => string | null

export interface Addresses {
  /** The path of an account's picture, or null. Where not everybody may see it, signed for a while. */
  path: Address
  /** Its absolute address, or null. Never made from anything that a request says. */
  url: Address
  /** The absolute address of what stands in for an avatar. */
  placeholder: () => string
  /** The address of the service itself, without a trailing slash. */
  origin: () => string
}

interface Options {
  prefix: string
  origin: () => string
  signatures: Signatures
  /** All addresses are signed, not just those of what not everybody may see. */
  isPrivate: boolean
  placeholderPath: string
}

export function createAddresses ({ prefix, origin, signatures, isPrivate, placeholderPath }: Options): Addresses {
  const path: Address = (kind, owner, size = 'main') => {
    const name = owner[kind]
    if (name === null) return null
    const isSigned = isPrivate || owner.visibility[kind] !== undefined
    return `${prefix}/media${pathOf(kind, name, size)}${isSigned ? `?${signatures.of(name)}` : ''}`
  }

  return {
    path,
    url: (kind, owner, size) => owner[kind] === null ? null : `${origin()}${path(kind, owner, size)}`,
    placeholder: () => `${origin()}${prefix}${placeholderPath}`,
    origin,
  }
}

/** Where a client on this machine finds the server; one that listens everywhere is found on localhost. */
export function originOf (host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

import type { PublicAddress } from '../address.ts'
import type { Signatures } from '../../src/core/seal/signatures.ts'
import type { Account } from '../../src/core/people/users.ts'
import { pathOf } from '../../src/images/formats.ts'
import type { ImageKind, Size } from '../../src/images/formats.ts'

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
}

interface Options {
  publicAddress: PublicAddress
  signatures: Signatures
  /** All addresses are signed, not just those of what not everybody may see. */
  isPrivate: boolean
  placeholderPath: string
}

export function createAddresses ({ publicAddress, signatures, isPrivate, placeholderPath }: Options): Addresses {
  const at = (form: 'url' | 'path'): Address => (kind, owner, size = 'main') => {
    const name = owner[kind]
    if (name === null) return null
    const isSigned = isPrivate || owner.visibility[kind] !== undefined
    return publicAddress[form](`/media/${pathOf({ kind, name, size })}${isSigned ? `?${signatures.of(name)}` : ''}`)
  }

  return { path: at('path'), url: at('url'), placeholder: () => publicAddress.url(placeholderPath) }
}

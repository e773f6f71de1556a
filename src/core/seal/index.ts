import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export const SEAL_KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * What must be read again (messages on their way, secrets of authenticators) lies in the database encrypted; what must
 * only be recognised (mailed codes, recovery codes) as a keyed hash, because codes are short enough to be guessed from a
 * plain one. The key lies beside the database, so a copy of the database alone tells nothing.
 */
export interface Seal {
  close: (text: string) => string
  /** Throws when the text was not closed with this key. */
  open: (sealed: string) => string
  /** 64 hex digits. */
  hash: (secret: string) => string
}

export function createSeal (key: Uint8Array): Seal {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', purpose, SEAL_KEY_BYTES))
  const [encryption, hashing] = [derive('encryption'), derive('hashing')]

  return {
    close (text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce)
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },

    open (sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
    },

    hash: (secret) => createHmac('sha256', hashing).update(secret).digest('hex'),
  }
}

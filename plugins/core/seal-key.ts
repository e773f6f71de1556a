import { randomBytes } from 'node:crypto'
import { SEAL_KEY_BYTES } from '../../src/core/seal.ts'
import { ownFile } from '../../src/own-file.ts'

/** The key by which the service seals what lies in its database. */
export const sealKeyOf = (dataDir: string): Promise<Buffer> => ownFile({
  dataDir,
  name: 'seal.key',
  make: () => randomBytes(SEAL_KEY_BYTES).toString('base64url'),
  read (text) {
    const key = Buffer.from(text, 'base64url')
    return key.length === SEAL_KEY_BYTES ? key : undefined
  },
  expected: `${SEAL_KEY_BYTES} bytes in base64url; without the file a new key is made: mails on their way are lost, and second factors have to be set up anew`,
})

import { hash, randomBytes } from 'node:crypto'

const SECRET = /^[0-9a-f]{40}$/

/** What an API token looks like: 40 hex digits. */
export const isKey = (secret: string): boolean => SECRET.test(secret)
export const newKey = (): string => randomBytes(20).toString('hex')
/** As what it is stored: it is random, so that nobody finds it by guessing, and a plain hash will do. */
export const hashKey = (secret: string): string => hash('sha256', secret)

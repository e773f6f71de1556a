import { hash } from 'node:crypto'
import type { Credential } from './credentials.ts'
import { AppError } from './errors.ts'
import { networkOf } from './network.ts'
import { createWindows } from './windows.ts'
import type { Key, Quota, Rate, Window, Windows } from './windows.ts'

/** All limits of the service. */
const RATES = {
  /** Failures, for the account and for the address each. */
  signIn: { limit: 5, seconds: 60 },
  /** Accounts that people make for themselves, for the address: each costs a hash and mails a code. */
  signUp: { limit: 10, seconds: 60 },
  /** Mailed codes: for the mail address, and for the person, or the address when nobody is signed in. */
  code: { limit: 3, seconds: 3_600 },
  /** Requests with pictures, for the person. */
  upload: { limit: 10, seconds: 60 },
  /** For the credential, and for the address only without one. */
  request: { limit: 300, seconds: 10 },
} satisfies Record<string, Rate>

interface Options {
  isOn: boolean
  /** Requests of one API token in the time that `request` has; unset: as many as it likes. */
  tokenRate?: number
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
  /** How many keys each limit keeps. */
  most?: number
}

/** What a request shows; `credential` is null without one, and for one that does not count. */
interface Request { credential: Pick<Credential, 'kind' | 'id'> | null, address: string }

/**
 * Who may still do what, kept in memory. Promised: what is refused is not counted, so whoever is refused may go on after the
 * seconds that they are told, whatever others tried before; nobody is locked out for longer than one window. Not promised:
 * that an account whose guessers go on in its next window from new addresses leaves room for its owner in that one. Sessions
 * that are open already, and mailed codes, do not wait for it.
 */
export function createLimits ({ isOn, tokenRate, now = () => performance.now(), most }: Options) {
  const windows = (rate: Rate) => createWindows(rate, now, most)
  const guesses = { accounts: windows(RATES.signIn), addresses: windows(RATES.signIn) }
  const signUps = windows(RATES.signUp)
  const codes = { mails: windows(RATES.code), addresses: windows(RATES.code), people: windows(RATES.code) }
  const uploads = { people: windows(RATES.upload), addresses: windows(RATES.upload) }
  const requests = {
    session: windows(RATES.request),
    token: windows(RATES.request),
    addresses: windows(RATES.request),
    key: tokenRate === undefined ? undefined : windows({ ...RATES.request, limit: tokenRate }),
  }

  /** Takes one of each, or throws `throttled` and takes none. */
  function take (...uses: [Windows, Key][]): Window[] {
    if (!isOn) return []
    const [longest] = uses.map(([of, key]) => of.quota(key)).filter(({ remaining }) => remaining <= 0).sort((a, b) => b.reset - a.reset)
    if (longest !== undefined) throw new AppError('throttled', { params: { wait: longest.reset, limit: longest.limit } })
    return uses.map(([of, key]) => of.take(key))
  }

  return {
    /** Before a password or a code is looked at. `account`: its id for somebody signed in, otherwise what was typed, known or not. A success is given back. */
    signIn ({ account, address }: { account: number | string, address: string }): { succeeded: () => void } {
      const taken = take([guesses.accounts, typeof account === 'number' ? account : keyOf(account)], [guesses.addresses, networkOf(address)])
      return { succeeded: () => { for (const window of taken.splice(0)) window.used-- } }
    },

    signUp ({ address }: { address: string }): void {
      take([signUps, networkOf(address)])
    },

    /** Before a code is mailed: `person` is whose address it is or is to be; `address` when nobody is signed in. */
    code ({ email, address, person }: { email: string, address?: string, person?: number }): void {
      const uses: [Windows, Key][] = [[codes.mails, keyOf(email)]]
      if (address !== undefined) uses.push([codes.addresses, networkOf(address)])
      if (person !== undefined) uses.push([codes.people, person])
      take(...uses)
    },

    /** Before pictures that have arrived are worked on. `person` is null when nobody is signed in. */
    upload ({ person, credential, address }: Request & { person: { id: number } | null }): void {
      if (credential !== null && requests[credential.kind] === undefined) return
      take(person === null ? [uploads.addresses, networkOf(address)] : [uploads.people, person.id])
    },

    /** What is left after this request; undefined when nothing limits it. */
    request ({ credential, address }: Request): Quota | undefined {
      const of = credential === null ? requests.addresses : requests[credential.kind]
      if (!isOn || of === undefined) return undefined
      const key = credential === null ? networkOf(address) : credential.id
      take([of, key])
      return of.quota(key)
    },
  }
}

/** As the database compares names and addresses: only ASCII letters in either case are the same. Short, whatever was sent. */
const keyOf = (text: string): string => hash('sha256', text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()), 'base64url')

export type Limits = ReturnType<typeof createLimits>

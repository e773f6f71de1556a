import { hash } from 'node:crypto'
import { comparable } from '../../texts/email.ts'
import type { Rights } from '../access.ts'
import type { Credential } from '../credentials/index.ts'
import { AppError } from '../errors.ts'
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
  /** For the person, over all their sessions and tokens, and for the address only without a credential. */
  request: { limit: 300, seconds: 10 },
  /** Addresses that a person names as their new one, taken or not: or else one could ask in a row which of them have an account. */
  newEmail: { limit: 10, seconds: 3_600 },
  /** Invitations, for the person: each mails a code to whomever they like. */
  invitation: { limit: 100, seconds: 3_600 },
} satisfies Record<string, Rate>

export type Limit = keyof typeof RATES

interface Options {
  isOn: boolean
  /** Requests of one API token in the time that `request` has; unset: as many as it likes, where its owner is staff or an admin. */
  tokenRate?: number
  /** A phone number as it is compared. */
  dialled?: (phone: string) => string
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
  /** How many keys each limit keeps. */
  most?: number
}

/** Who sends a request, and by what they proved it; both are null without a credential, and for one that does not count. */
export interface Request { person: Member | null, credential: Pick<Credential, 'kind' | 'id'> | null, address: string }
type Member = Rights & { id: number }

/** Runs the write of a code, which spends its quota unless it fails. Throws `throttled` when others were quicker. */
export type Spending = <T>(write: () => Promise<T>) => Promise<T>

/**
 * Who may still do what, kept in memory. Promised: what is refused is not counted, so whoever is refused may go on after the
 * seconds that they are told, whatever others tried before; nobody is locked out for longer than one window. Not promised:
 * that an account whose guessers go on in its next window from new addresses leaves room for its owner in that one. Sessions
 * that are open already, and mailed codes, do not wait for it.
 */
export function createLimits ({ isOn, tokenRate, dialled = (phone) => phone, now = () => performance.now(), most }: Options) {
  /** How often each was used up when somebody asked. */
  const refusals: Record<Limit, number> = { signIn: 0, signUp: 0, code: 0, upload: 0, request: 0, newEmail: 0, invitation: 0 }
  const names = new Map<Windows, Limit>()
  const windows = (name: Limit, rate: Rate = RATES[name]) => {
    const made = createWindows(rate, now, most)
    names.set(made, name)
    return made
  }
  const guesses = { accounts: windows('signIn'), addresses: windows('signIn') }
  const signUps = windows('signUp')
  const codes = { mails: windows('code'), addresses: windows('code'), people: windows('code') }
  const uploads = { people: windows('upload'), addresses: windows('upload') }
  const requests = {
    people: windows('request'),
    addresses: windows('request'),
    tokens: tokenRate === undefined ? undefined : windows('request', { ...RATES.request, limit: tokenRate }),
  }
  const newEmails = windows('newEmail')
  const invitations = windows('invitation')

  /** Throws `throttled` when one of them is used up. */
  function ask (uses: readonly Use[]): void {
    if (!isOn) return
    const [longest] = uses.map(([of, key]) => ({ of, ...of.quota(key) })).filter(({ remaining }) => remaining <= 0).sort((a, b) => b.reset - a.reset)
    if (longest === undefined) return
    const name = names.get(longest.of)
    if (name !== undefined) refusals[name]++
    throw new AppError('throttled', { params: { wait: longest.reset, limit: longest.limit } })
  }

  /** Takes one of each, or throws `throttled` and takes none. */
  function take (...uses: Use[]): Window[] {
    ask(uses)
    return isOn ? uses.map(([of, key]) => of.take(key)) : []
  }

  function spendingOf (uses: readonly Use[]): Spending {
    ask(uses)
    return (write) => {
      const taken = take(...uses)
      return write().catch((error: unknown) => {
        for (const window of taken) window.used--
        throw error
      })
    }
  }

  return {
    refusals: refusals as Readonly<typeof refusals>,

    /** Before a password or a code is looked at. `account`: its id for somebody signed in, otherwise what was typed, known or not. A success is given back. */
    signIn ({ account, address }: { account: number | string, address: string }): { succeeded: () => void } {
      const taken = take([guesses.accounts, typeof account === 'number' ? account : keyOf(account)], [guesses.addresses, networkOf(address)])
      return { succeeded: () => { for (const window of taken.splice(0)) window.used-- } }
    },

    signUp ({ address }: { address: string }): void {
      take([signUps, networkOf(address)])
    },

    /** Before a code is mailed, to an address or to whoever has a number: `person` is whose address it is or is to be; `address` when nobody is signed in. Nothing is spent before the code is written. */
    code ({ email, phone = '', address, person }: { email?: string, phone?: string, address?: string, person?: number }): Spending {
      const uses: Use[] = [[codes.mails, keyOf(email ?? (dialled(phone) || phone))]]
      if (address !== undefined) uses.push([codes.addresses, networkOf(address)])
      if (person !== undefined) uses.push([codes.people, person])
      return spendingOf(uses)
    },

    /** Before somebody is invited: `person` is who invites them. */
    invitation: ({ email, person }: { email: string, person: number }): Spending => spendingOf([[codes.mails, keyOf(email)], [invitations, person]]),

    /** Before a person's new address is looked up. Staff and admins see all addresses anyway. */
    newEmail (person: Member): void {
      if (!isTrusted(person)) take([newEmails, person.id])
    },

    /** Before pictures that have arrived are worked on. `person` is null when nobody is signed in. */
    upload ({ person, credential, address }: Request): void {
      if (isFree(person, credential) && requests.tokens === undefined) return
      take(person === null ? [uploads.addresses, networkOf(address)] : [uploads.people, person.id])
    },

    /** What is left after this request; undefined when nothing limits it. */
    request ({ person, credential, address }: Request): Quota | undefined {
      const uses: Use[] = person === null ? [[requests.addresses, networkOf(address)]] : isFree(person, credential) ? [] : [[requests.people, person.id]]
      if (credential?.kind === 'key' && requests.tokens !== undefined) uses.push([requests.tokens, credential.id])
      if (!isOn || uses.length === 0) return undefined
      take(...uses)
      return uses.map(([of, key]) => of.quota(key)).sort((a, b) => a.remaining - b.remaining)[0]
    },
  }
}

type Use = [of: Windows, key: Key]

const isTrusted = ({ isStaff, isAdmin }: Rights): boolean => isStaff || isAdmin
/** API tokens of staff and admins are for servers. Those of ordinary people are not, or anybody could escape the limits by making one. */
const isFree = (person: Rights | null, credential: Request['credential']): boolean => credential?.kind === 'key' && person !== null && isTrusted(person)

/** As the database compares names and addresses. Short, whatever was sent. */
const keyOf = (text: string): string => hash('sha256', comparable(text), 'base64url')

export type Limits = ReturnType<typeof createLimits>

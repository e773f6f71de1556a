import { hash } from 'node:crypto'
import { comparable } from '../../texts/email.ts'
import type { Uses } from '../../db/index.ts'
import type { Rights } from '../access.ts'
import type { Credential } from '../credentials/index.ts'
import { AppError } from '../errors.ts'
import { networkOf } from './network.ts'
import { countingHere, countingIn, fullHere } from './counting.ts'
import type { Counter, Full, GiveBack, Use } from './counting.ts'
import { createWindows } from './windows.ts'
import type { Quota, Rate } from './windows.ts'

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
/** What each of several processes counts by itself. */
const EACH: ReadonlySet<Limit> = new Set(['upload', 'request'])

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
  /** Where what is not asked by every request is counted together with other processes; unset: nowhere. */
  shared?: Uses | undefined
  /** How many processes are up, each of which counts requests by itself. */
  processes?: () => number
}

/** Who sends a request, and by what they proved it; both are null without a credential, and for one that does not count. */
export interface Request { person: Member | null, credential: Pick<Credential, 'kind' | 'id'> | null, address: string }
type Member = Rights & { id: number }

/** What the write of a code spends: its quota, unless it fails. Throws `throttled` when that is used up by then. */
export interface Spending {
  <T>(write: () => Promise<T>): Promise<T>
  /** Throws `throttled` where nothing is left, and spends nothing. */
  ask: () => Promise<void>
}

/** Of what mails no code. */
export const FREE: Spending = Object.assign(<T>(write: () => Promise<T>) => write(), { ask: async () => {} })

/**
 * Who may still do what. Promised: what is refused is not counted, so whoever is refused may go on after the
 * seconds that they are told, whatever others tried before; nobody is locked out for longer than one window. Not promised:
 * that an account whose guessers go on in its next window from new addresses leaves room for its owner in that one. Sessions
 * that are open already, and mailed codes, do not wait for it.
 */
export function createLimits ({ isOn, tokenRate, dialled = (phone) => phone, now = () => performance.now(), most, shared, processes }: Options) {
  /** How often each was used up when somebody asked. */
  const refusals: Record<Limit, number> = { signIn: 0, signUp: 0, code: 0, upload: 0, request: 0, newEmail: 0, invitation: 0 }
  const counting = shared === undefined ? countingHere : countingIn(shared, now)
  const counter = (id: string, of: Limit, rate: Rate = RATES[of]): Counter<Limit> => ({ id, of, rate, windows: createWindows(rate, now, most, EACH.has(of) ? processes : undefined) })
  const guesses = { accounts: counter('guess account', 'signIn'), addresses: counter('guess address', 'signIn') }
  const signUps = counter('sign-up', 'signUp')
  const codes = { mails: counter('code mail', 'code'), addresses: counter('code address', 'code'), people: counter('code person', 'code') }
  const uploads = { people: counter('upload person', 'upload'), addresses: counter('upload address', 'upload') }
  const requests = {
    people: counter('request person', 'request'),
    addresses: counter('request address', 'request'),
    tokens: tokenRate === undefined ? undefined : counter('request token', 'request', { ...RATES.request, limit: tokenRate }),
  }
  const newEmails = counter('new email', 'newEmail')
  const invitations = counter('invitation', 'invitation')

  /** Throws `throttled` when one of them is used up. */
  function refuse (full: readonly Full<Limit>[]): void {
    const [longest] = full.toSorted((a, b) => b.wait - a.wait)
    if (longest === undefined) return
    refusals[longest.counter.of]++
    throw new AppError('throttled', { params: { wait: longest.wait, limit: longest.counter.rate.limit } })
  }

  /** Takes one of each, or throws `throttled` and takes none. */
  async function take (...uses: Use<Limit>[]): Promise<GiveBack> {
    if (!isOn) return async () => {}
    const taken = await counting.take(uses)
    if ('giveBack' in taken) return taken.giveBack
    refuse(taken.full)
    // What was used up is over by now.
    return await take(...uses)
  }

  /** The same of what each process counts by itself, because every request asks it. */
  function takeHere (...uses: Use<Limit>[]): void {
    if (!isOn) return
    refuse(fullHere(uses))
    for (const [{ windows }, key] of uses) windows.take(key)
  }

  const spendingOf = (uses: readonly Use<Limit>[]): Spending => Object.assign(async <T>(write: () => Promise<T>): Promise<T> => {
    const giveBack = await take(...uses)
    try {
      return await write()
    } catch (error) {
      await giveBack()
      throw error
    }
  }, { ask: async () => { if (isOn) refuse(await counting.full(uses)) } })

  return {
    /** Removes what is over of what all processes count. */
    removeEnded: async (): Promise<void> => { await shared?.removeEnded(now()) },

    refusals: refusals as Readonly<typeof refusals>,

    /** Before a password or a code is looked at. `account`: its id for somebody signed in, otherwise what was typed, known or not. A success is given back. */
    async signIn ({ account, address }: { account: number | string, address: string }): Promise<{ succeeded: () => Promise<void> }> {
      return { succeeded: await take([guesses.accounts, typeof account === 'number' ? account : keyOf(account)], [guesses.addresses, networkOf(address)]) }
    },

    async signUp ({ address }: { address: string }): Promise<void> {
      await take([signUps, networkOf(address)])
    },

    /** Before a code is mailed, to an address or to whoever has a number: `person` is whose address it is or is to be; `address` when nobody is signed in. Nothing is spent before the code is written. */
    code ({ email, phone = '', address, person }: { email?: string, phone?: string, address?: string, person?: number }): Spending {
      const uses: Use<Limit>[] = [[codes.mails, keyOf(email ?? (dialled(phone) || phone))]]
      if (address !== undefined) uses.push([codes.addresses, networkOf(address)])
      if (person !== undefined) uses.push([codes.people, person])
      return spendingOf(uses)
    },

    /** Before somebody is invited: `person` is who invites them. */
    invitation: ({ email, person }: { email: string, person: number }): Spending => spendingOf([[codes.mails, keyOf(email)], [invitations, person]]),

    /** Before a person's new address is looked up. Staff and admins see all addresses anyway. */
    async newEmail (person: Member): Promise<void> {
      if (!isTrusted(person)) await take([newEmails, person.id])
    },

    /** Before pictures that have arrived are worked on. `person` is null when nobody is signed in. */
    upload ({ person, credential, address }: Request): void {
      if (isFree(person, credential) && requests.tokens === undefined) return
      takeHere(person === null ? [uploads.addresses, networkOf(address)] : [uploads.people, person.id])
    },

    /** What is left after this request; undefined when nothing limits it. */
    request ({ person, credential, address }: Request): Quota | undefined {
      const uses: Use<Limit>[] = person === null ? [[requests.addresses, networkOf(address)]] : isFree(person, credential) ? [] : [[requests.people, person.id]]
      if (credential?.kind === 'key' && requests.tokens !== undefined) uses.push([requests.tokens, credential.id])
      if (!isOn || uses.length === 0) return undefined
      takeHere(...uses)
      return uses.map(([{ windows }, key]) => windows.quota(key)).sort((a, b) => a.remaining - b.remaining)[0]
    },
  }
}

const isTrusted = ({ isStaff, isAdmin }: Rights): boolean => isStaff || isAdmin
/** API tokens of staff and admins are for servers. Those of ordinary people are not, or anybody could escape the limits by making one. */
const isFree = (person: Rights | null, credential: Request['credential']): boolean => credential?.kind === 'key' && person !== null && isTrusted(person)

/** As the database compares names and addresses. Short, whatever was sent. */
const keyOf = (text: string): string => hash('sha256', comparable(text), 'base64url')

export type Limits = ReturnType<typeof createLimits>

import { domainToASCII } from 'node:url'

const ASCII = /^\p{ASCII}*$/u

/**
 * An email address as mail is delivered to it: a domain in a script of its own by its `xn--` form (UTS 46). What stands before the
 * `@`, and what has no such form, is as it was; letters that only look like ASCII have none.
 */
export function deliverable (email: string): string {
  const at = email.lastIndexOf('@')
  if (at < 0 || ASCII.test(email)) return email
  const domain = domainToASCII(email.slice(at + 1))
  return domain.includes('xn--') ? `${email.slice(0, at)}@${domain}` : email
}

/** An address as it is compared: as it is delivered to, ASCII letters in either case the same. */
export const comparable = (email: string): string => deliverable(email).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

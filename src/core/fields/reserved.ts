const words = (text: string): string[] => text.trim().split(/\s+/)

/** What stands in the addresses of this service: where somebody's name may stand as well, it would be taken for one of these. */
const PATHS = words(`
  . .. .well-known accept accept-invitation account add api assign auth autocomplete avatar avatars batch change change-email
  change_email change_password changes check_email_token code confirm confirm-email confirm_email confirmation counters cover
  create default-avatar.svg delete docs email fields groups health images index.html invitations json jwks.json jwt limits live
  match me media members oauth openapi.json otp password password-mail permission problems profile proof pwd ready recover
  recovery-codes refresh remove reset reset-password restore revert revert-email revert_email search second-factor second_factor
  send sessions settings sign-in sign-out sign-up signin signup static swagger-initializer.js tag tags token tokens update user
  users v1 v2 verify verify_token visibility yaml
`)

/** What applications around the service have at the same places. */
const PAGES = words(`
  about assets blog contact dashboard download downloads explore favicon.ico feed help home index login logout new notifications
  people pricing privacy register robots.txt rss sitemap.xml status support terms www
`)

/** Whoever is called so seems to speak for the service: its roles, and the mailboxes of RFC 2142. */
const ROLES = words(`
  abuse admin administrator administrators admins billing editor helpdesk hostmaster info legal mod moderator moderators mods
  no-reply noreply official operator owner postmaster root sales security staff superuser sysadmin system team visage webmaster
`)

/** What programs and people say for nobody, for everybody, or for whoever reads it. */
const NOBODY = words('all anonymous deleted everybody everyone false guest nobody none null self true undefined unknown you')

const RESERVED: ReadonlySet<string> = new Set([...PATHS, ...PAGES, ...ROLES, ...NOBODY])

/** Like the hash of an address, by which `/avatar/` finds people, also as the name of a file. */
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{64})(?:\.(?:jpe?g|png|gif|webp))?$/
/** The numbers that are written in letters. */
const UNCOUNTED = /^[+-]?(?:infinity|nan)$/

/** Numbers are ids. */
const isNumber = (name: string): boolean => UNCOUNTED.test(name) || !Number.isNaN(Number(name))

/** Whether a username means something else already, or is among the operator's own, in any case. */
export function isReserved (username: string, more: readonly string[] = []): boolean {
  const name = username.toLowerCase()
  return RESERVED.has(name) || more.some((other) => other.toLowerCase() === name) || isNumber(name) || HASH.test(name)
}

/** The same, with the operator's own names. */
export type IsReserved = (username: string) => boolean

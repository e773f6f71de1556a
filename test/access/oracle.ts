/**
 * Who may call what, from CONTRACT §2.6, §3.4, §4, §5 rows 12 and 18 and DESIGN §9; endpoints that no original has are
 * those that the families' pages describe. Nothing here is taken from the program.
 */
export type Rule =
  /** Credentials are not looked at. */
  | 'open'
  /** None are needed, but a bad one is refused. */
  | 'public'
  /** Anybody who is signed in, about themselves. */
  | 'member'
  /** The person that the path names. */
  | 'self'
  | 'self or admin'
  | 'staff'
  /** Staff, about anybody. */
  | 'staff, anybody'
  /** Staff about ordinary people and themselves, admins about everybody. */
  | 'staff, in reach'
  | 'admin'
  | 'admin, anybody'
  /** An admin, about somebody who was deleted softly: about anybody else there is nothing to be found. */
  | 'admin, hidden'
  /** Whoever reaches the person that the path names: themselves, staff of ordinary people, admins of everybody. */
  | 'in reach'
  /** In a session in which somebody has just proved who they are; nobody here has. */
  | 'proven'
  /** The same, about somebody who is reached. */
  | 'in reach, proven'
  /** Whoever reaches them, and themselves only so. */
  | 'in reach, own proven'
  /** The same, by an admin. */
  | 'admin, proven'

const SECURITY: Record<string, Rule> = {
  'GET sessions/': 'member',
  'DELETE sessions/': 'member',
  'DELETE sessions/:session_id/': 'member',
  'POST sign-out/': 'member',
  'GET visibility/': 'member',
  'PATCH visibility/': 'member',
  'GET tokens/': 'member',
  'POST tokens/': 'member',
  'DELETE tokens/:token_id/': 'member',
}

const at = (prefix: string, rules: Record<string, Rule>): Record<string, Rule> =>
  Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name.replace(' ', ` ${prefix}`), rule]))

const factor = (path: string): Record<string, Rule> => ({
  [`GET ${path}`]: 'member', [`POST ${path}`]: 'member', [`DELETE ${path}`]: 'member', [`POST ${path}confirm/`]: 'member',
})

export const ORACLE: Record<string, Rule> = {
  ...at('/api/v2/', {
    'GET user/': 'member',
    'GET user/search/': 'member',
    'GET user/autocomplete/': 'member',
    'POST user/match/': 'member',
    'GET user/me/': 'member',
    'GET user/me/avatar/': 'member',
    'GET user/me/permission/': 'member',
    'GET user/avatar/': 'member',
    'POST user/avatar/': 'member',
    'PATCH user/avatar/': 'member',
    'DELETE user/avatar/': 'member',
    'GET user/:id/': 'public',
    'GET user/:id/images/': 'public',
    'GET user/:id/counters/': 'public',
    'GET user/:id/settings/': 'self',
    'PATCH user/:id/settings/': 'self',
    'PUT user/:id/': 'self',
    'PATCH user/:id/': 'self',
    'DELETE user/:id/': 'self or admin',
    'PATCH user/:id/change_email/': 'self',
    'POST user/:id/confirm_email/': 'open',
    'GET user/:id/check_email_token/': 'open',
    'PATCH user/:id/change_password/': 'self',
    'POST user/me/confirm_email/': 'member',
    ...at('user/me/', SECURITY),
    ...factor('user/me/second_factor/'),
    'POST account/create/': 'admin',
    'GET account/search/': 'admin',
    'POST account/recover/': 'open',
    'POST account/reset/': 'open',
    'POST account/verify/': 'open',
    'POST account/revert_email/': 'open',
    'POST jwt/verify_token/': 'open',
    'GET user/:id/tags/': 'self or admin',
    'GET tag/': 'member',
    'POST tag/': 'admin',
    'GET tag/search/': 'admin',
    'GET tag/user/': 'admin',
    'GET tag/:tag_id/': 'admin',
    'PUT tag/:tag_id/': 'admin',
    'PATCH tag/:tag_id/': 'admin',
    'POST tag/:tag_id/assign/': 'admin',
    'POST tag/:tag_id/add/': 'admin',
    'POST tag/:tag_id/remove/': 'admin',
  }),
  'POST /oauth/token/': 'open',

  ...at('/v1/', {
    'POST sign-up/': 'open',
    'POST sign-in/': 'open',
    'POST sign-in/second-factor/': 'open',
    'POST sign-in/code/': 'open',
    'POST sign-in/code/confirm/': 'open',
    'POST restore/': 'open',
    'POST refresh/': 'open',
    'POST sign-out/': 'member',
    'POST proof/': 'member',
    'GET invitations/': 'staff',
    'POST invitations/': 'staff',
    'DELETE invitations/:id/': 'staff',
    'POST invitations/accept/': 'open',
    'PUT me/password/': 'proven',
    'POST password/recover/': 'open',
    'POST password/reset/': 'open',
    'PUT me/email/': 'proven',
    'DELETE me/email/': 'member',
    'POST me/email/confirmation/': 'member',
    'POST email/confirm/': 'open',
    'POST email/revert/': 'open',
    'GET me/': 'member',
    'PATCH me/': 'member',
    'DELETE me/': 'proven',
    'GET me/visibility/': 'member',
    'PATCH me/visibility/': 'member',
    ...Object.fromEntries(['avatar', 'cover'].flatMap((kind) => ['PUT', 'PATCH', 'DELETE'].flatMap((method): [string, Rule][] => [
      [`${method} me/${kind}/`, 'member'],
      [`${method} people/:id/${kind}/`, 'in reach'],
    ]))),
    'GET me/sessions/': 'member',
    'DELETE me/sessions/': 'member',
    'DELETE me/sessions/:session_id/': 'member',
    'GET me/tokens/': 'member',
    'POST me/tokens/': 'proven',
    'DELETE me/tokens/:token_id/': 'member',
    'GET me/second-factor/': 'member',
    'POST me/second-factor/': 'proven',
    'DELETE me/second-factor/': 'proven',
    'POST me/second-factor/confirm/': 'member',
    'GET me/second-factor/recovery-codes/': 'member',
    'POST me/second-factor/recovery-codes/': 'proven',
    'GET people/': 'member',
    'POST people/': 'staff',
    'POST people/batch/': 'staff',
    'GET people/:id/': 'public',
    'PATCH people/:id/': 'in reach',
    'DELETE people/:id/': 'in reach, own proven',
    'POST people/:id/restore/': 'admin, hidden',
    ...Object.fromEntries([['me', 'member'], ['people/:id', 'in reach']].flatMap(([base, rule]) =>
      ['GET avatars/', 'POST avatars/', 'GET avatars/:avatar_id/', 'PATCH avatars/:avatar_id/', 'DELETE avatars/:avatar_id/']
        .map((name) => [name.replace(' ', ` ${base}/`), rule as Rule]))),
    'GET me/changes/': 'member',
    'GET people/:id/changes/': 'in reach',
    'GET changes/': 'admin',
    'GET people/:id/sessions/': 'in reach',
    'DELETE people/:id/sessions/': 'in reach',
    'DELETE people/:id/sessions/:session_id/': 'in reach',
    'GET people/:id/second-factor/': 'in reach',
    'DELETE people/:id/second-factor/': 'in reach, proven',
    'POST people/:id/password-mail/': 'in reach',
    'GET people/:id/tokens/': 'admin, anybody',
    'POST people/:id/tokens/': 'admin, proven',
    'DELETE people/:id/tokens/:token_id/': 'admin, anybody',
    'PUT people/:id/tags/:tag_id/': 'admin, anybody',
    'DELETE people/:id/tags/:tag_id/': 'admin, anybody',
    'GET groups/': 'staff',
    'POST groups/': 'staff',
    'GET groups/:group_id/': 'staff',
    'PATCH groups/:group_id/': 'staff',
    'DELETE groups/:group_id/': 'staff',
    'GET groups/:group_id/members/': 'staff',
    'POST groups/:group_id/members/': 'staff',
    'DELETE groups/:group_id/members/': 'staff',
    'GET tags/': 'member',
    'POST tags/': 'admin',
    'GET tags/:tag_id/': 'admin',
    'PATCH tags/:tag_id/': 'admin',
    'GET limits/': 'open',
    'GET fields/': 'member',
    'POST fields/': 'admin',
    'PATCH fields/:key/': 'admin',
    'DELETE fields/:key/': 'admin',
    'GET problems/:code/': 'open',
  }),

  ...at('/api/users/', {
    'GET ': 'staff',
    'POST ': 'staff',
    'GET me/': 'member',
    'PUT me/': 'member',
    'PATCH me/': 'member',
    ...at('me/', SECURITY),
    ...factor('me/second-factor/'),
    'GET groups/': 'staff',
    'POST groups/': 'staff',
    'GET groups/:group_id/': 'staff',
    'PUT groups/:group_id/': 'staff',
    'PATCH groups/:group_id/': 'staff',
    'DELETE groups/:group_id/': 'staff',
    'GET fields/': 'staff',
    'POST fields/': 'admin',
    'GET fields/:key/': 'staff',
    'PATCH fields/:key/': 'admin',
    'DELETE fields/:key/': 'admin',
    'GET :id/': 'staff, anybody',
    'PUT :id/': 'staff, in reach',
    'PATCH :id/': 'staff, in reach',
    'DELETE :id/': 'staff, in reach',
    'POST :id/restore/': 'admin, hidden',
    'GET :id/tokens/': 'admin, anybody',
    'POST :id/tokens/': 'admin, anybody',
    'DELETE :id/tokens/:token_id/': 'admin, anybody',
    'POST auth/pwd/signin/': 'open',
    'POST auth/pwd/signup/': 'open',
    'POST auth/otp/signin/': 'open',
    'POST auth/otp/verify/': 'open',
    'POST auth/pwd/change/': 'member',
    'POST auth/pwd/recover/': 'open',
    'POST auth/pwd/reset/': 'open',
    'POST auth/email/change/': 'member',
    'POST auth/email/confirm/': 'open',
    'POST auth/email/revert/': 'open',
    'POST auth/email/send/': 'member',
  }),

  ...at('/api/', {
    'POST sign-up/': 'open',
    'POST sign-in/': 'open',
    'POST token/': 'open',
    'POST token/refresh/': 'open',
    'GET profile/': 'member',
    'POST profile/': 'member',
    'PUT profile/:id/update/': 'self',
    'DELETE profile/:id/delete/': 'self or admin',
    ...at('profile/', SECURITY),
    ...factor('profile/second-factor/'),
    'POST password/change/': 'member',
    'POST password/recover/': 'open',
    'POST password/reset/': 'open',
    'POST email/change/': 'member',
    'POST email/confirm/': 'open',
    'POST email/revert/': 'open',
    'POST email/send/': 'member',
  }),
}

/** What belongs to no family: everybody may have it, and it takes no slash at the end. */
export const OPEN_PLACES = [/^\/docs(\/|$)/, /^\/openapi\.json$/, /^\/health\/(live|ready)\/?$/, /^\/api\/limits\/?$/, /^\/media\/(\*|default-avatar\.svg)$/, /^\/\.well-known\/jwks\.json$/, /^\/(confirm-email|change-email|revert-email|reset-password|accept-invitation)$/, /^\/(avatar|cover)\/\*$/]

export type Rank = 'ordinary' | 'staff' | 'admin'
export type Sender = 'nobody' | 'nonsense' | 'inactive' | Rank
/** Whom the path names, as the sender sees them. */
export type Named = 'themselves' | Rank | 'hidden' | 'unknown'

/** 401, 403, 404, or that the request gets through to what it asks for. */
export function verdict (rule: Rule, sender: Sender, named: Named): 401 | 403 | 404 | 'through' {
  if (rule === 'open') return 'through'
  if (sender === 'nonsense' || sender === 'inactive') return 401
  const isFound = named !== 'unknown' && named !== 'hidden'
  if (rule === 'public') return isFound ? 'through' : 404
  if (sender === 'nobody') return 401
  const isStaff = sender === 'staff' || sender === 'admin'
  switch (rule) {
    case 'member': return 'through'
    case 'self': return isFound ? named === 'themselves' ? 'through' : 403 : 404
    case 'self or admin': {
      // Whom an admin may know of: 400, it has happened already.
      if (sender === 'admin' && named === 'hidden') return 'through'
      return isFound ? named === 'themselves' || sender === 'admin' ? 'through' : 403 : 404
    }
    case 'staff': return isStaff ? 'through' : 403
    case 'staff, anybody': return isStaff ? isFound ? 'through' : 404 : 403
    case 'staff, in reach': {
      if (!isStaff) return 403
      if (!isFound) return 404
      return sender === 'admin' || named === 'themselves' || named === 'ordinary' ? 'through' : 403
    }
    case 'in reach': {
      if (!isFound) return 404
      return sender === 'admin' || named === 'themselves' || (sender === 'staff' && named === 'ordinary') ? 'through' : 403
    }
    case 'in reach, own proven': return named === 'themselves' ? 403 : verdict('in reach', sender, named)
    case 'in reach, proven': return isFound ? 403 : 404
    case 'proven': case 'admin, proven': return 403
    case 'admin': return sender === 'admin' ? 'through' : 403
    case 'admin, anybody': return sender === 'admin' ? isFound ? 'through' : 404 : 403
    case 'admin, hidden': return sender === 'admin' ? named === 'hidden' ? 'through' : 404 : 403
  }
}

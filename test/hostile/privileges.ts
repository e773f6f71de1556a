/**
 * What a non-admin of the staff may do with a name in the staff family: nothing (the key is unknown or read-only there, or
 * another system's), be refused (DESIGN §9: a role key that differs), or use it, on ordinary people.
 */
export type OfStaff = 'ignored' | 'refused' | 'allowed'

/** The 43 names, each with a value that would change something, were it taken. */
export const PRIVILEGES: [name: string, value: unknown, ofStaff: OfStaff][] = [
  // roles
  ['is_admin', true, 'refused'],
  ['is_staff', true, 'refused'],
  ['is_superuser', true, 'ignored'],
  ['isAdmin', true, 'ignored'],
  ['isStaff', true, 'ignored'],
  ['isSuperuser', true, 'ignored'],
  ['IS_ADMIN', true, 'ignored'],
  ['admin', true, 'ignored'],
  ['role', 'moderator', 'ignored'],
  ['roles', ['admin'], 'ignored'],
  ['permissions', ['*'], 'ignored'],
  ['user_permissions', [1], 'ignored'],
  ['groups', [1], 'allowed'],
  ['groups_data', [{ id: 1, name: 'chiefs' }], 'ignored'],
  ['is_active', false, 'allowed'],
  // identity
  ['id', 1, 'ignored'],
  ['user_id', 1, 'ignored'],
  ['password', 'another long password', 'ignored'],
  ['password_hash', '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA', 'ignored'],
  ['passwordHash', '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA', 'ignored'],
  ['ext_id', 'mine', 'ignored'],
  ['extId', 'mine', 'ignored'],
  ['email_isvalid', true, 'ignored'],
  ['emailConfirmed', true, 'ignored'],
  ['email_confirmed', true, 'ignored'],
  ['status', 'b', 'ignored'],
  ['deleted', true, 'ignored'],
  ['isActive', false, 'ignored'],
  // counters
  ['reg_approved', true, 'ignored'],
  ['reputation', 1_000, 'ignored'],
  ['followers_counter', 1_000, 'ignored'],
  ['followings_counter', 1_000, 'ignored'],
  ['posts_counter', 1_000, 'ignored'],
  ['community_badge', true, 'ignored'],
  ['can_send_pm_to', true, 'ignored'],
  ['unseen_interactions_counter', 1_000, 'ignored'],
  // storage
  ['version', 1_000, 'ignored'],
  ['created_at', '2001-01-01T00:00:00Z', 'ignored'],
  ['updated_at', '2001-01-01T00:00:00Z', 'ignored'],
  ['date_joined', '2001-01-01T00:00:00Z', 'ignored'],
  ['last_login', '2001-01-01T00:00:00Z', 'ignored'],
  ['revoked_at', 1, 'ignored'],
  ['avatar_path', '/etc/passwd', 'ignored'],
]

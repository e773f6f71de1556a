/** Every list of every family by its address: the first page, with its exact count. */
export const ASKS = [
  // Of people, in each order that there is.
  '/api/v2/user/', ...['-id', 'username', '-username', 'date_joined', '-date_joined', 'real_name', 'location'].map((by) => `/api/v2/user/?ordering=${by}`),
  ...['id', 'username', 'email', '-email', 'created_at', '-created_at', '-updated_at', 'gender', '-last_login'].map((by) => `/api/users/?ordering=${by}`),
  ...['id', '-createdAt', 'username', 'email', '-email', 'realName', '-lastLoginAt'].map((by) => `/v1/people/?count=exact&order=${by}`),
  // Those of whom something is true.
  ...['is_active=true', 'is_active=false', 'is_staff=true', 'is_customer=true', 'is_online=true', 'gender=female', 'has_email=false', 'has_avatar=true', 'has_token=true', 'has_groups=true', 'group_id=1', 'group_id=50', 'groups_in=1,2', 'id_min=500000', 'created_from=2026-01-01', 'last_login_from=2026-01-01'].map((what) => `/api/users/?${what}`),
  ...['isActive=true', 'email=', 'username=ada', 'location=Oslo', 'group=50', 'tag=50', 'gender=male', 'isOnline=false', 'near=51.5,-0.25,500km', 'attributes.company_name='].map((what) => `/v1/people/?count=exact&${what}`),
  '/v1/people/?count=exact&near=51.5,-0.25,500km&order=distance',
  // Those whose texts contain something: ten, many, very many, and too short for trigrams.
  ...['quetzal', 'grace', 'ba', 'engineer', 'petquin'].map((text) => `/api/v2/user/search/?user=${text}`),
  ...['quetzal', 'grace', 'example.com', 'zo'].map((text) => `/api/users/?search=${text}`),
  ...['quetzal', 'oslo works', 'grace'].map((text) => `/v1/people/?count=exact&q=${encodeURIComponent(text)}`),
  '/api/v2/user/autocomplete/?search=maja%20ko', '/api/v2/user/search/?real_name=Grace&location=zuri', '/api/v2/user/search/?user=quetz&ordering=-real_name',
  // Groups, tags, and the log.
  ...['', '?ordering=-users_count', '?ordering=name', '?search=7', '?min_users=1000'].map((what) => `/api/users/groups/${what}`),
  '/v1/groups/?count=exact', '/v1/groups/1/members/?count=exact', '/v1/groups/50/members/?count=exact',
  '/api/v2/tag/', '/api/v2/tag/search/?ordering=name', '/api/v2/tag/user/?tag_id=50', '/v1/tags/?count=exact',
  '/v1/changes/?count=exact', '/v1/changes/', '/v1/changes/?count=exact&actor=7', '/v1/changes/?count=exact&person=7',
  '/v1/invitations/?count=exact', '/v1/me/changes/?count=exact', '/v1/me/sessions/', '/v1/me/tokens/', '/v1/fields/',
]

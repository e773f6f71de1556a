import { ORIGIN, PATH } from './world.ts'
import type { Row, World } from './world.ts'

/** The three families as CONTRACT describes them; nothing here is taken from the service. */
export type FamilyName = 'community' | 'staff' | 'personal'
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
export const NAMES: readonly FamilyName[] = ['community', 'staff', 'personal']

/** One thing that is wrong with a value: the field (null: the body), the code that community clients read, the sentence, and what community says of a passed limit. */
export type Finding = readonly [field: string | null, code: string, message: string, numbers?: { limit: number, found: number }]

interface Family {
  /** Where an account is changed in parts, and how. */
  edit: (id: number | string) => { method: Method, url: string }
  read: (id: number | string) => { method: Method, url: string }
  allow: string
  challenge: string
  /** Who changes Ada here. */
  actor: (world: World) => { authorization: string }
  /** `pictures`: what is stored of them. */
  view: (row: Row, pictures: ReadonlyMap<unknown, Row>) => object
}

export const FAMILIES: Record<FamilyName, Family> = {
  community: {
    edit: (id) => ({ method: 'PATCH', url: `/api/v2/user/${id}/` }),
    read: (id) => ({ method: 'GET', url: `/api/v2/user/${id}/` }),
    allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
    challenge: 'Bearer realm="api"',
    actor: ({ ada }) => ada.headers,
    view: communityView,
  },
  staff: {
    edit: (id) => ({ method: 'PATCH', url: `/api/users/${id}/` }),
    read: (id) => ({ method: 'GET', url: `/api/users/${id}/` }),
    allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
    challenge: 'Token',
    actor: ({ token }) => token,
    view: staffView,
  },
  personal: {
    edit: (id) => ({ method: 'PUT', url: `/api/profile/${id}/update/` }),
    read: () => ({ method: 'GET', url: '/api/profile/' }),
    allow: 'OPTIONS, PUT',
    challenge: 'Bearer realm="api"',
    actor: ({ ada }) => ada.headers,
    view: personalView,
  },
}

/** The body of a 400 with these findings, in this order. */
export function refusal (family: FamilyName, findings: readonly Finding[]): object {
  if (family === 'community') {
    return { errors: findings.map(([field, code, message, numbers]) => field === null ? { code, message } : { field, messages: [{ code, message, ...numbers }] }) }
  }
  return Object.fromEntries(findings.map(([field, , message]) => [field ?? 'non_field_errors', [message]]))
}

/** The body of an error that is about the request as a whole. */
export function problem (family: FamilyName, code: string, message: string): object {
  if (family === 'community') return { errors: [{ code, message }] }
  return family === 'personal' && code === 'permission_denied' ? { error: 'Not authorized' } : { detail: message }
}

/** CONTRACT §1.3: ISO 8601 in UTC, six digits only when there is a fraction. */
function iso (time: unknown): string | null {
  if (time === null) return null
  const [seconds = '', fraction] = new Date(Number(time)).toISOString().slice(0, -1).split('.')
  return fraction === '000' ? `${seconds}Z` : `${seconds}.${fraction}000Z`
}

const media = (base: string, kind: string, name: unknown) => name === null ? null : `${base}/media/${kind}s/${name}.webp`
const absolute = (kind: string, name: unknown) => media(ORIGIN, kind, name)

interface File { size: 'main' | number, width: number, height: number, bytes: number }

/** The shown pictures in all their sizes. */
function images (row: Row, pictures: ReadonlyMap<unknown, Row>): object {
  return Object.fromEntries(['avatar', 'cover'].map((kind) => {
    const picture = pictures.get(row[kind])
    if (picture === undefined) return [kind, null]
    const files = (JSON.parse(String(picture.files)) as File[]).map(({ size, width, height, bytes }) =>
      ({ ...size !== 'main' && { size }, url: absolute(kind, `${row[kind]}${size === 'main' ? '' : `-${size}`}`), width, height, bytes }))
    const [main, ...sizes] = files
    const numbers = (text: unknown) => text === null ? null : (JSON.parse(String(text)) as number[]).join()
    return [kind, {
      main, sizes, blurhash: picture.blurhash, color: picture.color, animated: picture.is_animated === 1, focus: numbers(picture.focus), crop: numbers(picture.crop),
      source_width: picture.source_width, source_height: picture.source_height,
    }]
  }))
}

/** The fields that every service begins with declared; more, for whoever stored them. */
const declared = (row: Row) => ({ company_name: '', company_role: '', ...JSON.parse(String(row.attributes)) as object })

/** CONTRACT §2.2, as the person sees it. */
function communityView (row: Row): object {
  return {
    id: row.id, username: row.username, real_name: row.real_name, avatar: absolute('avatar', row.avatar), cover: absolute('cover', row.cover),
    ext_id: row.ext_id, email: row.email, email_isvalid: row.email_confirmed === 1, bio: row.bio, location: row.location,
    location_lat_lng: row.location_lat_lng, position_lat_lng: row.position_lat_lng, date_of_birth: row.date_of_birth, description: row.description,
    gender: row.gender === 'male' ? 'Male' : row.gender === 'female' ? 'Female' : 'Unspecified', website: row.website, language: row.language,
    tags: [], date_joined: iso(row.created_at), status: row.is_active === 1 ? 'a' : 'b',
    deleted: false, followings_counter: row.followings, followers_counter: row.followers, posts_counter: row.posts,
    discussions_counter: row.discussions, statuses_counter: row.statuses, polls_counter: row.polls, categories_counter: row.categories,
    connection_status: null, reputation: row.reputation, community_badge: row.community_badge === 1, reg_approved: row.reg_approved === 1,
    can_send_pm_to: row.can_receive_messages === 1, ...declared(row),
  }
}

/** CONTRACT §3.2; Ada has been online in every case. */
function staffView (row: Row, pictures: ReadonlyMap<unknown, Row>): object {
  const groupNames = ['one', 'two', 'three']
  return {
    id: row.id, username: row.username, mobile_number: row.phone, email: row.email, first_name: row.first_name, last_name: row.last_name,
    full_name: `${row.first_name} ${row.last_name}`.trim(), gender: row.gender === 'unspecified' ? null : row.gender,
    avatar: absolute('avatar', row.avatar), is_staff: row.is_staff === 1, is_admin: row.is_admin === 1, is_active: row.is_active === 1,
    last_login: iso(row.last_login_at), created_at: iso(row.created_at), updated_at: iso(row.updated_at), is_online: true,
    groups_data: (row.groups as number[]).map((id) => ({ id, name: groupNames[id - 1] })), images: images(row, pictures), attributes: declared(row),
  }
}

/** CONTRACT §4: S004's twelve keys, never `password`; and the declared fields. */
function personalView (row: Row): object {
  return {
    id: row.id, username: row.username, email: row.email ?? '', first_name: row.first_name, last_name: row.last_name, number_phone: row.phone,
    avatar: media(PATH, 'avatar', row.avatar), date_joined: iso(row.created_at), last_login: iso(row.last_login_at),
    is_active: row.is_active === 1, is_staff: row.is_staff === 1, is_superuser: row.is_admin === 1,
    attributes: declared(row),
  }
}

/** What the hostile tests are aimed at: the routes of CONTRACT §2–§4, and what their families must say. */

export type Family = 'community' | 'staff' | 'personal'
export interface Route { family: Family, method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string }

/** The routes that name an account. */
export const WITH_ID: Route[] = [
  { family: 'community', method: 'GET', path: '/api/v2/user/{id}/' },
  { family: 'community', method: 'PUT', path: '/api/v2/user/{id}/' },
  { family: 'community', method: 'PATCH', path: '/api/v2/user/{id}/' },
  { family: 'staff', method: 'GET', path: '/api/users/{id}/' },
  { family: 'staff', method: 'PUT', path: '/api/users/{id}/' },
  { family: 'staff', method: 'PATCH', path: '/api/users/{id}/' },
  { family: 'personal', method: 'PUT', path: '/api/profile/{id}/update/' },
]

/** The routes that change an account. */
export const UPDATES: Route[] = WITH_ID.filter(({ method }) => method !== 'GET')

/** The routes that read a body before anybody has signed in. */
export const OPEN: Route[] = ['sign-up', 'sign-in', 'token', 'token/refresh'].map((name) => ({ family: 'personal', method: 'POST', path: `/api/${name}/` }))

/** The routes that read fields from a body. */
export const WRITES: Route[] = [...UPDATES, { family: 'staff', method: 'POST', path: '/api/users/groups/' }, ...OPEN]

/** The routes where a credential that is sent must be a good one. */
export const GUARDED: Route[] = [
  ...WITH_ID,
  { family: 'community', method: 'GET', path: '/api/v2/user/me/' },
  { family: 'staff', method: 'GET', path: '/api/users/groups/' },
  { family: 'staff', method: 'POST', path: '/api/users/groups/' },
  { family: 'personal', method: 'GET', path: '/api/profile/' },
  { family: 'personal', method: 'POST', path: '/api/profile/' },
]

export const at = ({ path }: Route, id: number | string): string => path.replace('{id}', String(id))
export const named = ({ method, path }: Route): string => `${method} ${path}`

export const NOT_FOUND: Record<Family, object> = {
  community: { errors: [{ code: 'not_found', message: 'Not found.' }] },
  staff: { detail: 'Not found.' },
  personal: { detail: 'Not found.' },
}

export const CHALLENGE: Record<Family, string> = { community: 'Bearer realm="api"', staff: 'Token', personal: 'Bearer realm="api"' }

/** The names that an error body finds fault with, `''` for the request as a whole; undefined when it is not the family's kind of body. */
export function blamed (family: Family | 'native', text: string): string[] | undefined {
  const body = JSON.parse(text) as Record<string, unknown>
  if (family === 'community') {
    const { errors, ...rest } = body
    if (!Array.isArray(errors) || Object.keys(rest).length > 0) return undefined
    const found = (errors as Record<string, unknown>[]).map((error) => {
      if ('field' in error) return Array.isArray(error.messages) && error.messages.every(isMessage) ? String(error.field) : undefined
      return isMessage(error) ? '' : undefined
    })
    return found.every((name) => name !== undefined) ? found : undefined
  }
  if (family === 'native') return (body.errors as { field: string | null }[] | undefined ?? [{ field: null }]).map(({ field }) => field ?? '')
  if (typeof body.detail === 'string' || (family === 'personal' && typeof body.error === 'string')) return ['']
  const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string')
  return Object.values(body).every(isTexts) ? Object.keys(body) : undefined
}

function isMessage (value: unknown): boolean {
  const { code, message } = value as { code?: unknown, message?: unknown }
  return typeof code === 'string' && typeof message === 'string'
}

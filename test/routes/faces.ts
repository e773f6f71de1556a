import { createHash } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import { form } from '../helper.ts'
import type { Built, Person } from '../helper.ts'
import { picture } from '../images/pictures.ts'

export const STYLES = ['initials', 'identicon', 'blank', '404', 'mp', 'mm', 'retro', 'robohash', 'wavatar', 'monsterid']
export const PROTECTED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'content-disposition': 'inline',
  'cache-control': 'public, max-age=300',
}

/** Where there is no picture. */
export const REFUSED = {
  statusCode: 404,
  headers: {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'content-type': /^application\/json/,
    'cache-control': 'no-store',
  },
}

export const hashOf = (algorithm: 'sha256' | 'md5', text: string) => createHash(algorithm).update(text).digest('hex')

export async function dress (built: Built, person: Person, colour = { r: 10, g: 120, b: 200 }): Promise<void> {
  const file = await picture({ format: 'jpeg', width: 1600, height: 1200, colour })
  const { payload, headers } = form([['avatar', { file }], ['cover', { file }]])
  const response = await built.app.inject({ method: 'PATCH', url: `/api/v2/user/${person.id}/`, payload, headers: { ...headers, ...person.headers } })
  if (response.statusCode !== 200) throw new Error(response.body)
}

async function change ({ app }: Built, { headers }: Person, method: 'PATCH' | 'PUT', url: string, payload: object): Promise<void> {
  const response = await app.inject({ method, url, headers, payload })
  if (response.statusCode !== 200) throw new Error(response.body)
}

export const write = (built: Built, person: Person, payload: object) => change(built, person, 'PATCH', `/api/v2/user/${person.id}/`, payload)
export const rename = (built: Built, person: Person, payload: object) => change(built, person, 'PUT', `/api/profile/${person.id}/update/`, payload)
export const show = (built: Built, person: Person, payload: object) => change(built, person, 'PATCH', '/api/v2/user/me/visibility/', payload)

export const confirm = (built: Built, { id }: Person) => built.core.db.write((tx) => tx.users.update(id, { emailConfirmed: true }))

/** All that a reader gets to see. */
export function seen ({ statusCode, headers: { date: _, ...headers }, rawPayload }: LightMyRequestResponse): object {
  return { statusCode, headers, body: rawPayload.toString('latin1') }
}

export const isDrawn = ({ statusCode, headers }: LightMyRequestResponse): boolean => statusCode === 200 && headers['content-type'] === 'image/svg+xml'
export const isPicture = ({ statusCode, headers }: LightMyRequestResponse): boolean => statusCode === 200 && headers['content-type'] === 'image/webp'
export const textOf = ({ body }: LightMyRequestResponse): string | undefined => />([^<>]*)<\/text>/.exec(body)?.[1]

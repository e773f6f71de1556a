import assert from 'node:assert/strict'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from './helper.ts'
import { picture } from './images/pictures.ts'

interface Site {
  /** The one address that the client knows. */
  base: string
  dataDir: string
  /** Of an admin. */
  admin: Record<string, string>
}

interface Document { servers: { url: string }[], paths: Record<string, Record<string, object>> }
type Headers = Record<string, string>
interface Sent { id?: number, body?: object | FormData, headers?: Headers }

/**
 * A client that knows the public address and follows only what it is told from there: the document, its server, every
 * address in an answer and in a mail, the pages of lists, the forms of pages, what the documentation loads. Throws where
 * something leads elsewhere, or to nothing. Resolves to all that it has fetched.
 */
export async function walk ({ base, dataDir, admin }: Site): Promise<Set<string>> {
  const { origin } = new URL(base)
  const seen = new Set<string>()

  async function ask (url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, init)
    assert.ok(response.ok, `${init.method ?? 'GET'} ${url}: ${response.status}`)
    assert.ok(response.url.startsWith(base), `${url} leads to ${response.url}`)
    seen.add(url)
    return response
  }

  /** Follows every address in an answer. A path is one as well: clients put the origin in front of it. */
  async function follow (told: unknown, headers: Headers): Promise<void> {
    if (typeof told === 'object' && told !== null) for (const inner of Object.values(told)) await follow(inner, headers)
    if (typeof told !== 'string' || !/^(https?:\/)?\//.test(told)) return
    const { href } = new URL(told, origin)
    assert.ok(href.startsWith(`${base}/`), `${told} is not below ${base}`)
    if (seen.has(href)) return
    const response = await ask(href, { headers })
    if (response.headers.get('content-type')?.startsWith('application/json')) await follow(await response.json(), headers)
    else assert.match(response.headers.get('content-type') ?? '', /^image\//)
  }

  const document = await (await ask(`${base}/openapi.json`)).json() as Document
  const root = new URL(document.servers[0]?.url ?? '', `${base}/openapi.json`).href.replace(/\/$/, '')
  assert.equal(root, base)

  /** Calls what the document lists, and follows what the answer tells. */
  async function call<T> (method: string, path: string, { id, body, headers = {} }: Sent = {}): Promise<T> {
    const [template = '', query] = path.split('?')
    assert.ok(document.paths[template]?.[method.toLowerCase()], `${method} ${template} is listed`)
    const url = `${root}${template.replace('{id}', String(id))}${query === undefined ? '' : `?${query}`}`
    const isForm = body instanceof FormData
    const response = await ask(url, { method, headers: { ...headers, ...body && !isForm && { 'content-type': 'application/json' } }, ...body && { body: isForm ? body : JSON.stringify(body) } })
    const text = await response.text()
    const answer: unknown = text === '' ? undefined : JSON.parse(text)
    await follow(answer, headers)
    return answer as T
  }

  /** Follows the newest link to a page, and fills in its form as a browser does. */
  async function obey (address: string, page: string, values: Record<string, string> = {}): Promise<void> {
    const link = await linkTo(dataDir, address, page)
    assert.ok(link.startsWith(`${base}/`), `${link} is not below ${base}`)
    const shown = await ask(link)
    const html = await shown.text()
    const [, attributes = ''] = /<form([^>]*)>/.exec(html) ?? []
    const action = new URL(/action="([^"]*)"/.exec(attributes)?.[1] ?? '', shown.url || link).href
    const hidden = [...html.matchAll(/type="hidden" name="(\w+)"[^>]* value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])
    await ask(action, { method: 'POST', body: new URLSearchParams({ ...Object.fromEntries(hidden) as object, ...values }) })
  }

  for (const docs of [`${base}/docs`, `${base}/docs/`, `${base}/docs/static/index.html`]) {
    const page = await ask(docs)
    const parts = [...(await page.text()).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, part = '']) => new URL(part, page.url).href)
    assert.ok(parts.length > 4, `${docs} is a page`)
    for (const part of parts) await ask(part)
  }
  await ask(`${base}/docs/json`)

  const person = { username: 'walker', email: 'walker@example.com', password: PASSWORD }
  const { access, user: { id } } = await call<{ access: string, user: { id: number } }>('POST', '/api/sign-up/', { body: person })
  const headers = { authorization: `Bearer ${access}` }
  const own = { id, headers }
  await obey(person.email, 'confirm-email')

  await call('GET', '/api/v2/user/me/avatar/', own)
  const pictures = new FormData()
  for (const kind of ['avatar', 'cover']) pictures.append(kind, new Blob([new Uint8Array(await picture())]), `${kind}.png`)
  await call('PATCH', '/api/v2/user/{id}/', { ...own, body: pictures })
  for (const path of ['/api/v2/user/me/', '/api/v2/user/{id}/images/', '/api/v2/user/avatar/', '/api/profile/', '/api/users/me/']) await call('GET', path, own)
  await call('PATCH', '/api/profile/visibility/', { headers, body: { avatar: 'self', cover: 'member' } })
  for (const path of ['/api/v2/user/{id}/images/', '/api/profile/']) await call('GET', path, own)
  await call('GET', '/api/users/{id}/', { id, headers: admin })
  for (const who of [id, person.username]) for (const kind of ['avatar', 'cover']) await ask(`${base}/${kind}/${who}`)

  for (const path of ['/api/v2/user/', '/api/v2/user/search/', '/api/v2/user/autocomplete/', '/api/users/', '/api/users/fields/']) {
    const pages = seen.size
    const { count } = await call<{ count: number }>('GET', `${path}?limit=1&search=`, { headers: admin })
    assert.ok(seen.size >= pages + count, `${path} is followed to its end, and back`)
  }
  for (const path of ['/api/v2/tag/', '/api/users/groups/', '/.well-known/jwks.json', '/api/limits/', '/health/live/']) await call('GET', path, { headers: admin })

  await call('POST', '/api/email/change/', { headers, body: { email: 'walker@new.example' } })
  await obey('walker@new.example', 'change-email')
  await call('PUT', '/api/profile/{id}/update/', { ...own, body: { email: 'walker@third.example' } })
  await obey('walker@new.example', 'revert-email')
  await obey('walker@new.example', 'reset-password', { password: 'a whole new secret' })
  await call('POST', '/api/token/', { body: { username: person.username, password: 'a whole new secret' } })
  return seen
}

/** A part of a mail with its headers; a code may begin with `3D`, which stands for something else only where they say so. */
const decoded = (part: string): string =>
  /^Content-Transfer-Encoding: quoted-printable\r$/im.test(part) ? part.replaceAll('=\r\n', '').replaceAll('=3D', '=') : part

/** The newest link to a page in the mails to an address, once there is one. */
async function linkTo (dataDir: string, address: string, page: string): Promise<string> {
  const folder = join(dataDir, 'mail')
  const link = new RegExp(`https?://\\S+/${page}\\?code=[\\w-]+`)
  const find = (): string | undefined => readdirSync(folder).filter((name) => name.endsWith('.eml')).map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.includes(`\r\nTo: ${address}\r\n`))
    .map((text) => link.exec(text.split(/^--.*\r\n/m).map(decoded).join(''))?.[0]).findLast((found) => found !== undefined)
  return await new Promise((resolve) => {
    const look = () => {
      const found = find()
      if (found === undefined) return
      watcher.close()
      resolve(found)
    }
    const watcher = watch(folder, look)
    look()
  })
}

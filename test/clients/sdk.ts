import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type * as Vendor from '@selfcommunity/api-services'
import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { picture } from '../images/pictures.ts'

/** The vendor's client, as it is published: its ESM build does not load in Node, its CommonJS build does. */
const sdk = createRequire(import.meta.url)('@selfcommunity/api-services') as typeof Vendor

/** What the tests go on with of an answer. */
interface Said {
  id: number
  avatar: string
  tags: unknown[]
  next: string
  results: { id: number, primary: boolean }[]
  token: { access_token: string }
  refresh_token: string
}

/** Its types want whole objects where its users send a few fields, so they are not asked. */
type Calls<T> = { [K in keyof T]: (...args: unknown[]) => Promise<Said> }
export const users = said(sdk.UserService) as Calls<typeof Vendor.UserService>
export const accounts = said(sdk.AccountService) as Calls<typeof Vendor.AccountService>
export const tags = said(sdk.TagService) as Calls<typeof Vendor.TagService>

/** What the client has no call of its own for, the way that its calls go. */
export const call = async (method: string, url: string, data?: unknown, config?: object): Promise<Said> =>
  await sdk.apiRequest({ ...config, method, url, data }).catch(say)

interface Reason { message: string, response?: { status: number, data: unknown, config: { method?: string, url?: string } } }

/** The client's error, kept from a report that would print the whole of its request. */
class Refusal extends Error {
  readonly #reason: Reason

  constructor (reason: Reason) {
    const { response } = reason
    super(response ? `${response.config.method?.toUpperCase()} ${response.config.url}: ${response.status} ${JSON.stringify(response.data)}` : reason.message)
    this.#reason = reason
  }

  reason (): Reason { return this.#reason }
}

function say (reason: unknown): never {
  throw new Refusal(reason as Reason)
}

/** A service of the client whose refusals can be read. */
function said (service: object): unknown {
  return new Proxy(service, {
    get: (target, name) => (...args: unknown[]) => (Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>)(...args).catch(say),
  })
}

/** Lets the service listen, and the client speak to it; resolves to the origin. */
export async function connect (t: Test, app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  sdk.http.setBasePortal(origin)
  // An environment's proxy is not to stand between the two.
  sdk.http.getClientInstance().defaults.proxy = false
  quieten(t)
  return origin
}

/** Whose calls the next ones are; nobody's without a token. */
export function as (token: string | undefined): void {
  sdk.http.setAuthorizeToken(token)
}

/** The client warns of every refusal on the console, where the results of the tests go. */
function quieten (t: Test): void {
  for (const level of ['log', 'info', 'warn', 'error'] as const) t.capture(console, level)
}

export interface Understood {
  status: number | undefined
  /** What `formatHttpErrorCode` makes of it, and `formatHttpError`. */
  codes: Record<string, unknown>
  texts: Record<string, unknown>
  /** Whether the client gave up and dumped the request to the console. */
  isDumped: boolean
}

/** Resolves to what the client understands of a refusal; a call that succeeds is an error. */
export async function refusalOf (t: Test, asked: Promise<unknown>): Promise<Understood> {
  const refused = await asked.then(() => { throw new Error('the call succeeded') }, (reason: Refusal) => reason)
  const reason = refused.reason()
  const dumped = t.capture(console, 'log')
  const codes = sdk.formatHttpErrorCode(reason) as Understood['codes']
  const texts = sdk.formatHttpError(reason) as Understood['texts']
  const isDumped = dumped().length > 0
  dumped.restore()
  return { status: reason.response?.status, codes, texts, isDumped }
}

/** A form as a browser has it, with a picture of this name. */
export async function pictureForm (name: string, texts: Record<string, string> = {}): Promise<FormData> {
  const data = new FormData()
  for (const [key, value] of Object.entries(texts)) data.append(key, value)
  data.append(name, new Blob([await picture()], { type: 'image/png' }), `${name}.png`)
  return data
}

export const URLENCODED = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
export const MULTIPART = { headers: { 'Content-Type': 'multipart/form-data' } }

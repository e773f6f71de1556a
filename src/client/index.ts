import createClient from 'openapi-fetch'
import type { Client, FetchResponse } from 'openapi-fetch'
import { persist } from './patience.ts'
import type { components, paths } from './schema.ts'
import { createSession } from './session.ts'
import type { Tokens, TokenStorage } from './session.ts'
import { createTurns } from './turns.ts'
import { createVersions } from './versions.ts'

export type { components, paths } from './schema.ts'
export type { TokenStorage } from './session.ts'
export type Person = components['schemas']['Person']
export type Problem = components['schemas']['NativeProblem']
/** The body of a 412: the person as they are now, and what changed. */
export type Conflict = components['schemas']['NativeConflict']

export interface Options {
  /** Where the service is, with its prefix: `https://example.com/people`. */
  baseUrl: string
  /** Where the tokens are kept: in browsers `localStorage`, elsewhere memory. */
  storage?: TokenStorage
  /** For how long a request is tried again while the service is busy or away, in milliseconds: 15,000. */
  patience?: number
  fetch?: (request: Request) => Promise<Response>
}

type Page<Item> = { get: { responses: { 200: { content: { 'application/json': { items: Item[], next: string | null } } } } } }
/** The paths that answer a page at a time. */
export type ListPath = { [P in keyof paths]: paths[P] extends Page<unknown> ? P : never }[keyof paths]
type ItemOf<P extends ListPath> = paths[P] extends Page<infer Item> ? Item : never
type ParametersOf<P extends ListPath> = paths[P] extends { get: { parameters: infer Parameters } } ? Omit<Parameters, 'header' | 'cookie'> : never
export type PicturePath = Extract<keyof paths, `${string}/avatar` | `${string}/cover`>

/** `GET`, `PATCH` and so on answer `{ data, error, response }`, as openapi-fetch does. */
export interface Visage extends Client<paths> {
  isSignedIn: () => boolean
  /** Told once in every tab when nobody is signed in any more, wherever that was ended. Returns how to stop listening. */
  onSignedOut: (listener: () => void) => () => void
  /** Puts a picture in place, as it is. `id` where the path has one. */
  upload: (path: PicturePath, picture: Blob, id?: number) => Promise<FetchResponse<paths['/v1/me/avatar']['put'], object, 'application/json'>>
  /** Everything of a list, fetched a page at a time as it is asked for. Throws a `Refused`. */
  pages: <P extends ListPath>(path: P, params?: ParametersOf<P>) => AsyncGenerator<ItemOf<P>, void>
}
/** What the service answered instead of a page. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly problem: Problem
  constructor (problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

const RETRIED_MS = 15_000
/** What needs nobody to be signed in, and must not fail because somebody was. */
const OPEN = /^\/v1\/(sign-(in|up)|restore|refresh|password|email\/(confirm|revert)|invitations\/accept)(\/|$)/
/** 401 for another reason than the token. */
const NOT_THE_TOKEN = new Set(['bad_credentials', 'second_factor_required'])

export function createVisage ({ baseUrl, storage = defaultStorage(), patience = RETRIED_MS, fetch = (request) => globalThis.fetch(request) }: Options): Visage {
  const root = baseUrl.replace(/\/$/, '')
  const inTurn = createTurns()
  const versions = createVersions()
  const trade = async (refresh: string) => await persist(new Request(`${root}/v1/refresh`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ refresh }),
  }), true, { fetch, patience })
  const session = createSession({ key: `visage ${root}`, storage, inTurn, trade })
  session.onSignedOut(versions.forget)

  async function send (request: Request, path: string): Promise<Response> {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead) versions.stamp(path, request)
    const ask = async (access: string | undefined) => {
      if (access !== undefined) request.headers.set('authorization', `Bearer ${access}`)
      return await persist(request, request.method !== 'POST', { fetch, patience })
    }
    const access = OPEN.test(path) ? undefined : session.access()
    let response = await ask(access)
    if (response.status === 401 && access !== undefined && !NOT_THE_TOKEN.has(String((await bodyOf(response))?.['code']))) {
      const renewed = await session.renew(access)
      if (renewed instanceof Response) return renewed
      if (renewed !== undefined) response = await ask(renewed)
    }
    const answer = await bodyOf(response)
    versions.note(path, isRead, response, answer)
    if (response.ok && path === '/v1/sign-out') session.forget()
    if (!response.ok || answer?.tokens === undefined) return response
    versions.forget()
    session.keep(answer.tokens)
    return response
  }

  const client = createClient<paths>({
    baseUrl: root,
    async fetch (request) {
      const path = request.url.slice(root.length)
      const account = request.method === 'GET' ? undefined : versions.whose(path)
      // One write of a person after the other: each names the version that the one before it made.
      return await (account === undefined ? send(request, path) : inTurn(`${account}`, async () => await send(request, path)))
    },
  })

  return Object.assign(client, {
    isSignedIn: () => session.access() !== undefined,
    onSignedOut: session.onSignedOut,
    upload: (async (path, picture, id = 0) => await client.PUT(path as '/v1/people/{id}/avatar', {
      params: { path: { id: String(id) } },
      headers: { 'content-type': picture.type || 'image/*' },
      body: picture as never,
      bodySerializer: (body: unknown) => body,
    })) satisfies Visage['upload'],

    async * pages (path: never, { query, ...params }: { query?: object } = {}) {
      for (let after: string | null | undefined; after !== null;) {
        const { data, error } = await client.GET(path, { params: { ...params, query: { ...query, after } } } as never) as { data?: Paged, error?: Problem }
        if (data === undefined) throw new Refused(error as Problem)
        yield * data.items
        after = data.next
      }
    },
  }) as Visage
}

interface Paged { items: unknown[], next: string | null }
interface Answer { id?: number, person?: { id?: number }, tokens?: Tokens, [key: string]: unknown }

/** Null for one without a body, or with one that is not JSON. */
const bodyOf = async (response: Response): Promise<Answer | null> => await response.clone().json().catch(() => null) as Answer | null

function defaultStorage (): TokenStorage {
  // Newer versions of Node have one as well, and complain when it is looked at.
  if ('document' in globalThis) return (globalThis as unknown as { localStorage: TokenStorage }).localStorage
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => { kept.set(key, value) }, removeItem: (key) => { kept.delete(key) } }
}

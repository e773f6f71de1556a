// What is asked, as the bytes of HTTP, so that every sender asks the same. Three things differ from one request to the next:
// `{id}`, `{key}` (the credential) and `{text}`.

/** How one program is spoken to. */
export interface Dialect {
  /** Somebody's own account, and what shows that it is theirs. */
  own: string
  /** The same in our own family. */
  native?: string
  authorization: string
  /** A page of twenty, and the search that finds ten. */
  list?: string
  search?: string
}

/** How long `{text}` is, and with it the body. */
export const TEXT = 10

const FIELDS = { bio: 'what is said in {text}', location: 'town {text}', real_name: 'Ada {text}' }
const NATIVE_FIELDS = { bio: FIELDS.bio, location: FIELDS.location, realName: FIELDS.real_name }
const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) })
const FORM = Object.entries(FIELDS).map(([name, value]) => `${name}=${value.replaceAll(' ', '+')}`).join('&')

export const KINDS = {
  patch: ({ own, authorization }) => http({ method: 'PATCH', path: own, authorization, ...json(FIELDS) }),
  form: ({ own, authorization }) => http({ method: 'PATCH', path: own, authorization, type: 'application/x-www-form-urlencoded', body: FORM }),
  get: ({ own, authorization }) => http({ method: 'GET', path: own, authorization }),
  nativePatch: ({ native = '/', authorization }) => http({ method: 'PATCH', path: native, authorization, ...json(NATIVE_FIELDS) }),
  nativeGet: ({ native = '/', authorization }) => http({ method: 'GET', path: native, authorization }),
  list: ({ list = '/', authorization }) => http({ method: 'GET', path: list, authorization }),
  search: ({ search = '/', authorization }) => http({ method: 'GET', path: search, authorization }),
  hello: () => http({ method: 'GET', path: '/' }),
} satisfies Record<string, (dialect: Dialect) => string>

export type Kind = keyof typeof KINDS

interface Asked { method: string, path: string, authorization?: string, type?: string, body?: string }

/** The whole of a request. */
export function http ({ method, path, authorization, type, body }: Asked): string {
  const length = body?.replaceAll('{text}', ' '.repeat(TEXT)).length
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...authorization === undefined ? [] : [`Authorization: ${authorization}`],
    ...body === undefined ? [] : [`Content-Type: ${type}`, `Content-Length: ${length}`],
    '',
    body ?? '',
  ].join('\r\n')
}

/** What stands as it is, and between two such pieces the name of what does not. */
export const piecesOf = (request: string): string[] => request.split(/\{(id|key|text)\}/)

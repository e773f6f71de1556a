// Who is signed in. The tokens are in localStorage, where most front ends keep them: all tabs have the same ones, and each
// renews them when it finds that the access token no longer counts, without asking the others.

const { api } = await (await fetch('settings.json')).json()

/** What the API answered instead of success. */
export class Refusal extends Error {
  constructor ({ status, headers }, body) {
    super(`The API answered ${status}.`)
    this.status = status
    this.body = body
    this.retryAfter = headers.get('retry-after')
  }
}

export const addressOf = (path) => api + path

export const isSignedIn = () => localStorage.getItem('refresh') !== null

export function keep ({ access, refresh }) {
  localStorage.setItem('access', access)
  localStorage.setItem('refresh', refresh)
}

export function forget () {
  localStorage.removeItem('access')
  localStorage.removeItem('refresh')
}

export async function request (method, path, body, headers = {}) {
  const isJson = body !== undefined && !(body instanceof FormData)
  const options = isJson ? { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) } : { headers, body }
  const response = await fetch(addressOf(path), { method, ...options })
  const answer = response.status === 204 ? null : await response.json()
  if (!response.ok) throw new Refusal(response, answer)
  return { answer, etag: response.headers.get('etag') }
}

/** The same as whoever is signed in. */
export async function requestAs (method, path, body, headers) {
  const send = () => request(method, path, body, { ...headers, authorization: `Bearer ${localStorage.getItem('access')}` })
  if (localStorage.getItem('access') === null) await renew()
  try {
    return await send()
  } catch (error) {
    if (error.status !== 401) throw error
    await renew()
    return await send()
  }
}

async function renew () {
  try {
    const { answer } = await request('POST', '/api/token/refresh/', { refresh: localStorage.getItem('refresh') })
    keep(answer)
  } catch (error) {
    if (error.status === 401) forget()
    throw error
  }
}

import { isDeepStrictEqual } from 'node:util'
import { median } from '../row.ts'

/** Who asks a service. */
export interface Side { url: string, key: string }
/** What a list took on either side, in milliseconds, and whether both said the same. */
export interface Compared { path: string, sqlite: number, postgres: number, isSame: boolean, status: number }

async function ask ({ url, key }: Side, path: string): Promise<{ ms: number, status: number, body: unknown }> {
  const began = performance.now()
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Token ${key}` } })
  const text = await response.text()
  return { ms: performance.now() - began, status: response.status, body: JSON.parse(text.replaceAll(url, '').replaceAll(NEXT, '"next":"…"')) }
}

/** Sealed, and so another one each time. */
const NEXT = /"next":"[^"]{100,}"/g

/** Asks both in turn, so many times after the first, and takes the median of each. */
export async function compare (path: string, sqlite: Side, postgres: Side, rounds: number): Promise<Compared> {
  const [one, other] = [await ask(sqlite, path), await ask(postgres, path)]
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < rounds; i++) {
    times[0].push((await ask(sqlite, path)).ms)
    times[1].push((await ask(postgres, path)).ms)
  }
  return { path, sqlite: median(times[0]), postgres: median(times[1]), isSame: isDeepStrictEqual(one.body, other.body), status: other.status }
}

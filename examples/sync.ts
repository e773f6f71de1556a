// Keeps Visage's people as another system has them, through the staff family and with the API token of somebody who is staff.

/** Somebody as the other system knows them. */
export interface Employee { username: string, email: string, firstName: string, lastName: string, phone?: string }
interface Page { results: Shown[], next: string | null }
interface Shown { id: number, username: string, email: string, first_name: string, last_name: string, mobile_number: string | null }
type Fields = Omit<Shown, 'id'>

/** Writes what is new or has changed, and nothing else. Resolves to how many were created and how many changed. */
export async function sync (service: string, token: string, employees: readonly Employee[]): Promise<{ created: number, changed: number }> {
  const there = new Map((await everybody()).map((person) => [person.username, person]))
  const done = { created: 0, changed: 0 }
  for (const employee of employees) {
    const wanted = toFields(employee)
    const known = there.get(employee.username)
    if (known === undefined) {
      await call('POST', '/api/users/', wanted)
      done.created++
      continue
    }
    const changes = Object.entries(wanted).filter(([name, value]) => value !== known[name as keyof Fields])
    if (changes.length === 0) continue
    await call('PATCH', `/api/users/${known.id}/`, Object.fromEntries(changes))
    done.changed++
  }
  return done

  async function everybody (): Promise<Shown[]> {
    const people: Shown[] = []
    for (;;) {
      const { results, next } = await call<Page>('GET', `/api/users/?limit=100&offset=${people.length}`)
      people.push(...results)
      if (next === null) return people
    }
  }

  async function call<T> (method: string, path: string, body?: object): Promise<T> {
    for (;;) {
      const response = await fetch(`${service}${path}`, {
        method,
        headers: { authorization: `Token ${token}`, ...body && { 'content-type': 'application/json' } },
        ...body && { body: JSON.stringify(body) },
      })
      if (response.ok) return await response.json() as T
      if (response.status !== 429 && response.status !== 503) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      // Too many at once: the answer says when to come again.
      await new Promise((resolve) => { setTimeout(resolve, Number(response.headers.get('retry-after') ?? 1) * 1_000) })
    }
  }
}

const toFields = ({ username, email, firstName, lastName, phone }: Employee): Fields =>
  ({ username, email, first_name: firstName, last_name: lastName, mobile_number: phone ?? null })

import { createVisage } from 'visage/client'
import type { Conflict, Person } from 'visage/client'

const visage = createVisage({ baseUrl: process.argv[2] ?? '' })
visage.onSignedOut(() => console.log('signed out'))

const { data, error } = await visage.POST('/v1/sign-up', { body: { username: 'ada', email: 'ada@example.com', password: 'correct horse battery' } })
if (data === undefined) throw new Error(error.detail)
const person: Person = data.person

// @ts-expect-error -- a text is no number
await visage.PATCH('/v1/me', { body: { bio: 5 } })
const { data: written, error: refused } = await visage.PATCH('/v1/people/{id}', { params: { path: { id: String(person.id) } }, body: { bio: 'Wrote the first program.' } })
if (refused !== undefined && 'changed' in refused) {
  const { person, changed }: Conflict = refused
  throw new Error(`${changed?.join()} of ${person.username}`)
}
console.log(written?.bio)
await visage.POST('/v1/sign-out')

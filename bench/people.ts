import type { Database, Queries } from '../src/db/index.ts'
import type { NewUser } from '../src/db/users.ts'
import { sequence } from '../test/seeded.ts'

const FIRST = ['Ada', 'Grace', 'Zoë', 'José', 'Léa', 'Øyvind', 'Maja', 'Noor', 'Yuki', 'Ivan', 'Chloé', 'Amara', 'Piotr', 'Ngọc', 'Elif', 'Søren', 'Ines', 'Omar', 'Freya', 'Luca']
const SYLLABLES = ['ba', 'cor', 'del', 'fen', 'gar', 'hol', 'jen', 'kov', 'lin', 'mar', 'nov', 'pet', 'quin', 'ros', 'sta', 'tor', 'vel', 'wit', 'xan', 'zim', 'ber', 'dam', 'eck', 'ski']
const PLACES = ['London', 'København', 'São Paulo', 'Zürich', 'Kraków', 'Montréal', 'Oslo', 'Lyon', 'Izmir', 'Kyoto']
const BATCH = 2_000

/** Whether this one of so many is one of the ten who are called Quetzalcoatl. */
export const isRare = (i: number, count: number): boolean => i % Math.floor(count / 10) === 5

/** So many people, always the same ones. */
export function * people (count: number): Generator<NewUser & { email: string, realName: string, location: string }> {
  const random = sequence(7)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const at = Date.now() - count * 1000
  for (let i = 0; i < count; i++) {
    const first = pick(FIRST)
    const last = isRare(i, count) ? 'Quetzalcoatl' : [pick(SYLLABLES), pick(SYLLABLES), pick(SYLLABLES)].join('').replace(/^./, (letter) => letter.toUpperCase())
    const name = `${first.normalize('NFKD').replace(/[^A-Za-z]/g, '')}.${last}${i}`.toLowerCase()
    yield {
      username: name, email: `${name}@example.com`, realName: `${first} ${last}`, firstName: first, lastName: last, location: pick(PLACES), description: 'Engineer',
      gender: pick(['male', 'female', 'non-binary', 'unspecified'] as const), createdAt: at + i * 1000, updatedAt: at + i * 1000,
      ...random(20) === 0 && { visibility: { realName: 'member' as const } }, ...random(3) === 0 && { attributes: { company_name: `${pick(PLACES)} Works` } },
    }
  }
}

/** Fills a database with so many people. `insert` says how one is written, with what else. */
export async function addPeople (db: Database, count: number, insert = async (tx: Queries, person: NewUser, _i: number): Promise<unknown> => await tx.users.insert(person)): Promise<void> {
  const all = people(count)
  for (let start = 0; start < count; start += BATCH) {
    await db.write(async (tx) => {
      for (let i = start; i < Math.min(start + BATCH, count); i++) {
        const { value } = all.next()
        if (value !== undefined) await insert(tx, value, i)
      }
    })
  }
}

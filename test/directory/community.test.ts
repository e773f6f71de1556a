import { randomBytes, randomInt } from 'node:crypto'
import t from 'tap'
import { createCursors } from '../../src/core/seal/cursors.ts'
import { createSeal } from '../../src/core/seal/index.ts'
import { build, tokenOf } from '../helper.ts'
import { sequence } from '../seeded.ts'
import { generated } from '../volume.ts'
import { populate, TAGS } from './people.ts'
import type { Known } from './people.ts'
import { byPages, turnPages } from './pages.ts'
import { fold, has, isTagged, matches, maySee, ordered, seen } from './reference.ts'
import type { Asker, Key } from './reference.ts'

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))
const PEOPLE = generated(2_000, 800)
const QUESTIONS = generated(250, 160)

t.test(`the community's lists say what a naive reading of ${PEOPLE} accounts says, and nothing hidden`, async (t) => {
  t.comment(`VISAGE_SEED=${SEED}`)
  const random = sequence(SEED)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const built = await build(t, { publicDirectory: true })
  const people = await populate(built, PEOPLE, random)
  const there = people.filter(({ deletedAt }) => deletedAt === null)
  const able = there.filter(({ isActive }) => isActive)
  const somebody = (isSo: (person: Known) => boolean) => able.find(isSo) as Known
  const isOrdinary = ({ isStaff, isAdmin }: Known) => !isStaff && !isAdmin
  const askers: Asker[] = [
    null,
    somebody((person) => isOrdinary(person) && person.visibility.realName === 'self' && person.realName !== '' && person.positionLatLng !== ''),
    somebody((person) => isOrdinary(person) && Object.keys(person.visibility).length === 0 && person.dateOfBirth !== null),
    somebody((person) => person.isStaff && !person.isAdmin),
    somebody((person) => person.isAdmin),
  ]
  const headers = new Map<Asker, object>([[null, {}]])
  for (const asker of askers) if (asker !== null) headers.set(asker, await tokenOf(built, asker))

  const piece = (text: string): string => {
    const letters = [...text]
    const from = random(letters.length)
    return letters.slice(from, from + 1 + random(6)).join('').trim() || 'a'
  }
  const age = (person: Known, asker: Asker): number => {
    const born = seen(asker, person, 'dateOfBirth')
    if (!born) return NaN
    const [now, then] = [new Date(), new Date(`${born}T00:00:00Z`)]
    const hadBirthday = now.getUTCMonth() * 31 + now.getUTCDate() >= then.getUTCMonth() * 31 + then.getUTCDate()
    return now.getUTCFullYear() - then.getUTCFullYear() - (hadBirthday ? 0 : 1)
  }
  const placeOf = (person: Known): string => person.positionLatLng || person.locationLatLng
  const kilometres = (a: string, b: string): number => {
    const [[latA = 0, lngA = 0], [latB = 0, lngB = 0]] = [a, b].map((place) => place.split(',').map((part) => Number(part) * Math.PI / 180)) as [number[], number[]]
    return 6_371 * Math.acos(Math.min(1, Math.sin(latA) * Math.sin(latB) + Math.cos(latA) * Math.cos(latB) * Math.cos(lngA - lngB)))
  }
  const shownGender = (asker: Asker, person: Known): string => {
    const words = { male: 'Male', female: 'Female', 'non-binary': 'Unspecified', unspecified: 'Unspecified' }
    return maySee(asker, person, 'gender') ? words[person.gender] : 'Unspecified'
  }

  type Filter = (asker: Asker) => [value: string, holds: (person: Known) => boolean]
  const containing = (field: 'username' | 'realName' | 'location' | 'description'): Filter => (asker) => {
    const text = piece(pick(people)[field] || 'zu')
    return [text, (person) => has(seen(asker, person, field), text)]
  }
  const words: Filter = (asker) => {
    const { username, realName, attributes } = pick(people)
    const text = pick([() => piece(username), () => piece(realName || 'ada').toUpperCase(), () => fold(realName || 'zoe'), () => piece(String(attributes.nickname ?? 'e')), () => piece(String(attributes.badge ?? 'u')), () => piece(String(attributes.secret ?? 'o')), () => String(attributes.size ?? 7), () => `${piece(realName || 'a')} ${piece(username)}`])()
    return [text, (person) => matches(asker, person, text, ['username', 'realName'])]
  }
  const common: Record<string, Filter> = {
    username: containing('username'),
    real_name: containing('realName'),
    location: containing('location'),
    description: containing('description'),
    gender: (asker) => {
      const gender = pick(['Male', 'Female', 'Unspecified', 'male'])
      return [gender, (person) => shownGender(asker, person) === gender]
    },
  }
  const near = (asker: Asker, place: string) => (person: Known): boolean => maySee(asker, person, 'positionLatLng') && placeOf(person) !== '' && kilometres(place, placeOf(person)) <= 100
  const SEARCH: Record<string, Filter> = {
    user: words,
    ...common,
    age: (asker) => pick<[string, (person: Known) => boolean]>([['-30', (person) => age(person, asker) < 30], ['30-45', (person) => age(person, asker) >= 30 && age(person, asker) <= 45], ['45+', (person) => age(person, asker) >= 45]]),
    lat_lng: (asker) => {
      const place = pick(['51.5,-0.1', '48.8,2.3', '0,0'])
      return [place, near(asker, place)]
    },
    user_position: (asker) => ['true', asker === null || placeOf(asker) === '' ? () => true : near(asker, placeOf(asker))],
    is_staff: (asker) => {
      const is = random(2) === 0
      return [String(is), (person) => maySee(asker, person, 'isStaff') && person.isStaff === is]
    },
    tag: (asker) => {
      const { id } = pick(TAGS)
      return [String(id), (person) => isTagged(asker, person, id)]
    },
    category: () => ['3', () => false],
  }
  const exclude: Filter = () => {
    const ids = [pick(people).id, pick(people).id, 1]
    return [ids.join(), (person) => !ids.includes(person.id)]
  }
  const ordering = (asker: Asker, from: string | undefined): Record<string, (person: Known) => Key> => ({
    username: ({ username }) => username.toLowerCase(),
    real_name: (person) => fold(String(seen(asker, person, 'realName'))),
    location: (person) => fold(String(seen(asker, person, 'location'))),
    ...from !== undefined && { distance: (person) => maySee(asker, person, 'positionLatLng') && placeOf(person) !== '' ? kilometres(from, placeOf(person)) : Infinity },
  })
  const LISTS: Record<string, { filters: Record<string, Filter>, isDistant?: boolean, isOpen?: boolean }> = {
    '/api/v2/user/': { filters: { search: words, ...common } },
    '/api/v2/user/autocomplete/': { filters: { search: words, ...common, exclude }, isOpen: true },
    '/api/v2/user/search/': { filters: SEARCH, isDistant: true, isOpen: true },
  }

  const said = new Map<string, number>()
  for (const [path, { filters, isDistant = false, isOpen = false }] of Object.entries(LISTS)) {
    for (let i = 0; i < QUESTIONS; i++) {
      const asker = pick(isOpen ? askers : askers.slice(1))
      const all = Object.keys(filters)
      const names = i < all.length * 12 ? [all[i % all.length] as string] : all.filter(() => random(7) === 0)
      const sent = names.filter((name) => !names.includes('user') || !['username', 'real_name'].includes(name)).map((name) => [name, ...(filters[name] as Filter)(asker)] as const)
      const place = sent.find(([name]) => name === 'lat_lng')?.[1] ?? (names.includes('user_position') && asker !== null ? placeOf(asker) || undefined : undefined)
      // Of two places the one that is told counts.
      const kept = place !== undefined && names.includes('lat_lng') ? sent.filter(([name]) => name !== 'user_position') : sent
      const keys = ordering(asker, isDistant ? place : undefined)
      // Few questions name a place, so those that are about nothing else go by the distance from it.
      const order = Object.keys(keys).filter((name) => random(3) === 0 || (name === 'distance' && i < all.length * 8)).map((name) => [name, random(2) === 0 || name === 'distance' ? 1 : -1] as const)
      const [limit, offset] = [1 + random(20), random(3) * random(30)]
      const query = new URLSearchParams([...sent.map(([name, value]) => [name, value] as [string, string]), ['limit', String(limit)], ['offset', String(offset)], ['ordering', order.map(([name, sign]) => `${sign === 1 ? '' : '-'}${name}`).join()]])
      const wanted = ordered(there.filter((person) => kept.every(([, , holds]) => holds(person))), order.map(([name, sign]) => [keys[name] as (person: Known) => Key, sign]))
      const response = await built.app.inject({ url: `${path}?${query}`, headers: headers.get(asker) as Record<string, string> })
      const body = response.json<{ count: number, results: { id: number, real_name: string }[] }>()
      const found = { count: body.count, people: body.results?.map(({ id, real_name }) => [id, real_name]) }
      const expected = { count: wanted.length, people: wanted.slice(offset, offset + limit).map((person) => [person.id, seen(asker, person, 'realName')]) }
      for (const name of [...names, ...order.map(([key]) => `ordering ${key}`)]) said.set(`${path} ${name}`, (said.get(`${path} ${name}`) ?? 0) + 1)
      if (JSON.stringify(found) !== JSON.stringify(expected)) t.same(found, expected, `${path}?${query} asked by ${JSON.stringify(asker)}, VISAGE_SEED=${SEED}`)
    }
  }
  const least = Object.entries(LISTS).flatMap(([path, { filters }]) => [...Object.keys(filters), 'ordering username', 'ordering real_name', 'ordering location'].map((name) => `${path} ${name}`))
  t.same([...least, '/api/v2/user/search/ ordering distance'].filter((name) => (said.get(name) ?? 0) < 8), [], 'everything was asked')

  const { core: { directory } } = built
  const [nobody, member, admin] = [null, askers[1], askers[4]].map((actor) => ({ actor: actor ?? null, address: '' })) as [{ actor: Asker, address: string }, { actor: Asker, address: string }, { actor: Asker, address: string }]
  const question = { search: { text: 'a' }, where: { isActive: true, near: { place: '0,0', km: 50_000 } }, order: [{ by: 'username', direction: 'asc' }] as const, limit: 5 }
  const { next } = await directory.page(admin, { ...question, order: [...question.order] })
  const refused = (asker: typeof admin, changed: object, after = String(next)) =>
    t.rejects(directory.page(asker, { ...question, order: [...question.order], after, ...changed }), { code: 'invalid', fields: [{ field: 'after', code: 'invalid_cursor' }] }, JSON.stringify(changed))
  t.equal((await directory.page(admin, { ...question, order: [...question.order], after: String(next), limit: 7 })).people.length, 7, 'a page may be of another size')
  for (const changed of [{ search: { text: 'b' } }, { search: undefined }, { search: { text: 'a', in: ['username'] } }, { where: { isActive: false } }, { where: question.where, order: [{ by: 'username', direction: 'desc' }] }, { order: [] }, { order: [{ by: 'realName', direction: 'asc' }] }]) await refused(admin, changed)
  for (const asker of [nobody, member, { ...admin, actor: { ...admin.actor as Known, id: 10 ** 9 } }, { ...admin, actor: { ...admin.actor as Known, isAdmin: false, isStaff: false } }]) await refused(asker, {})
  for (let at = 0; at < String(next).length; at += 7) await refused(admin, {}, `${next?.slice(0, at)}${next?.[at] === 'A' ? 'B' : 'A'}${next?.slice(at + 1)}`)
  for (const after of ['', 'x', `${next}=`, `${next}.`, ` ${next}`, `${next}A`, String(next).slice(1), 'A'.repeat(5_000)]) await refused(admin, {}, after)
  await t.rejects(directory.page(admin, { where: { attributes: { size: 'big', nope: 1 } as never, near: { place: '91,0', km: 1 } }, order: [{ by: 'distance', direction: 'asc' }], limit: 0, after: 'x' }, [{ field: 'x', code: 'required' }]), {
    code: 'invalid',
    fields: [{ field: 'x' }, { field: 'attributes.nope', code: 'unknown_field' }, { field: 'attributes.size', code: 'invalid_integer' }, { field: 'near', code: 'invalid_value' }, { field: 'limit', code: 'min_value' }, { field: 'after', code: 'invalid_cursor' }],
  }, 'all that is wrong at once')
  await t.rejects(directory.page(admin, { order: [{ by: 'distance', direction: 'asc' }], limit: 1 }), { code: 'invalid', fields: [{ field: 'order', code: 'invalid_choice' }] }, 'far from where')
  await t.rejects(directory.count(admin, { where: { near: { place: '0,0', km: Infinity } } }), { code: 'invalid', fields: [{ field: 'near', code: 'invalid_value' }] })

  await byPages(t, built, { people, askers, headers, random, piece, kilometres, seed: SEED })
  await turnPages(t, built, { people, askers, headers, random, piece, kilometres, seed: SEED })
})

t.test('a cursor of another key, or of anything else that was sealed, is none', async (t) => {
  const [seal, other] = [createSeal(randomBytes(32)), createSeal(randomBytes(32))]
  const rows = Array.from({ length: 9 }, (_, i) => ({ id: i + 1 }))
  const page = (by: typeof seal, after?: string) => createCursors({ seal: by }).pageById('numbers', { limit: 4, ...after !== undefined && { after } }, async ({ after: last = 0, limit }) => rows.filter(({ id }) => id > last).slice(0, limit))
  const { next } = await page(seal)
  t.match(await page(seal, String(next)), { rows: [{ id: 5 }, { id: 6 }, { id: 7 }, { id: 8 }], next: /^[\w-]+$/ })
  for (const after of [(await page(other)).next, seal.close(JSON.stringify({ kind: 'second-factor' })), seal.close('null'), seal.close('words')]) await t.rejects(page(seal, String(after)), { code: 'invalid', fields: [{ field: 'after', code: 'invalid_cursor' }] })
})

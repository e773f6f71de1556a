import t from 'tap'
import { form, urlencoded } from '../helper.ts'
import { accepts, json, refuses } from './cases.ts'
import { FAMILIES, NAMES, refusal } from './families.ts'
import type { FamilyName, Finding } from './families.ts'
import { createWorld } from './world.ts'

/*
 * Whole objects: what a family shows, sent back to it, changes nothing, even where another family's rules made the values
 * (CONTRACT §1 rule 9, §5 rows 5–8; DESIGN §4). A rule of the family is asked again as soon as the value changes.
 */
const world = await createWorld(t)
const { app, store, ada } = world

const STORED: [title: string, columns: Record<string, string | number | null>][] = [
  ['as it is', { bio: 'As it is.' }],
  ['with a username of the personal alphabet', { username: 'ada.lovelace+1@home' }],
  ['with a username of community length', { username: 'a'.repeat(255) }],
  ['with a number of 20', { phone: '+1-555-0157-00000000' }],
  ['with an address of 254', { email: `a@${`${'b'.repeat(61)}.`.repeat(4)}com` }],
  ['with names of 200', { first_name: 'f'.repeat(200), last_name: 'l'.repeat(200) }],
  ['of non-binary gender', { gender: 'non-binary' }],
  ['of unspecified gender', { gender: 'unspecified' }],
  ['with as little as there can be', { email: null, phone: null, date_of_birth: null, first_name: '', last_name: '', real_name: '', website: '', bio: '', gender: 'unspecified', location_lat_lng: '', position_lat_lng: '', attributes: '{}' }],
  ['without pictures', { avatar: null, cover: null }],
  ['deactivated fields of other systems', { ext_id: null, reputation: 0, followers: 0, reg_approved: 0, can_receive_messages: 0 }],
]

/** A representation, and every other method and address by which the family takes it back. */
const WAYS: [family: FamilyName, method: 'PUT' | 'PATCH', read: string][] = [
  ['community', 'PUT', `/api/v2/user/${ada.id}/`], ['community', 'PATCH', `/api/v2/user/${ada.id}/`], ['community', 'PATCH', '/api/v2/user/me/'],
  ['staff', 'PUT', `/api/users/${ada.id}/`], ['staff', 'PATCH', `/api/users/${ada.id}/`], ['personal', 'PUT', '/api/profile/'],
]

for (const [title, columns] of STORED) {
  for (const [family, method, read] of WAYS) {
    await t.test(`${family}: ${read} sent back by ${method}, ${title}`, async (t) => {
      world.reset()
      store.set(ada.id, columns)
      if ('avatar' in columns) store.sql.prepare('delete from pictures where user_id = ?').run(ada.id)
      const shown = await app.inject({ method: 'GET', url: read, headers: FAMILIES[family].actor(world) })
      t.equal(shown.statusCode, 200)
      const whole = shown.json<Record<string, unknown>>()
      await accepts(t, world, { family, method, sent: json(whole), stored: {} })
      // A form cannot express null or a list; everything else goes back as it reads.
      const flat = Object.entries(whole).flatMap(([name, value]) => name === 'attributes' ? Object.entries(value as object).map(([key, inner]) => [`${name}.${key}`, inner] as const) : [[name, value] as const])
      const pairs = flat.filter(([, value]) => value !== null && typeof value !== 'object').map(([name, value]): [string, string] => [name, String(value)])
      await accepts(t, world, { family, method, sent: urlencoded(pairs), stored: {} })
      await accepts(t, world, { family, method, sent: form(pairs), stored: {} })
    })
  }
}

await t.test('an avatar address in the body goes unnoticed beside a real change', async (t) => {
  for (const family of NAMES) {
    world.reset()
    store.set(ada.id, { username: 'ada.lovelace@home' })
    const whole = (await app.inject({ ...FAMILIES[family].read(ada.id), headers: FAMILIES[family].actor(world) })).json()
    const name = family === 'community' ? 'real_name' : 'first_name'
    await accepts(t, world, { family, sent: json({ ...whole, [name]: 'Changed' }), stored: { [name]: 'Changed' } })
  }
})

const CHANGED: [family: FamilyName, columns: Record<string, string>, body: object, finding: Finding][] = [
  ['community', { username: 'ada.l@home' }, { username: 'ada.m@home' }, ['username', 'invalid', 'Enter a valid value.']],
  ['staff', { username: 'a'.repeat(255) }, { username: 'a'.repeat(254) }, ['username', 'max_length', 'Ensure this field has no more than 150 characters.']],
  ['staff', { first_name: 'f'.repeat(200) }, { first_name: 'f'.repeat(199) }, ['first_name', 'max_length', 'Ensure this field has no more than 150 characters.']],
  ['personal', { username: 'a'.repeat(255) }, { username: 'a'.repeat(254) }, ['username', 'max_length', 'Ensure this field has no more than 150 characters.']],
  ['personal', { phone: '+1-555-0157-00000000' }, { number_phone: '+1-555-0157-0000000' }, ['number_phone', 'max_length', 'Ensure this field has no more than 10 characters.']],
]
for (const [family, columns, body, finding] of CHANGED) {
  await t.test(`${family}: the rule holds once the value changes, ${finding[0]} ${finding[1]}`, async (t) => {
    world.reset()
    store.set(ada.id, columns)
    await refuses(t, world, { family, sent: json(body), status: 400, body: refusal(family, [finding]) })
  })
}

await t.test('community: non-binary reads Unspecified, and only another word replaces it', async (t) => {
  for (const encode of [(pairs: [string, string][]) => json(Object.fromEntries(pairs)), urlencoded, form]) {
    world.reset()
    store.set(ada.id, { gender: 'non-binary' })
    await accepts(t, world, { family: 'community', sent: encode([['gender', 'Unspecified']]), stored: {} })
    await accepts(t, world, { family: 'community', sent: encode([['gender', 'Male']]), stored: { gender: 'male' } })
    await accepts(t, world, { family: 'community', sent: encode([['gender', 'Unspecified']]), stored: { gender: 'unspecified' } })
  }
})

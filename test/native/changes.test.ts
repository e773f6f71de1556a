import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { PASSWORD } from '../helper.ts'
import { createWorld, faultsOf } from './world.ts'

interface Change { id: number, at: string, noun: string, verb: string, subject: number | null, address: string | null, person: number, actor: number | null, family: string, fields: string[], version: number }
interface Page { items: Change[], next: string | null, total?: number }

t.test('the log of changes is told to whom it concerns, and says nothing that its reader may not read', async (t) => {
  const { ada, grace, hedy, send, core } = await createWorld(t)
  await send(ada, 'PATCH', '/me', { bio: 'a', location: 'London' })
  await send(grace, 'PATCH', `/people/${ada.id}`, { bio: 'b' })
  await send(hedy, 'PATCH', `/people/${grace.id}`, { bio: 'c' })
  await send(ada, 'POST', '/proof', { password: PASSWORD })
  await send(ada, 'PUT', '/me/password', { newPassword: 'a nanosecond of wire' })

  const read = async (who: typeof ada, path: string) => (await send(who, 'GET', path)).body as unknown as Page
  const { items: mine } = await read(ada, '/me/changes')
  const [newest, byStaff, own] = mine
  t.same([own?.address, byStaff?.address], ['127.0.0.1', null], 'from where others did it is not told')
  t.match(own, { at: /^\d{4}-.*Z$/, person: ada.id, actor: ada.id, family: 'native', fields: ['bio', 'location'], version: 2 })
  t.match(byStaff, { actor: grace.id, fields: ['bio'], version: 3 })
  t.strictSame(newest?.fields, [], 'of a password there is no word')
  t.same(Object.keys(own ?? {}), ['id', 'at', 'noun', 'verb', 'subject', 'person', 'actor', 'family', 'address', 'fields', 'version'])
  const placeless = (changes: Change[]) => changes.map(({ address: _, ...change }) => change)
  t.same(placeless((await read(grace, `/people/${ada.id}/changes`)).items), placeless(mine), 'within reach')
  t.ok((await read(hedy, `/people/${ada.id}/changes`)).items.every(({ address }) => address === '127.0.0.1'), 'admins are told from where')
  for (const [who, path] of [[ada, `/people/${grace.id}/changes`], [grace, `/people/${hedy.id}/changes`], [grace, '/changes'], [ada, '/changes']] as const) t.equal((await send(who, 'GET', path)).status, 403, path)
  t.equal((await send(hedy, 'GET', '/people/999999/changes')).status, 404)
  t.same((await read(ada, '/me/changes?field=passwordHash&count=exact')), { items: [], next: null, total: 0 })

  const all = (await read(hedy, '/changes?limit=100')).items
  const ids = async (query: string) => (await read(hedy, `/changes?limit=100&${query}`)).items.map(({ id }) => id)
  const wanted = (is: (change: Change) => boolean) => all.filter(is).map(({ id }) => id)
  t.ok(all.some(({ person }) => person === grace.id) && all.some(({ person }) => person === ada.id))
  t.same(await ids(`person=${ada.id}`), wanted(({ person }) => person === ada.id))
  t.same(await ids(`actor=${grace.id}`), wanted(({ actor }) => actor === grace.id))
  t.same(await ids('field=bio&family=native'), wanted(({ fields, family }) => fields.includes('bio') && family === 'native'))
  t.same(await ids('noun=session'), wanted(({ noun }) => noun === 'session'))
  t.ok(all.some(({ noun, verb }) => noun === 'session' && verb === 'began'))
  t.same(await ids(`from=${byStaff?.at}`), wanted(({ at }) => at >= String(byStaff?.at)))
  t.same(await ids(`until=${byStaff?.at}`), wanted(({ at }) => at < String(byStaff?.at)))
  t.same(await ids(`until=${encodeURIComponent('2000-01-01T00:00:00+02:00')}`), [])

  const told: number[] = []
  for (let next: string | null = ''; next !== null;) {
    const page: Page = await read(hedy, `/changes?field=bio&limit=1&count=exact${next === '' ? '' : `&after=${next}`}`)
    told.push(...page.items.map(({ id }) => id))
    t.equal(page.total, 3)
    await core.users.edit(OPERATOR, grace.id, { location: `place ${told.length}` }, { family: 'native' })
    next = page.next
  }
  t.same(told, wanted(({ fields }) => fields.includes('bio')), 'each once, whatever is written meanwhile')
  t.same(faultsOf(await send(hedy, 'GET', '/changes?person=x&noun=person&actor=0&from=yesterday&until=2026-02-30&filed=bio&limit=x')).sort(), ['actor invalid_integer', 'filed unknown_field', 'from invalid_value', 'limit invalid_integer', 'noun invalid_value', 'person invalid_integer', 'until invalid_value'])
  t.same(faultsOf(await send(hedy, 'GET', '/changes?person=&actor=&field=&family=&noun=&from=&until=')).sort(), ['actor invalid_integer', 'family invalid_value', 'field invalid_value', 'from invalid_value', 'noun invalid_value', 'person invalid_integer', 'until invalid_value'], 'nor is everybody meant where nobody is named')
  t.same(faultsOf(await send(ada, 'GET', `/me/changes?person=${grace.id}`)), ['person unknown_field'], 'whose they are the path says')
})

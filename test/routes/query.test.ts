import t from 'tap'
import Fastify from 'fastify'
import { daysOf, flagOf, idsOf, numberOf, numbersOf, orderOf, textOf } from '../../routes/query.ts'

const day = (date: string) => Date.parse(`${date}T00:00:00Z`)

t.test('the last of a repeated parameter counts', async (t) => {
  const app = Fastify()
  app.get('/', async ({ query }) => ({ text: textOf(query as object, 'q'), number: numberOf(query as object, 'n') }))
  t.same((await app.inject('/?q=a&q=b&n=1&n=2')).json(), { text: 'b', number: 2 })
  t.same((await app.inject('/?q=a&q=&n=1&n=x')).json(), {}, 'also when it is no use')
  t.same((await app.inject('/?q=%20a%20b%20&n=%207')).json(), { text: 'a b', number: 7 })
  t.same((await app.inject('/?__proto__=x')).json(), {})
})

t.test('what every object has is no parameter', async (t) => {
  t.equal(textOf({}, 'constructor'), undefined)
  t.same(orderOf({ ordering: 'constructor,-toString,__proto__' }, { id: 'id' }), [])
})

t.test('numbers are whole', async (t) => {
  for (const [text, number] of [['0', 0], ['-3', -3], ['007', 7], ['999999999999999', 999_999_999_999_999]] as const) t.equal(numberOf({ n: text }, 'n'), number, text)
  for (const text of ['', ' ', 'x', '1.5', '1e3', '+1', '0x10', '--1', '9'.repeat(16), 'Infinity', 'NaN', '١']) t.equal(numberOf({ n: text }, 'n'), undefined, text)
})

t.test('a span of numbers ends after the last', async (t) => {
  t.same(numbersOf({ id_min: '2', id_max: '5' }, 'id_min', 'id_max'), { from: 2, until: 6 })
  t.same(numbersOf({ id_min: '0', id_max: 'x' }, 'id_min', 'id_max'), { from: 0 })
  t.same(numbersOf({}, 'id_min', 'id_max'), {})
})

t.test('booleans have the words of CONTRACT §1.3', async (t) => {
  for (const word of ['t', 'Y', 'yes', 'Yes', 'TRUE', 'on', '1']) t.equal(flagOf({ f: word }, 'f'), true, word)
  for (const word of ['f', 'N', 'no', 'False', 'OFF', '0']) t.equal(flagOf({ f: word }, 'f'), false, word)
  for (const word of ['', 'null', '2', 'tRUE', '1.0', 'maybe']) t.equal(flagOf({ f: word }, 'f'), undefined, word)
})

t.test('ids stand with commas between', async (t) => {
  t.same(idsOf({ ids: '1,4,5' }, 'ids'), [1, 4, 5])
  t.same(idsOf({ ids: ' 4 ,x,4,,01,-2,9007199254740993,7' }, 'ids'), [4, 7])
  for (const text of ['', ',', 'x', '0']) t.equal(idsOf({ ids: text }, 'ids'), undefined, text)
})

t.test('days are whole ones, in UTC', async (t) => {
  t.same(daysOf({}, 'created'), {})
  t.same(daysOf({ created_date: '2026-02-28' }, 'created'), { from: day('2026-02-28'), until: day('2026-03-01') })
  t.same(daysOf({ created_from: '2026-01-01', created_to: '2026-01-31' }, 'created'), { from: day('2026-01-01'), until: day('2026-02-01') })
  t.same(daysOf({ created_from: '2026-01-01' }, 'created'), { from: day('2026-01-01') })
  t.same(daysOf({ created_to: '9999-12-31' }, 'created'), { until: day('9999-12-31') + 86_400_000 })
  t.same(daysOf({ created_date: '2026-05-05', created_from: '2026-06-01', created_to: '2026-07-01' }, 'created'), { from: day('2026-06-01'), until: day('2026-05-06') }, 'all of them hold')
  t.same(daysOf({ created_date: '2026-02-30', created_from: 'yesterday', created_to: '2026-01-01T00:00:00Z', updated_date: '2026-01-01' }, 'created'), {}, 'what is no day')
})

t.test('ordering names what it knows, in turn', async (t) => {
  const names = { id: 'id', name: 'name', users_count: 'count', _users_count: 'count' } as const
  t.same(orderOf({ ordering: 'name,-id' }, names), [['name', 'asc'], ['id', 'desc']])
  t.same(orderOf({ ordering: ' -_users_count , users_count,nothing,,--id,-' }, names), [['count', 'desc']])
  t.same(orderOf({}, names), [])
})
